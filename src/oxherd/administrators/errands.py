"""What the worker does for an invitation: the mail. Only the invitation's id travels."""

from oxherd.provisioning import queue

TELL = "oxherd.tell_invited"
ARGUMENT = "invitation_id"


def ask_to_tell(invitation_id: int) -> None:
    """Somebody waits for this mail: it goes with all other work."""
    queue.hand_over(TELL, lock=f"invitation:{invitation_id}", **{ARGUMENT: invitation_id})


def bring_back(invitation_ids: list[int]) -> int:
    """Hand over again what no entry of the queue carries; returns how many."""
    lost = queue.not_carried(TELL, ARGUMENT, invitation_ids)
    for invitation_id in lost:
        ask_to_tell(invitation_id)
    return len(lost)
