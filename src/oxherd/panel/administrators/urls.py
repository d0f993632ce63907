"""The same pages twice: of the provider, and of a customer, where their names begin with `tenant_`."""

from django.urls import URLPattern, path

from oxherd.panel.administrators import acting, invite, own_roles, people, second_factor, sign_in_rules


def pages(before: str = "") -> list[URLPattern]:
    """before: the beginning of each name."""
    return [
        path("", people.listed, name=f"{before}administrators"),
        path("invite/", invite.add, name=f"{before}administrators_invite"),
        path("invitations/<int:pk>/again/", invite.again, name=f"{before}invitation_again"),
        path("invitations/<int:pk>/withdraw/", invite.revoke, name=f"{before}invitation_revoke"),
        path("people/<int:pk>/", people.show, name=f"{before}administrator"),
        path("people/<int:pk>/deactivate/", people.deactivate, name=f"{before}administrator_deactivate"),
        path("people/<int:pk>/reactivate/", people.reactivate, name=f"{before}administrator_reactivate"),
        path("people/<int:pk>/second-factor/", second_factor.reset, name=f"{before}administrator_second_factor"),
        path("held/<int:pk>/change/", people.change_role, name=f"{before}administrator_role_change"),
        path("held/<int:pk>/take/", people.take_role, name=f"{before}administrator_take"),
        path("roles/", own_roles.listed, name=f"{before}administrator_roles"),
        path("roles/add/", own_roles.add, name=f"{before}administrator_role_add"),
        path("roles/<int:pk>/", own_roles.change, name=f"{before}administrator_role"),
        path("roles/<int:pk>/delete/", own_roles.remove, name=f"{before}administrator_role_remove"),
        path("rules/", sign_in_rules.show, name=f"{before}administrator_rules"),
    ]


provider = pages()
tenant = [
    *pages("tenant_"),
    path("people/<int:pk>/act/", acting.begin, name="tenant_administrator_act"),
]
acting_urls = [
    path("", acting.banner, name="acting"),
    path("stop/", acting.stop, name="acting_stop"),
]
