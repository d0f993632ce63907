"""Brands: the accounts on OX platforms, for those who run or sell them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from oxherd import keyset
from oxherd.accounts.states import Permission
from oxherd.brands import queries
from oxherd.brands.models import Brand, Inquiry
from oxherd.errors import NotYours
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.looks import Look
from oxherd.provisioning.models import PlatformHealth
from oxherd.provisioning.queries import outages
from oxherd.tenants.queries import count_by_brand

ASKING = Look("Being tested", "loader-2", "blue")
NOT_ASKED = Look("Not tested yet", "circle-dashed", "grey")
DOWN = Look("Does not answer", "alert-circle", "red")
WELL = Look("Works", "circle-check", "green")
UNWELL = Look("Needs attention", "alert-triangle", "amber")


@dataclass(frozen=True, slots=True)
class Row:
    """A brand as a list shows it. checked_at: when its platform was asked last, None for never."""

    brand: Brand
    look: Look
    checked_at: datetime | None
    customers: int


@require_GET
def listed(request: PanelRequest) -> HttpResponse:
    if not queries.manages_any(request.actor):
        raise NotYours("There is no such page.")
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = queries.managed(request.actor)
    found = found.filter(name__icontains=text) if text else found

    def address(**cursor: str) -> str:
        query = urlencode(({"q": text} if text else {}) | cursor)
        return reverse("brands") + (f"?{query}" if query else "")

    def fetch(cursor: paging.Cursor | None) -> tuple[list[Any], bool]:
        key, backwards = (cursor.key, cursor.backwards) if cursor else (None, False)
        return keyset.page(found, order="folded_name", after=key, backwards=backwards, size=paging.SIZE)

    page = paging.build(
        fetch, paging.read(request.GET), keyset.counted(found), lambda brand: (brand.folded_name, brand.pk), address
    )
    may_add = request.actor.may(Permission.MANAGE_BRANDS)
    context = {"page": page, "rows": _rows(page.rows), "q": text, "may_add": may_add}
    there = address(**paging.kept(request.GET))
    return answers.page(request, "panel/brands/list.html", "panel/brands/rows.html", context, address=there)


def look_of(outage: PlatformHealth | None, last: Inquiry | None) -> Look:
    """How a platform stands, by its breaker and by what was found when it was asked last."""
    if last and last.is_open:
        return ASKING
    if outage:
        return DOWN
    if last is None:
        return NOT_ASKED
    return WELL if last.is_well else UNWELL


def _rows(brands: Any) -> list[Row]:
    last, down, customers = queries.last_inquiries(brands), outages(brands), count_by_brand(brands)
    return [
        Row(
            brand,
            look_of(down.get(brand.pk), last.get(brand.pk)),
            last[brand.pk].finished_at if brand.pk in last else None,
            customers.get(brand.pk, 0),
        )
        for brand in brands
    ]
