"""Invitations: a role is offered by a link that works once, for a while, and is kept nowhere in clear."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts import commands as accounts
from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.policies import Policy
from oxherd.accounts.queries import actor_of, policy_at
from oxherd.accounts.states import Door, Permission
from oxherd.administrators import errands, rules
from oxherd.administrators.models import OPEN, Invitation
from oxherd.administrators.rules import AnyRole
from oxherd.administrators.states import InvitationState
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.inputs import one_line
from oxherd.tenants.models import Tenant

PATH = "/invitation/"
SENTENCES = {
    InvitationState.ACCEPTED: "This invitation has been used already. Sign in with your mail address and password.",
    InvitationState.REVOKED: "This invitation has been withdrawn. Ask whoever invited you.",
    InvitationState.EXPIRED: "This invitation has expired. Ask whoever invited you to send it again.",
}
UNKNOWN = "This link is not valid. It was not copied as a whole, or a newer invitation has replaced it."


@dataclass(frozen=True, slots=True)
class Invited:
    """link: the one address that takes the invitation up; it can be had only now."""

    invitation: Invitation
    link: str


@transaction.atomic
def invite(
    *,
    actor: Actor,
    email: str,
    name: str = "",
    role: AnyRole,
    brand: Brand | None = None,
    tenant: Tenant | None = None,
) -> Invited:
    """Offer somebody a role on a brand, on a tenant, or (neither given) on the provider, and send the link by mail.

    Raises Refused at `email` (malformed, has this role, or is invited already), `name`, and `role` (of another level,
    or more than the actor holds there).
    """
    place = rules.place_of(brand, tenant)
    rules.may_give(actor, role, place)
    email = accounts.mail_address(email)
    known = Administrator.objects.filter(email=email).first()
    if known:
        rules.is_active(known)
        _has_not_this_role(known, role, brand, tenant)
    _withdraw_expired(email, brand, tenant)
    name = one_line(name, "name") or (known.name if known else "")
    invitation = Invitation(email=email, name=name, brand=brand, tenant=tenant, **rules.columns_of(role))
    token = _give_token(actor, invitation)
    _save_the_only_one(invitation)
    after = {"email": email, "role": rules.name_of(role)}
    record(actor, Action.ADMINISTRATOR_INVITE, invitation, place=place, after=after)
    errands.ask_to_tell(invitation.pk)
    return Invited(invitation, link_of(token))


@transaction.atomic
def send_again(*, actor: Actor, invitation: Invitation) -> Invited:
    """Send a new link, from now on the only valid one. Raises Refused for an invitation that is used or withdrawn."""
    invitation = _held(actor, invitation)
    rules.may_give(actor, rules.role_of(invitation), invitation.tenant or invitation.brand)
    token = _give_token(actor, invitation)
    invitation.told_at, invitation.tell_after, invitation.tell_tries, invitation.tell_error = None, None, 0, ""
    invitation.save()
    record(actor, Action.INVITATION_AGAIN, invitation, place=invitation, after={"email": invitation.email})
    errands.ask_to_tell(invitation.pk)
    return Invited(invitation, link_of(token))


@transaction.atomic
def revoke(*, actor: Actor, invitation: Invitation) -> None:
    """Withdraw an invitation: its link ends. Raises Refused for one that is used or withdrawn."""
    invitation = _held(actor, invitation)
    _close(invitation)
    record(actor, Action.INVITATION_REVOKE, invitation, place=invitation, before={"email": invitation.email})


def by_digest(digest: str) -> Invitation:
    """The invitation that can be taken up now. Raises Refused, with a sentence for whoever has the link."""
    found = Invitation.objects.select_related("brand", "tenant__brand", "custom_role", "invited_by")
    invitation = found.filter(digest=digest).first() if digest else None
    if invitation is None:
        raise Refused(UNKNOWN)
    if invitation.state != InvitationState.OPEN:
        raise Refused(SENTENCES[invitation.state])
    _inviter_still_may(invitation)
    return invitation


def policy_for(invitation: Invitation) -> Policy:
    """What is asked of whoever takes it up."""
    brand_id, tenant_id = invitation.place
    return policy_at(rules.key_of(rules.role_of(invitation)), brand_id=brand_id, tenant_id=tenant_id)


@transaction.atomic
def accept(*, digest: str, name: str, password: str, request_id: str = "") -> Administrator:
    """Make the invited person an administrator with the role. Raises Refused: the link, `email`, `name`, `password`.

    Whether the password has leaked the caller has asked before: that goes over the network.
    """
    invitation = _locked(digest)
    administrator = accounts.add_administrator(
        email=invitation.email, name=name, password=password, policy=policy_for(invitation)
    )
    _take_up(invitation, administrator, request_id)
    return administrator


@transaction.atomic
def accept_as(*, administrator: Administrator, digest: str, request_id: str = "") -> Invitation:
    """Give the role to an administrator who has signed in. Raises Refused for a link that is somebody else's."""
    invitation = _locked(digest)
    if invitation.email != administrator.email or not administrator.is_active:
        raise Refused(UNKNOWN)
    _take_up(invitation, administrator, request_id)
    return invitation


def digest_of(token: str) -> str:
    """A token has 256 bits of chance: a plain hash cannot be guessed backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(token: str) -> str:
    return f"{settings.BASE_URL}{PATH}{token}/"


def _give_token(actor: Actor, invitation: Invitation) -> str:
    """A new link, which from now on is the only one. The actor's rights are looked at again when it is used."""
    token = secrets.token_urlsafe(32)
    invitation.invited_by_id, invitation.invited_by_name = actor.administrator_id, actor.name
    invitation.digest, invitation.sealed_token = digest_of(token), sealing.seal(token)
    invitation.expires_at = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
    return token


def _save_the_only_one(invitation: Invitation) -> None:
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            f"{invitation.email} has been invited already. Send that invitation again, or withdraw it first.",
            field="email",
        ) from None


def _has_not_this_role(administrator: Administrator, role: AnyRole, brand: Brand | None, tenant: Tenant | None) -> None:
    held = Membership.objects.filter(administrator=administrator, brand=brand, tenant=tenant, **rules.columns_of(role))
    if held.exists():
        raise Refused(f"{administrator.email} has this role here already.", field="email")


def _withdraw_expired(email: str, brand: Brand | None, tenant: Tenant | None) -> None:
    """An expired invitation does not stand in the way of a new one."""
    gone = Invitation.objects.filter(OPEN, email=email, brand=brand, tenant=tenant, expires_at__lte=timezone.now())
    gone.update(revoked_at=timezone.now(), sealed_token="")


def _held(actor: Actor, invitation: Invitation) -> Invitation:
    """The invitation as it is now, locked. Raises Refused for one that is used or withdrawn."""
    actor.require(Permission.MANAGE_ADMINISTRATORS, invitation.tenant or invitation.brand)
    fresh = _rows().filter(pk=invitation.pk).first()
    if fresh is None or fresh.state in {InvitationState.ACCEPTED, InvitationState.REVOKED}:
        raise Refused(f"The invitation of {invitation} has been used or withdrawn meanwhile.")
    return fresh


def _locked(digest: str) -> Invitation:
    """Locked, and looked at only then: of two who use a link at once, one comes too late."""
    _rows().filter(digest=digest).first()
    return by_digest(digest)


def _rows() -> QuerySet[Invitation]:
    return Invitation.objects.select_for_update(of=("self",)).select_related("brand", "tenant__brand", "custom_role")


def _inviter_still_may(invitation: Invitation) -> None:
    """Who has lost their own rights gives none away any more."""
    inviter = invitation.invited_by
    if inviter is None:
        return
    actor = actor_of(inviter, door=Door.PANEL, request_id="")
    try:
        rules.is_active(inviter)
        rules.may_give(actor, rules.role_of(invitation), invitation.tenant or invitation.brand)
    except (Refused, NotAllowed, NotYours):
        raise Refused(SENTENCES[InvitationState.REVOKED]) from None


def _take_up(invitation: Invitation, administrator: Administrator, request_id: str) -> None:
    role = rules.role_of(invitation)
    Membership.objects.get_or_create(
        administrator=administrator, brand=invitation.brand, tenant=invitation.tenant, **rules.columns_of(role)
    )
    invitation.accepted_at, invitation.sealed_token = timezone.now(), ""
    invitation.save(update_fields=["accepted_at", "sealed_token"])
    actor = Actor(str(administrator), Door.PANEL, administrator_id=administrator.pk, request_id=request_id)
    after = {"email": administrator.email, "role": rules.name_of(role), "invited_by": invitation.invited_by_name}
    record(actor, Action.ADMINISTRATOR_ACCEPT, administrator, place=invitation, after=after)


def _close(invitation: Invitation) -> None:
    invitation.revoked_at, invitation.sealed_token = timezone.now(), ""
    invitation.save(update_fields=["revoked_at", "sealed_token"])
