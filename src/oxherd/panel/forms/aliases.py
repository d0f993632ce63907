"""The rows of aliases that wizard, Enable and Edit share: a local part and a domain each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from oxherd.domains import rules
from oxherd.domains.models import Address, Domain
from oxherd.domains.queries import taken
from oxherd.errors import Refused
from oxherd.people.rules import MOST_ALIASES, not_too_many

SEPARATORS = re.compile(r"[,;\r\n\t]+")


@dataclass(slots=True)
class AliasRow:
    """As it was typed; `error` is what to mend."""

    local: str
    domain: str
    error: str = ""

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"


def read_rows(local_parts: Sequence[str], domains: Sequence[str]) -> list[AliasRow]:
    """The rows of a form. A pasted list in one field becomes several rows; what has an @ brings its own domain.

    Spaces part whole addresses alone: "a b" may be one that was mistyped, and is to be mended.
    """
    rows: list[AliasRow] = []
    for typed, chosen in zip(local_parts, domains, strict=False):
        for part in _parts(typed.replace("\x00", "")):
            local, _, domain = part.strip("<>").partition("@")
            if part:
                rows.append(AliasRow(local, (domain or chosen).replace("\x00", "")))
    return rows[: MOST_ALIASES + 1]  # one too many is enough to be refused


def _parts(typed: str) -> Iterable[str]:
    for part in SEPARATORS.split(typed):
        words = part.split()
        yield from words if all("@" in word for word in words) else [" ".join(words)]


def rows_of(addresses: Iterable[str]) -> list[AliasRow]:
    """Rows for stored or typed addresses."""
    return [AliasRow(local, domain) for local, _, domain in (address.rpartition("@") for address in addresses)]


def check_rows(rows: list[AliasRow], domains: Sequence[Domain], *, user_id: int | None = None) -> list[str]:
    """Write into each row what is wrong with it; returns the sentences for the rows together.

    domains: those of the tenant. user_id: whose own addresses are no obstacle.
    """
    names = {domain.name: domain for domain in domains}
    stored = {id(row): address for row in rows if (address := _stored(row, names))}
    occupied = taken(stored.values(), but_for=user_id) if stored else set()
    for row in rows:
        if stored.get(id(row)) in occupied:
            row.error = f"{row.address} is taken. Choose another address."
        elif id(row) in stored and rules.TAG in row.local:  # seldom, so that it may cost queries of its own
            row.error = _told_of_tag(stored[id(row)], names, user_id)
    try:
        not_too_many(list(set(stored.values())))
    except Refused as refused:
        return [refused.sentence]
    return []


def addresses_of(rows: Iterable[AliasRow]) -> tuple[str, ...]:
    return tuple(row.address for row in rows)


def as_data(rows: Iterable[AliasRow]) -> list[list[str]]:
    """For a draft's JSON; `from_data` turns it back."""
    return [[row.local, row.domain] for row in rows]


def from_data(data: Any) -> list[AliasRow]:
    return [AliasRow(local, domain) for local, domain in data or []]


def rearrange(rows: list[AliasRow], act: str) -> bool:
    """Do what a button of the rows asks for where there is no script; False for any other button."""
    act, _, number = act.partition(":")
    if act == "add_alias":
        rows.append(AliasRow("", ""))
    elif act == "remove_alias":
        if number.isdecimal():
            del rows[int(number) : int(number) + 1]
    else:
        return False
    return True


def _told_of_tag(address: str, names: dict[str, Domain], user_id: int | None) -> str:
    """Why a user may not be given the stored address; empty where nothing is in the way, or the user has it."""
    if user_id and Address.objects.filter(address=address, user_id=user_id).exists():
        return ""
    try:
        rules.is_no_tag(address, names[address.rpartition("@")[2]].tenant, "aliases")
    except Refused as refused:
        return refused.sentence
    return ""


def _stored(row: AliasRow, names: dict[str, Domain]) -> str:
    """The stored form, or an empty text and the error in the row."""
    if " " in row.local.strip():
        row.error = "An address has no spaces. Mend it, or separate several by commas."
        return ""
    try:
        local = rules.local_part(row.local, "aliases")
        name = rules.domain_name(row.domain, "aliases")
    except Refused as refused:
        row.error = refused.sentence
        return ""
    if name not in names:
        row.error = f"{row.domain} is not one of your domains. Choose one from the list."
        return ""
    return f"{local}@{name}"
