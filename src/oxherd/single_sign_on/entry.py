"""Who gets in: from what an identity provider has told to an administrator with roles, or a sentence that says why not.

The walls: a subject is bound once, by a mail address that is verified and of a domain that the identity provider's
place may speak for; and nobody is signed in who has a role outside of that place, however they were bound.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.commands import add_administrator
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Door
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.models import GroupRole, Identity, IdentityProvider

LONGEST_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """What a sign-in would do. `refusal` is the sentence for the person; then nobody gets in, but `takes` holds."""

    administrator: Administrator | None = None  # None with no refusal: is added
    identity: Identity | None = None  # None with no refusal: is bound
    gives: tuple[GroupRole, ...] = ()
    takes: tuple[Membership, ...] = ()
    keeps: tuple[str, ...] = ()  # roles in words that stay as they are
    refusal: str = ""

    @property
    def adds(self) -> bool:
        return not self.refusal and self.administrator is None

    @property
    def binds(self) -> bool:
        return not self.refusal and self.identity is None


def decide(provider: IdentityProvider, claims: Claims) -> Decision:
    """Changes nothing: a test sign-in shows this, a real one does it."""
    if not claims.subject or len(claims.subject) > LONGEST_SUBJECT:
        return Decision(refusal=f"{provider} did not say who you are (no subject).")
    known = Identity.objects.filter(identity_provider=provider, subject=claims.subject).select_related("administrator")
    identity = known.first()
    if identity is not None:
        return _with_roles(provider, claims, identity.administrator, identity)
    refusal = _may_bind(provider, claims)
    return Decision(refusal=refusal) if refusal else _by_mail(provider, claims)


@transaction.atomic
def enter(*, provider: IdentityProvider, claims: Claims, request_id: str, confirms: bool = False) -> Decision:
    """Do what `decide` says, and write it down; `administrator` of the answer is who may be signed in.

    confirms: somebody who is signed in proves once more who they are.
    With a refusal nobody is; roles that groups do not give any more are taken away all the same.
    """
    provider = IdentityProvider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    decision = decide(provider, claims)
    administrator = decision.administrator
    if administrator is not None:
        # Whoever gives a role elsewhere at this very moment waits, or is seen.
        Administrator.objects.select_for_update(no_key=True).get(pk=administrator.pk)
        decision = decide(provider, claims)
    elif decision.adds:
        administrator = add_administrator(email=claims.mail, name=claims.name[:200], password=None)
    if administrator is not None:
        _apply(provider, administrator, decision)
    if administrator is not None and not decision.refusal:
        _bind(provider, claims, administrator, decision.identity)
    _tell(provider, claims, administrator, decision, request_id=request_id, confirms=confirms)
    return Decision(administrator, decision.identity, decision.gives, decision.takes, decision.keeps, decision.refusal)


def _may_bind(provider: IdentityProvider, claims: Claims) -> str:
    """Why a mail address does not tell who somebody is; empty where it does."""
    try:
        validate_email(claims.mail)
        plain = claims.mail.isascii()  # letters that look like others are others
    except ValidationError:
        plain = False
    if not plain:
        return f"{provider} did not tell a mail address (looked for in {provider.mail_claim})."
    if claims.mail_verified is False or (claims.mail_verified is None and not provider.vouches_for_mail):
        return f"{provider} does not say that {claims.mail} is verified, so it cannot tell who you are here."
    name = queries.domain_of(claims.mail)
    listed = list(provider.mail_domains.values_list("name", flat=True))
    if name not in listed and (listed or provider.tenant_id is not None):
        return f"{provider} may not sign in people of {name}."
    if not queries.is_theirs(provider, name):
        return f"{name} is not a verified domain here, so {provider} may not sign in its people."
    return ""


def _by_mail(provider: IdentityProvider, claims: Claims) -> Decision:
    administrator = Administrator.objects.filter(email=claims.mail.lower()).first()
    if administrator is None:
        return _somebody_new(provider, claims)
    if not Membership.objects.filter(administrator=administrator).exists():
        refusal = f"{claims.mail} has no role here. Ask an administrator for one, then sign in again."
    elif Identity.objects.filter(identity_provider=provider, administrator=administrator).exists():
        refusal = f"{claims.mail} belongs to another account of {provider}. Ask an administrator to forget that one."
    else:
        return _with_roles(provider, claims, administrator, None)
    return Decision(administrator, refusal=refusal)


def _somebody_new(provider: IdentityProvider, claims: Claims) -> Decision:
    if not provider.creates_administrators:
        return Decision(refusal=f"Nobody here has the address {claims.mail}. Ask an administrator to invite you.")
    gives = _wanted(provider, claims)
    return Decision(gives=gives) if gives else Decision(refusal=_no_role(provider, claims))


def _with_roles(
    provider: IdentityProvider, claims: Claims, administrator: Administrator, identity: Identity | None
) -> Decision:
    if not administrator.is_active:
        return Decision(administrator, identity, refusal="This account is switched off. Ask your provider.")
    if queries.outside(provider, administrator).exists():
        return Decision(
            administrator,
            identity,
            refusal=f"{administrator.email} has roles that {provider} has no say over. Sign in with your password.",
        )
    wanted = {row.chosen: row for row in _wanted(provider, claims)}
    held = list(Membership.objects.filter(administrator=administrator).select_related("custom_role", "tenant", "brand"))
    takes = [each for each in held if each.identity_provider_id == provider.pk and _chosen(each) not in wanted]
    keeps = [each for each in held if each not in takes]
    here = (provider.brand_id, provider.tenant_id)
    there = {_chosen(each) for each in keeps if (each.brand_id, each.tenant_id) == here}
    gives = [row for chosen, row in wanted.items() if chosen not in there]
    refusal = "" if gives or keeps else _no_role(provider, claims)
    return Decision(administrator, identity, tuple(gives), tuple(takes), tuple(map(str, keeps)), refusal)


def _wanted(provider: IdentityProvider, claims: Claims) -> tuple[GroupRole, ...]:
    """The roles that the groups give, each once."""
    rows = provider.group_roles.filter(group__in=claims.groups).select_related("custom_role")
    return tuple({row.chosen: row for row in rows}.values())


def _chosen(membership: Membership) -> str:
    return membership.role or f"custom:{membership.custom_role_id}"


def _no_role(provider: IdentityProvider, claims: Claims) -> str:
    if not provider.group_roles.exists():
        return "You have no role here any more. Ask an administrator for one."
    if not claims.groups:
        return f"{provider} told none of your groups, so you have no role here. Ask an administrator."
    return "None of your groups gives you a role here. Ask an administrator to put you in one that does."


def _apply(provider: IdentityProvider, administrator: Administrator, decision: Decision) -> None:
    Membership.objects.filter(pk__in=[membership.pk for membership in decision.takes]).delete()
    if decision.refusal:
        return
    for row in decision.gives:
        Membership.objects.create(
            administrator=administrator,
            role=row.role,
            custom_role=row.custom_role,
            brand_id=provider.brand_id,
            tenant_id=provider.tenant_id,
            identity_provider=provider,
        )


def _bind(provider: IdentityProvider, claims: Claims, administrator: Administrator, identity: Identity | None) -> None:
    if identity is not None:
        Identity.objects.filter(pk=identity.pk).update(seen_at=timezone.now())
        return
    Identity.objects.create(
        identity_provider=provider,
        administrator=administrator,
        subject=claims.subject,
        mail=claims.mail,
        seen_at=timezone.now(),
    )


def _tell(
    provider: IdentityProvider,
    claims: Claims,
    administrator: Administrator | None,
    decision: Decision,
    *,
    request_id: str,
    confirms: bool,
) -> None:
    name = str(administrator) if administrator else claims.mail[:200] or "Somebody"
    pk = administrator.pk if administrator else None
    actor = Actor(name=name, door=Door.PANEL, administrator_id=pk, request_id=request_id)
    told: dict[str, Any] = {"mail": claims.mail[:320], "subject": claims.subject[:LONGEST_SUBJECT]}
    told |= {"confirmed": True} if confirms else {}
    if decision.refusal:
        told |= {"refusal": decision.refusal}
    else:
        told |= {"added": True} if decision.adds else {}
        told |= {"bound": True} if decision.binds else {}
        told |= {"roles_given": [row.role_name for row in decision.gives]} if decision.gives else {}
    if decision.takes:
        told |= {"roles_taken": [each.role_name for each in decision.takes]}
    action = Action.IDENTITY_REFUSE if decision.refusal else Action.IDENTITY_SIGN_IN
    record(actor, action, provider, place=provider, after=told)
