"""What another profile would change for some users, told before anything is changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet

from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles import modules
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import COMBINATIONS, Module
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Seats

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Move:
    """Those of the users who have the same profile now."""

    before: Profile
    after: Profile
    count: int

    @property
    def gained(self) -> tuple[Module, ...]:
        return modules.gained(self.before.package, self.after.package)

    @property
    def lost(self) -> tuple[Module, ...]:
        return modules.lost(self.before.package, self.after.package)

    @property
    def unknown(self) -> str:
        """The access combination of which nothing is known here; empty where the two can be compared."""
        named = (self.before.access_combination, self.after.access_combination)
        return "" if len(set(named)) == 1 else next((name for name in named if name not in COMBINATIONS), "")


@dataclass(frozen=True, slots=True)
class SeatsMoved:
    """A profile's seats before and after. change: of the users who have it, below 0 where some leave it."""

    seats: Seats
    change: int

    @property
    def used_after(self) -> int:
        return self.seats.used + self.change

    @property
    def free_after(self) -> int | None:
        """Below 0 where they do not suffice; None where there is no limit."""
        return None if self.seats.free is None else self.seats.free - self.change


@dataclass(frozen=True, slots=True)
class Comparison:
    """What becomes of users who get the profile `target`.

    staying: how many have it already. known: of how many others it is known how much of Drive they use. overfull: the
    first few accounts with more in Drive than they may then have, and in `overfull_count` how many there are.
    """

    target: Profile
    moves: list[Move] = field(default_factory=list)
    staying: int = 0
    seats: list[SeatsMoved] = field(default_factory=list)
    known: int = 0
    overfull: list[OxAccount] = field(default_factory=list)
    overfull_count: int = 0

    @property
    def moving(self) -> int:
        return sum(move.count for move in self.moves)

    @property
    def seats_suffice(self) -> bool:
        return all(moved.free_after is None or moved.free_after >= 0 for moved in self.seats)

    @property
    def more_overfull(self) -> int:
        return self.overfull_count - len(self.overfull)


def holders(users: QuerySet[ServiceUser]) -> Counter[int]:
    """How many of the users have each profile, by the profile's id."""
    accounts = OxAccount.objects.filter(user__in=users.order_by().values("pk"), presence=Presence.PRESENT)
    return Counter(dict(accounts.values_list("profile").annotate(Count("id"))))


def compare(users: QuerySet[ServiceUser], seats: Sequence[Seats], target: Profile) -> Comparison:
    """What the profile would change for those of the users who have OX. seats: all of the customer's.

    Four queries at most, however many users they are; nothing is asked of the platform.
    """
    accounts = OxAccount.objects.filter(user__in=users.order_by().values("pk"), presence=Presence.PRESENT)
    rows = list(accounts.values("profile").annotate(count=Count("id"), known=Count("drive_used_mb")))
    profiles = Profile.objects.in_bulk([row["profile"] for row in rows])
    leaving = Counter({row["profile"]: row["count"] for row in rows if row["profile"] != target.pk})
    moves = [Move(profiles[pk], target, count) for pk, count in leaving.items()]
    changes = Counter({target.pk: leaving.total()})
    changes.subtract(leaving)
    overfull, overfull_count = _overfull(accounts, target)
    return Comparison(
        target=target,
        moves=sorted(moves, key=lambda move: (move.before.rank, move.before.name)),
        staying=sum(row["count"] for row in rows if row["profile"] == target.pk),
        seats=[SeatsMoved(row, changes[row.profile_id]) for row in seats if changes[row.profile_id]],
        known=sum(row["known"] for row in rows if row["profile"] != target.pk),
        overfull=overfull,
        overfull_count=overfull_count,
    )


def _overfull(accounts: QuerySet[OxAccount], target: Profile) -> tuple[list[OxAccount], int]:
    if target.drive_quota_mb is None:
        return [], 0
    above = accounts.exclude(profile=target).filter(drive_used_mb__gt=target.drive_quota_mb)
    first = list(above.select_related("user").order_by(F("drive_used_mb").desc(), "id")[: MOST_NAMED + 1])
    count = len(first) if len(first) <= MOST_NAMED else above.count()
    return first[:MOST_NAMED], count
