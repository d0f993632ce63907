"""The customers somebody may see, and the way to one of them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from oxherd import keyset
from oxherd.accounts.states import Permission
from oxherd.brands.models import Brand
from oxherd.brands.queries import for_actor
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.context import sees_many
from oxherd.panel.lists import Listing
from oxherd.subscriptions import queries as subscriptions
from oxherd.tenants import queries
from oxherd.tenants.states import TenantState

MOST_IN_SWITCHER = 12
ORDERS = {"name": "folded_name", "newest": "-created_at"}
STATES = [("", "All"), *TenantState.choices]


@require_GET
def home(request: PanelRequest) -> HttpResponse:
    """After the sign-in: the customers, or the users of the only one."""
    if sees_many(request.actor):
        return redirect("customers")
    only = queries.for_actor(request.actor).first()
    if only is None:
        return render(request, "panel/customers/none.html")
    return redirect("users", only.pk)


@require_GET
def listed(request: PanelRequest) -> HttpResponse:
    """The list. Search, filters, order and place are in the address."""
    brands = list(for_actor(request.actor).order_by("name", "pk"))
    listing = Listing("customers", ORDERS, {"state": STATES, "brand": _choices(brands)}, frozenset({"newest"}))
    wish = listing.wish(request)
    found = subscriptions.found(request.actor, text=wish["q"], state=wish["state"], brand=wish["brand"])
    context = listing.context(request, None, found, wish)
    shown = context["page"].rows
    figures = subscriptions.figures(shown) if shown else {}
    context |= {
        "rows": [(tenant, figures[tenant.pk]) for tenant in shown],
        "states": STATES,
        "brands": _choices(brands) if len(brands) > 1 else [],
        "may_manage": any(request.actor.may(Permission.MANAGE_TENANTS, brand) for brand in brands),
        "may_add_brand": not brands and request.actor.may(Permission.MANAGE_BRANDS),
    }
    address = listing.address(None, wish | paging.kept(request.GET))
    return answers.page(request, "panel/customers/list.html", "panel/customers/rows.html", context, address=address)


@require_GET
def switcher(request: PanelRequest) -> HttpResponse:
    """The first few that match, for the switcher."""
    text = request.GET.get("q", "").strip()
    tenants, more = keyset.page(
        queries.found(request.actor, text), order="folded_name", after=None, size=MOST_IN_SWITCHER
    )
    return render(request, "panel/customers/switcher.html", {"tenants": tenants, "more": more})


def _choices(brands: list[Brand]) -> list[tuple[str, str]]:
    return [("", "All brands"), *((str(brand.pk), str(brand)) for brand in brands)]
