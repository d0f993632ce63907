"""Seats and quotas by customer and profile, as bills are made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.subscriptions.queries import brands_of
from oxherd.subscriptions.queries import found as customers
from oxherd.tenants.models import Seats

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


def found(actor: Actor, *, text: str = "", state: str = "", brand: str = "") -> QuerySet[Seats]:
    """The seats of the customers that match and that the actor may manage, a row for each profile."""
    of = customers(actor, text=text, state=state, brand=brand).filter(brand__in=[each.pk for each in brands_of(actor)])
    rows = Seats.objects.filter(tenant__in=of.values("pk")).annotate(folded_name=Lower("tenant__name"))
    return rows.select_related("tenant__brand", "profile").defer("tenant__search", "tenant__search_text")


def cells(row: Seats) -> Iterable[Any]:
    """One row of the table, as `COLUMNS`; an empty number of seats, or an empty quota, is unlimited."""
    tenant, profile = row.tenant, row.profile
    return (
        *(tenant.brand, tenant, tenant.state, tenant.context_id, tenant.context_name, profile, profile.price_label),
        *(row.number, row.used, profile.mail_quota_mb, profile.drive_quota_mb),
    )


def totals(rows: QuerySet[Seats]) -> Sequence[Total]:
    """By profile, the most used first; one query over all that was found."""
    grouped = rows.order_by().values(brand=F("profile__brand__name"), name=F("profile__name"))
    grouped = grouped.annotate(
        price=F("profile__price_label"),
        tenants=Count("pk"),
        used_seats=Sum("used"),
        bought=Sum("number"),
        unlimited=Count("pk", filter=Q(number=None)),
    )
    return [
        Total(
            *(row["brand"], row["name"], row["price"], row["tenants"]),
            *(row["used_seats"], row["bought"] or 0, row["unlimited"]),
        )
        for row in grouped.order_by("-used_seats", "brand", "name")
    ]
