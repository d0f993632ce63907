"""Where the pages of administrators are: a customer's own, or those of the provider, for all or for one brand."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from oxherd.accounts.states import Permission
from oxherd.administrators import queries
from oxherd.brands.models import Brand
from oxherd.brands.queries import for_actor
from oxherd.errors import NotAllowed, NotYours
from oxherd.panel.actor import PanelRequest
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Level:
    """tenant: of a customer's pages; brand: what the provider's pages are narrowed to; neither: the whole provider."""

    tenant: Tenant | None = None
    brand: Brand | None = None
    brands: tuple[Brand, ...] = ()  # to choose from, on the provider's pages
    whole: bool = False  # whether the whole provider can be chosen

    @property
    def place(self) -> Brand | Tenant | None:
        return self.tenant or self.brand

    @property
    def name(self) -> str:
        return str(self.place or "the whole installation")

    @property
    def where(self) -> dict[str, Any]:
        """As commands take it."""
        return {"tenant": self.tenant, "brand": self.brand}

    def url(self, name: str, *args: int) -> str:
        """The address of a page: its name is that of the provider's page, `tenant_` before it for a customer's."""
        if self.tenant:
            return reverse(f"tenant_{name}", args=[self.tenant.pk, *args])
        return reverse(name, args=args) + (f"?brand={self.brand.pk}" if self.brand else "")

    @property
    def pages(self) -> dict[str, str]:
        """The addresses that stand on every page."""
        names = ("administrators", "administrators_invite", "administrator_roles", "administrator_role_add")
        return {name: self.url(name) for name in (*names, "administrator_rules")}

    def choices(self) -> list[tuple[str, str]]:
        """Brands to narrow to; empty where there is nothing to choose."""
        choices = [("", "All brands")] * self.whole + [(str(brand.pk), brand.name) for brand in self.brands]
        return choices if len(choices) > 1 else []


def level_of(request: PanelRequest, tenant_id: int | None) -> Level:
    """The level of a page. Raises NotYours and NotAllowed for those who do not manage administrators there."""
    actor = request.actor
    if tenant_id is not None:
        tenant = tenants.one(actor, tenant_id)
        actor.require(Permission.MANAGE_ADMINISTRATORS, tenant)
        return Level(tenant=tenant)
    if not queries.manages_some(actor):
        raise NotAllowed("Your role does not allow this.")
    managed = [
        brand for brand in for_actor(actor).order_by("name") if actor.may(Permission.MANAGE_ADMINISTRATORS, brand)
    ]
    whole = actor.may(Permission.MANAGE_ADMINISTRATORS)
    asked = request.GET.get("brand") or request.POST.get("brand", "")
    chosen = next((brand for brand in managed if str(brand.pk) == asked), None)
    if asked and chosen is None:
        raise NotYours("There is no such brand.")
    if chosen is None and not whole:
        chosen = managed[0]
    return Level(brand=chosen, brands=tuple(managed), whole=whole)
