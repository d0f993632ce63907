from django.urls import path

from oxherd.panel import wizard

urlpatterns = [
    path("", wizard.start, name="user_add"),
    path("login/", wizard.login_hint, name="user_add_login"),
    path("strength/", wizard.strength, name="user_add_strength"),
    path("password/", wizard.generate, name="user_add_generate"),
    path("<uuid:key>/", wizard.form, name="user_add_form"),
    path("<uuid:key>/photo/", wizard.photo, name="user_add_photo"),
    path("<uuid:key>/summary/", wizard.summary, name="user_add_summary"),
    path("<uuid:key>/discard/", wizard.discard, name="user_add_discard"),
]
