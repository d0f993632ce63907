"""Who may sign in to the page of their own, and whether they are who they say."""

from functools import cache

from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from oxherd.domains.rules import domain_name, local_part
from oxherd.errors import Refused
from oxherd.people import passwords
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants.states import TenantState

SALT = "oxherd.people.own_sign_in"


def of_id(pk: int) -> ServiceUser | None:
    """The user, if it is one who may be there: with OX, of an active customer that has self-service switched on."""
    return _let_in().filter(pk=pk).first()


def named(typed: str) -> ServiceUser | None:
    """Who is meant by a login or a primary address, as typed; None for nobody who may sign in. One query always."""
    before, _, after = typed.strip().rpartition("@")
    try:
        stored = f"{local_part(before, 'login')}@{domain_name(after)}"
    except Refused:
        stored = ""
    # The register of addresses sees to it that one user's login is no other's address.
    return _let_in().filter(Q(login=stored) | Q(account__primary_address=stored)).first()


def proves(user: ServiceUser | None, password: str) -> bool:
    """Whether it is the user's password. It takes as long for nobody, and for one who has none here."""
    known = user.password_hash if user else passwords.NONE
    right = passwords.verifies(_nobodys() if known == passwords.NONE else known, password)
    return right and known != passwords.NONE


def seal_of(user: ServiceUser) -> str:
    """What a session keeps of the password: another password, another seal."""
    return salted_hmac(SALT, user.password_hash, algorithm="sha256").hexdigest()


def is_sealed(user: ServiceUser, seal: str) -> bool:
    return constant_time_compare(seal_of(user), seal)


def _let_in() -> QuerySet[ServiceUser]:
    return ServiceUser.objects.filter(
        presence=Presence.PRESENT,
        account__presence=Presence.PRESENT,
        tenant__self_service=True,
        tenant__state=TenantState.ACTIVE,
    ).select_related("tenant__brand", "domain", "account__profile")


@cache
def _nobodys() -> str:
    """A hash like all others, of a password that nobody knows."""
    return passwords.hashed(passwords.generate())
