"""Whom a pasted list means: addresses and logins, separated by anything, with or without names beside them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from oxherd.domains.models import Address
from oxherd.domains.queries import of_tenant
from oxherd.domains.rules import domain_name
from oxherd.errors import Refused
from oxherd.groups.models import DraftMember, GroupDraft, Member
from oxherd.provisioning.states import Presence

MOST = 20_000
LONGEST = 1_000_000  # characters

ENTRIES = re.compile(r"[\r\n;]+")
WORDS = re.compile(r"[\s,<>()\[\]{}\"'“”„|:]+")
# Beside an address a word is a name, unless it looks like this: with a dot, a digit or an underscore inside.
LIKE_A_LOGIN = re.compile(r"\w+[._]\w|.*\d")


@dataclass(frozen=True, slots=True)
class Meant:
    """new: ids of users who are no members. members: how many are, or will be. Words as they were typed: unknown are
    nobody's, several are the beginning of more than one login, names stand beside addresses and were not looked for."""

    new: set[int] = field(default_factory=set)
    members: int = 0
    unknown: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def meant(draft: GroupDraft, text: str) -> Meant:
    """Find the users of a draft's tenant by login, primary address or alias; two queries, however many there are.

    A word without @ is a login without its domain. Raises Refused at `pasted` for far too much text.
    """
    typed, names = words(text)
    domains = [domain.name for domain in of_tenant(draft.tenant)]
    wanted = {word: _addresses(word, domains) for word in typed}
    rows = _held(draft, {address for addresses in wanted.values() for address in addresses})
    new: set[int] = set()
    members: set[int] = set()
    unknown: list[str] = []
    several: list[str] = []
    for word, addresses in wanted.items():
        users = {rows[address][:2] for address in addresses if address in rows and ("@" in word or rows[address][2])}
        if len(users) == 1:
            user_id, is_inside = users.pop()
            (members if is_inside else new).add(user_id)
        else:
            (several if users else unknown).append(word)
    return Meant(new, len(members), unknown, several, names)


def words(text: str) -> tuple[list[str], list[str]]:
    """What of a text may be an address or a login, and what are names beside one; each once, as typed."""
    if len(text) > LONGEST:
        raise Refused(f"This is longer than {LONGEST:,} characters. Paste it in parts.", field="pasted")
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for entry in ENTRIES.split(text.replace("\x00", "")):
        parts = [part for word in WORDS.split(entry) if (part := word.removeprefix("mailto:").strip(".-*•"))]
        has_address = any("@" in part for part in parts)
        for part in parts:
            sought = not has_address or "@" in part or LIKE_A_LOGIN.match(part)
            (found if sought else names).setdefault(part.casefold(), part)
    if len(found) > MOST:
        raise Refused(f"These are more than {MOST:,} addresses. Paste them in parts.", field="pasted")
    return list(found.values()), [name for key, name in names.items() if key not in found]


def _addresses(word: str, domains: Iterable[str]) -> list[str]:
    """The stored addresses that a word can stand for."""
    local, at, domain = word.lower().rpartition("@")
    if at:
        stored = _stored_domain(domain)
        return [f"{local}@{stored}"] if stored else []
    return [f"{domain}@{name}" for name in domains]


@cache
def _stored_domain(name: str) -> str:
    try:
        return domain_name(name)
    except Refused:
        return ""


def _held(draft: GroupDraft, addresses: set[str]) -> dict[str, tuple[int, bool, bool]]:
    """Address -> user's id, whether that is a member or will be, and whether the address is the login."""
    user = OuterRef("user_id")
    changes = DraftMember.objects.filter(draft=draft.pk, user=user)
    is_member = Exists(Member.objects.filter(group=draft.group_id, user=user)) & ~Exists(changes.filter(joins=False))
    inside = ExpressionWrapper(is_member | Q(Exists(changes.filter(joins=True))), output_field=BooleanField())
    held = Address.objects.filter(
        address__in=addresses, user__tenant=draft.tenant, user__presence=Presence.PRESENT
    ).annotate(inside=inside)
    rows = held.values_list("address", "user_id", "inside", "user__login")
    return {address: (user_id, is_inside, login == address) for address, user_id, is_inside, login in rows}
