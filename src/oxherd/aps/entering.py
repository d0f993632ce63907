"""People enter the panel inside their controller's frame, by tickets that the controller's calls have asked for.

Such a person is an administrator without a role: what they may do is said by the entry alone, and ends with it.
"""

import hashlib
import re
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.commands import add_administrator
from oxherd.accounts.models import OF_CONTROLLERS, Administrator
from oxherd.accounts.states import Door, Role
from oxherd.aps.models import ApsEntry, ApsInstance, ApsResource
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people.models import ServiceUser
from oxherd.signin.states import Proof
from oxherd.tenants.models import Tenant
from oxherd.tenants.states import GONE, TenantState

AGAIN = "Open this page from your control panel again."
SPENT = f"This way in was used already, or is too old. {AGAIN}"
NAMED = re.compile(r"[A-Za-z0-9-]{1,64}")
LONGEST_TICKET = 500
SHOWN = 8  # so much of an identity tells people apart


class Suspended(Refused):
    """A new entry mends nothing until the customer is resumed."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """From where somebody enters. device: the browser in words."""

    request_id: str
    ip_address: str | None
    device: str


def enter(*, ticket: str, circumstances: Circumstances) -> tuple[ApsEntry, Administrator]:
    """Use up a ticket; returns what it opens, and to whom. Written down, as every sign-in is, whatever comes of it.

    Raises Refused for a ticket that is none, was used, or is too old, and for who may not come in any more.
    """
    digest = hashlib.sha256(ticket[:LONGEST_TICKET].encode(errors="replace")).hexdigest()
    entries = ApsEntry.objects.filter(digest=digest)
    now = timezone.now()
    # One conditional update: of two who bring the same ticket one comes in.
    is_good = bool(entries.filter(used_at=None, expires_at__gt=now).update(used_at=now))
    entry = entries.select_related("instance", "tenant__brand").first()
    if entry is None:
        raise Refused(SPENT)
    try:
        _is_good(is_good)
        may_be_here(entry.instance, entry.tenant)
        return entry, _sign_in(entry, circumstances)
    except Refused:
        _note_failure(entry, circumstances)
        raise


def may_be_here(instance: ApsInstance, tenant: Tenant) -> None:
    """Raises Refused with the sentence for the person, where nobody enters (any more)."""
    if instance.removed_at is not None:
        raise Refused(f"This application was removed from {instance}, so nobody enters through it any more.")
    if tenant.state in GONE:
        raise Refused(f"{tenant} was removed. There is nothing left to manage here.")
    if tenant.state == TenantState.SUSPENDED:
        raise Suspended(f"{tenant} is suspended. These pages open again when it is resumed in {instance}.")


def actor_of(administrator: Administrator, tenant_id: int, *, request_id: str, ip_address: str | None) -> Actor:
    """As a customer administrator of the tenant that was entered, and of no other, whatever else was entered before."""
    return Actor(
        name=str(administrator),
        door=Door.PANEL,
        grants=(Grant(Role.CUSTOMER_ADMINISTRATOR, tenant_id=tenant_id),),
        administrator_id=administrator.pk,
        request_id=request_id,
        ip_address=ip_address,
    )


def note_end(administrator: Administrator, tenant: Tenant, *, request_id: str, ip_address: str | None) -> None:
    """Write down that the session is over."""
    actor = actor_of(administrator, tenant.pk, request_id=request_id, ip_address=ip_address)
    record(actor, Action.SIGN_OUT, administrator, place=tenant)


def origins_of_all() -> list[str]:
    """The origins of the panels of all controllers that are known."""
    rows = ApsInstance.objects.filter(removed_at=None).values_list("panel_hosts", flat=True)
    return sorted({str(origin) for hosts in rows for origin in hosts})


def _is_good(ticket: bool) -> None:  # noqa: FBT001 - what the update has said
    if not ticket:
        raise Refused(SPENT)


@transaction.atomic
def _sign_in(entry: ApsEntry, circumstances: Circumstances) -> Administrator:
    administrator = _person(entry)
    if not administrator.is_active:
        raise Refused("This account is switched off here. Ask your provider.")
    actor = actor_of(
        administrator, entry.tenant_id, request_id=circumstances.request_id, ip_address=circumstances.ip_address
    )
    told = {"with": [str(Proof.CONTROLLER)], "device": circumstances.device}
    record(actor, Action.SIGN_IN, administrator, place=entry.tenant, after=told)
    return administrator


def _person(entry: ApsEntry) -> Administrator:
    """Whom the controller means: made at the first entry, without a password, at an address that nobody can have."""
    local = "somebody"
    if entry.identity:
        plain = NAMED.fullmatch(entry.identity)
        local = entry.identity if plain else hashlib.sha256(entry.identity.encode()).hexdigest()[:32]
    email = f"{local}@{entry.instance.aps_id}{OF_CONTROLLERS}".lower()
    people = Administrator.objects.filter(email=email)
    if (person := people.first()) is not None:
        return person
    try:
        return add_administrator(email=email, name=_name(entry, local), password=None)
    except Refused:  # somebody was quicker by a moment
        return people.get()


def _name(entry: ApsEntry, local: str) -> str:
    """By name where the person is a user of ours, too; else the history has to tell people apart by a number."""
    rows = ApsResource.objects.filter(instance=entry.instance, tenant=entry.tenant, service="user")
    users = ServiceUser.objects.filter(pk__in=rows.filter(links__user=entry.identity).values("object_id"))
    if (user := users.first()) is not None:
        return f"{user.display_name[:150]} in {entry.instance}"
    return f"Administrator in {entry.instance}" + (f" ({local[:SHOWN]})" if entry.identity else "")


def _note_failure(entry: ApsEntry, circumstances: Circumstances) -> None:
    """A ticket of ours that opens nothing: who brought it is not known."""
    name = f"Somebody in {entry.instance}"
    actor = Actor(name, Door.PANEL, request_id=circumstances.request_id, ip_address=circumstances.ip_address)
    told = {"with": [str(Proof.CONTROLLER)], "device": circumstances.device}
    record(actor, Action.SIGN_IN_FAILED, entry.tenant, place=entry.tenant, after=told)
