"""A difference repaired, either way: what happens on the platform, what in the panel, and what is refused."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.pictures import picture
from tests.rows import last_entry
from tests.sync.conftest import Stage, account_of, on_every_dialect, status
from tests.sync.out_of_band import NEW
from tests.sync.test_drift import STRANGER, compared, found, only, reached
from tests.worker import drain

from oxherd.audit.queries import about
from oxherd.drift.models import Difference
from oxherd.drift.repairs import repair
from oxherd.drift.states import Way
from oxherd.errors import Refused
from oxherd.groups.models import Group
from oxherd.ox.interface import UserChange
from oxherd.people import passwords
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.tenants.queries import seats_of

WRITING = {
    "change",
    "changeByModuleAccessName",
    "create",
    "createByModuleAccessName",
    "delete",
    "addMember",
    "setMailQuota",
    "POST /users",
    "PUT /users/{login}",
}


def send(stage: Stage, difference: Difference | None = None) -> list[str]:
    """Send the one difference to OX; the writing calls that come of it."""
    return _repaired(stage, Way.TO_OX, difference)


def take(stage: Stage, difference: Difference | None = None) -> list[str]:
    """Take the one difference from OX; the writing calls that come of it."""
    return _repaired(stage, Way.FROM_OX, difference)


def _repaired(stage: Stage, way: Way, difference: Difference | None) -> list[str]:
    repair(actor=stage.cast.system, difference=difference or Difference.objects.get(), way=way)
    stage.calls()
    drain()
    return [call for call in stage.calls() if call in WRITING]


def change_in_ox(stage: Stage, user: ServiceUser, **change: Any) -> Difference:
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(user).ox_id, UserChange(**change))
    return only(stage, is_deep=True)


def test_only_what_differs_is_sent_and_it_is_told_in_the_users_history(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, display_name="Out of band", language="fr_FR")
    assert send(stage) == ["change"]
    assert found(stage) == []
    assert status(anna) == "enabled"
    entry = about(stage.cast.system, "serviceuser", anna.pk).first()
    assert (entry.what, entry.before, entry.after) == (
        "Difference sent to OX",
        {"display_name": "Out of band", "language": "fr_FR"},
        {"display_name": "Anna Becker", "language": "en_US"},
    )


def test_a_repaired_difference_says_so_and_is_repaired_once(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    difference = change_in_ox(stage, anna, display_name="Out of band")
    stage.cast.acme.refresh_from_db()
    assert stage.cast.acme.differences == 1
    send(stage)
    difference.refresh_from_db()
    assert (difference.repair, difference.repaired_by) == ("to_ox", "Tests")
    assert (difference.job_kind, difference.job_subject) == ("account", account_of(anna).pk)
    stage.cast.acme.refresh_from_db()
    assert stage.cast.acme.differences == 0
    with pytest.raises(Refused, match="Anna Becker was repaired already"):
        take(stage, difference)


def test_what_the_panel_has_changed_since_is_what_is_sent(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, surname="Out of band")
    change_user(actor=stage.cast.system, user=anna, surname="Newer")
    send(stage)
    assert stage.in_ox()[0]["sur_name"] == "Newer"
    assert found(stage) == []


def test_a_push_that_was_under_way_does_not_undo_the_repair(stage: Stage) -> None:
    """It has sent nothing of what differs, and must not write down that it has."""
    from oxherd.provisioning import ledger
    from oxherd.sync.account_rows import read, settle
    from oxherd.sync.people import wanted_of

    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, surname="Out of band")
    change_user(actor=stage.cast.system, user=anna, language="de_DE")
    job = ledger.claim(SyncJob.objects.latest("id").pk)
    assert job
    now = read(job.subject_id)
    assert now
    repair(actor=stage.cast.system, difference=Difference.objects.get(), way=Way.TO_OX)
    settle(now, wanted_of(now), job)
    assert account_of(anna).applied["surname"] == "Out of band"
    drain()
    assert stage.in_ox()[0]["sur_name"] == "Becker"


@pytest.mark.parametrize(
    "change",
    [
        {"display_name": "Anna B."},
        {"given_name": "Ann", "surname": "Bäcker"},
        {"language": "fr_FR", "timezone": "Asia/Tokyo"},
        {"aliases": ("anna.becker@acme.test", "new@acme.test")},
        {"primary_address": "info@acme.test"},
        {"primary_address": "first@acme.test", "aliases": ("first@acme.test",)},
        {"photo": picture("JPEG")},
    ],
)
def test_a_user_is_taken_from_ox_without_a_writing_call(stage: Stage, change: dict[str, Any]) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    change_in_ox(stage, anna, **change)
    assert take(stage) == []
    assert found(stage, is_deep=True) == []
    assert status(anna) == "enabled"


def test_a_picture_is_taken_as_it_is_and_taken_away(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, photo=picture("JPEG", (700, 700)))
    take(stage)
    assert bytes(Photo.objects.get(user=anna).jpeg) == picture("JPEG", (700, 700))
    change_in_ox(stage, anna, photo=None)
    take(stage)
    assert not Photo.objects.exists()
    assert found(stage) == []


def test_other_modules_are_taken_as_the_profile_that_has_them(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    change_in_ox(stage, anna, access_combination="webmail")
    assert take(stage) == ["change"]  # the quota comes with the profile
    assert account_of(anna).profile == stage.cast.mail
    assert found(stage, is_deep=True) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mail_enabled": False}, "Anna Becker is locked in OX"),
        ({"access_combination": "groupware_premium"}, "No profile of this subscription has the modules"),
        ({"drive_quota_mb": 7}, "No profile of this subscription gives groupware_standard with this quota"),
        ({"aliases": ("anna.becker@acme.test", "anna@elsewhere.test")}, "elsewhere.test"),
        ({"display_name": "Bert B"}, "Another user of this customer has this display name"),
    ],
)
def test_what_our_rules_do_not_allow_is_refused_and_told_with_the_difference(
    stage: Stage, change: dict[str, Any], sentence: str
) -> None:
    anna = stage.cast.user(ox=True)
    bert = stage.cast.user("Bert B", ox=True)
    drain()
    OxAccount.objects.filter(user=bert).update(applied={}, ox_id=None)  # so that OX can take the name
    platform, context = reached(stage.cast)
    for user in stage.in_ox():
        if user["name"] == bert.login:
            platform.remove_user(context, user["id"])
    platform.change_user(context, account_of(anna).ox_id, UserChange(**change))
    compared(stage, is_deep=True)
    difference = Difference.objects.get(subject_id=anna.pk)
    with pytest.raises(Refused, match=sentence):
        repair(actor=stage.cast.system, difference=difference, way=Way.FROM_OX)
    difference.refresh_from_db()
    assert (difference.repair, sentence in difference.refusal) == ("", True)
    repair(actor=stage.cast.system, difference=difference, way=Way.TO_OX)
    difference.refresh_from_db()
    assert difference.refusal == ""


@on_every_dialect
def test_a_missing_user_comes_anew_with_groups_and_resources(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    sales, room = stage.cast.group("Sales", anna), stage.cast.resource("Blue room", manager=anna)
    drain()
    old = account_of(anna).ox_id
    platform, context = reached(stage.cast)
    platform.remove_user(context, old)
    only(stage)
    send(stage)
    new = account_of(anna).ox_id
    assert new not in {None, old}
    assert platform.find_group(context, ox_id=Group.objects.get(pk=sales.pk).ox_id).members == (new,)
    assert platform.find_resource(context, ox_id=Resource.objects.get(pk=room.pk).ox_id).manager_id == new
    assert found(stage, is_deep=True) == []


def test_who_is_missing_in_ox_loses_ox_here_and_stays_a_service_user(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    stage.cast.resource("Blue room", manager=anna)
    drain()
    platform, context = reached(stage.cast)
    platform.remove_user(context, account_of(anna).ox_id)
    only(stage)
    take(stage)
    assert (OxAccount.objects.count(), status(anna), Resource.objects.get().manager) == (0, "disabled", None)
    assert found(stage) == []


def test_a_stranger_becomes_a_service_user_and_keeps_all_that_ox_knows(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    stranger = replace(STRANGER, photo=picture("JPEG"), marker=str(uuid4()))
    eve = platform.create_user(context, stranger)
    only(stage)
    assert take(stage) == []
    user = ServiceUser.objects.get()
    account = account_of(user)
    assert (user.display_name, user.login, user.language, user.status) == (
        *("Eve Stranger", "eve@acme.test"),
        *("de_DE", "enabled"),
    )
    assert (account.ox_id, account.ox_name, account.sealed_password) == (eve, "eve@acme.test", "")
    assert (account.aliases, account.profile) == (["e.stranger@acme.test"], stage.cast.groupware)
    assert str(account.marker) == stranger.marker
    assert not passwords.verifies(user.password_hash, "secret-of-eve")
    assert [row.used for row in seats_of(stage.cast.acme)] == [0, 1]
    assert last_entry().action == "drift:from_ox"
    assert found(stage, is_deep=True) == []
    change_user(actor=stage.cast.system, user=user, surname="Known")
    drain()
    assert stage.in_ox()[0]["sur_name"] == "Known"


def test_a_stranger_without_an_address_as_name_signs_in_with_the_primary_one(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.create_user(context, replace(STRANGER, name="eve"))
    only(stage)
    take(stage)
    assert (ServiceUser.objects.get().login, OxAccount.objects.get().ox_name) == ("eve@acme.test", "eve")
    assert found(stage, is_deep=True) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mail_enabled": False}, "Eve Stranger is locked in OX"),
        ({"access_combination": "drive"}, "No profile of this subscription has the modules of drive"),
        ({"primary_address": "eve@elsewhere.test", "name": "eve"}, "eve@elsewhere.test is in no domain of Acme"),
        ({"aliases": ("eve@acme.test", "taken@acme.test")}, "taken@acme.test is taken"),
    ],
)
def test_a_stranger_who_does_not_fit_is_refused_and_leaves_nothing_behind(
    stage: Stage, change: dict[str, Any], sentence: str
) -> None:
    stage.cast.user(ox=True, aliases=("taken@acme.test",))
    drain()
    platform, context = reached(stage.cast)
    platform.create_user(context, replace(STRANGER, **change))
    difference = only(stage)
    before = ServiceUser.objects.count(), OxAccount.objects.count()
    with pytest.raises(Refused, match=sentence):
        take(stage, difference)
    assert (ServiceUser.objects.count(), OxAccount.objects.count()) == before


def test_a_removed_user_who_was_unlocked_in_ox_is_locked_again(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    remove_user(actor=stage.cast.system, user=anna)
    assert found(stage) == []
    change_in_ox(stage, anna, mail_enabled=True)
    with pytest.raises(Refused, match="Restore Anna Becker under Recently removed first"):
        take(stage)
    assert send(stage) == ["change"]
    assert found(stage) == []


def test_a_user_made_anew_by_hand_is_taken_as_the_accounts_own(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    stage.cast.group("Sales", anna)
    drain()
    platform, context = reached(stage.cast)
    platform.remove_user(context, account_of(anna).ox_id)
    new = platform.create_user(context, replace(NEW, **SAME_AS_ANNA))
    only(stage)
    take(stage)
    assert (account_of(anna).ox_id, ServiceUser.objects.get().surname) == (new, "User")
    assert platform.find_group(context, ox_id=Group.objects.get().ox_id).members == (new,)
    assert found(stage, is_deep=True) == []


SAME_AS_ANNA = {
    "name": "anna.becker@acme.test",
    "display_name": "Anna Becker",
    "primary_address": "anna.becker@acme.test",
    "aliases": ("anna.becker@acme.test",),
}
