"""What something was at a point in time, folded out of the entries that speak of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oxherd.app_passwords.records import TOLD
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action

# Entries that say everything about the object.
WHOLE = frozenset(
    {Action.USER_ADD, Action.USER_ADOPT, Action.USER_RESTORE, Action.GROUP_ADD, Action.RESOURCE_ADD}
)  # fmt: skip
BEGINNINGS = WHOLE - {Action.USER_RESTORE}
PRESENCE: dict[str, str] = {
    Action.USER_ADD: "Present",
    Action.USER_ADOPT: "Present",
    Action.USER_RESTORE: "Present",
    Action.USER_REMOVE: "Removed",
    Action.USER_DELETE: "Deleted for good",
}
OX_ON = frozenset({Action.OX_ENABLE, Action.OX_KEEP})
# Acts whose entries name application passwords, each of which is a fact of its own.
APP_PASSWORDS = (Action.APP_PASSWORD_ADD, Action.APP_PASSWORD_REVOKE)
OF_OX = ("profile", "primary_address", "aliases")
# Acts that record values which other entries of the same act have changed.
TOLD_ELSEWHERE = frozenset(
    {*(each for each in Action if each.value.startswith(("purchase:", "drift:"))), Action.OX_RETRY}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the entry that set it; None where it is older than the audit."""

    value: Any
    by: AuditEntry | None = None


@dataclass(slots=True)
class Moment:
    """facts: by field. since: from when on everything is known; None: never. existed: not before it was added."""

    facts: dict[str, Fact] = field(default_factory=dict)
    since: datetime | None = None
    existed: bool = True


def fold(entries: Iterable[AuditEntry], at: datetime, *, now: dict[str, Any]) -> Moment:
    """entries: about one object, oldest first, all of them. now: what it is by itself, for what no entry speaks of.

    What an entry after that moment says was before, was so then, too.
    """
    moment, first, settled = Moment(), True, set[str]()
    for entry in entries:
        if first:
            moment.since = entry.at
            moment.existed = entry.action not in BEGINNINGS or entry.at <= at
        first = False
        if entry.action in TOLD_ELSEWHERE:
            continue
        if entry.action in APP_PASSWORDS:
            _of_app_passwords(moment.facts, entry, at, settled)
        elif entry.at <= at:
            _apply(moment.facts, entry)
        else:
            _look_back(moment.facts, entry, settled)
    for name, value in now.items():
        if name not in moment.facts and name not in settled:
            moment.facts[name] = Fact(value)
    return moment


def _apply(facts: dict[str, Fact], entry: AuditEntry) -> None:
    if entry.action in PRESENCE:
        facts["presence"] = Fact(PRESENCE[entry.action], entry)
    if entry.action in {Action.USER_ADD, Action.USER_PASSWORD} or entry.after.get("password"):
        facts["password"] = Fact("set", entry)
    if entry.action in OX_ON or (entry.action in WHOLE and "profile" in entry.after):
        facts["ox"] = Fact("Enabled", entry)
    elif entry.action == Action.OX_DISABLE or (entry.action in WHOLE and entry.subject_kind == "serviceuser"):
        facts["ox"] = Fact("Disabled", entry)
        facts |= {name: Fact(None, entry) for name in OF_OX}
    for name, value in entry.after.items():
        if name != "password" and facts.get(name, Fact(...)).value != value:
            facts[name] = Fact(value, entry)


def _of_app_passwords(facts: dict[str, Fact], entry: AuditEntry, at: datetime, settled: set[str]) -> None:
    """Those that were valid. One that is revoked later, and of which nothing was said before, was valid then, too."""
    gone, new = ({f"app_password:{name}" for name in side.get(TOLD, [])} for side in (entry.before, entry.after))
    if entry.at <= at:
        for name in gone:
            facts.pop(name, None)
        facts |= {name: Fact(True, entry) for name in new}
        return
    for name in gone - settled:
        facts.setdefault(name, Fact(True))
    settled |= gone | new


def _look_back(facts: dict[str, Fact], later: AuditEntry, settled: set[str]) -> None:
    """Of a field of which nothing was said before that moment, the first later entry says what it was."""
    said = set(later.before) | set(later.after)
    if later.action in OX_ON or later.action == Action.OX_DISABLE:
        said.add("ox")
        if "ox" not in facts and "ox" not in settled:
            facts["ox"] = Fact("Disabled" if later.action in OX_ON else "Enabled")
    for name in said - settled:
        if name in later.before and name not in facts:
            facts[name] = Fact(later.before[name])
    settled |= said
