from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject

from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.models import Administrator, Membership, SignInPolicy
from oxherd.accounts.policies import Policy, strictest
from oxherd.accounts.states import Door, Permission, Role

SAID = ("second_factor", "second_factor_roles", "idle_minutes", "session_hours", "shortest_password", "checks_breaches")
HELD = ("role", "brand_id", "tenant_id", "custom_role__permissions", "custom_role__name")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an administrator may do, and what is asked of this person at the sign-in."""

    actor: Actor
    policy: Policy


def actor_of(administrator: Administrator, *, door: Door, request_id: str, ip_address: str | None = None) -> Actor:
    """The administrator with all roles that hold now; one query."""
    return standing_of(administrator, door=door, request_id=request_id, ip_address=ip_address).actor


def policy_of(administrator: Administrator) -> Policy:
    """The strictest of what all levels of this person's roles ask; one query."""
    return standing_of(administrator, door=Door.PANEL, request_id="").policy


def standing_of(
    administrator: Administrator, *, door: Door, request_id: str, ip_address: str | None = None
) -> Standing:
    """Both at once, in one query."""
    brand = Coalesce(OuterRef("brand_id"), OuterRef("tenant__brand_id"))
    policies = ArraySubquery(_policies(brand=brand, tenant=OuterRef("tenant_id")))
    held = Membership.objects.filter(administrator=administrator).annotate(policies=policies)
    rows = list(held.order_by("pk").values_list(*HELD, "custom_role_id", "policies"))
    actor = Actor(
        name=str(administrator),
        door=door,
        administrator_id=administrator.pk,
        grants=tuple(_grant(*row[:5]) for row in rows),
        request_id=request_id,
        ip_address=ip_address,
    )
    return Standing(actor, strictest([(role or f"custom:{custom}", said) for role, _, _, _, _, custom, said in rows]))


def policy_at(role: str, *, brand_id: int | None = None, tenant_id: int | None = None) -> Policy:
    """What is asked of whoever gets a role there. role: its value, or "custom:7"; for a tenant both ids are given."""
    return strictest([(role, list(_policies(brand=brand_id, tenant=tenant_id)))])


def forbids_acting_for(tenant_id: int) -> bool:
    """Whether the customer lets nobody of the provider act for its administrators."""
    return SignInPolicy.objects.filter(tenant_id=tenant_id, forbids_acting_for=True).exists()


def _policies(*, brand: Any, tenant: Any) -> Any:
    """The policies of the provider, and of this brand and tenant, as JSON."""
    own = Q(brand_id=None, tenant_id=None)
    for level, pk in (("brand", brand), ("tenant", tenant)):
        if pk is not None:
            own |= Q(**{level: pk})
    said = JSONObject(at_provider=Q(brand=None, tenant=None), **{name: F(name) for name in SAID})
    return SignInPolicy.objects.filter(own).annotate(said=said).values_list("said", flat=True)


def _grant(
    role: str, brand_id: int | None, tenant_id: int | None, permissions: list[str] | None, name: str | None
) -> Grant:
    if role:
        return Grant(Role(role), brand_id, tenant_id)
    own = frozenset(Permission(word) for word in permissions or () if word in Permission.values)
    return Grant(None, brand_id, tenant_id, own, name or "")
