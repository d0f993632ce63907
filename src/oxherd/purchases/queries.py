from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from oxherd import keyset
from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.domains.models import Address
from oxherd.domains.rules import domain_name, local_part
from oxherd.errors import Refused
from oxherd.inputs import LARGEST_NUMBER
from oxherd.people import queries as people
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import TOLD, RequestState, Verification
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.states import TenantState

ALL = "all"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whom a request names, as App Suite sent it: anything may stand in it, or nothing."""

    context_id: str = ""
    user_id: str = ""
    mail: str = ""
    login: str = ""


def for_actor(actor: Actor) -> QuerySet[PurchaseRequest]:
    return PurchaseRequest.objects.filter(actor.sees(brand="tenant__brand_id", tenant="tenant_id"))


def found(actor: Actor, tenant: Tenant, *, text: str = "", state: str = RequestState.OPEN) -> QuerySet[PurchaseRequest]:
    """The requests of a tenant in a state, or in ALL; `text` finds requesters as the list of users does."""
    requests = for_actor(actor).filter(tenant=tenant)
    if state != ALL:
        requests = requests.filter(state=state)
    if text:
        requests = requests.filter(user__in=people.found(actor, tenant, text=text).values("pk"))
    return requests


def shown(requests: QuerySet[PurchaseRequest]) -> QuerySet[PurchaseRequest]:
    """With what a list shows of each: requester with present profile, and both profiles."""
    return requests.select_related("user__account__profile", "from_profile", "to_profile").defer(
        "user__search", "user__search_text", "user__password_hash"
    )


def some(actor: Actor, tenant: Tenant, pks: Iterable[int]) -> list[PurchaseRequest]:
    """The requests of these ids, the longest waiting first; those out of sight are left out."""
    requests = for_actor(actor).filter(tenant=tenant, pk__in=list(pks)).select_related("tenant")
    return list(shown(requests).order_by("asked_at", "id"))


def open_of(actor: Actor, tenant: Tenant, *, user_id: int | None = None) -> QuerySet[PurchaseRequest]:
    requests = for_actor(actor).filter(tenant=tenant, state=RequestState.OPEN)
    return requests if user_id is None else requests.filter(user=user_id).order_by("asked_at", "id")


def own(user: ServiceUser, most: int = 5) -> list[PurchaseRequest]:
    """The user's own requests, the newest first. Needs no actor: it is for who asked."""
    return list(
        PurchaseRequest.objects.filter(user=user).select_related("to_profile").order_by("-asked_at", "-id")[:most]
    )


def count_open(actor: Actor, tenant: Tenant) -> str:
    """For the badge: such as "3", "1000+", or nothing."""
    number, stopped = keyset.counted(open_of(actor, tenant))
    return f"{number}{'+' if stopped else ''}" if number else ""


def offered(brand: Brand) -> list[Profile]:
    """All profiles of a brand, lowest rank first. Needs no actor: the offer is public."""
    return list(Profile.objects.filter(brand=brand).order_by("rank", "name"))


def seats_by_profile(tenant: Tenant) -> dict[int, Seats]:
    return {row.profile_id: row for row in Seats.objects.filter(tenant=tenant)}


def claimed_account(brand: Brand, claim: Claim) -> OxAccount | None:
    """The account that a claim names, within the brand; None where there is none, whatever the reason.

    The ids say most, then the address, then the login.
    """
    accounts = OxAccount.objects.filter(
        presence=Presence.PRESENT, tenant__brand=brand, tenant__state=TenantState.ACTIVE
    ).select_related("user__tenant", "profile")
    context_id, user_id = _number(claim.context_id), _number(claim.user_id)
    if claim.context_id:
        accounts = accounts.filter(tenant__context_id=context_id) if context_id else accounts.none()
    if claim.user_id:
        return accounts.filter(ox_id=user_id).first() if user_id and claim.context_id else None
    for address in (claim.mail, claim.login):
        account = accounts.filter(user__in=_owners(address)).first() if address else None
        if account is not None:
            return account
    return None


def untold(older_than_seconds: float, limit: int = 500) -> list[int]:
    """Requests whose requester should have heard of the decision by now."""
    late = timezone.now() - timedelta(seconds=older_than_seconds)
    requests = PurchaseRequest.objects.filter(state__in=TOLD, told_at=None, tell_error="")
    requests = requests.exclude(verification=Verification.FORGED)
    due = requests.annotate(due=Coalesce("tell_after", "decided_at")).filter(due__lt=late)
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])


def unverified(older_than_seconds: float, limit: int = 500) -> list[int]:
    """Requests whose credential should have been tried by now."""
    late = timezone.now() - timedelta(seconds=older_than_seconds)
    requests = PurchaseRequest.objects.filter(verification=Verification.PENDING, last_asked_at__lt=late)
    return list(requests.order_by("id").values_list("pk", flat=True)[:limit])


def _owners(address: str) -> QuerySet[Address, int | None]:
    """Who has an address, of any kind; nobody where it is none."""
    before, _, after = address.rpartition("@")
    try:
        stored = f"{local_part(before, 'mail')}@{domain_name(after)}"
    except Refused:
        stored = ""
    return Address.objects.filter(address=stored, user__isnull=False).values_list("user_id", flat=True)


def _number(text: str) -> int:
    """A positive number that the database can hold; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST_NUMBER else 0  # noqa: PLR2004 - digits
