"""Repairs of many differences are carried out by the worker, whatever is killed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.rows import refused
from tests.sync.conftest import Stage, account_of
from tests.sync.out_of_band import NEW
from tests.sync.test_drift import compared, found, reached
from tests.worker import drain

from oxherd.accounts.models import Membership
from oxherd.audit.models import AuditEntry
from oxherd.drift import ledger, repairs
from oxherd.drift.models import Comparison, Difference, RepairOrder
from oxherd.drift.orders import order_repairs
from oxherd.drift.states import Way
from oxherd.ox.interface import UserChange
from oxherd.people.models import ServiceUser


@pytest.fixture
def comparison(stage: Stage) -> Comparison:
    """Two users of Acme have other names in OX, and one is there only."""
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    drain()
    platform, context = reached(stage.cast)
    for user in (anna, bert):
        platform.change_user(context, account_of(user).ox_id, UserChange(surname="Out of band"))
    address = "eve@acme.test"
    eve = replace(NEW, name=address, display_name="Eve", primary_address=address, aliases=(address,))
    platform.create_user(context, eve)
    return compared(stage)


def order(stage: Stage, comparison: Comparison, way: Way, **which: str) -> int:
    rows = Difference.objects.filter(comparison=comparison, **which)
    return order_repairs(actor=stage.cast.actor(stage.cast.bob), comparison=comparison, rows=rows, way=way)


def test_what_was_ordered_is_repaired_in_the_name_of_who_did(stage: Stage, comparison: Comparison) -> None:
    assert order(stage, comparison, Way.TO_OX) == 3
    assert [job.priority for job in ProcrastinateJob.objects.all()] == [-20]
    drain()
    assert found(stage) == []
    entries = AuditEntry.objects.filter(action__startswith="drift:")
    assert {entry.actor for entry in entries.exclude(action="drift:compare")} == {"Bob"}
    ordered = entries.get(action="drift:order")
    assert (ordered.subject_name, ordered.after) == ("Acme", {"way": "Send to OX", "differences": 3})


def test_only_the_chosen_ones_are_ordered_and_nothing_twice(stage: Stage, comparison: Comparison) -> None:
    assert order(stage, comparison, Way.FROM_OX, kind="stranger") == 1
    assert order(stage, comparison, Way.TO_OX, kind="different") == 2
    with refused(None) as caught:
        order(stage, comparison, Way.TO_OX)
    assert caught.value.sentence == "There is nothing to repair any more."
    drain()
    assert set(ServiceUser.objects.values_list("display_name", flat=True)) == {"Anna Becker", "Bert B", "Eve"}
    assert found(stage) == []


def test_what_is_refused_stays_with_its_sentence(stage: Stage, comparison: Comparison) -> None:
    platform, context = reached(stage.cast)
    eve = next(user["id"] for user in stage.in_ox() if user["name"] == "eve@acme.test")
    platform.change_user(context, eve, UserChange(mail_enabled=False))
    comparison = compared(stage)
    order(stage, comparison, Way.FROM_OX)
    drain()
    left = Difference.objects.get(repair="")
    assert left.refusal == "Eve is locked in OX. Unlock the user there first."
    assert (left.order, RepairOrder.objects.filter(finished_at=None).count()) == (None, 0)


def test_an_order_that_was_broken_off_is_carried_out_to_the_end(
    stage: Stage, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(stage, comparison, Way.TO_OX)
    ProcrastinateJob.objects.all().delete()
    RepairOrder.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert (ledger.bring_back_lost(), ledger.bring_back_lost()) == (1, 0)
    drain()
    assert found(stage) == []


def test_who_may_not_any_more_repairs_nothing(stage: Stage, comparison: Comparison) -> None:
    order(stage, comparison, Way.TO_OX)
    Membership.objects.filter(administrator=stage.cast.bob).delete()
    drain()
    assert set(Difference.objects.values_list("repair", "order")) == {("", None)}


def test_a_bug_of_ours_with_one_leaves_the_others(
    stage: Stage, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out = repairs.carry_out

    def fails_for_anna(actor: object, difference: Difference, way: Way) -> object:
        return 1 / 0 if difference.name == "Anna Becker" else carry_out(actor, difference, way)

    monkeypatch.setattr(repairs, "carry_out", fails_for_anna)
    order(stage, comparison, Way.TO_OX)
    drain()
    left = Difference.objects.get(repair="")
    expected = f"An error in oxherd stopped this. Tell your provider the number {left.pk}."
    assert (left.name, left.refusal) == ("Anna Becker", expected)
