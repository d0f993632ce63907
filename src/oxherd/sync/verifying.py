"""Finds out who sent a purchase request, by the login token or session that came with it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.models import Upsell
from oxherd.errors import OxherdError, PlatformUnreachable
from oxherd.ox.identity import Identity, look_up_session, redeem_token
from oxherd.people.models import OxAccount
from oxherd.purchases import errands, progress, queries
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import CredentialKind, Verification
from oxherd.sync.lanes import lanes

logger = logging.getLogger(__name__)

# App Suite forgets a token after five idle minutes; a session that is looked up later says as little.
LONGEST_TRYING = timedelta(minutes=5)


def verify(request_id: int) -> None:
    """Try the credential of a request, once. While nobody answers, it is tried again, until it is too old."""
    rows = PurchaseRequest.objects.filter(pk=request_id, verification=Verification.PENDING)
    request = rows.select_related("tenant__brand", "user").first()
    if request is None:
        return
    try:
        identity = _identity(request)
    except PlatformUnreachable as error:
        _later(request, error)
    except OxherdError as error:  # an address or a secret that is wrong: the operator reads it in the log
        logger.warning("purchase request %s cannot be verified: %s", request.pk, _detail(error))
        progress.note_unverified(request)
    else:
        _note(request, identity)


def bring_back_unverified(older_than_seconds: float) -> None:
    """Hand over again what a crash has lost, and what found nobody there."""
    errands.bring_back(errands.VERIFY, queries.unverified(older_than_seconds))


def _identity(request: PurchaseRequest) -> Identity | None:
    upsell = Upsell.objects.filter(brand=request.tenant.brand_id).select_related("brand").first()
    credential = sealing.unseal(request.sealed_credential)
    if upsell is None or not credential:
        return None
    with lanes.place():
        if request.credential_kind == CredentialKind.TOKEN:
            secret = sealing.unseal(upsell.sealed_token_secret)
            return redeem_token(
                upsell.api_url, token=credential, secret=secret, timeout=settings.PLATFORM_TIMEOUT_SECONDS
            )
        return look_up_session(
            upsell.session_api_url.rstrip("/"),
            session_id=credential,
            login=upsell.session_api_login,
            password=sealing.unseal(upsell.sealed_session_api_password),
            timeout=settings.PLATFORM_TIMEOUT_SECONDS,
        )


def _note(request: PurchaseRequest, identity: Identity | None) -> None:
    if identity is None:
        progress.note_unverified(request)
    elif identity == _claimed(request):
        progress.note_verified(request)
    else:
        named = f"user {identity.user_id} of context {identity.context_id}"
        logger.warning("purchase request %s was sent by %s", request.pk, named)
        progress.note_forged(system("Verification", Door.WORKER), request, named=named)


def _claimed(request: PurchaseRequest) -> Identity | None:
    ox_id = OxAccount.objects.filter(user=request.user_id).values_list("ox_id", flat=True).first()
    return Identity(request.tenant.context_id, ox_id) if ox_id and request.tenant.context_id else None


def _later(request: PurchaseRequest, error: PlatformUnreachable) -> None:
    """Left as it is: housekeeping hands it over again."""
    logger.info("purchase request %s cannot be verified yet: %s", request.pk, _detail(error))
    if request.last_asked_at < timezone.now() - LONGEST_TRYING:
        progress.note_unverified(request)


def _detail(error: OxherdError) -> str:
    return getattr(error, "detail", "") or error.sentence
