"""OXContextService: contexts are blocked and freed."""

from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import ContextTrouble
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import context_of
from oxherd.sandbox.store import contexts

operations = Operations(("OXContextService", "OXResellerContextService"), require_master)


@operations.writes("disable")
def disable(call: Call) -> None:
    """Blocks all logins, under maintenance reason 42."""
    row = context_of(call)
    if not row["enabled"]:
        raise ContextTrouble(f"Context {row['id']} is already disabled")
    contexts.update(call.db, row["id"], enabled=0)


@operations.writes("enable")
def enable(call: Call) -> None:
    contexts.update(call.db, context_of(call)["id"], enabled=1)


@operations.writes("disableAll")
def disable_all(call: Call) -> None:
    _set_all(call, enabled=0)


@operations.writes("enableAll")
def enable_all(call: Call) -> None:
    _set_all(call, enabled=1)


def _set_all(call: Call, *, enabled: int) -> None:
    """A reseller's are its very own, without those of the resellers below it."""
    reseller_id = call.reseller["id"] if call.reseller is not None else None
    query = (
        "UPDATE context SET enabled = :enabled "
        "WHERE :reseller IS NULL OR id IN (SELECT context_id FROM ownership WHERE reseller_id = :reseller)"
    )
    call.db.execute(query, {"enabled": enabled, "reseller": reseller_id})
