"""Comparisons meet work that is on its way, platforms that are down and workers that die."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sync.conftest import Stage, account_of
from tests.sync.test_drift import STRANGER, compared, found, reached
from tests.worker import drain

from oxherd.drift import ledger
from oxherd.drift.commands import begin_comparison, request_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.errors import Refused
from oxherd.groups.models import Group
from oxherd.ox.interface import UserChange
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount
from oxherd.provisioning.models import PlatformHealth
from oxherd.sync import drift, drift_users


def begun(stage: Stage) -> Comparison:
    return begin_comparison(actor=stage.cast.system, tenant=stage.cast.acme)


def names(comparison: Comparison) -> list[str]:
    return [row.name for row in Difference.objects.filter(comparison=comparison).order_by("id")]


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen between the look at the platform and the look at our rows."""
    look = drift_users.read_in_ox

    def later(*arguments: Any) -> Any:
        monkeypatch.setattr(drift_users, "read_in_ox", look)
        act()
        return look(*arguments)

    monkeypatch.setattr(drift_users, "read_in_ox", later)


def test_the_worker_carries_out_what_was_asked_for(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.create_user(context, STRANGER)
    bob = stage.cast.actor(stage.cast.bob)
    first = request_comparison(actor=bob, tenant=stage.cast.acme)
    assert request_comparison(actor=bob, tenant=stage.cast.acme, is_deep=True) == first
    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"pk": first.pk}]
    drain()
    first.refresh_from_db()
    assert (first.state, first.requested_by, first.is_deep, first.found) == ("done", "Bob", True, 1)
    assert first.counts == {"user": {"stranger": 1}}


def test_what_is_on_its_way_is_left_out(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    sales = stage.cast.group("Sales", anna)
    drain()
    change_user(actor=stage.cast.system, user=anna, display_name="Anna New")
    Group.objects.filter(pk=sales.pk).update(display_name="Vendors")
    OxAccount.objects.filter(user=bert).update(primary_address="other@acme.test")
    comparison = begun(stage)
    drift.run(comparison.pk)
    comparison.refresh_from_db()
    assert (names(comparison), comparison.left_out) == (["Bert B", "Vendors"], 1)


def test_what_arrives_between_the_two_looks_is_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = stage.cast.user(ox=True)
    drain()

    def rename() -> None:
        change_user(actor=stage.cast.system, user=anna, display_name="Anna New")
        drain()

    meanwhile(monkeypatch, rename)
    comparison = begun(stage)
    drift.run(comparison.pk)
    comparison.refresh_from_db()
    assert (names(comparison), comparison.left_out) == ([], 1)
    assert found(stage) == []


def test_who_comes_between_the_two_looks_is_neither_missing_nor_a_stranger(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add() -> None:
        stage.cast.user("Carl C", ox=True)
        drain()

    stage.cast.user(ox=True)
    drain()
    meanwhile(monkeypatch, add)
    comparison = begun(stage)
    drift.run(comparison.pk)
    assert names(comparison) == []


def test_a_stranger_who_goes_while_others_work_is_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    platform, context = reached(stage.cast)
    eve = platform.create_user(context, STRANGER)

    def remove() -> None:
        platform.remove_user(context, eve)
        stage.cast.user(ox=True)

    meanwhile(monkeypatch, remove)
    comparison = begun(stage)
    drift.run(comparison.pk)
    assert names(comparison) == []


def test_a_user_whom_a_broken_off_job_left_is_told_as_the_accounts_own(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    account = account_of(anna)
    OxAccount.objects.filter(pk=account.pk).update(ox_id=None, ox_name="", applied={})
    assert found(stage) == [("user", "different", "Anna Becker")]
    difference = Difference.objects.get()
    assert (difference.here, difference.there) == ({"ox_id": None}, {"ox_id": account.ox_id})
    assert difference.held["display_name"] == "Anna Becker"


def test_a_user_made_anew_by_hand_is_told_as_the_accounts_own(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    stage.cast.group("Sales", anna, bert)
    drain()
    old = account_of(anna).ox_id
    platform, context = reached(stage.cast)
    platform.remove_user(context, old)
    new = platform.create_user(context, replace(STRANGER, name="anna.becker@acme.test"))
    platform.add_members(context, Group.objects.get().ox_id, [new])
    assert found(stage) == [("user", "different", "Anna Becker")]
    difference = Difference.objects.get()
    assert (difference.here["ox_id"], difference.there["ox_id"], difference.ox_id) == (old, new, new)
    assert difference.there["display_name"] == "Eve Stranger"


def test_a_copy_of_a_user_with_the_same_mark_is_a_stranger(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    marker = str(account_of(anna).marker)
    platform, context = reached(stage.cast)
    copy = platform.create_user(context, replace(STRANGER, marker=marker))
    assert found(stage) == [("user", "stranger", "Eve Stranger")]
    assert Difference.objects.get().ox_id == copy


def test_a_platform_that_does_not_answer_fails_it_and_leaves_what_was_found(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.create_user(context, STRANGER)
    before = compared(stage)
    stage.strikes("status_503")
    for _ in range(2):
        request_comparison(actor=stage.cast.system, tenant=stage.cast.acme)
        drain()
    stage.behaves()
    failed = Comparison.objects.exclude(pk=before.pk).get()
    assert failed.state == "failed"
    assert failed.sentence.startswith("The platform")
    assert names(before) == ["Eve Stranger"]
    stage.cast.acme.refresh_from_db()
    assert stage.cast.acme.differences == 1


def test_a_platform_that_is_known_to_be_down_is_not_asked(stage: Stage) -> None:
    PlatformHealth.objects.create(brand=stage.cast.brand, opened_at=timezone.now(), failing=["account:1"])
    stage.calls()
    comparison = begun(stage)
    drift.run(comparison.pk)
    comparison.refresh_from_db()
    assert comparison.sentence == "The OX platform does not answer. Compare again when it is back."
    assert stage.calls() == []


def test_a_bug_of_ours_is_told_as_such(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "compare_users", lambda _: 1 / 0)
    comparison = begun(stage)
    drift.run(comparison.pk)
    comparison.refresh_from_db()
    number = comparison.pk
    assert comparison.state == "failed"
    assert comparison.sentence == f"An error in oxherd stopped this. Tell your provider the number {number}."


def test_a_new_comparison_takes_the_place_of_the_older_ones(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    eve = platform.create_user(context, STRANGER)
    compared(stage)
    platform.remove_user(context, eve)
    newest = compared(stage)
    assert list(Comparison.objects.all()) == [newest]
    assert Difference.objects.count() == 0


def test_what_a_killed_worker_left_is_done_again_from_the_beginning(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.create_user(context, STRANGER)
    comparison = begun(stage)
    claimed = ledger.claim(comparison.pk)
    assert claimed
    part = next(part for part in drift.compare(claimed.tenant, is_deep=False) if part.differences)
    ledger.keep(claimed, part.differences, compared=1, left_out=0)
    assert ledger.bring_back_lost() == 0
    Comparison.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert (ledger.bring_back_lost(), ledger.bring_back_lost()) == (1, 0)
    drain()
    comparison.refresh_from_db()
    assert (comparison.state, comparison.runs, names(comparison)) == ("done", 2, ["Eve Stranger"])
    with pytest.raises(ledger.Overtaken):
        ledger.keep(claimed, [], compared=1, left_out=0)
    with pytest.raises(ledger.Overtaken):
        ledger.failed(claimed, "too late")


def test_one_at_a_time_for_a_customer(stage: Stage) -> None:
    comparison = begun(stage)
    assert begun(stage) == comparison
    ledger.claim(comparison.pk)
    with pytest.raises(Refused, match="Acme is being compared at this moment"):
        begun(stage)
    Comparison.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert begun(stage) == comparison


def test_many_users_are_compared_by_batches(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift_users, "in_batches", lambda items: ([item] for item in items))
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    drain()
    platform, context = reached(stage.cast)
    for user in (anna, bert):
        platform.change_user(context, account_of(user).ox_id, UserChange(surname="Changed"))
    assert len(found(stage)) == 2
