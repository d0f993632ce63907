"""Who acts, through which door, and where that person may do what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from django.db.models import Q

from oxherd.accounts.states import MAY, Door, Permission, Role
from oxherd.errors import NotAllowed, NotYours


class Place(Protocol):
    """A tenant, or anything that belongs to one; a brand is a place without a tenant."""

    @property
    def place(self) -> tuple[int | None, int | None]:
        """(brand id, tenant id)"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on the provider (both ids None), on a brand, or on a tenant.

    own: what a role of the installation's own making gives, and how it is called; then `role` is None.
    """

    role: Role | None
    brand_id: int | None = None
    tenant_id: int | None = None
    own: frozenset[Permission] | None = None
    own_name: str = ""

    @property
    def permissions(self) -> frozenset[Permission]:
        if self.own is not None:
            return self.own
        return MAY[self.role] if self.role else frozenset()

    @property
    def label(self) -> str:
        return str(self.role.label) if self.role else self.own_name

    def covers(self, brand_id: int | None, tenant_id: int | None) -> bool:
        if self.tenant_id is not None:
            return self.tenant_id == tenant_id
        return self.brand_id is None or self.brand_id == brand_id


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    door: Door
    grants: tuple[Grant, ...] = ()
    administrator_id: int | None = None
    request_id: str = ""
    acting_for_id: int | None = None  # the customer's administrator in whose place `administrator_id` acts
    service_user_id: int | None = None  # who acts is no administrator, and may change nobody else
    token: str = ""  # the name of the API token that stands for the administrator
    ip_address: str | None = None
    # The audit entries that are being taken back, by the id of what they speak of.
    undoes: Mapping[int, int] = field(default_factory=dict, compare=False)

    def may(self, permission: Permission, place: Place | None = None) -> bool:
        """Whether one of the roles gives the permission there. Without a place: on the whole provider."""
        brand_id, tenant_id = place.place if place else (None, None)
        return any(permission in grant.permissions and grant.covers(brand_id, tenant_id) for grant in self.grants)

    def held(self, place: Place | None = None) -> frozenset[Permission]:
        """All that the roles give there."""
        brand_id, tenant_id = place.place if place else (None, None)
        return frozenset().union(*(grant.permissions for grant in self.grants if grant.covers(brand_id, tenant_id)))

    def require(self, permission: Permission, place: Place | None = None) -> None:
        """Raise NotYours where the place is out of sight, NotAllowed where it is seen but the role is too small."""
        if self.may(permission, place):
            return
        if place and not self.may(Permission.VIEW, place):
            raise NotYours("There is no such object.")
        raise NotAllowed(f"Your role does not allow this: {permission.label.lower()}.")

    def sees(self, *, brand: str, tenant: str | None, permission: Permission = Permission.VIEW) -> Q:
        """The filter that leaves only what this actor may see, or may do something else with.

        brand, tenant: the look-ups that lead from the filtered model to the brand's and the tenant's id;
        tenant is None for models above tenants.
        """
        places = [grant for grant in self.grants if permission in grant.permissions]
        if any(grant.brand_id is None and grant.tenant_id is None for grant in places):
            return Q()
        seen = Q(pk__in=[])
        if brands := {grant.brand_id for grant in places if grant.tenant_id is None}:
            seen |= Q(**{f"{brand}__in": brands})
        if tenant and (tenants := {grant.tenant_id for grant in places if grant.tenant_id is not None}):
            seen |= Q(**{f"{tenant}__in": tenants})
        return seen


def system(name: str, door: Door) -> Actor:
    """An actor for the product's own doings and for the operator's shell."""
    return Actor(name=name, door=door, grants=(Grant(Role.OPERATOR),), request_id=uuid4().hex)
