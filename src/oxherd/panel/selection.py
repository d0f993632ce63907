"""Whom a dialog over the list of OX users is about: the ticked ones, or everybody whom search and filter find."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from oxherd.errors import Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

TICK_FIRST = "Tick the users for this first."
NOBODY = "Nobody matches this search any more."
MOST_SHOWN = 20
MOST_EXCEPTED = 100
EVERYONE = "all"  # the name of the tick for all that match


@dataclass(frozen=True, slots=True)
class Named:
    """Some users: the first few by name, and how many there are in all."""

    first: list[ServiceUser]
    count: int

    def __iter__(self) -> Iterator[ServiceUser]:
        return iter(self.first)

    def __len__(self) -> int:
        return self.count

    def __str__(self) -> str:
        """The one by name, several by their number."""
        return str(self.first[0]) if self.count == 1 else f"{self.count:,} users"

    @property
    def more(self) -> int:
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class Selection:
    """users: all of them, without an order. hidden: the form fields that bring the selection along."""

    users: QuerySet[ServiceUser]
    everyone: bool
    hidden: tuple[tuple[str, str], ...]

    @property
    def with_ox(self) -> QuerySet[ServiceUser]:
        return self.users.filter(account__presence=Presence.PRESENT, presence=Presence.PRESENT)

    @property
    def without_ox(self) -> QuerySet[ServiceUser]:
        return self.users.exclude(account__presence=Presence.PRESENT, presence=Presence.PRESENT)

    def seen(self, users: QuerySet[ServiceUser]) -> str:
        """What the form carries along of those whom it is about. Who was ticked one by one is known anyway."""
        return fingerprint(_ids(users)) if self.everyone else ""

    def is_stale(self, carried: str, users: QuerySet[ServiceUser]) -> bool:
        """Whether others match now than when the form was shown. Raises Refused where the form says nothing of it."""
        if not self.everyone:
            return False
        if not carried:
            raise Refused("Look first at whom this is about.")
        return is_stale(carried, _ids(users))


def read(request: PanelRequest, tenant: Tenant) -> Selection:
    """The selection that a list or a dialog has sent. Raises Refused where it is empty."""
    source: QueryDict = request.POST if request.method == "POST" else request.GET
    if source.get(EVERYONE):
        wish = {name: source.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", "status")}
        users = queries.found(request.actor, tenant, text=wish["q"], status=wish["status"])
        hidden = ((EVERYONE, "yes"), *((name, text) for name, text in wish.items() if text))
        selection = Selection(users, everyone=True, hidden=hidden)
    else:
        ticked = chosen(source.getlist("user"))
        users = queries.found(request.actor, tenant).filter(pk__in=ticked)
        selection = Selection(users, everyone=False, hidden=tuple(("user", str(pk)) for pk in ticked))
    if not selection.users.exists():
        raise Refused(NOBODY if selection.everyone else TICK_FIRST)
    return selection


def named(users: QuerySet[ServiceUser], most: int = MOST_SHOWN) -> Named:
    """The first few by name, with account and profile; two queries at most."""
    shown = users.select_related("account__profile", "domain").defer("search", "search_text", "password_hash")
    first = list(shown.order_by("sort_name", "id")[: most + 1])
    return Named(first[:most], len(first) if len(first) <= most else users.count())


def first_ids(users: QuerySet[ServiceUser]) -> list[int]:
    """Of the first in the order of names, who are the first that a list of users offers."""
    return list(users.order_by("sort_name", "id").values_list("pk", flat=True)[:MOST_EXCEPTED])


def whole(users: QuerySet[ServiceUser]) -> list[ServiceUser]:
    """All of them by name, with what commands look at."""
    return list(users.defer("search", "search_text", "password_hash").order_by("sort_name", "id"))


def _ids(users: QuerySet[ServiceUser]) -> list[str]:
    return [str(pk) for pk in users.order_by("pk").values_list("pk", flat=True)]
