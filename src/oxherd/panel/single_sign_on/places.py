"""Whose identity providers a page is about: the provider's, a brand's, or a customer's. One set of pages for all."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from oxherd.brands import queries as brands
from oxherd.brands.models import Brand
from oxherd.panel.actor import PanelRequest
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

# The names of the pages begin so, by level.
PREFIXES = {"": "", "brand_id": "brand_", "tenant_id": "tenant_"}


@dataclass(frozen=True, slots=True)
class Spot:
    owner: Tenant | Brand | None

    @property
    def prefix(self) -> str:
        if self.owner is None:
            return ""
        return "tenant_" if isinstance(self.owner, Tenant) else "brand_"

    def url(self, name: str = "identity_providers", *args: Any) -> str:
        """The page of this name, of this spot."""
        return reverse(f"{self.prefix}{name}", args=[*([self.owner.pk] if self.owner else []), *args])

    @property
    def context(self) -> dict[str, Any]:
        """What each page is given."""
        is_tenant = isinstance(self.owner, Tenant)
        return {
            "spot": self,
            "owner": self.owner,
            "list_url": self.url(),
            "tenant": self.owner if is_tenant else None,
            "brand": None if is_tenant else self.owner,
        }


def spot_of(request: PanelRequest, tenant_id: int | None, brand_id: int | None) -> Spot:
    """Raises NotYours or NotAllowed for who does not manage the administrators there."""
    owner: Tenant | Brand | None = None
    if tenant_id is not None:
        owner = tenants.one(request.actor, tenant_id)
    elif brand_id is not None:
        owner = brands.one(request.actor, brand_id)
    queries.of_place(request.actor, owner)
    return Spot(owner)


def spot_of_row(row: IdentityProvider) -> Spot:
    return Spot(row.owner)
