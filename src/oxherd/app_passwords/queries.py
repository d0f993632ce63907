from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.app_passwords.models import AppPassword
from oxherd.errors import NotYours
from oxherd.people.models import ServiceUser


def for_actor(actor: Actor) -> QuerySet[AppPassword]:
    return AppPassword.objects.filter(actor.sees(brand="user__tenant__brand_id", tenant="user__tenant_id"))


def of_user(actor: Actor, user: ServiceUser) -> list[AppPassword]:
    """The newest first; none where we do not carry the mail of the user's brand, without a look."""
    return _shown(for_actor(actor), user)


def own(user: ServiceUser) -> list[AppPassword]:
    """As `of_user`, for the user himself or herself."""
    return _shown(AppPassword.objects.all(), user)


def one(actor: Actor, user: ServiceUser, pk: int) -> AppPassword:
    """Raises NotYours for one that the user does not have (any more), or that the actor may not see."""
    return _one(for_actor(actor), user, pk)


def own_one(user: ServiceUser, pk: int) -> AppPassword:
    """As `one`, for the user himself or herself."""
    return _one(AppPassword.objects.all(), user, pk)


def _shown(rows: QuerySet[AppPassword], user: ServiceUser) -> list[AppPassword]:
    if not user.tenant.brand.carries_mail:
        return []
    return list(rows.filter(user=user).defer("digest").order_by("-id"))


def _one(rows: QuerySet[AppPassword], user: ServiceUser, pk: int) -> AppPassword:
    found = rows.filter(user=user, pk=pk).defer("digest").first()
    if found is None:
        raise NotYours("There is no such application password. It may have been revoked.")
    found.user = user
    return found
