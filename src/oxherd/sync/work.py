"""One job from claim to outcome."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from oxherd.brands.models import Brand
from oxherd.errors import OxherdError, PlatformError, PlatformTaken, PlatformUnreachable
from oxherd.forwarders.models import Forwarder
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount
from oxherd.provisioning import breaker, ledger
from oxherd.provisioning.commands import wake
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, JobState, Presence, SubjectKind
from oxherd.resources.models import Resource
from oxherd.sync import catch_alls, forwarders, people, strangers, tenants
from oxherd.sync.groups import GROUPS
from oxherd.sync.resources import RESOURCES
from oxherd.sync.waiting import WaitFor
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import TenantState

logger = logging.getLogger(__name__)

# So many more claims than tries: only workers that end without an outcome make them.
MOST_DEATHS = 8


class OurFault(OxherdError):
    code = "ours"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the worker does for one kind of object."""

    push: Callable[[SyncJob], None]
    hold: Callable[[int], object]  # as commands hold it, so that none slips in between a look and an outcome
    mark_failed: Callable[[int], None] = lambda _: None
    needs_no_platform: Callable[[SyncJob], bool] = lambda _: False  # then it matters not whether there is one


SUBJECTS: dict[str, Subject] = {
    SubjectKind.TENANT: Subject(push=tenants.push_tenant, hold=tenants.hold),
    SubjectKind.ACCOUNT: Subject(push=people.push_account, hold=people.hold, mark_failed=people.mark_failed),
    SubjectKind.GROUP: Subject(push=GROUPS.push, hold=GROUPS.hold, mark_failed=GROUPS.mark_failed),
    SubjectKind.RESOURCE: Subject(push=RESOURCES.push, hold=RESOURCES.hold, mark_failed=RESOURCES.mark_failed),
    SubjectKind.FORWARDER: Subject(
        push=forwarders.push_forwarder,
        hold=forwarders.hold,
        mark_failed=forwarders.mark_failed,
        needs_no_platform=forwarders.needs_no_platform,
    ),
    SubjectKind.CATCH_ALLS: Subject(push=catch_alls.push_catch_alls, hold=catch_alls.hold),
    SubjectKind.STRANGER: Subject(push=strangers.push_stranger, hold=strangers.hold),
}


# The objects that the platform holds, by their ids here.
HELD: dict[str, QuerySet[Any, int]] = {
    kind: model._default_manager.filter(ox_id__isnull=False).values_list("pk", flat=True)  # noqa: SLF001 - Django's documented interface
    for kind, model in ((SubjectKind.ACCOUNT, OxAccount), (SubjectKind.GROUP, Group), (SubjectKind.RESOURCE, Resource))
}
# Of two that change places, each gives up its address before it gets the other's.
HELD[SubjectKind.FORWARDER] = Forwarder.objects.values_list("pk", flat=True)
# Kinds of which one may hold an address that another is to get.
RIVALS = dict.fromkeys((SubjectKind.ACCOUNT, SubjectKind.FORWARDER), (SubjectKind.ACCOUNT, SubjectKind.FORWARDER))


def work(job_id: int) -> None:
    """Claim a job and bring it to an outcome. Only trouble with our own database gets out."""
    job = ledger.claim(job_id)
    if job is None:
        return
    asks = not SUBJECTS[job.subject_kind].needs_no_platform(job)
    if asks and not _may_pass(job):
        return
    if job.tries > settings.SYNC_TRIES + MOST_DEATHS:
        logger.error("job %s (%s) has ended %s workers without an outcome", job.pk, job.subject, MOST_DEATHS)
        _ours_to_mend(job)
        return
    _push(job, asks=asks)
    if limit_of(job.brand_limit) is not None:
        ledger.free_a_slot(job.brand_id)


def limit_of(brands_own: int | None) -> int | None:
    """How many objects of a brand may be on their way at once, over all workers; None for no limit."""
    return brands_own or settings.BRAND_CONCURRENCY or None


def _may_pass(job: SyncJob) -> bool:
    """Whether the brand's platform is up and has a slot; the job is parked otherwise."""
    if job.brand_is_down:
        _park(job, f"brand:{job.brand_id}", "The platform cannot be reached. This goes on as soon as it answers.")
        return False
    limit = limit_of(job.brand_limit)
    if limit is not None and ledger.running(job.brand_id) > limit:
        _park(job, f"slot:{job.brand_id}", "Others of this brand are being worked on.")
        return False
    return True


def _push(job: SyncJob, *, asks: bool) -> None:
    """asks: whether the platform is asked, so that it is known to be there afterwards."""
    subject = SUBJECTS[job.subject_kind]
    try:
        subject.push(job)
    except WaitFor as wait:
        _park(job, wait.key, wait.sentence)
        return
    except PlatformUnreachable as error:
        _unreachable(job, error)
        return
    except PlatformError as error:
        logger.info("job %s (%s) refused: %s", job.pk, job.subject, error.detail or error.sentence)
        _refused(job, error)
    except (OperationalError, InterfaceError):  # our own database; housekeeping brings the job back
        raise
    except Exception:
        logger.exception("job %s (%s) failed, request %s", job.pk, job.subject, job.request_id)
        _ours_to_mend(job)
        return
    if job.brand_is_failing and asks:
        breaker.note_answer(job.brand_id)


def _refused(job: SyncJob, error: PlatformError) -> None:
    if isinstance(error, PlatformTaken) and _may_become_free(job):
        _unless_overtaken(job, lambda: not ledger.try_again(job, error))
    else:
        _needs_a_person(job, JobState.REFUSED, error)


def _may_become_free(job: SyncJob) -> bool:
    """Whether another object that the platform holds is on its way, and may give up the name or address that is taken.

    Or has done so since this job began: somebody was renamed or removed, and another takes what is free here already.
    """
    moving = SyncJob.objects.filter(Q(state__in=OPEN) | Q(finished_at__gte=job.started_at), tenant_id=job.tenant_id)
    moving = moving.exclude(subject_kind=job.subject_kind, subject_id=job.subject_id)
    for kind in RIVALS.get(SubjectKind(job.subject_kind), (job.subject_kind,)):
        held = HELD.get(kind)
        if held is None:
            continue
        if moving.filter(subject_kind=kind, subject_id__in=held.filter(tenant_id=job.tenant_id)).exists():
            return True
    return False


def _unreachable(job: SyncJob, error: PlatformUnreachable) -> None:
    logger.info("job %s (%s) found no platform: %s", job.pk, job.subject, error.detail or error.sentence)
    if ledger.is_overtaken(job):
        ledger.superseded(job)
    elif breaker.note_failure(job, error):
        _park(job, f"brand:{job.brand_id}", error.sentence)
    else:
        _unless_overtaken(job, lambda: not ledger.try_again(job, error))


def _ours_to_mend(job: SyncJob) -> None:
    sentence = f"An error in oxherd stopped this. Tell your provider the number {job.pk}."
    _needs_a_person(job, JobState.FAILED, OurFault(sentence))


def _needs_a_person(job: SyncJob, state: JobState, error: OxherdError) -> None:
    _unless_overtaken(job, lambda: ledger.close(job, state, error))


@transaction.atomic
def _unless_overtaken(job: SyncJob, fails: Callable[[], bool]) -> None:
    """Bring the job to an outcome, and show the object as failed if that is the outcome; or leave it to a newer job."""
    subject = SUBJECTS[job.subject_kind]
    subject.hold(job.subject_id)
    if ledger.is_overtaken(job):
        ledger.superseded(job)
    elif fails():
        subject.mark_failed(job.subject_id)


def _park(job: SyncJob, key: str, sentence: str) -> None:
    """Park, then look again: what it waits for may have come true between our look and our commit."""
    ledger.park(job, key, sentence)
    room = room_for(key)
    wake(key, limit=None if room is None else min(room, 1))


def room_for(key: str) -> int | None:
    """How many of the jobs that are parked for `key` may go on now; None for all."""
    kind, _, number = key.partition(":")
    if kind == "tenant":
        tenant = Tenant.objects.filter(pk=int(number)).first()
        return None if tenant is None or (tenant.is_provisioned and tenant.state == TenantState.ACTIVE) else 0
    if kind == "account":
        account = OxAccount.objects.filter(pk=int(number)).first()
        return None if account is None or account.ox_id is not None or account.presence != Presence.PRESENT else 0
    if kind == "brand":
        return 0 if breaker.is_open(int(number)) else None
    limit = limit_of(Brand.objects.filter(pk=int(number)).values_list("concurrency", flat=True).first())
    return None if limit is None else max(limit - ledger.running(int(number)), 0)
