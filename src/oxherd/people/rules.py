"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, users)."""

import re
from functools import lru_cache
from zoneinfo import available_timezones

from oxherd.domains.models import Address, readable
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

LANGUAGE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")
MOST_ALIASES = 100


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
        raise Refused(f"There is no time zone {time_zone}, such as Europe/Berlin.", field="time_zone")


def login_is_free(login: str, *, but_for: int | None = None) -> None:
    """Nobody else has it, not as an alias either. but_for: the id of the user who may have it."""
    held = Address.objects.filter(address=login).exclude(user_id=but_for)
    if held.exists() or ServiceUser.objects.filter(login=login).exclude(pk=but_for or 0).exists():
        raise Refused(f"The login {readable(login)} is taken. Choose another.", field="login")
    name_is_free_in_ox(login, but_for=but_for)


def name_is_free_in_ox(login: str, *, but_for: int | None = None) -> None:
    """No user who was renamed here still has it as the name in OX, which takes a name once in a context."""
    holder = OxAccount.objects.filter(ox_name=login).exclude(user_id=but_for).select_related("user").first()
    if holder:
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
    if user.presence == Presence.LEAVING:
        raise Refused(f"{user} is being removed and takes no more changes.")


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
