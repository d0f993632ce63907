"""Seats and quotas by customer and profile, as bills are made of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.profiles.models import Profile
from oxherd.spreadsheets import line
from oxherd.subscriptions.queries import brands_of
from oxherd.subscriptions.queries import found as customers
from oxherd.tenants.models import Seats

BATCH = 1000
COLUMNS = (
    *("brand", "customer", "state", "context_id", "context", "profile", "price", "seats_bought", "seats_used"),
    *("mail_quota_mb", "drive_quota_mb"),
)


@dataclass(frozen=True, slots=True)
class Total:
    """What all customers found have of one profile. bought: without those who have no limit, `unlimited` of them."""

    brand: str
    profile: str
    price: str
    customers: int
    used: int
    bought: int
    unlimited: int


def found(actor: Actor, *, text: str = "", state: str = "", brand: str = "") -> QuerySet[Any]:
    """The seats of the customers that match and that the actor may manage, a row for each profile."""
    seats = _seats(actor, text=text, state=state, brand=brand)
    rows: QuerySet[Any] = seats.annotate(folded_name=Lower("tenant__name"))
    shown: QuerySet[Any] = rows.select_related("tenant__brand", "profile")
    return shown.defer("tenant__search", "tenant__search_text")


def cells(row: Seats) -> Iterable[Any]:
    """One row of the table, as `COLUMNS`; an empty number of seats, or an empty quota, is unlimited."""
    tenant, profile = row.tenant, row.profile
    return (
        *(tenant.brand, tenant, tenant.state, tenant.context_id, tenant.context_name, profile, profile.price_label),
        *(row.number, row.used, profile.mail_quota_mb, profile.drive_quota_mb),
    )


def totals(actor: Actor, *, text: str = "", state: str = "", brand: str = "") -> Sequence[Total]:
    """By profile, the most used first: what all that is found comes to."""
    grouped = _seats(actor, text=text, state=state, brand=brand).order_by().values("profile_id")
    counted = grouped.annotate(
        customers=Count("pk"), taken=Sum("used"), bought=Sum("number"), unlimited=Count("pk", filter=Q(number=None))
    )
    sums = {row["profile_id"]: row for row in counted}
    profiles = Profile.objects.filter(pk__in=list(sums)).select_related("brand")
    told = [
        Total(
            *(str(each.brand), str(each), each.price_label, sums[each.pk]["customers"], sums[each.pk]["taken"]),
            *(sums[each.pk]["bought"] or 0, sums[each.pk]["unlimited"]),
        )
        for each in profiles
    ]
    return sorted(told, key=lambda total: (-total.used, total.brand, total.profile))


def lines(rows: QuerySet[Any]) -> Iterator[str]:
    """The table as CSV, in pieces of many rows: each piece that is sent costs the web server something."""
    yield line(COLUMNS)
    piece: list[str] = []
    for row in rows.order_by("folded_name", "pk").iterator(chunk_size=BATCH):
        piece.append(line(cells(row)))
        if len(piece) == BATCH:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _seats(actor: Actor, *, text: str, state: str, brand: str) -> QuerySet[Seats]:
    managed = [each.pk for each in brands_of(actor)]
    if not (text or state):  # without a look at each customer
        return Seats.objects.filter(profile__brand__in=[int(brand)] if brand and int(brand) in managed else managed)
    of = customers(actor, text=text, state=state, brand=brand).filter(brand__in=managed)
    return Seats.objects.filter(tenant__in=of.values("pk"))
