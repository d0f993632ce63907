"""What the worker does for a controller: its names, and the way to it. Only ids travel."""

from datetime import timedelta

from django.utils import timezone

from oxherd.provisioning import queue

FETCH, ARGUMENT = "oxherd.aps_fetch", "resource_id"
REPORT = "oxherd.aps_report"
FIRST_WAIT, LONGEST_WAIT = 5, 300  # seconds
MOST_DOUBLINGS = 10
BEHIND_ALL_WORK = -20


def ask_to_fetch(resource_id: int, *, tries: int = 0) -> None:
    """Ask the controller for what a resource needs, in the caller's transaction. tries: in vain, so far."""
    lock, ids = f"aps:{resource_id}", {"resource_id": resource_id, "tries": tries}
    if not tries:
        queue.hand_over(FETCH, lock=lock, **ids)
        return
    wait = min(FIRST_WAIT * 2 ** min(tries - 1, MOST_DOUBLINGS), LONGEST_WAIT)
    queue.hand_over_at(timezone.now() + timedelta(seconds=wait), FETCH, lock=lock, **ids)


def bring_back(resource_id: int) -> None:
    """Ask once more, where no entry of the queue is to do that already."""
    if queue.not_carried(FETCH, ARGUMENT, [resource_id]):
        ask_to_fetch(resource_id)


def ask_to_report(resource_ids: list[int]) -> int:
    """Tell controllers of these customers, where no entry of the queue is to do that already; returns of how many."""
    fresh = queue.not_carried(REPORT, ARGUMENT, resource_ids)
    for resource_id in fresh:
        queue.hand_over(REPORT, lock=f"aps-report:{resource_id}", priority=BEHIND_ALL_WORK, resource_id=resource_id)
    return len(fresh)
