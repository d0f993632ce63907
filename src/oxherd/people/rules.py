"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, users)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import available_timezones

from oxherd.domains.models import Address, readable
from oxherd.domains.rules import TAG, is_no_tag
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

LANGUAGE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
MOST_ALIASES = 100
MOST_NAMED = 5


def display_name(text: str) -> str:
    """The name without stray blanks. Raises Refused for an empty, too long or unprintable one."""
    return one_line(text, "display_name", missing="Enter a display name.")


def names(full: str, given_name: str, surname: str) -> tuple[str, str]:
    """Given name and surname, both mandatory on the platform; what is empty is taken from the display name."""
    first, _, last = full.rpartition(" ")
    given_name = one_line(given_name, "given_name", most=100) or first or last
    surname = one_line(surname, "surname", most=100) or last
    # A name that was taken from a long display name is cut; it was nobody's choice.
    return given_name[:100].rstrip(), surname[:100].rstrip()


def language_is_known(language: str) -> None:
    if not LANGUAGE.fullmatch(language):
        raise Refused("Give the language as language_COUNTRY, such as de_DE.", field="language")


def time_zone_is_known(time_zone: str) -> None:
    if time_zone not in _time_zones():
        raise Refused(f"There is no time zone {time_zone}. Enter one such as Europe/Berlin.", field="time_zone")


def login_is_free(login: str, tenant: Tenant, *, but_for: int | None = None) -> None:
    """Nobody has it, also not as an alias; and OX goes on holding the name of a user who was removed.

    but_for: the id of a user whose own former login is no obstacle. Raises Refused at `login`, also for a tag.
    """
    former = ServiceUser.objects.filter(tenant=tenant, login=login, presence=Presence.REMOVED)
    if user := former.exclude(pk=but_for or 0).first():
        raise Refused(
            f"{user} had the login {readable(login)} and was removed recently, so OX still holds it. Restore {user}, "
            f"or delete {user} for good under Recently removed, or choose another login.",
            field="login",
        )
    holders = ServiceUser.objects.filter(tenant=tenant, login=login).exclude(presence=Presence.REMOVED)
    held = Address.objects.filter(address=login).exclude(user_id=but_for)
    if held.exists() or holders.exclude(pk=but_for or 0).exists():
        raise Refused(f"The login {readable(login)} is taken. Choose another.", field="login")
    if TAG in login and not holders.filter(pk=but_for or 0).exists():
        is_no_tag(login, tenant, "login")
    name_is_free_in_ox(login, tenant, but_for=but_for)


def name_is_free_in_ox(login: str, tenant: Tenant, *, but_for: int | None = None) -> None:
    """No user who was renamed here still has it as the name in OX, which takes a name once in a context."""
    holders = OxAccount.objects.filter(ox_name=login, tenant=tenant).exclude(user_id=but_for)
    if holder := holders.select_related("user").first():
        raise Refused(
            f"In OX, {holder.user} has the name {readable(login)} still. Choose another login.", field="login"
        )


def display_name_is_free(tenant: Tenant, claimed_name: str | None, *, but_for: int | None = None) -> None:
    """The platform wants it unique in a context, unless it is set up otherwise."""
    if claimed_name is None:
        return
    if OxAccount.objects.filter(tenant=tenant, claimed_name=claimed_name).exclude(user_id=but_for).exists():
        raise Refused(
            "Another user of this customer has this display name, and OX takes it once. Add an initial or a title.",
            field="display_name",
        )


def not_too_many(aliases: list[str]) -> None:
    if len(aliases) > MOST_ALIASES:
        raise Refused(f"{len(aliases)} aliases are too many: {MOST_ALIASES} at most.", field="aliases")


def is_present(user: ServiceUser) -> None:
    if user.presence == Presence.REMOVED:
        raise Refused(f"{user} was removed. Restore {user} under Recently removed first.")
    is_not_leaving(user)


def is_removed(user: ServiceUser) -> None:
    if user.presence == Presence.PRESENT:
        raise Refused(f"{user} is not removed, or was restored meanwhile.")
    is_not_leaving(user)


def is_not_leaving(user: ServiceUser) -> None:
    if user.presence == Presence.LEAVING:
        raise Refused(f"{user} is being deleted and takes no more changes.")


def manage_nothing(users: Iterable[ServiceUser]) -> None:
    """As `manages_nothing`, for all of them."""
    pks = [user.pk for user in users]
    managing = ServiceUser.objects.filter(pk__in=pks, managed_resources__presence=Presence.PRESENT).order_by("pk")
    if user := managing.first():
        manages_nothing(user)


def manages_nothing(user: ServiceUser) -> None:
    """A resource whose manager OX does not know would take no bookings."""
    managed = user.managed_resources.filter(presence=Presence.PRESENT).order_by("sort_name", "id")
    names = list(managed.values_list("display_name", flat=True)[: MOST_NAMED + 1])
    if names:
        more = " and more" if len(names) > MOST_NAMED else ""
        raise Refused(f"{user} manages {', '.join(names[:MOST_NAMED])}{more}. Choose another manager first.")


def has_no_account(user: ServiceUser) -> None:
    if OxAccount.objects.filter(user=user, presence=Presence.PRESENT).exists():
        raise Refused(f"OX is enabled for {user} already.")


def account_of(user: ServiceUser) -> OxAccount:
    """The enabled OX account, locked with its user. Raises Refused where there is none."""
    account = OxAccount.objects.filter(user=user, presence=Presence.PRESENT).select_related("profile").first()
    if account is None:
        raise Refused(f"OX is not enabled for {user}. Enable it first.")
    return account


@lru_cache(maxsize=1)
def _time_zones() -> set[str]:
    return available_timezones()  # reads a folder tree
