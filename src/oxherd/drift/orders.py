"""Repairs of more differences than a page waits for: marked at once, and carried out by the worker one by one."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door, Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.drift import queue
from oxherd.drift.models import Comparison, Difference, RepairOrder
from oxherd.drift.queries import to_be_repaired
from oxherd.drift.repairs import repair_all
from oxherd.drift.states import Way
from oxherd.errors import Refused


@transaction.atomic
def order_repairs(*, actor: Actor, comparison: Comparison, rows: QuerySet[Difference], way: Way) -> int:
    """Have the worker repair the rows in the name of the administrator; returns how many. Raises Refused for none."""
    actor.require(Permission.REPAIR, comparison)
    order = RepairOrder.objects.create(
        comparison=comparison, way=way, administrator_id=actor.administrator_id, request_id=actor.request_id
    )
    wanted = to_be_repaired(Difference.objects.filter(comparison=comparison, pk__in=rows.order_by().values("pk")))
    number = wanted.update(order=order, refusal="")
    if not number:
        raise Refused("There is nothing to repair any more.")
    tenant = comparison.tenant
    record(actor, Action.DRIFT_ORDER, tenant, place=tenant, after={"way": way.label, "differences": number})
    queue.enqueue(queue.REPAIR, order.pk, tenant_id=tenant.pk)
    return number


def carry_out_order(pk: int) -> None:
    """Repair what is left of an order; may be begun again after a kill. What is refused is told with the difference."""
    orders = RepairOrder.objects.select_related("comparison__tenant__brand", "administrator")
    order = orders.filter(pk=pk, finished_at=None).first()
    if order is None:
        return
    rows = Difference.objects.filter(order=order)
    if order.administrator is not None:
        actor = actor_of(order.administrator, door=Door.PANEL, request_id=order.request_id)
        for _ in repair_all(actor=actor, rows=rows, way=Way(order.way)):
            pass
    rows.update(order=None)  # whose administrator is gone, or may not any more
    RepairOrder.objects.filter(pk=pk).update(finished_at=timezone.now())
