from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from oxherd.accounts.actor import Actor
from oxherd.errors import NotYours
from oxherd.people import rules
from oxherd.people.models import Photo, ServiceUser
from oxherd.people.search import matching
from oxherd.people.states import UserStatus
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant


def for_actor(actor: Actor) -> QuerySet[ServiceUser]:
    return ServiceUser.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def present(actor: Actor, tenant: Tenant) -> QuerySet[ServiceUser]:
    """The users of a tenant, without those who were removed."""
    return for_actor(actor).filter(tenant=tenant).exclude(presence=Presence.REMOVED)


def one(actor: Actor, tenant: Tenant, pk: int, *, removed: bool = False) -> ServiceUser:
    """Raises NotYours for a user who does not exist in this tenant or whom the actor may not see.

    removed: also one who was removed; else Refused says what to do about that one.
    """
    user = (
        for_actor(actor)
        .filter(pk=pk, tenant=tenant)
        .select_related("tenant__brand", "domain", "account__profile")
        .prefetch_related("addresses")
        .first()
    )
    if user is None:
        raise NotYours("There is no such user.")
    if user.presence == Presence.REMOVED and not removed:
        rules.is_present(user)
    return user


def some(actor: Actor, tenant: Tenant, pks: Sequence[int]) -> list[ServiceUser]:
    """The users of these ids, by name; those out of sight, and those who were removed, are left out."""
    users = present(actor, tenant).filter(pk__in=list(pks)).select_related("account__profile", "domain")
    return list(users.prefetch_related("addresses").order_by("sort_name", "id"))


def found(
    actor: Actor, tenant: Tenant, *, text: str = "", status: str = "", profile: int | None = None
) -> QuerySet[ServiceUser]:
    """The users of a tenant that match: every word of `text` begins a word of name or address."""
    users = matching(present(actor, tenant), tenant, text)
    if status in UserStatus.values:
        users = users.filter(status=status)
    if profile:
        users = users.filter(account__profile_id=profile)
    return users


def shown(users: QuerySet[ServiceUser]) -> QuerySet[ServiceUser]:
    """With what a list shows of each: account, profile, domain and addresses, and without what is heavy."""
    users = users.select_related("account__profile", "domain")
    return users.prefetch_related("addresses").defer("search", "search_text", "password_hash")


def photo(actor: Actor, tenant: Tenant, user_id: int, digest: str) -> Photo:
    """Raises NotYours for a picture that is not there (any more) or that the actor may not see."""
    users = for_actor(actor).filter(tenant=tenant, pk=user_id)
    found = Photo.objects.filter(user__in=users, digest=digest).first()
    if found is None:
        raise NotYours("There is no such picture.")
    return found


def photo_digests(users: Iterable[ServiceUser]) -> dict[int, str]:
    """The digests of the pictures by user id, without the pictures; one query."""
    return dict(Photo.objects.filter(user__in=[user.pk for user in users]).values_list("user_id", "digest"))
