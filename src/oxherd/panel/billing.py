"""Customers > Usage: who has bought and uses how many seats of what, for the bill."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from oxherd.brands.models import Brand
from oxherd.errors import NotYours
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.lists import Listing
from oxherd.subscriptions import usage
from oxherd.subscriptions.queries import brands_of
from oxherd.tenants.states import TenantState

STATES = [("", "All"), *TenantState.choices]


@require_GET
def listed(request: PanelRequest) -> HttpResponse:
    """Customers and profiles, a row each, with what it comes to in all of them."""
    listing, wish, brands = _asked(request)
    rows = usage.found(request.actor, text=wish["q"], state=wish["state"], brand=wish["brand"])
    context = listing.context(request, None, rows, wish)
    query = request.GET.copy()
    for word in ("after", "before"):
        query.pop(word, None)
    context |= {
        "states": STATES,
        "brands": _choices(brands),
        "totals": usage.totals(request.actor, text=wish["q"], state=wish["state"], brand=wish["brand"]),
        "query": query.urlencode(),
    }
    address = listing.address(None, wish | paging.kept(request.GET))
    return answers.page(request, "panel/usage/list.html", "panel/usage/rows.html", context, address=address)


@require_GET
def export(request: PanelRequest) -> StreamingHttpResponse:
    """The whole list as CSV, row by row."""
    _, wish, _ = _asked(request)
    rows = usage.found(request.actor, text=wish["q"], state=wish["state"], brand=wish["brand"])
    name = f"usage-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(usage.lines(rows), content_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: PanelRequest) -> tuple[Listing, dict[str, Any], list[Brand]]:
    """Raises NotYours for who manages customers nowhere."""
    brands = brands_of(request.actor)
    if not brands:
        raise NotYours("There is no such page.")
    filters = {"state": STATES, "brand": _choices(brands)}
    listing = Listing("customers_usage", {"name": "folded_name"}, filters)
    return listing, listing.wish(request), brands


def _choices(brands: list[Brand]) -> list[tuple[str, str]]:
    return [("", "All brands"), *((str(brand.pk), str(brand)) for brand in brands)]
