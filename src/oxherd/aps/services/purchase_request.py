"""An upgrade that a user has asked for inside App Suite: made here, decided by either side."""

from typing import Any

from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.types import PURCHASE_REQUEST
from oxherd.errors import NotAllowed, NotYours
from oxherd.people.ox_commands import retry_ox
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import SubjectKind
from oxherd.purchases import commands
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import RequestState


def of(row: ApsResource) -> PurchaseRequest:
    """Raises NotYours for one that is gone."""
    request = PurchaseRequest.objects.select_related("tenant", "user__tenant").filter(pk=row.object_pk).first()
    if request is None:
        raise NotYours("There is no such purchase request any more.")
    return request


def tell(request: PurchaseRequest) -> dict[str, Any]:
    """As a controller knows it."""
    return {
        "userName": request.user_name,
        "fromProfile": request.from_name,
        "toProfile": request.to_name,
        "message": request.message,
        "state": request.state,
        "askedAt": request.asked_at.isoformat(),
    }


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:  # noqa: ARG001 - as of all services
    raise NotAllowed("Purchase requests are made by users, inside App Suite.")


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    """Nothing of it is anybody's to change but by a decision."""


def _remove(call: Call, row: ApsResource) -> Subject | None:  # noqa: ARG001 - as of all services
    """The controller forgets it; here it stays as history."""
    return None


def _tell(row: ApsResource) -> dict[str, Any]:
    return tell(of(row))


def _subject(row: ApsResource) -> Subject | None:
    """Once it is approved, the user's account comes to the new profile."""
    job_id = PurchaseRequest.objects.filter(pk=row.object_pk).values_list("job_id", flat=True).first()
    job = SyncJob.objects.filter(pk=job_id).first() if job_id else None
    return (SubjectKind(job.subject_kind), job.subject_id) if job else None


def _retry(call: Call, row: ApsResource) -> None:
    request = of(row)
    if request.user is not None:
        retry_ox(actor=call.actor(request), user=request.user)


def _proceed(call: Call, row: ApsResource) -> dict[str, Any]:
    request = of(row)
    if request.state != RequestState.APPROVED:  # a repetition asks how it fares
        commands.proceed(actor=call.actor(request), request=request)
    return {}


def _reject(call: Call, row: ApsResource) -> dict[str, Any]:
    request, reason = of(row), call.body.get("reason", "")
    if request.state != RequestState.REJECTED:
        commands.reject(actor=call.actor(request), request=request, reason=str(reason))
    return {}


SERVICE = Service(
    one=PURCHASE_REQUEST,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    operations={"proceed": _proceed, "reject": _reject},
    changing="Bringing the profile to the user",
)
