"""Who takes over what leaving users look after: asked where they are removed, or lose OX."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from oxherd.accounts.actor import Actor
from oxherd.panel.forms.combobox import Combobox
from oxherd.panel.forms.domain import GONE_CATCH_ALL, NO_CATCH_ALL
from oxherd.panel.forms.resource import GONE_MANAGER, NO_MANAGER
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.panel.options import NOBODY
from oxherd.people.models import ServiceUser
from oxherd.removals.commands import Heirs
from oxherd.removals.ties import Ties
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Question:
    """field: of the form, for all of these; for one of them alone it is `field_17`. words: of one, and of several."""

    field: str
    source: str
    label: str
    nobody: str
    gone: str
    missing: str
    words: tuple[str, str]


MANAGER = Question(
    field="manager",
    source="managers",
    label="New manager",
    nobody=NO_MANAGER,
    gone=GONE_MANAGER,
    missing="Choose who decides on bookings from now on, or no manager.",
    words=("resource", "resources"),
)
CATCH_ALL = Question(
    field="catch_all",
    source="catch-alls",
    label="New catch-all",
    nobody=NO_CATCH_ALL,
    gone=GONE_CATCH_ALL,
    missing="Choose who gets this mail from now on, or nobody.",
    words=("domain", "domains"),
)


@dataclass(frozen=True, slots=True)
class Handover:
    """What a dialog shows of one question. rows: the first few of what is handed over, and `more` of it.

    own: each of them with its own field. is_open: whether one of these holds something.
    """

    asked: Question
    rows: list[Any]
    more: int
    field: BoundField
    own: list[tuple[Any, BoundField]]
    is_open: bool

    @property
    def count(self) -> int:
        return len(self.rows) + self.more

    @property
    def word(self) -> str:
        return self.asked.words[self.count != 1]


class HeirsForm(forms.Form):
    """One heir for all resources and one for all domains; for the first few of them it may be somebody else.

    Nobody is a choice that has to be made, too. Without `ask_for_heirs` it asks for nothing.
    """

    ties: Ties | None = None

    def ask_for_heirs(
        self, actor: Actor, tenant: Tenant, ties: Ties, *, leaving: Iterable[int], post: Mapping[str, Any]
    ) -> None:
        """leaving: who is not offered. post: what was sent, also where it was no more than a search for an heir."""
        self.ties = ties
        but = [str(pk) for pk in leaving]
        for question, rows, more in self._asked:
            boxes = {question.field: Combobox(
                question.source, label=question.label, nobody=question.nobody, gone=question.gone
            )}  # fmt: skip
            for row in rows if len(rows) + more > 1 else []:
                boxes[f"{question.field}_{row.pk}"] = Combobox(
                    question.source, label=str(row), none="As above", nobody=question.nobody, gone=question.gone
                )
            for name, box in boxes.items():
                box.look(actor, tenant, post, but)
                self.fields[name] = box

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for question, rows, more in self._asked:
            name = question.field
            chosen = [cleaned.get(f"{name}_{row.pk}") for row in rows]
            if (more or None in chosen) and cleaned.get(name) is None and not self.has_error(name):
                self.add_error(name, question.missing)
        if not self.errors and is_stale(self.data.get("ties", ""), self._seen):
            self.add_error(None, "They look after something else by now. Look at it, and confirm once more.")
        return cleaned

    def heirs(self) -> Heirs | None:
        """The choices of the valid form; None where nothing was to be chosen."""
        if not self._asked:
            return None
        own: dict[str, dict[int, ServiceUser | None]] = {"manager": {}, "catch_all": {}}
        for question, rows, _ in self._asked:
            for row in rows:
                if (chosen := self.cleaned_data.get(f"{question.field}_{row.pk}")) is not None:
                    own[question.field][row.pk] = _heir(chosen)
        manager, catch_all = (_heir(self.cleaned_data.get(name)) for name in own)
        return Heirs(manager, catch_all, managers=own["manager"], catch_alls=own["catch_all"])

    @property
    def handovers(self) -> list[Handover]:
        """What the dialog asks, in its order."""
        found = []
        for question, rows, more in self._asked:
            names = [(row, f"{question.field}_{row.pk}") for row in rows]
            own = [(row, self[name]) for row, name in names if name in self.fields]
            is_open = any(field.value() or field.errors for _, field in own)
            found.append(Handover(question, rows, more, self[question.field], own, is_open))
        return found

    @property
    def ties_seen(self) -> str:
        return fingerprint(self._seen)

    @property
    def _seen(self) -> list[str]:
        return [f"{asked.field} {[row.pk for row in rows]} {more}" for asked, rows, more in self._asked]

    @property
    def _asked(self) -> list[tuple[Question, list[Any], int]]:
        if self.ties is None:
            return []
        both = (
            (MANAGER, self.ties.resources, self.ties.more_resources),
            (CATCH_ALL, self.ties.domains, self.ties.more_domains),
        )
        return [(question, list(rows), more) for question, rows, more in both if rows]


def _heir(chosen: Any) -> ServiceUser | None:
    return None if chosen is None or chosen == NOBODY else chosen
