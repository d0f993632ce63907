"""OXUtilService: the databases and file stores that contexts and users can lie on. The master's affair."""

from typing import Any

from oxherd.sandbox.callers import require_root
from oxherd.sandbox.faults import InvalidData, Storage
from oxherd.sandbox.rules import check_mandatory
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.util_places import existing, given, listed, pattern
from oxherd.sandbox.store import Row

operations = Operations(("OXUtilService",), require_root)
Things = list[dict[str, Any]]
IN_USE = {
    "filestore": "SELECT 1 FROM context WHERE filestore_id = :id UNION ALL SELECT 1 FROM user WHERE filestore_id = :id",
    "database": "SELECT 1 FROM context WHERE database_id = :id",
}


@operations.writes("registerFilestore")
def register_filestore(call: Call) -> dict[str, Any]:
    sent = given(call, "fstore")
    check_mandatory(sent, ("url", "size", "maxContexts"))
    if call.db.execute("SELECT 1 FROM filestore WHERE url = ?", (sent["url"],)).fetchone() is not None:
        raise InvalidData(f"Store {sent['url']} already exists")
    query = "INSERT INTO filestore (url, size, max_contexts) VALUES (?, ?, ?) RETURNING *"
    return _filestore(call, call.db.execute(query, (sent["url"], sent["size"], sent["maxContexts"])).fetchone())


@operations.writes("changeFilestore")
def change_filestore(call: Call) -> None:
    row, sent = existing(call, "fstore", "filestore"), given(call, "fstore")
    values = (
        sent.get("url") or row["url"],
        sent.get("size", row["size"]),
        sent.get("maxContexts", row["max_contexts"]),
    )
    call.db.execute("UPDATE filestore SET url = ?, size = ?, max_contexts = ? WHERE id = ?", (*values, row["id"]))


@operations.writes("unregisterFilestore")
def unregister_filestore(call: Call) -> None:
    _unregister(call, "filestore", existing(call, "store", "filestore"))


@operations.reads("listFilestore")
def list_filestores(call: Call) -> Things:
    return [_filestore(call, row) for row in listed(call, "filestore", "url", pattern(call))]


@operations.reads("listAllFilestore")
def list_all_filestores(call: Call) -> Things:
    return [_filestore(call, row) for row in listed(call, "filestore", "url", "%")]


@operations.writes("registerDatabase")
def register_database(call: Call) -> dict[str, Any]:
    sent = given(call, "db")
    check_mandatory(sent, ("name",))
    if call.db.execute("SELECT 1 FROM database WHERE name = ?", (sent["name"],)).fetchone() is not None:
        raise InvalidData(f"Database {sent['name']} already exists")
    url = sent.get("url") or "jdbc:mysql://localhost/"
    query = "INSERT INTO database (name, url) VALUES (?, ?) RETURNING *"
    return _database(call, call.db.execute(query, (sent["name"], url)).fetchone())


@operations.writes("changeDatabase")
def change_database(call: Call) -> None:
    row, sent = existing(call, "db", "database"), given(call, "db")
    name = sent.get("name") or row["name"]
    if call.db.execute("SELECT 1 FROM database WHERE name = ? AND id <> ?", (name, row["id"])).fetchone() is not None:
        raise InvalidData(f"Database {name} already exists")
    call.db.execute(
        "UPDATE database SET name = ?, url = ? WHERE id = ?", (name, sent.get("url") or row["url"], row["id"])
    )


@operations.writes("unregisterDatabase")
def unregister_database(call: Call) -> None:
    _unregister(call, "database", existing(call, "dbhandle", "database"))


@operations.reads("listDatabase")
def list_databases(call: Call) -> Things:
    return [_database(call, row) for row in listed(call, "database", "name", pattern(call))]


@operations.reads("listAllDatabase")
def list_all_databases(call: Call) -> Things:
    return [_database(call, row) for row in listed(call, "database", "name", "%")]


@operations.writes("createSchema")
def create_schema(call: Call) -> dict[str, Any]:
    """In the database with that number, or in the first."""
    number = call.argument("optDBId")
    query = "SELECT * FROM database WHERE :id IS NULL OR id = :id ORDER BY id LIMIT 1"
    row = call.db.execute(query, {"id": number}).fetchone()
    if row is None:
        raise Storage(f"No such database {number}")
    return _database(call, row)


@operations.writes("unblockDatabase")
def unblock_database(call: Call) -> Things:
    """None is ever blocked here."""
    existing(call, "db", "database")
    return []


@operations.reads("checkDatabase")
def check_database(_: Call) -> dict[str, Things]:
    return {"needsupdate": [], "blocked": [], "outdated": []}


@operations.reads("checkCountsConsistency")
def check_counts_consistency(_: Call) -> None:
    """Whatever is counted here is counted when it is asked for."""


def _unregister(call: Call, table: str, row: Row) -> None:
    if call.db.execute(f"{IN_USE[table]} LIMIT 1", {"id": row["id"]}).fetchone() is not None:
        raise Storage(f"The {table} {row['id']} is still in use")
    call.db.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))  # noqa: S608 - one of two names


def _filestore(call: Call, row: Row) -> dict[str, Any]:
    count = call.db.execute("SELECT count(*) FROM context WHERE filestore_id = ?", (row["id"],)).fetchone()[0]
    sizes = {"size": row["size"], "used": 0, "reserved": 0}
    return {"id": row["id"], "url": row["url"], "maxContexts": row["max_contexts"], "currentContexts": count, **sizes}


def _database(call: Call, row: Row) -> dict[str, Any]:
    count = call.db.execute("SELECT count(*) FROM context WHERE database_id = ?", (row["id"],)).fetchone()[0]
    names = {"id": row["id"], "name": row["name"], "url": row["url"], "scheme": f"{row['name']}_{row['id']}"}
    return {**names, "master": True, "masterId": row["id"], "currentUnits": count, "maxUnits": -1}
