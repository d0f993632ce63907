"""What the worker does for a purchase request: its names, and the way to it. Only the request's id travels."""

from oxherd.provisioning import queue

VERIFY, TELL = "oxherd.verify_requester", "oxherd.tell_requester"
ARGUMENT = "request_id"
# A login token lives for five minutes, so verifying goes with all other work; mail stands behind it.
BEHIND_ALL_WORK = -20


def ask_to_verify(request_id: int) -> None:
    queue.hand_over(VERIFY, lock=f"verify:{request_id}", **{ARGUMENT: request_id})


def ask_to_tell(request_id: int) -> None:
    queue.hand_over(TELL, lock=f"tell:{request_id}", priority=BEHIND_ALL_WORK, **{ARGUMENT: request_id})


def bring_back(task: str, request_ids: list[int]) -> int:
    """Hand over again what should be moving and what no entry of the queue carries; returns how many."""
    lost = queue.not_carried(task, ARGUMENT, request_ids)
    for request_id in lost:
        (ask_to_verify if task == VERIFY else ask_to_tell)(request_id)
    return len(lost)
