"""Acting for a customer's administrator: for a reason, for a while, and told in the customer's own audit."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.queries import actor_of, forbids_acting_for
from oxherd.accounts.states import Door, Permission
from oxherd.administrators.models import ActingFor
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.tenants.models import Tenant

LONGEST_REASON = 500
FORBIDDEN = "The customer's sign-in rules do not allow that somebody acts for their administrators."


@dataclass(frozen=True, slots=True)
class Acting:
    """row: what goes on. actor: who does what is done meanwhile."""

    row: ActingFor
    actor: Actor


def minutes() -> int:
    """How long it lasts at most."""
    return int(settings.ACT_FOR_MINUTES)


@transaction.atomic
def begin(*, actor: Actor, administrator: Administrator, tenant: Tenant, reason: str) -> ActingFor:
    """Begin to act for one of the tenant's administrators. Raises Refused at `reason`, or where it is not allowed."""
    actor.require(Permission.ACT_FOR, tenant)
    if actor.acting_for_id or actor.administrator_id is None:
        raise Refused("Stop acting for the other administrator first.")
    if administrator.pk == actor.administrator_id:
        raise Refused("Nobody acts for themselves.")
    if not administrator.is_active:
        raise Refused(f"{administrator} is deactivated.")
    if not Membership.objects.filter(administrator=administrator, tenant=tenant).exists():
        raise Refused(f"{administrator} has no role of {tenant}.")
    if forbids_acting_for(tenant.pk):
        raise Refused(FORBIDDEN)
    reason = one_line(reason, "reason", most=LONGEST_REASON, missing="Say why: the customer reads it in the audit.")
    row = ActingFor.objects.create(
        operator_id=actor.administrator_id,
        administrator=administrator,
        tenant=tenant,
        reason=reason,
        ends_at=timezone.now() + timedelta(minutes=minutes()),
    )
    after = {"reason": reason, "until": row.ends_at.isoformat(timespec="seconds")}
    named = replace(actor, acting_for_id=administrator.pk)
    record(named, Action.ACT_FOR_BEGIN, administrator, place=tenant, after=after)
    return row


def now(pk: int, actor: Actor) -> Acting | None:
    """What goes on under this id, for the operator who has signed in; None where it is over, which is written down."""
    rows = ActingFor.objects.select_related("administrator", "tenant__brand", "operator")
    row = rows.filter(pk=pk, operator=actor.administrator_id, ended_at=None).first()
    if row is None:
        return None
    person = actor_of(row.administrator, door=actor.door, request_id=actor.request_id)
    held = frozenset().union(*(grant.permissions for grant in person.grants if grant.tenant_id == row.tenant_id))
    why = _why_over(row, actor, held)
    if why:
        end(row, why=why, request_id=actor.request_id)
        return None
    cut = held & actor.held(row.tenant)
    grants = (Grant(None, None, row.tenant_id, cut, f"Acting for {row.administrator}"),)
    name = f"{actor.name} for {row.administrator}"
    return Acting(row, replace(actor, name=name, grants=grants, acting_for_id=row.administrator_id))


@transaction.atomic
def end(row: ActingFor, *, why: str, request_id: str = "") -> None:
    """Write down that it is over; once, whoever comes first."""
    if not ActingFor.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now()):
        return
    actor = Actor(
        str(row.operator),
        Door.PANEL if request_id else Door.WORKER,
        administrator_id=row.operator_id,
        acting_for_id=row.administrator_id,
        request_id=request_id,
    )
    after = {"reason": row.reason, "ended": why}
    record(actor, Action.ACT_FOR_END, row.administrator, place=row, after=after)


def end_of(pk: int, operator: Administrator, *, why: str, request_id: str = "") -> None:
    """End what goes on under this id, if it is this operator's."""
    rows = ActingFor.objects.select_related("administrator", "tenant", "operator")
    row = rows.filter(pk=pk, operator=operator, ended_at=None).first()
    if row:
        end(row, why=why, request_id=request_id)


def end_overdue(limit: int = 500) -> int:
    """End what nobody has stopped; returns how many."""
    rows = ActingFor.objects.filter(ended_at=None, ends_at__lte=timezone.now())
    overdue = list(rows.select_related("administrator", "tenant", "operator").order_by("ends_at")[:limit])
    for row in overdue:
        end(row, why="Time was up.")
    return len(overdue)


def _why_over(row: ActingFor, actor: Actor, held: frozenset[Permission]) -> str:
    """Why it cannot go on; empty where it can."""
    if row.ends_at <= timezone.now():
        return "Time was up."
    if not actor.may(Permission.ACT_FOR, row.tenant):
        return "The one who acted has lost the right to."
    if not row.administrator.is_active or not held:
        return "The administrator has no role here any more."
    return FORBIDDEN if forbids_acting_for(row.tenant_id) else ""
