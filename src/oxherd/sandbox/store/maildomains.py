"""Mail domains: shared ones, catch-alls, and who uses a domain at all. Domains are kept folded."""

import sqlite3

from oxherd.sandbox.rules import folded
from oxherd.sandbox.store import Row
from oxherd.sandbox.store.contexts import ADMIN

# A context of a brand other than this one where somebody has an address of the domain; a context admin has no mailbox.
# In two halves, so that the index never walks over the context's own addresses, who may be 100,000.
ALIAS_ELSEWHERE = (
    "SELECT 1 FROM alias JOIN ownership USING (context_id) WHERE domain = :domain AND context_id {} :context "
    "AND user_id <> :admin AND reseller_id IS NOT NULL"
)
USED_ELSEWHERE = " UNION ALL ".join(
    (
        ALIAS_ELSEWHERE.format("<"),
        ALIAS_ELSEWHERE.format(">"),
        "SELECT 1 FROM catchall WHERE domain = :domain AND context_id <> :context",
        "SELECT 1 FROM forward WHERE domain = :domain AND context_id <> :context",
    )
)


def is_used_elsewhere(db: sqlite3.Connection, context_id: int, domain: str) -> bool:
    """By another context of any brand."""
    values = {"domain": folded(domain), "context": context_id, "admin": ADMIN}
    return db.execute(f"{USED_ELSEWHERE} LIMIT 1", values).fetchone() is not None


def is_used_by_others(db: sqlite3.Connection, reseller_id: int | None, domain: str) -> bool:
    """By a context that belongs neither to this reseller nor to one below it."""
    query = (
        "SELECT 1 FROM (SELECT DISTINCT context_id FROM alias WHERE domain = :domain AND user_id <> :admin "
        "UNION SELECT context_id FROM catchall WHERE domain = :domain "
        "UNION SELECT context_id FROM forward WHERE domain = :domain) JOIN ownership USING (context_id) "
        "JOIN reseller ON reseller.id = reseller_id "
        "WHERE :reseller NOT IN (reseller.id, ifnull(reseller.parent_id, 0)) LIMIT 1"
    )
    values = {"domain": folded(domain), "reseller": reseller_id or 0, "admin": ADMIN}
    return db.execute(query, values).fetchone() is not None


def shared(db: sqlite3.Connection, domain: str) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM shared_domain WHERE domain = ?", (folded(domain),)).fetchone()
    return found


def shared_of(db: sqlite3.Connection, reseller_id: int | None) -> list[str]:
    query = "SELECT domain FROM shared_domain WHERE reseller_id IS ? ORDER BY domain"
    return [row[0] for row in db.execute(query, (reseller_id,))]


def share(db: sqlite3.Connection, domain: str, reseller_id: int | None) -> None:
    db.execute("INSERT INTO shared_domain (domain, reseller_id) VALUES (?, ?)", (folded(domain), reseller_id))


def unshare(db: sqlite3.Connection, domain: str) -> None:
    db.execute("DELETE FROM shared_domain WHERE domain = ?", (folded(domain),))


def catchall(db: sqlite3.Connection, domain: str) -> Row | None:
    found: Row | None = db.execute("SELECT * FROM catchall WHERE domain = ?", (folded(domain),)).fetchone()
    return found


def catchalls(db: sqlite3.Connection, context_id: int) -> list[Row]:
    """Each with the name of its user."""
    query = (
        "SELECT domain, user_id, name FROM catchall JOIN user ON user.context_id = catchall.context_id "
        "AND user.id = user_id WHERE catchall.context_id = ? ORDER BY domain"
    )
    return db.execute(query, (context_id,)).fetchall()


def add_catchall(db: sqlite3.Connection, domain: str, context_id: int, user_id: int) -> None:
    values = (folded(domain), context_id, user_id)
    db.execute("INSERT INTO catchall (domain, context_id, user_id) VALUES (?, ?, ?)", values)


def remove_catchall(db: sqlite3.Connection, domain: str) -> None:
    db.execute("DELETE FROM catchall WHERE domain = ?", (folded(domain),))
