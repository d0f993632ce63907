"""A changed profile comes to its users: behind other work, so many at a time, however many they are."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry, refused

from oxherd.accounts.actor import Actor
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.errors import NotYours
from oxherd.people import rollout_commands as rollouts
from oxherd.people.models import OxAccount, ProfileUse, Rollout
from oxherd.people.profile_use import count_use, use_of
from oxherd.people.removal_commands import remove_user
from oxherd.profiles.commands import add_profile, remove_profile
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.models import Seats


def finish_all() -> None:
    SyncJob.objects.update(state="done")


def asked(rollout: Rollout) -> list[int]:
    jobs = SyncJob.objects.filter(request_id=rollout.request_id).order_by("pk")
    return list(jobs.values_list("subject_id", flat=True))


def test_what_the_platform_has_of_a_profile_comes_to_its_users_behind_other_work(cast: Cast) -> None:
    anna, bert = cast.user(ox=True), cast.user("Bert Blum", ox=True)
    profile, rollout = rollouts.change_level(actor=cast.system, profile=cast.groupware, drive_quota_mb=2000)
    assert rollout is not None
    assert (profile.drive_quota_mb, rollout.total, rollout.reached) == (2000, 2, 2)
    assert asked(rollout) == [anna.account.pk, bert.account.pk]
    jobs = ProcrastinateJob.objects.filter(args__job_id__gte=rollout.first_job, task_name="oxherd.sync")
    assert {job.priority for job in jobs} == {rollouts.PRIORITY}
    assert (last_entry().action, last_entry().after) == ("profile:roll_out", {"users": 2})


def test_what_is_for_people_alone_reaches_no_user(cast: Cast) -> None:
    cast.user(ox=True)
    _, rollout = rollouts.change_level(actor=cast.system, profile=cast.groupware, name="Office", price_label="5 EUR")
    assert rollout is None
    _, rollout = rollouts.change_level(actor=cast.system, profile=cast.mail, drive_quota_mb=7)
    assert rollout is None  # nobody has it
    assert not Rollout.objects.exists()


def test_many_users_are_asked_for_in_chunks_as_there_is_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollouts, "CHUNK", 2)
    monkeypatch.setattr(rollouts, "MOST_UNDER_WAY", 4)
    users = [cast.user(f"User {number}", ox=True) for number in range(7)]
    finish_all()
    rollout = rollouts.roll_out(actor=cast.system, profile=cast.groupware)
    assert rollout is not None
    assert (rollouts.go_on_with_rollouts(), rollouts.go_on_with_rollouts()) == (2, 0)  # four are under way
    assert rollouts.under_way(rollout) == 4
    finish_all()
    assert (rollouts.go_on_with_rollouts(), rollouts.go_on_with_rollouts()) == (2, 1)
    assert asked(rollout) == [user.account.pk for user in users]
    finish_all()
    rollouts.go_on_with_rollouts()
    rollout.refresh_from_db()
    assert (rollout.reached, rollout.finished_at is not None) == (7, True)


def test_a_newer_change_takes_over_from_an_older_one(cast: Cast) -> None:
    cast.user(ox=True)
    first = rollouts.roll_out(actor=cast.system, profile=cast.groupware)
    second = rollouts.roll_out(actor=cast.system, profile=cast.groupware)
    assert list(Rollout.objects.filter(finished_at=None)) == [second]
    assert first != second


def test_who_sells_the_brand_brings_profiles_and_strangers_find_none(cast: Cast) -> None:
    cast.user(ox=True)
    administrator = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(administrator, Role.RESELLER, brand=cast.brand)
    assert rollouts.roll_out(actor=cast.actor(administrator), profile=cast.groupware)
    with pytest.raises(NotYours):
        rollouts.roll_out(actor=cast.actor(cast.charlie), profile=cast.groupware)
    with pytest.raises(NotYours):
        remove_profile(actor=cast.actor(cast.charlie), profile=cast.mail)


def test_a_profile_goes_only_when_nobody_has_it(cast: Cast) -> None:
    anna = cast.user(ox=True)
    with refused(None):
        remove_profile(actor=cast.system, profile=cast.groupware)
    remove_user(actor=cast.system, user=anna)
    with refused(None) as caught:
        remove_profile(actor=cast.system, profile=cast.groupware)
    assert "recently removed" in caught.value.sentence
    remove_profile(actor=cast.system, profile=cast.mail)
    assert not Profile.objects.filter(pk=cast.mail.pk).exists()
    assert not Seats.objects.filter(profile=cast.mail.pk).exists()
    assert last_entry().action == "profile:remove"


def test_use_is_told_by_counters(cast: Cast, django_assert_num_queries: object) -> None:
    cast.user(ox=True)
    cast.user("Bert Blum", ox=True)
    OxAccount.objects.update(drive_used_mb=300, drive_used_at="2026-11-01T00:00Z", mail_used_mb=20)
    assert (count_use(), count_use()) == (2, 0)
    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's fixture
        uses = use_of([cast.mail, cast.groupware])
    mail, groupware = uses[cast.mail.pk], uses[cast.groupware.pk]
    assert (groupware.users, groupware.seats, groupware.customers) == (2, None, 2)
    assert (groupware.told, groupware.drive_used_mb, groupware.mail_used_mb) == (2, 600, 40)
    assert (mail.users, mail.seats, mail.customers, mail.percent) == (0, 20, 2, 0)
    assert ProfileUse.objects.count() == 2


def test_add_ons_are_said_where_the_platform_has_them_apart(cast: Cast) -> None:
    gold = add_profile(
        actor=cast.system, brand=cast.brand, name="Gold", access_combination="pim", documents=True, guard=False
    )
    assert gold.package == "pim+documents+no-guard"
    type(cast.brand).objects.update(platform="ox_cloud")
    cast.brand.refresh_from_db()
    with refused("guard"):
        add_profile(actor=cast.system, brand=cast.brand, name="Silver", access_combination="cloud_pim", guard=True)


def test_the_actor_of_a_rollout_is_who_asked_for_it(cast: Cast) -> None:
    cast.user(ox=True)
    alice: Actor = cast.actor(cast.alice)
    rollout = rollouts.roll_out(actor=alice, profile=cast.groupware)
    assert rollout is not None
    assert set(SyncJob.objects.filter(request_id=rollout.request_id).values_list("requested_by", flat=True)) == {
        "Alice"
    }
