"""OXResellerService: which restrictions there are at all. Only the master may touch that."""

from oxherd.sandbox.callers import require_root
from oxherd.sandbox.faults import ResellerTrouble
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.store import restrictions

operations = Operations(("OXResellerService",), require_root)


@operations.writes("initDatabaseRestrictions")
def init_database_restrictions(call: Call) -> None:
    if restrictions.known(call.db):
        raise ResellerTrouble("Database already contains restrictions.")
    restrictions.add(call.db, [*restrictions.PLAIN, *restrictions.by_access()])


@operations.writes("removeDatabaseRestrictions")
def remove_database_restrictions(call: Call) -> None:
    known = _known(call, "remove")
    if used := sorted(restrictions.in_use(call.db)):
        raise ResellerTrouble(
            f"The following restrictions are going to be removed, but still are in use: {', '.join(used)}"
        )
    restrictions.remove(call.db, known)


@operations.writes("updateDatabaseModuleAccessRestrictions")
def update_database_module_access_restrictions(call: Call) -> None:
    """One per combination that the platform has."""
    _known(call, "update")
    restrictions.add(call.db, restrictions.by_access())


@operations.writes("updateDatabaseRestrictions")
def update_database_restrictions(call: Call) -> None:
    _known(call, "update")
    restrictions.add(call.db, restrictions.PLAIN)


def _known(call: Call, wish: str) -> dict[str, int]:
    known = restrictions.known(call.db)
    if not known:
        raise ResellerTrouble(f"No restrictions available to {wish}.")
    return known
