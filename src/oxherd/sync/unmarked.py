"""How groups and resources are brought to the platform, which keeps no mark of ours with them.

So what is about to be sent is written down before an object is made or changed. Should the job break off, the next
one finds an object that looks like that, and takes it over; any other of this name is a stranger's. And it sends
everything, since the change may have been carried out or not.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import transaction

from oxherd.errors import PlatformNotFound, PlatformTaken
from oxherd.groups.models import Group
from oxherd.ox.interface import ContextAccess, Platform
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, Presence, SyncStatus
from oxherd.resources.models import Resource
from oxherd.sync.ahead import written_ahead
from oxherd.sync.applied import after_push
from oxherd.sync.lanes import lanes
from oxherd.sync.platforms import access, platform_of
from oxherd.sync.waiting import WaitFor
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Group, Resource)
Fields = dict[str, Any]
ATTEMPT = "attempt"


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant's context on its platform, and the way to it."""

    platform: Platform
    access: ContextAccess


def reach(tenant: Tenant) -> Place:
    """Raises WaitFor while the context is not there."""
    if not (tenant.is_provisioned and tenant.state == TenantState.ACTIVE):
        raise WaitFor(f"tenant:{tenant.pk}", "The customer's context is not ready on the platform.")
    admin = access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)
    return Place(platform_of(tenant.brand), admin)


@dataclass(frozen=True, slots=True)
class Handling(Generic[Row]):
    """What differs between the kinds of objects.

    wanted: the object as the platform shall hold it, in plain JSON values; may raise WaitFor. create: returns the id.
    change: sends what differs between the two; where the former has but an ATTEMPT, nothing is known for sure, and its
    lists hold all that may be there. look: the id of an object that looks like these fields, if there is one.
    """

    model: type[Row]
    wanted: Callable[[Row], Fields]
    create: Callable[[Place, Fields], int]
    change: Callable[[Place, int, Fields, Fields], None]
    look: Callable[[Place, Fields], int | None]
    remove: Callable[[Place, int], None]

    def push(self, job: SyncJob) -> None:
        """Make the platform match the object of a job, and close the job."""
        row = self.model._default_manager.select_related("tenant__brand").filter(pk=job.subject_id).first()  # noqa: SLF001 - Django's documented interface
        if row is None:
            ledger.done(job)
            return
        place = reach(row.tenant)
        if row.presence != Presence.PRESENT:
            with lanes.place():
                self._remove(place, row)
            self._let_go(row, job)
            return
        wanted = self.wanted(row)
        with lanes.place():
            ox_id = self._put(place, row, wanted)
        self._settle(row, ox_id, wanted, job)

    def hold(self, pk: int) -> Row | None:
        """Keep commands away from the object until the commit: they hold it while they ask for more."""
        return self.model._default_manager.select_for_update(no_key=True).filter(pk=pk).first()  # noqa: SLF001

    def mark_failed(self, pk: int) -> None:
        self._update(pk, status=SyncStatus.ERROR)

    def _put(self, place: Place, row: Row, wanted: Fields) -> int:
        if row.ox_id is not None:
            known = self._attempting(row, wanted)
            try:
                self.change(place, row.ox_id, known, wanted)
            except PlatformNotFound:  # deleted behind our back
                logger.warning("%s %s is gone from the platform; making it anew", self.model.__name__, row.pk)
                row.applied = {}
            else:
                return row.ox_id
        ox_id, known = self._make(place, row, wanted)
        # Before anything else is asked: a change that fails must not make it a stranger.
        self._update(row.pk, ox_id=ox_id, applied=known)
        row.applied = known
        self.change(place, ox_id, known, wanted)
        return ox_id

    def _attempting(self, row: Row, wanted: Fields) -> Fields:
        """What the platform is known to hold; what is about to be sent is written down."""
        before, attempt = row.applied, row.applied.get(ATTEMPT)
        known = before if attempt is None else {ATTEMPT: attempt}
        if all(field in known and known[field] == value for field, value in wanted.items()):
            return known
        row.applied = before | {ATTEMPT: _together(wanted, attempt or {}, before)}
        with written_ahead():
            self._update(row.pk, applied=row.applied)
        return known if attempt is None else {ATTEMPT: row.applied[ATTEMPT]}

    def _make(self, place: Place, row: Row, wanted: Fields) -> tuple[int, Fields]:
        """The object's id and what the platform is known to hold: made anew, or left by a job that broke off."""
        attempt = row.applied.get(ATTEMPT)
        left = self._left_by(attempt, place, row)
        if left is not None:
            return left, {ATTEMPT: attempt}
        with written_ahead():
            self._update(row.pk, ox_id=None, applied={ATTEMPT: wanted})
        try:
            return self.create(place, wanted), wanted
        except PlatformTaken:  # by that broken-off job, whose call the platform carried out only now
            left = self._left_by(attempt, place, row)
            if left is None:
                raise
            return left, {ATTEMPT: attempt}

    def _left_by(self, attempt: Fields | None, place: Place, row: Row) -> int | None:
        """The id of what a broken-off attempt made, unless another object of ours stands for it."""
        found = self.look(place, attempt) if attempt else None
        others = self.model._default_manager.filter(tenant_id=row.tenant_id, ox_id=found).exclude(pk=row.pk)  # noqa: SLF001
        return None if found is None or others.exists() else found

    def _remove(self, place: Place, row: Row) -> None:
        ox_id = row.ox_id
        if ox_id is None:  # a broken-off job may have made it all the same
            ox_id = self._left_by(row.applied.get(ATTEMPT), place, row)
        if ox_id is not None:
            self.remove(place, ox_id)

    @transaction.atomic
    def _settle(self, row: Row, ox_id: int, applied: Fields, job: SyncJob) -> None:
        """Write down what the platform holds now, and close the job; nothing if it is ours no more."""
        now = self.hold(row.pk)
        if not ledger.done(job) or now is None:
            return
        self._update(row.pk, ox_id=ox_id, applied=after_push(applied, before=row.applied, stored=now.applied))
        newer = SyncJob.objects.filter(subject_kind=job.subject_kind, subject_id=row.pk, pk__gt=job.pk, state__in=OPEN)
        if not newer.exists():
            self._update(row.pk, status=SyncStatus.IN_OX)

    @transaction.atomic
    def _let_go(self, row: Row, job: SyncJob) -> None:
        """The platform has the object no more: forget what it held, and the whole row of one that was leaving."""
        self.hold(row.pk)
        if not ledger.done(job):
            return
        self._update(row.pk, ox_id=None, applied={})
        self.model._default_manager.filter(pk=row.pk, presence=Presence.LEAVING).delete()  # noqa: SLF001

    def _update(self, pk: int, **values: Any) -> None:
        self.model._default_manager.filter(pk=pk).update(**values)  # noqa: SLF001


def _together(fields: Fields, *earlier: Fields) -> Fields:
    """The fields; lists with what earlier ones had."""
    return {
        name: sorted({*value, *(each for others in earlier for each in others.get(name, ()))})
        if isinstance(value, list)
        else value
        for name, value in fields.items()
    }
