from dataclasses import dataclass

from django.db.models import TextChoices


class Senders(TextChoices):
    """Who may write to a group's address, where we carry its mail."""

    ANYONE = "anyone", "Anyone"
    INSIDE = "inside", "Users of this customer, signed in"


@dataclass(frozen=True, slots=True)
class SystemGroup:
    """A group that the platform makes in every context, and whose members it knows by itself."""

    ox_id: int
    display_name: str
    holds: str


# OX provisioning, 5.3: the default group has the id 1 and is never deleted; the other two show up in no list.
SYSTEM_GROUPS = (
    SystemGroup(1, "All users", "Every user of the customer who has OX"),
    SystemGroup(0, "Everybody", "All users and guests, for rights that are given to everybody"),
    SystemGroup(2_147_483_647, "All guests", "Whoever was invited to something from outside"),
)
