"""What pushes of groups and resources share: the platform keeps no mark of ours with such objects.

So what is about to be sent is written down before an object is made. Should the job break off after the platform's
answer, the next one finds an object that looks like that, and takes it over; any other of this name is a stranger's.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from oxherd.errors import PlatformTaken
from oxherd.groups.models import Group
from oxherd.ox.interface import ContextAccess, Platform
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, Presence, SyncStatus
from oxherd.resources.models import Resource
from oxherd.sync.platforms import access, platform_of
from oxherd.sync.waiting import WaitFor
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

Unmarked = Group | Resource
Fields = dict[str, Any]
ATTEMPT = "attempt"


def reach(tenant: Tenant) -> tuple[Platform, ContextAccess]:
    """The tenant's context on its platform. Raises WaitFor while it is not there."""
    if not (tenant.is_provisioned and tenant.state == TenantState.ACTIVE):
        raise WaitFor(f"tenant:{tenant.pk}", "The customer's context is not ready on the platform.")
    return platform_of(tenant.brand), access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)


def make(
    held: Unmarked, wanted: Fields, *, find: Callable[[Fields], int | None], create: Callable[[], int]
) -> tuple[int, Fields]:
    """The object's id on the platform and what that is known to hold: made anew, or left by a job that broke off.

    find: the id of an object of the platform that looks like these fields and is not one of ours already.
    """
    attempt = held.applied.get(ATTEMPT)
    left = find(attempt) if attempt else None
    if left is not None and attempt is not None:
        return left, attempt
    type(held).objects.filter(pk=held.pk).update(applied={ATTEMPT: wanted})
    try:
        return create(), wanted
    except PlatformTaken:  # by that broken-off job, whose call the platform carried out only now
        left = find(attempt) if attempt else None
        if left is None or attempt is None:
            raise
        return left, attempt


def is_ours_already(held: Unmarked, ox_id: int) -> bool:
    """Whether another object of the tenant stands for this one of the platform."""
    others = type(held).objects.filter(tenant_id=held.tenant_id, ox_id=ox_id)
    return others.exclude(pk=held.pk).exists()


def note(held: Unmarked, ox_id: int, applied: Fields) -> None:
    """Write down at once what the platform holds, before anything else is asked of it."""
    held.ox_id, held.applied = ox_id, applied
    type(held).objects.filter(pk=held.pk).update(ox_id=ox_id, applied=applied)


@transaction.atomic
def settle(held: Unmarked, ox_id: int, applied: Fields, job: SyncJob) -> None:
    """Write down what the platform holds now, and close the job; nothing if it is ours no more."""
    model = type(held)
    if not ledger.done(job):
        return
    rows = model.objects.filter(pk=held.pk)
    rows.select_for_update(no_key=True).first()  # commands hold it while they ask for more
    rows.update(ox_id=ox_id, applied=applied)
    newer = SyncJob.objects.filter(subject_kind=job.subject_kind, subject_id=held.pk, pk__gt=job.pk, state__in=OPEN)
    if not newer.exists():
        rows.update(status=SyncStatus.IN_OX)


@transaction.atomic
def let_go(held: Unmarked, job: SyncJob) -> None:
    """The platform has the object no more: forget what it held, and the whole row of one that was leaving."""
    model = type(held)
    model.objects.select_for_update(no_key=True).filter(pk=held.pk).first()
    if not ledger.done(job):
        return
    model.objects.filter(pk=held.pk).update(ox_id=None, applied={})
    model.objects.filter(pk=held.pk, presence=Presence.LEAVING).delete()
