"""OXTaskMgmtService: the jobs that moving file stores and databases leaves behind. All are done."""

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, TaskTrouble
from oxherd.sandbox.services import Call, Operations

operations = Operations(("OXTaskMgmtService",), require_context_admin)


@operations.reads("getJobList")
def get_job_list(call: Call) -> str:
    """A line for each."""
    query = "SELECT id, kind FROM job WHERE context_id = ? ORDER BY id"
    rows = call.db.execute(query, (call.context_id,))
    return "\n".join(f"TaskId: {row['id']}, Type: {row['kind']}, Status: Done" for row in rows)


@operations.reads("getTaskResults")
def get_task_results(call: Call) -> None:
    """None of them answers anything."""
    if not _exists(call, call.argument("id")):
        raise InvalidData(f"No such job {call.argument('id')}")


@operations.writes("deleteJob")
def delete_job(call: Call) -> None:
    number = call.argument("i")
    if not _exists(call, number):
        raise TaskTrouble(f"Unable to delete job {number}: there is none")
    call.db.execute("DELETE FROM job WHERE id = ?", (number,))


@operations.writes("flush")
def flush(call: Call) -> None:
    call.db.execute("DELETE FROM job WHERE context_id = ?", (call.context_id,))


def _exists(call: Call, number: int | None) -> bool:
    query = "SELECT 1 FROM job WHERE id = ? AND context_id = ?"
    return call.db.execute(query, (number, call.context_id)).fetchone() is not None
