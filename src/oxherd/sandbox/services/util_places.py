"""OXUtilService: servers, and the reasons for which contexts are in maintenance. The master's affair."""

from typing import Any

from oxherd.sandbox.callers import require_root
from oxherd.sandbox.faults import InvalidData, Storage, missing_argument
from oxherd.sandbox.rules import check_mandatory, folded
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.patterns import as_like
from oxherd.sandbox.store import Row

operations = Operations(("OXUtilService",), require_root)
Things = list[dict[str, Any]]


@operations.writes("registerServer")
def register_server(call: Call) -> dict[str, Any]:
    sent = given(call, "srv")
    check_mandatory(sent, ("name",))
    if call.db.execute("SELECT 1 FROM server WHERE name = ?", (sent["name"],)).fetchone() is not None:
        raise Storage(f"Server {sent['name']} already exists")
    number = call.db.execute("INSERT INTO server (name) VALUES (?) RETURNING id", (sent["name"],)).fetchone()[0]
    return {"id": number, "name": sent["name"]}


@operations.writes("unregisterServer")
def unregister_server(call: Call) -> None:
    row = existing(call, "serv", "server")
    call.db.execute("DELETE FROM server WHERE id = ?", (row["id"],))


@operations.reads("listServer")
def list_servers(call: Call) -> Things:
    return [{"id": row["id"], "name": row["name"]} for row in listed(call, "server", "name", pattern(call))]


@operations.reads("listAllServer")
def list_all_servers(call: Call) -> Things:
    return [{"id": row["id"], "name": row["name"]} for row in listed(call, "server", "name", "%")]


@operations.writes("createMaintenanceReason")
def create_maintenance_reason(call: Call) -> dict[str, Any]:
    sent = given(call, "reason")
    if not sent.get("text"):
        raise InvalidData("Mandatory fields not set: [text]")
    query = "INSERT INTO maintenance_reason (text) VALUES (?) RETURNING *"
    return _reason(call.db.execute(query, (sent["text"],)).fetchone())


@operations.writes("deleteMaintenanceReason")
def delete_maintenance_reason(call: Call) -> None:
    """All or none of them."""
    if not call.argument("reasons"):
        raise missing_argument()
    for reason in call.argument("reasons"):
        number = reason.get("id")
        if not number or not call.db.execute("DELETE FROM maintenance_reason WHERE id = ?", (number,)).rowcount:
            raise Storage(f"Reason with id {number} does not exist")


@operations.reads("listMaintenanceReason")
def list_maintenance_reasons(call: Call) -> Things:
    return [_reason(row) for row in listed(call, "maintenance_reason", "text", pattern(call))]


@operations.reads("listAllMaintenanceReason")
def list_all_maintenance_reasons(call: Call) -> Things:
    return [_reason(row) for row in listed(call, "maintenance_reason", "text", "%")]


def _reason(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "idset": True, "text": row["text"], "textset": True}


def given(call: Call, name: str) -> dict[str, Any]:
    sent: dict[str, Any] | None = call.argument(name)
    if sent is None:
        raise missing_argument()
    return sent


def existing(call: Call, parameter: str, table: str) -> Row:
    """By id, or else by name, which a file store does not have. Raises Storage."""
    sent = given(call, parameter)
    number, name = sent.get("id"), sent.get("name") if table != "filestore" else None
    if not number and not name:
        raise InvalidData(f"Neither id nor name of the {table} given")
    column, value = ("id", number) if number else ("name", name)
    query = f"SELECT * FROM {table} WHERE {column} = ?"  # noqa: S608 - names from the code
    row: Row | None = call.db.execute(query, (value,)).fetchone()
    if row is None:
        raise Storage(f"No such {table} {number or name}")
    return row


def pattern(call: Call) -> str:
    text = call.argument("search_pattern")
    if text is None:
        raise missing_argument()
    return as_like(folded(text))


def listed(call: Call, table: str, column: str, like: str) -> list[Row]:
    """By name (or address, or text) or number."""
    query = (
        f"SELECT * FROM {table} WHERE folded({column}) LIKE :like ESCAPE '\\' "  # noqa: S608 - names from the code
        "OR CAST(id AS TEXT) LIKE :like ESCAPE '\\' ORDER BY id"
    )
    return call.db.execute(query, {"like": like}).fetchall()
