"""The member picker: whom its two panes and the strip of changes show, and what its buttons do.

One form with and without script. The panes search on the server; nothing becomes true before Save.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from oxherd import keyset
from oxherd.accounts.actor import Actor
from oxherd.groups import drafts, picker
from oxherd.groups.models import GroupDraft
from oxherd.panel import paging
from oxherd.panel.bulk import chosen
from oxherd.people.models import ServiceUser

MOST_ROWS = 400  # in one pane; a form must not have more than 1,000 fields
MOST_COUNTED = 10_000
MOST_NAMED = 4
SIDES = ("outside", "inside")
FINDERS: dict[str, Callable[[Actor, GroupDraft, str], QuerySet[ServiceUser]]] = {
    "outside": picker.outside,
    "inside": picker.inside,
}


@dataclass(frozen=True, slots=True)
class Pane:
    """One side: who is no member, or who is one. more: the address of the next rows, empty where there are none."""

    side: str
    text: str
    rows: list[ServiceUser]
    count: int
    count_stopped: bool
    more: str
    is_full: bool = False  # there are more, but not in one page

    @property
    def total(self) -> str:
        return f"{self.count:,}{'+' if self.count_stopped else ''}"


@dataclass(frozen=True, slots=True)
class Strip:
    """What Save will change. coming, going: the first few."""

    coming: list[ServiceUser]
    number_coming: int
    going: list[ServiceUser]
    number_going: int

    @property
    def number(self) -> int:
        return self.number_coming + self.number_going

    @property
    def not_named(self) -> int:
        return self.number - len(self.coming) - len(self.going)


@dataclass(frozen=True, slots=True)
class Picker:
    """here: the form's address."""

    actor: Actor
    draft: GroupDraft
    here: str

    def pane(self, side: str, query: QueryDict) -> Pane:
        """The first rows of a side, as many as the page shows already, or those from a cursor on.

        query: what the page sent: `{side}_q`, and a `{side}_size` for each part of the list.
        """
        text = _text(query, side)
        cursor = paging.read(query)
        found = FINDERS[side](self.actor, self.draft, text)
        number = paging.SIZE if cursor else size(query, side)
        rows, more = keyset.page(found, order="sort_name", after=cursor.key if cursor else None, size=number)
        start = (cursor.start if cursor else 1) + len(rows)
        count, stopped = (0, False) if cursor else keyset.counted(found, MOST_COUNTED)
        full = more and start > MOST_ROWS
        url = ""
        if more and not full:
            after = paging.write((rows[-1].sort_name, rows[-1].pk), start)
            url = f"{self.here}members/?" + urlencode({"side": side, f"{side}_q": text, "after": after})
        return Pane(side, text, rows, count, stopped, url, full)

    def panes(self, query: QueryDict) -> dict[str, Pane]:
        return {side: self.pane(side, query) for side in SIDES}

    def strip(self) -> Strip:
        """Four queries, and two where nothing is changed yet."""
        return Strip(*_first(picker.coming(self.draft)), *_first(picker.going(self.draft)))

    def act(self, post: QueryDict) -> str:
        """Do what a button of the picker asks for; returns what was done, for those who do not see it."""
        do, _, which = post.get("do", "").partition(":")
        if do == "back":
            number = drafts.take_back(self.draft, None if which == "all" else chosen([which]))
            return f"{number} {'change' if number == 1 else 'changes'} taken back."
        if do not in {"in", "out"}:
            return ""
        users = self._meant("outside" if do == "in" else "inside", which, post)
        number = (drafts.bring_in if do == "in" else drafts.take_out)(self.draft, users)
        return f"{number} {'user' if number == 1 else 'users'} {'added' if do == 'in' else 'removed'}."

    def _meant(self, side: str, which: str, post: QueryDict) -> QuerySet[ServiceUser]:
        """Of one side: all that match, all that are shown, one, or the ticked ones."""
        if which == "all":
            return FINDERS[side](self.actor, self.draft, _text(post, side))
        if which == "shown":
            pks = [user.pk for user in self.pane(side, post).rows]
        else:
            pks = chosen([which] if which else post.getlist(side))
        return FINDERS[side](self.actor, self.draft, "").filter(pk__in=pks)


def size(query: QueryDict, side: str) -> int:
    """How many rows the page shows: each part of the list says how many it has; `more` asks for another part."""
    parts = [part for part in query.getlist(f"{side}_size") if part.isdecimal() and len(part) < 5]  # noqa: PLR2004 - far more than MOST_ROWS
    more = paging.SIZE if query.get("do") == f"more:{side}" else 0
    return min(max(sum(map(int, parts)), paging.SIZE) + more, MOST_ROWS)


def _text(query: QueryDict, side: str) -> str:
    """What is searched on a side."""
    return query.get(f"{side}_q", "").replace("\x00", "").strip()[:200]


def _first(users: QuerySet[ServiceUser]) -> tuple[list[ServiceUser], int]:
    """The first few by name, and how many there are."""
    number = users.count()
    named = users.defer("search", "search_text", "password_hash").order_by("sort_name", "id")
    return (list(named[:MOST_NAMED]) if number else []), number
