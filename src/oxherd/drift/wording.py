"""Differences and their repairs in words, for the panel and the command line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oxherd.domains.models import readable
from oxherd.drift.models import Difference
from oxherd.drift.queries import Counts
from oxherd.drift.states import DifferenceKind, ObjectKind, Way

LABELS = {
    "name": "Name in OX",
    "display_name": "Display name",
    "given_name": "Given name",
    "surname": "Surname",
    "primary_address": "Primary address",
    "aliases": "Aliases",
    "language": "Language",
    "timezone": "Time zone",
    "drive_quota_mb": "Drive quota",
    "mail_quota_mb": "Mail quota",
    "class_of_service": "Class of service",
    "documents": "Documents",
    "guard": "Guard",
    "photo": "Photo",
    "mail_enabled": "May sign in",
    "access_combination": "Modules",
    "ox_id": "Number in OX",
    "members": "Members",
    "description": "Description",
    "address": "Address",
    "manager_id": "Manager",
    "login_mappings": "Domains",
    "quota_mb": "Quota",
    "enabled": "Active",
    "recipients": "Recipients",
    "catch_all": "Catch-all",
}
QUOTAS = {"drive_quota_mb", "mail_quota_mb", "quota_mb"}
SEVERAL = {"aliases", "class_of_service", "members", "login_mappings", "recipients"}
MOST_NAMED = 5
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """A field with what the panel says and what OX says. Of lists each side has only what the other lacks."""

    field: str
    label: str
    here: str
    there: str


def changes(difference: Difference, names: Mapping[int, str]) -> list[Change]:
    """What differs, field by field. names: of users by their ids on the platform."""
    if difference.kind != DifferenceKind.DIFFERENT:
        return []
    return [_change(field, here, there, names) for field, (here, there) in difference.fields.items()]


def users_named(differences: Iterable[Difference]) -> set[int]:
    """The users, by their ids on the platform, whose names `changes` needs."""
    wanted: set[int] = set()
    for difference in differences:
        for values in (difference.here, difference.there):
            wanted |= set(values.get("members", [])[:MOST_NAMED])
            wanted |= {values["manager_id"]} - {None} if "manager_id" in values else set()
    return wanted


def effects(counts: Counts, way: Way) -> list[str]:
    """What a repair of so many differences does, a sentence for each kind."""
    return [
        _effect(EFFECTS[way][object_kind, kind], number, object_kind)
        for object_kind in ObjectKind
        for kind in DifferenceKind
        if (number := counts.get((object_kind, kind), 0))
    ]


def way_back(counts: Counts, way: Way) -> str:
    """Whether a repair of these can be taken back, and how."""
    if way == Way.TO_OX:
        return "What OX holds now is not kept anywhere, so there is no Undo."
    back = [number for kinds, number in counts.items() if number and kinds in UNDONE]
    if not back:
        return "There is no Undo for this."
    undo = "For a day, Undo in the history of each brings the values of the panel back, and sends them to OX."
    return undo if sum(back) == sum(counts.values()) else f"{undo} For the rest there is no Undo."


def total(counts: Counts) -> str:
    """Such as "12 differences"."""
    number = sum(counts.values())
    return f"{number:,} difference{'' if number == 1 else 's'}"


def _effect(sentence: str, number: int, object_kind: ObjectKind) -> str:
    one = number == 1
    return sentence.format(many=_many(number, object_kind), s="s" if one else "", es="es" if one else "")


def _many(number: int, object_kind: ObjectKind) -> str:
    word = object_kind.label.lower()
    return f"1 {word}" if number == 1 else f"{number:,} {word}s"


def _change(field: str, here: Any, there: Any, names: Mapping[int, str]) -> Change:
    if field in SEVERAL:
        ours, theirs = list(here or []), list(there or [])
        here = [value for value in ours if value not in set(theirs)]
        there = [value for value in theirs if value not in set(ours)]
    return Change(field, LABELS[field], _text(field, here, names), _text(field, there, names))


def _text(field: str, value: Any, names: Mapping[int, str]) -> str:
    if isinstance(value, list):
        shown = ", ".join(_text(field, each, names) for each in value[:MOST_NAMED])
        more = len(value) - MOST_NAMED
        return (f"{shown} and {more:,} more" if more > 0 else shown) or NOTHING
    if value is None or value == "":
        return "unlimited" if field in QUOTAS else NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return TEXTS[field](value, names) if field in TEXTS else str(value)


def _address(text: str, _: Mapping[int, str]) -> str:
    try:
        return readable(text)
    except UnicodeError:
        return text


def _user(ox_id: int, names: Mapping[int, str]) -> str:
    return names.get(ox_id, f"number {ox_id} in OX")


TEXTS: dict[str, Callable[[Any, Mapping[int, str]], str]] = {
    **dict.fromkeys(
        ("primary_address", "aliases", "address", "login_mappings", "name", "recipients", "catch_all"), _address
    ),
    **dict.fromkeys(("members", "manager_id"), _user),
    **dict.fromkeys(QUOTAS, lambda megabytes, _: f"{megabytes:,} MB"),
    "photo": lambda _, __: "another picture",
}

# What is taken from OX by an ordinary change, which has a way back.
UNDONE = {(kind, DifferenceKind.DIFFERENT) for kind in ObjectKind if kind != ObjectKind.CONTEXT}

# many: such as "1 user" or "12 groups"; s: of a verb in the singular.
EFFECTS: dict[Way, dict[tuple[ObjectKind, DifferenceKind], str]] = {
    Way.TO_OX: {
        (ObjectKind.CONTEXT, DifferenceKind.DIFFERENT): "The context gets the settings of the panel.",
        (
            ObjectKind.CONTEXT,
            DifferenceKind.GONE,
        ): "The context is made anew in OX, empty, and then all that belongs in it. Passwords in OX are random ones.",
        (ObjectKind.USER, DifferenceKind.DIFFERENT): "{many} get{s} the values of the panel in OX.",
        (
            ObjectKind.USER,
            DifferenceKind.MISSING,
        ): "{many} come{s} to OX anew, without what was in calendar, contacts and files, and with a random password.",
        (
            ObjectKind.USER,
            DifferenceKind.STRANGER,
        ): "{many} of OX only: deleted there, with calendar, contacts and files.",
        (ObjectKind.GROUP, DifferenceKind.DIFFERENT): "{many} get{s} name and members of the panel in OX.",
        (ObjectKind.GROUP, DifferenceKind.MISSING): "{many} come{s} to OX anew.",
        (ObjectKind.GROUP, DifferenceKind.STRANGER): "{many} of OX only: deleted there; the members stay users.",
        (ObjectKind.RESOURCE, DifferenceKind.DIFFERENT): "{many} get{s} the values of the panel in OX.",
        (ObjectKind.RESOURCE, DifferenceKind.MISSING): "{many} come{s} to OX anew, without bookings.",
        (ObjectKind.RESOURCE, DifferenceKind.STRANGER): "{many} of OX only: deleted there, with all bookings.",
        (ObjectKind.FORWARDER, DifferenceKind.DIFFERENT): "{many} get{s} the recipients of the panel in OX.",
        (ObjectKind.FORWARDER, DifferenceKind.MISSING): "{many} come{s} to OX anew.",
        (ObjectKind.FORWARDER, DifferenceKind.STRANGER): "{many} of OX only: deleted there; such mail is refused then.",
        (ObjectKind.CATCH_ALL, DifferenceKind.DIFFERENT): "{many} go{es} in OX to whom the panel says.",
    },
    Way.FROM_OX: {
        (ObjectKind.CONTEXT, DifferenceKind.DIFFERENT): "The customer gets the settings of the context.",
        (ObjectKind.CONTEXT, DifferenceKind.GONE): "The customer is removed, with all users, groups and resources.",
        (ObjectKind.USER, DifferenceKind.DIFFERENT): "{many} get{s} the values of OX in the panel.",
        (ObjectKind.USER, DifferenceKind.MISSING): "{many} lose{s} OX in the panel too. The service users stay.",
        (
            ObjectKind.USER,
            DifferenceKind.STRANGER,
        ): "{many} of OX come{s} into the panel and take{s} a seat. The password"
        " for mail is a random one; the one in OX stays.",
        (ObjectKind.GROUP, DifferenceKind.DIFFERENT): "{many} get{s} name and members of OX in the panel.",
        (ObjectKind.GROUP, DifferenceKind.MISSING): "{many} go{es} to Recently removed.",
        (ObjectKind.GROUP, DifferenceKind.STRANGER): "{many} of OX come{s} into the panel.",
        (ObjectKind.RESOURCE, DifferenceKind.DIFFERENT): "{many} get{s} the values of OX in the panel.",
        (ObjectKind.RESOURCE, DifferenceKind.MISSING): "{many} go{es} to Recently removed.",
        (ObjectKind.RESOURCE, DifferenceKind.STRANGER): "{many} of OX come{s} into the panel.",
        (ObjectKind.FORWARDER, DifferenceKind.DIFFERENT): "{many} get{s} the recipients of OX in the panel.",
        (ObjectKind.FORWARDER, DifferenceKind.MISSING): "{many} go{es} to Recently removed.",
        (ObjectKind.FORWARDER, DifferenceKind.STRANGER): "{many} of OX come{s} into the panel.",
        (ObjectKind.CATCH_ALL, DifferenceKind.DIFFERENT): "{many} go{es} in the panel to whom OX says.",
    },
}
