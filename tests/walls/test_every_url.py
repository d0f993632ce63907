"""Every address of the panel x GET and POST x everybody x own, sibling, foreign and mixed-up places: nothing leaks.

Made from the URL configuration: an address without a line in LINES fails. A cell is right when

- a stranger is led to the sign-in, but for the doors that are open to all;
- of a place out of sight, and of an object that does not belong to the place in the address, there is nothing (404);
- of a place in sight, the role opens it, or it is shut (403, or 404 where not even that is to be known);
- where it is shut, nothing was written; and no answer holds anything of a place out of sight.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver
from tests.cast import make_cast
from tests.walls.lines import LINES
from tests.walls.places import SIGNS, Places, Somebody

from oxherd.accounts.states import Permission
from oxherd.audit.models import AuditEntry
from oxherd.brands.states import PlatformKind
from oxherd.provisioning.models import SyncJob

EVERYBODY = ("operator", "reseller", "administrator", "help desk", "reader", "own role", "nobody", "stranger")
# Who has a role on more than one customer, and so something to see in a place that others do not.
OF_SEVERAL = {"operator", "reseller"}
# Whose place is asked for. In a mixed-up address the place is Acme's, and the object Globex's.
TARGETS = {"own": "acme", "sibling": "globex", "foreign": "initech", "mixed": "acme"}
NOT_FOUND, FORBIDDEN, NO_METHOD, MOST = 404, 403, 405, 500
# Which object `pk` means, by the beginning of the address's name; the longest that fits.
OBJECTS = {
    **dict.fromkeys(("user", "ox_enable", "ox_edit"), "user"),
    "undo_disable": "disabled",
    **{name: name for name in ("group", "resource", "forwarder", "domain", "adoption", "brand")},
    "domain_approve": "claim",
    "domain_check": "claim",
    "undo_entry": "entry",
    "tenant_audit": "entry",
    "audit": "entry",
    "ox_difference": "difference",
    "brand_trial": "inquiry",
    "identity": "provider_idp",
    "brand_identity": "brand_idp",
    "tenant_identity": "idp",
    "tenant_invitation": "invitation",
    "invitation": "brand_invitation",
    "tenant_administrator": "person",
    "tenant_administrator_role": "own_role",
    "tenant_administrator_role_change": "held",
    "tenant_administrator_take": "held",
    "administrator": "brand_person",
    "administrator_role": "brand_own_role",
    "administrator_role_change": "brand_held",
    "administrator_take": "brand_held",
    "own_passkey": "passkey",
}
OF_BRANDS = ("brand", "adoption", "administrator", "invitation_")
PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Url:
    name: str
    route: str

    @property
    def fields(self) -> list[str]:
        return PLACEHOLDER.findall(self.route)

    @property
    def level(self) -> str:
        if "tenant_id" in self.fields or self.name == "audit_entry":
            return "tenant"
        return "brand" if self.name.startswith(OF_BRANDS) and self.fields else "own"

    def targets(self) -> list[str]:
        """Those for which the address can be made."""
        mixed = ["mixed"] if len(self.fields) > 1 and {"pk", "key", "request_id"} & set(self.fields) else []
        if self.level == "tenant":
            return ["own", "sibling", "foreign", *mixed]
        if self.level == "brand":
            return ["own", "foreign", *(mixed if self.name != "brand_logo" else [])]
        return ["own"]

    def filled(self, places: Places, who: str, target: str) -> str:
        place = places.things[TARGETS[target]]
        of = places.things["globex" if self.level == "tenant" else "initech"] if target == "mixed" else place
        values: dict[str, Any] = {
            "tenant_id": place.get("tenant"),
            "profile_pk": of.get("profile"),
            "request_id": of.get("act"),
            "digest": of.get("photo") if self.name == "user_photo" else "0" * 64,
            "name": "managers",
            "way": "to_ox",
            "form": "csv",
            "kind": "oidc",
            "identity": 1,
            "app_password_pk": of.get("app_password"),
            "brand_id": place.get("brand"),
            "token": "a" * 43,
            "path": "tenant/3e0d6a54-5f0c-4f0e-9d0b-1a2b3c4d5e6f",
            "pk": self._object(place if "profile_pk" in self.fields else of),
            "key": self._key(of, who),
        }
        narrowed = f"?brand={place['brand']}" if self.name.startswith(("administrator_", "invitation_")) else ""
        return "/" + PLACEHOLDER.sub(lambda field: str(values[field[1]]), self.route) + narrowed

    def _object(self, of: dict[str, Any]) -> Any:
        fitting = [beginning for beginning in OBJECTS if self.name.startswith(beginning)]
        return of[OBJECTS[max(fitting, key=len)]] if fitting else 0

    def _key(self, of: dict[str, Any], who: str) -> Any:
        if self.name.startswith("upsell"):
            return of["offer"]
        if self.name.startswith("customer"):
            return of["customer_drafts"][who]
        return of["drafts"][who]["group" if self.name.startswith("group") else "user"]


def urls(patterns: Any = None, before: str = "") -> Iterator[Url]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from urls(pattern.url_patterns, route)
        elif pattern.name and not pattern.name.startswith("account_"):
            yield Url(pattern.name + (":draft" if "group" in pattern.name and "<uuid:key>" in route else ""), route)


def lines() -> dict[str, tuple[str, str]]:
    """Name of an address -> what GET and POST of it need."""
    rows = [line.split() for line in LINES.strip().splitlines() if line and not line.startswith("#")]
    return {name: (get, post) for name, get, post in rows}


def test_every_address_has_a_line() -> None:
    assert {url.name for url in urls()} == set(lines())


@pytest.fixture
def places(db: None) -> Places:
    return Places(make_cast(kind=PlatformKind.OX_CLOUD))


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_address_leaks(places: Places, who: str) -> None:
    needs, wrong, cells = lines(), [], 0
    for url in urls():
        for method, needed in zip(("get", "post"), needs.get(url.name, ("any", "any")), strict=True):
            for target in url.targets() if needed not in {"-", "any", "door", "nobody"} else ["own"]:
                if target == "foreign" and url.level == "tenant" and who not in OF_SEVERAL:
                    continue  # to them it is what the sibling is
                cells += 1
                if fault := look(places, who, url, method=method, needed=needed, target=target):
                    wrong.append(f"{method.upper()} {url.name}, {target}: {fault}")
    if wrong:
        pytest.fail("\n".join(wrong))
    assert cells > 300


def look(places: Places, who: str, url: Url, *, method: str, needed: str, target: str) -> str:
    """What is wrong with one cell; empty for nothing."""
    somebody = places.people[who]
    address = url.filled(places, who, target)
    with transaction.atomic():
        written = _written()
        answer = getattr(somebody.client, method)(address)
        body = answer.getvalue() if answer.streaming else answer.content
        wrote = _written() != written
        transaction.set_rollback(True)
    told = " ".join((body.decode("utf-8", "replace"), *map(str, answer.headers.values()))).lower()
    leaked = [place for place, sign in SIGNS.items() if place not in somebody.sees and sign in told]
    if leaked and not (needed == "door" and leaked == [TARGETS[target]]):
        return f"holds something of {', '.join(leaked)}"
    if answer.status_code >= MOST:
        return f"answers {answer.status_code}"
    expected = _expected(places, somebody, url, needed, target)
    found = _found(answer)
    if found not in expected:
        return f"is {found} ({answer.status_code}), not {' or '.join(expected)}"
    return "writes although it is shut" if wrote and "open" not in expected else ""


def _expected(places: Places, somebody: Somebody, url: Url, needed: str, target: str) -> tuple[str, ...]:
    fixed = {"any": ("open",), "nobody": ("hidden", "shut"), "-": ("no method",)}
    if needed == "door":
        return ("open", "hidden", "shut", "no method", "to the sign-in")
    if somebody.administrator is None:
        return ("to the sign-in", *fixed.get(needed, ())) if needed == "-" else ("to the sign-in",)
    if needed in fixed:
        return fixed[needed]
    if needed[0] in "^!":
        above = [
            grant for grant in somebody.actor.grants if grant.tenant_id is None and needed[1:] in grant.permissions
        ]
        enough = above if needed[0] == "^" else [grant for grant in above if grant.brand_id is None]
        return ("open",) if enough else ("shut", "hidden")
    return _by_permission(places, somebody, url, Permission(needed), target)


def _by_permission(places: Places, somebody: Somebody, url: Url, needed: Permission, target: str) -> tuple[str, ...]:
    place, actor = _place(places, url, target), somebody.actor
    if place is None:
        return ("open",) if any(needed in grant.permissions for grant in actor.grants) else ("shut", "hidden")
    if not actor.may(Permission.VIEW, place):
        # That there are pages of the provider is no secret; what is on them is.
        return ("hidden",) if "tenant_id" in url.fields else ("hidden", "shut")
    if target == "mixed":
        return ("hidden",) if actor.may(needed, place) else ("shut", "hidden")
    return ("open",) if actor.may(needed, place) else ("shut", "hidden")


def _place(places: Places, url: Url, target: str) -> Any:
    if url.level == "tenant":
        return places.tenants[TARGETS[target]]
    return places.brands[TARGETS[target]] if url.level == "brand" else None


def _found(answer: Any) -> str:
    names = {NOT_FOUND: "hidden", FORBIDDEN: "shut", NO_METHOD: "no method"}
    if answer.status_code in names:
        return names[answer.status_code]
    to = answer.headers.get("Location", "")
    return "to the sign-in" if answer.status_code == 302 and to.startswith("/sign-in/login/") else "open"


def _written() -> tuple[int, int]:
    return AuditEntry.objects.count(), SyncJob.objects.count()
