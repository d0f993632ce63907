"""OXContextService: contexts are blocked and freed."""

from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import ContextTrouble
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import context_of
from oxherd.sandbox.store import contexts

operations = Operations("OXContextService", require_master)


@operations.writes("disable")
def disable(call: Call) -> None:
    """Blocks all logins, under maintenance reason 42."""
    row = context_of(call.db, call.argument("ctx"))
    if not row["enabled"]:
        raise ContextTrouble(f"Context {row['id']} is already disabled")
    contexts.update(call.db, row["id"], enabled=0)


@operations.writes("enable")
def enable(call: Call) -> None:
    contexts.update(call.db, context_of(call.db, call.argument("ctx"))["id"], enabled=1)


@operations.writes("disableAll")
def disable_all(call: Call) -> None:
    call.db.execute("UPDATE context SET enabled = 0")


@operations.writes("enableAll")
def enable_all(call: Call) -> None:
    call.db.execute("UPDATE context SET enabled = 1")
