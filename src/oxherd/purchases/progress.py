"""What the worker writes down of a request: who asked, and whether the requester was told. Each is one update."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import CredentialKind, RequestState, Verification

FIRST_BACK_OFF_SECONDS = 30.0
LONGEST_BACK_OFF_SECONDS = 3600.0


def note_verified(request: PurchaseRequest) -> None:
    """The credential that was tried belongs to the requester."""
    how = Verification.TOKEN if request.credential_kind == CredentialKind.TOKEN else Verification.SESSION
    _tried(request, verification=how, verified_at=timezone.now())


def note_unverified(request: PurchaseRequest) -> None:
    """Nobody knows the credential, or nobody could be asked in time."""
    _tried(request, verification=Verification.UNVERIFIED)


@transaction.atomic
def note_forged(actor: Actor, request: PurchaseRequest, *, named: str) -> None:
    """The credential is somebody else's: the request is closed, unless others asked for the same thing.

    named: whom the credential names, for the audit.
    """
    fresh = PurchaseRequest.objects.select_for_update().filter(pk=request.pk).first()
    if fresh is None or fresh.sealed_credential != request.sealed_credential:
        return
    record(actor, Action.PURCHASE_FORGED, request.user or request, place=request, after={"named": named})
    if fresh.times_asked > 1:  # a forger must not close what the user has really asked for
        _tried(request, verification=Verification.UNVERIFIED)
        return
    now = timezone.now()
    _tried(request, verification=Verification.FORGED)
    PurchaseRequest.objects.filter(pk=request.pk, state=RequestState.OPEN).update(
        state=RequestState.REJECTED, decided_by=actor.name, decided_at=now, reason="Sent with somebody else's sign-in."
    )


def note_told(request: PurchaseRequest) -> None:
    PurchaseRequest.objects.filter(pk=request.pk).update(told_at=timezone.now(), tell_after=None, tell_error="")


def put_off_telling(request: PurchaseRequest) -> None:
    """The mail server cannot be reached: not before some time, ever longer, up to an hour."""
    wait = min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(request.tell_tries, 20), LONGEST_BACK_OFF_SECONDS)
    PurchaseRequest.objects.filter(pk=request.pk, told_at=None).update(
        tell_tries=request.tell_tries + 1, tell_after=timezone.now() + timedelta(seconds=wait)
    )


def note_undeliverable(request: PurchaseRequest, sentence: str) -> None:
    """The mail server said no for good: it is shown beside the request, and not tried again."""
    PurchaseRequest.objects.filter(pk=request.pk, told_at=None).update(tell_error=sentence)


def _tried(request: PurchaseRequest, **outcome: object) -> None:
    """Note what came of the credential, which goes; nothing if a newer one waits for its own try."""
    PurchaseRequest.objects.filter(
        pk=request.pk, verification=Verification.PENDING, sealed_credential=request.sealed_credential
    ).update(**outcome, sealed_credential="", credential_kind="")
