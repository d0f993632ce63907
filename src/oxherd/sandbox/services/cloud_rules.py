"""What OX Cloud forbids beyond the core, in the contexts of brands alone.

Sources: logins and aliases are unique over all contexts; a domain belongs to one context, unless it is shared; class of
service is the user attribute `cloud/service`. A context admin has no mailbox: its login and addresses claim nothing.
"""

import json
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rules import domain_of, folded, is_domain
from oxherd.sandbox.store import Row, contexts, forwards, maildomains, resellers, users

CLASSES = ("cloud_pim", "cloud_productivity", "cloud_security", "cloud_productivity_security", "guard")
OF_A_BRAND = "EXISTS (SELECT 1 FROM ownership WHERE ownership.context_id = {}.context_id AND reseller_id IS NOT NULL)"


def is_cloud(db: sqlite3.Connection, context_id: int) -> bool:
    query = "SELECT 1 FROM ownership WHERE context_id = ? AND reseller_id IS NOT NULL"
    return db.execute(query, (context_id,)).fetchone() is not None


def check_login(db: sqlite3.Connection, context_id: int, name: str) -> None:
    """Before somebody of the context gets it."""
    if is_cloud(db, context_id) and login_exists(db, name):
        raise CloudRefusal(32, name)


def login_exists(db: sqlite3.Connection, name: str) -> bool:
    query = f"SELECT 1 FROM user WHERE name = ? AND id <> ? AND {OF_A_BRAND.format('user')} LIMIT 1"  # noqa: S608 - as it says
    return db.execute(query, (name, contexts.ADMIN)).fetchone() is not None


def alias_exists(db: sqlite3.Connection, address: str) -> bool:
    return _first_taken(db, [address], (0, 0)) is not None


def check_addresses(db: sqlite3.Connection, context_id: int, user_id: int, addresses: Iterable[str]) -> None:
    """That a user may have them: nobody else's, and of domains that the context may use."""
    if user_id == contexts.ADMIN or not is_cloud(db, context_id):
        return
    wanted = users.without_doubles(addresses)
    taken = _first_taken(db, wanted, (context_id, user_id))
    if taken is not None:
        raise CloudRefusal(33, taken)
    check_domains(db, context_id, {domain_of(address) for address in wanted})


def _first_taken(db: sqlite3.Connection, addresses: Iterable[str], but: tuple[int, int]) -> str | None:
    """The first that is an alias of another user than `but`, or a forward."""
    keys = {folded(address): address for address in addresses}
    query = (
        "SELECT value FROM json_each(:keys) WHERE EXISTS (SELECT 1 FROM forward WHERE folded = value) "  # noqa: S608 - a condition from the code
        "OR EXISTS (SELECT 1 FROM alias WHERE folded = value AND NOT (context_id = :context AND user_id = :user) "
        f"AND user_id <> :admin AND {OF_A_BRAND.format('alias')}) LIMIT 1"
    )
    values = {"keys": json.dumps(list(keys)), "context": but[0], "user": but[1], "admin": contexts.ADMIN}
    row = db.execute(query, values).fetchone()
    return keys[row[0]] if row else None


def check_domains(db: sqlite3.Connection, context_id: int, domains: Iterable[str]) -> None:
    owner = resellers.owner_of(db, context_id)
    for domain in domains:
        shared = maildomains.shared(db, domain)
        if shared is not None and (owner is None or shared["reseller_id"] not in (owner["id"], owner["parent_id"])):
            raise CloudRefusal(40)
        if shared is None and maildomains.is_used_elsewhere(db, context_id, domain):
            raise CloudRefusal(14)


def check_domain_name(domain: str) -> None:
    if not is_domain(domain):
        raise CloudRefusal(15, domain)


def check_forward_is_free(db: sqlite3.Connection, address: str) -> None:
    if forwards.find(db, address) is not None:
        raise CloudRefusal(41, address)
    if alias_exists(db, address):
        raise CloudRefusal(43)


def check_class_of_service(db: sqlite3.Connection, context_id: int, attributes: str) -> None:
    """Among the attributes of a user, as they are about to be kept."""
    service = classes_of(attributes)
    wrong = [name for name in service if name not in CLASSES]
    if wrong and is_cloud(db, context_id):
        raise CloudRefusal(13, ", ".join(wrong))


def classes_of(attributes: str) -> list[str]:
    return list(_classes(attributes))


@lru_cache(maxsize=1024)
def _classes(attributes: str) -> tuple[str, ...]:
    """Many users have the same attributes."""
    kept: dict[str, dict[str, Any]] = json.loads(attributes)
    names = (kept.get("cloud", {}).get("service") or "").split(",")
    return tuple(name.strip() for name in names if name.strip())


def has_mailbox(row: Row) -> bool:
    return not row["guest"] and row["id"] != contexts.ADMIN
