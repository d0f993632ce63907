"""The rows behind application passwords, with the entries that tell of them. Always of a user who is locked."""

from oxherd.accounts.actor import Actor
from oxherd.app_passwords import rules
from oxherd.app_passwords.making import digest_of, generate
from oxherd.app_passwords.models import AppPassword
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.people.models import ServiceUser

TOLD = "app_passwords"  # under which entries list the names; never the password, nor its digest


def insert(actor: Actor, user: ServiceUser, name: str) -> str:
    """Returns the password in clear. Raises Refused as `rules.name` and `rules.may_have`."""
    name = rules.name(name)
    rules.may_have(user, name)
    secret = generate()
    AppPassword.objects.create(user=user, name=name, digest=digest_of(secret), created_by=actor.name[:300])
    record(actor, Action.APP_PASSWORD_ADD, user, place=user, after={TOLD: [name]})
    return secret


def delete_one(actor: Actor, user: ServiceUser, app_password: AppPassword) -> None:
    """One that somebody else has revoked meanwhile is not told of twice."""
    gone, _ = AppPassword.objects.filter(user=user, pk=app_password.pk).delete()
    if gone:
        record(actor, Action.APP_PASSWORD_REVOKE, user, place=user, before={TOLD: [app_password.name]})


def delete_all(actor: Actor, user: ServiceUser) -> None:
    """All in one entry."""
    rows = AppPassword.objects.filter(user=user)
    names = list(rows.order_by("id").values_list("name", flat=True))
    if names:
        rows.delete()
        record(actor, Action.APP_PASSWORD_REVOKE, user, place=user, before={TOLD: names})
