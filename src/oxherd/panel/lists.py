"""What all lists share: their state lives in the address, and a page is one by keyset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from oxherd import keyset
from oxherd.panel import paging
from oxherd.panel.actor import PanelRequest
from oxherd.tenants.models import Tenant

Wish = dict[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the panel.

    name: of its URL, which takes the tenant's id, if the list is a tenant's. orders: a word for the address -> a
    column, `-` before it for descending; the first is the usual one. filters: a word for the address -> pairs of value
    and label, "" for all.
    dates: the orders that go by a point in time. texts: words for the address with a value that somebody types.
    """

    name: str
    orders: dict[str, str]
    filters: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    dates: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    @property
    def usual(self) -> str:
        return next(iter(self.orders))

    def wish(self, request: PanelRequest) -> Wish:
        """What the address asks of the list; what is unknown counts as not asked."""
        sort = request.GET.get("sort", "")
        wish = {
            "q": _typed(request, "q"),
            "sort": sort if sort in self.orders else self.usual,
        }
        for word, choices in self.filters.items():
            asked = request.GET.get(word, "")
            wish[word] = asked if asked in dict(choices) else ""
        for word in self.texts:
            wish[word] = _typed(request, word)
        return wish

    def address(self, tenant: Tenant | None, wish: dict[str, Any]) -> str:
        """The list's address without what is as always."""
        said = {key: value for key, value in wish.items() if value and (key, value) != ("sort", self.usual)}
        return reverse(self.name, args=[tenant.pk] if tenant else []) + (f"?{urlencode(said)}" if said else "")

    def page(self, request: PanelRequest, tenant: Tenant | None, found: QuerySet[Any], wish: Wish) -> paging.Page:
        """One page of what was found, as the address asks."""
        order = self.orders[wish["sort"]]
        column = order.lstrip("-")

        def fetch(cursor: paging.Cursor | None) -> tuple[list[Any], bool]:
            key, backwards = (cursor.key, cursor.backwards) if cursor else (None, False)
            return keyset.page(found, order=order, after=key, backwards=backwards, size=paging.SIZE)

        return paging.build(
            fetch,
            paging.read(request.GET, dates=wish["sort"] in self.dates),
            keyset.counted(found),
            lambda row: (getattr(row, column), row.pk),
            lambda **cursor: self.address(tenant, wish | cursor),
        )

    def context(self, request: PanelRequest, tenant: Tenant | None, found: QuerySet[Any], wish: Wish) -> dict[str, Any]:
        """What every list's template needs: page, addresses of the orders, whether something is left out, the wish."""
        return {
            "tenant": tenant,
            "page": self.page(request, tenant, found, wish),
            "sorts": {order: self.address(tenant, wish | {"sort": order}) for order in self.orders},
            "narrowed": any(wish[word] for word in ("q", *self.filters, *self.texts)),
            **wish,
        }


def _typed(request: PanelRequest, word: str) -> str:
    return request.GET.get(word, "").replace("\x00", "").strip()[:200]
