from django.urls import path

from oxherd.panel.signin import account, address, app, codes, demand, entrance, forgot, kept, passkeys, person, step_up

# Below sign-in/, before the pages of the package; mfa_authenticate is the name by which it sends people there.
entrance_urls = [
    path("passkey/", entrance.passkey, name="sign_in_passkey"),
    path("passkey/options/", entrance.passkey_options, name="sign_in_passkey_options"),
    path("second/", entrance.second, name="mfa_authenticate"),
    path("forgot/", forgot.ask, name="sign_in_forgot"),
    path("reset/", forgot.reset, name="sign_in_reset"),
    path("reset/<str:token>/", forgot.follow, name="sign_in_reset_link"),
    path("start-over/", entrance.start_over, name="sign_in_start_over"),
    path("second/options/", entrance.second_options, name="sign_in_second_options"),
]

# Below account/.
account_urls = [
    path("", account.show, name="own_account"),
    path("confirm/", step_up.confirm, name="own_confirm"),
    path("confirm/done/", kept.go_on, name="own_confirmed"),
    path("confirm/options/", entrance.own_options, name="own_confirm_options"),
    path("second-factor/", demand.enrol, name="own_enrol"),
    path("email/", address.change, name="own_address"),
    path("email/confirm/", address.confirm, name="own_address_confirm"),
    path("email/confirm/<str:token>/", address.follow, name="own_address_link"),
    path("name/", person.name, name="own_name"),
    path("password/", person.password, name="own_password"),
    path("passkeys/options/", passkeys.options, name="own_passkey_options"),
    path("passkeys/add/", passkeys.add, name="own_passkey_add"),
    path("passkeys/<int:pk>/", passkeys.rename, name="own_passkey"),
    path("passkeys/<int:pk>/remove/", passkeys.remove, name="own_passkey_remove"),
    path("app/", app.set_up, name="own_app"),
    path("app/remove/", app.remove, name="own_app_remove"),
    path("codes/", codes.renew, name="own_codes"),
    path("sessions/end/", account.end_sessions, name="own_sessions_end"),
    path("sessions/<int:pk>/end/", account.end_session, name="own_session_end"),
]
