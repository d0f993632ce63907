from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.brands.models import Upsell
from oxherd.errors import Refused
from oxherd.people import ox_commands
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import locked
from oxherd.people.rules import account_of
from oxherd.profiles.models import Profile
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.purchases import errands, rules
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import RequestState, Verification
from oxherd.tenants.rules import takes_users

MOST_CAPABILITIES = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """An upgrade as App Suite reports it. missing: capabilities. trigger: what was clicked.

    credential: a login token or a session (its kind says which), to find out whether the claim is true.
    """

    profile: Profile
    missing: tuple[str, ...] = ()
    trigger: str = ""
    message: str = ""
    language: str = ""
    credential_kind: str = ""
    credential: str = field(default="", repr=False)


@transaction.atomic
def ask(*, actor: Actor, account: OxAccount, wish: Wish) -> PurchaseRequest:
    """Note that somebody who claims to be the account's user wants a higher profile.

    Needs no permission: nothing changes but the list of requests. Asking again for the same profile counts up.
    Who has signed in to self-service needs no further proof.
    Raises Refused at `profile` for what is no upgrade, at `message` for too long a one.
    """
    user = account.user
    takes_users(user.tenant)
    rules.is_offered(user.tenant.brand_id, wish.profile)
    rules.is_more(account.profile, wish.profile)
    message = rules.message(wish.message)
    request = _open_request(user, wish.profile) or _add(actor, account, wish, message)
    if request is None:  # somebody was quicker by a moment
        request = _open_request(user, wish.profile)
    if request is None:
        raise Refused("This request is being decided right now.")
    is_own = actor.service_user_id == user.pk
    if message and (
        is_own or not request.is_verified
    ):  # what came verified is not overwritten by what anybody may claim
        request.message = message
    request.times_asked += 1
    request.last_asked_at = timezone.now()
    request.missing = list(dict.fromkeys([*request.missing, *wish.missing]))[:MOST_CAPABILITIES]
    if is_own:
        request.verification, request.verified_at = Verification.SIGN_IN, timezone.now()
        request.sealed_credential = ""
    else:
        _take_credential(request, wish)
    request.save()
    return request


@transaction.atomic
def proceed(*, actor: Actor, request: PurchaseRequest) -> PurchaseRequest:
    """Give the requester the profile, by the normal path; the request keeps the job's id.

    Raises Refused, and changes nothing, where no seat is free, OX is not enabled, or somebody else has decided.
    """
    request = _locked(actor, request)
    profile = rules.has_a_target(request)
    user = _present_user(request)
    account = account_of(user)
    rules.is_more(account.profile, profile)
    before = str(account.profile)
    ox_commands.change_profile(actor=actor, users=[user], profile=profile)
    job = provisioning.latest(actor, SubjectKind.ACCOUNT, [account.pk]).get(account.pk)
    request.job_id = job.pk if job else None
    _decide(actor, request, RequestState.APPROVED)
    change = {"before": {"profile": before}, "after": {"profile": str(profile)}}
    record(actor, Action.PURCHASE_APPROVE, user, place=request, **change)
    close_what_is_moot(user_id=user.pk)
    return request


@transaction.atomic
def reject(*, actor: Actor, request: PurchaseRequest, reason: str) -> PurchaseRequest:
    """Decline, with a reason that the requester reads. Raises Refused at `reason`, or where it is decided already."""
    reason = rules.reason(reason)
    request = _locked(actor, request)
    request.reason = reason
    _decide(actor, request, RequestState.REJECTED)
    after = {"profile": request.to_name, "reason": reason}
    record(actor, Action.PURCHASE_REJECT, request.user or request, place=request, after=after)
    return request


def close_what_is_moot(*, user_id: int | None = None) -> int:
    """Close open requests with nothing left to decide: OX is gone, or the profile is reached. Returns how many."""
    waiting = PurchaseRequest.objects.filter(state=RequestState.OPEN)
    if user_id is not None:
        waiting = waiting.filter(user=user_id)
    accounts = OxAccount.objects.filter(
        user=OuterRef("user"), presence=Presence.PRESENT, profile__rank__lt=OuterRef("to_profile__rank")
    )
    return waiting.filter(~Exists(accounts)).update(
        state=RequestState.SUPERSEDED, decided_at=timezone.now(), sealed_credential=""
    )


def _open_request(user: ServiceUser, profile: Profile) -> PurchaseRequest | None:
    rows = PurchaseRequest.objects.select_for_update(of=("self",)).select_related("tenant")
    return rows.filter(user=user, to_profile=profile, state=RequestState.OPEN).first()


def _add(actor: Actor, account: OxAccount, wish: Wish, message: str) -> PurchaseRequest | None:
    """A new request that was not asked for yet; None where the same one has come meanwhile."""
    user, now = account.user, timezone.now()
    request = PurchaseRequest(
        tenant=user.tenant,
        user=user,
        user_name=user.display_name,
        user_address=account.primary_address,
        from_profile=account.profile,
        from_name=account.profile.name,
        to_profile=wish.profile,
        to_name=wish.profile.name,
        trigger=wish.trigger,
        message=message,
        language=wish.language or user.language,
        times_asked=0,
        asked_at=now,
        last_asked_at=now,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        return None
    after = {"profile": wish.profile.name}
    record(actor, Action.PURCHASE_ASK, user, place=user, before={"profile": account.profile.name}, after=after)
    return request


def _take_credential(request: PurchaseRequest, wish: Wish) -> None:
    """Keep the credential, sealed, until the worker has used it. What is verified stays so."""
    if request.is_verified or not wish.credential:
        return
    upsell = Upsell.objects.filter(brand=request.tenant.brand_id).select_related("brand").first()
    if not rules.can_be_verified(upsell, wish.credential_kind):
        return
    request.credential_kind = wish.credential_kind
    request.sealed_credential = sealing.seal(wish.credential)
    request.verification = Verification.PENDING
    errands.ask_to_verify(request.pk)


def _locked(actor: Actor, request: PurchaseRequest) -> PurchaseRequest:
    """The request as it is now, held against other decisions. Raises Refused where it is decided or gone."""
    actor.require(Permission.DECIDE_PURCHASES, request)
    rows = PurchaseRequest.objects.select_for_update(of=("self",))
    fresh = rows.select_related("tenant", "user", "to_profile").filter(pk=request.pk).first()
    if fresh is None:
        raise Refused("This request is gone.")
    rules.is_open(fresh)
    return fresh


def _present_user(request: PurchaseRequest) -> ServiceUser:
    """The requester, locked. Raises Refused for one who is removed."""
    if request.user is None:
        raise Refused(f"{request.user_name} has been removed meanwhile. Reject the request.")
    return locked(request.user)


def _decide(actor: Actor, request: PurchaseRequest, state: RequestState) -> None:
    request.state = state
    request.decided_by = actor.name
    request.decided_at = timezone.now()
    request.sealed_credential = ""
    if request.verification == Verification.PENDING:
        request.verification = Verification.UNVERIFIED
    request.save()
    errands.ask_to_tell(request.pk)
