"""The pages of application passwords: those of a user's page, and those of one's own."""

from hashlib import sha256
from typing import Any

from django.urls import reverse
from tests.cast import Cast

from oxherd.app_passwords.models import AppPassword
from oxherd.people.models import ServiceUser

PAGES: dict[str, Any] = {
    "user_app_password_add": lambda things: [reverse("user_app_password_add", args=[things.tenant, things.user])],
    "user_app_password_revoke": lambda things: [
        reverse("user_app_password_revoke", args=[things.tenant, things.user, pk]) for pk in _pks(user=things.user)
    ],
}
OWN: dict[str, Any] = {
    "me_app_password_add": lambda _: ["/me/app-passwords/add/"],
    "me_app_password_revoke": lambda _: [
        f"/me/app-passwords/{pk}/revoke/" for pk in _pks(user__login__startswith="ben")
    ],
}


def give(cast: Cast, user: ServiceUser) -> None:
    """One with a long name, for mail that we carry from now on."""
    cast.carry_mail()
    digest = sha256(user.login.encode()).hexdigest()
    AppPassword.objects.create(user=user, name="Thunderbird " * 8, digest=digest, created_by="Bob")


def _pks(**of: Any) -> list[int]:
    found = list(AppPassword.objects.filter(**of).values_list("pk", flat=True))
    assert found
    return found
