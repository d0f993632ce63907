"""What a comparison of panel and platform finds, and what it leaves out; the platform is told nothing."""

from typing import Any

import pytest
from tests.cast import Cast
from tests.pictures import picture
from tests.sync.conftest import Stage, account_of, on_every_dialect, on_every_platform
from tests.worker import drain

from oxherd.drift.commands import begin_comparison, request_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.groups.commands import remove_group
from oxherd.ox.interface import (
    ContextChange,
    GroupChange,
    GroupData,
    ResourceChange,
    ResourceData,
    UserChange,
    UserData,
)
from oxherd.sync import drift
from oxherd.sync.platforms import access, platform_of
from oxherd.tenants.commands import suspend_tenant
from oxherd.tenants.removal_commands import delete_tenant

READING = {
    *("getData", "getMultipleData", "list", "listAll", "getAccessCombinationName"),
    *("getMailQuota", "GET /contexts/{context}/users/{user}/classofservice"),  # of OX Cloud
    *("listDomainCatchalls", "GET /forwards/{context}"),
    *("GET /users", "GET /mail/catchall", "GET /mail/forwards"),  # of its Cloud API
}


def reached(cast: Cast) -> tuple[Any, Any]:
    tenant = cast.acme
    tenant.refresh_from_db()
    return platform_of(cast.brand), access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)


def compared(stage: Stage, *, is_deep: bool = False) -> Comparison:
    """A comparison of Acme, from beginning to end."""
    drain()
    stage.calls()
    comparison = begin_comparison(actor=stage.cast.system, tenant=stage.cast.acme, is_deep=is_deep)
    drift.run(comparison.pk)
    assert set(stage.calls()) <= READING
    comparison.refresh_from_db()
    return comparison


def found(stage: Stage, *, is_deep: bool = False) -> list[tuple[str, str, str]]:
    comparison = compared(stage, is_deep=is_deep)
    assert comparison.state == "done"
    rows = Difference.objects.filter(comparison=comparison).order_by("id")
    return [(row.object_kind, row.kind, row.name) for row in rows]


def only(stage: Stage, *, is_deep: bool = False) -> Difference:
    compared(stage, is_deep=is_deep)
    return Difference.objects.get()


STRANGER = UserData(
    name="eve@acme.test",
    display_name="Eve Stranger",
    given_name="Eve",
    surname="Stranger",
    primary_address="eve@acme.test",
    aliases=("eve@acme.test", "e.stranger@acme.test"),
    language="de_DE",
    timezone="Europe/Berlin",
    password="secret-of-eve",
    drive_quota_mb=1000,
    photo=None,
    access_combination="groupware_standard",
    marker="somebody-elses",
)


def test_how_much_of_drive_is_in_use_is_written_down_on_the_way(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    assert account_of(anna).drive_used_at is None
    assert found(stage) == []
    assert (account_of(anna).drive_used_mb, account_of(anna).drive_used_at is None) == (0, False)


@on_every_dialect
def test_what_was_delivered_agrees(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",), photo=picture())
    stage.cast.user("Bert B")
    stage.cast.group("Sales", anna)
    stage.cast.resource("Blue room", manager=anna)
    assert found(stage, is_deep=True) == []
    comparison = Comparison.objects.get()
    assert (comparison.state, comparison.compared, comparison.left_out, comparison.sentence) == ("done", 4, 0, "")
    stage.cast.acme.refresh_from_db()
    assert (stage.cast.acme.differences, stage.cast.acme.compared_at) == (0, comparison.finished_at)


@pytest.mark.parametrize(
    ("change", "here", "there"),
    [
        ({"display_name": "Anna B."}, {"display_name": "Anna Becker"}, {"display_name": "Anna B."}),
        ({"given_name": "Ann"}, {"given_name": "Anna"}, {"given_name": "Ann"}),
        ({"surname": "Bäcker"}, {"surname": "Becker"}, {"surname": "Bäcker"}),
        ({"language": "fr_FR"}, {"language": "en_US"}, {"language": "fr_FR"}),
        ({"timezone": "Asia/Tokyo"}, {"timezone": "Europe/Berlin"}, {"timezone": "Asia/Tokyo"}),
        ({"drive_quota_mb": 5}, {"drive_quota_mb": 1000}, {"drive_quota_mb": 5}),
        ({"drive_quota_mb": None}, {"drive_quota_mb": 1000}, {"drive_quota_mb": None}),
        ({"mail_enabled": False}, {"mail_enabled": True}, {"mail_enabled": False}),
        (
            {"aliases": ("anna.becker@acme.test", "New@acme.test")},
            {"aliases": ["anna.becker@acme.test", "info@acme.test"]},
            {"aliases": ["anna.becker@acme.test", "new@acme.test"]},
        ),
        (
            {"primary_address": "info@acme.test"},
            {"primary_address": "anna.becker@acme.test"},
            {"primary_address": "info@acme.test"},
        ),
    ],
)
def test_a_field_of_a_user_that_differs_is_named_with_both_values(
    stage: Stage, change: dict[str, Any], here: dict[str, Any], there: dict[str, Any]
) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(anna).ox_id, UserChange(**change))
    difference = only(stage)
    assert (difference.object_kind, difference.kind, difference.subject_id) == ("user", "different", anna.pk)
    assert (difference.name, difference.detail) == ("Anna Becker", "anna.becker@acme.test")
    assert (difference.here, difference.there, difference.held) == (here, there, there)


def test_the_case_of_addresses_is_no_difference(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    drain()
    platform, context = reached(stage.cast)
    aliases = ("Anna.Becker@Acme.test", "INFO@acme.test")
    change = UserChange(primary_address="Anna.Becker@Acme.test", aliases=aliases)
    platform.change_user(context, account_of(anna).ox_id, change)
    assert found(stage) == []


def test_a_picture_is_compared_by_its_digest_and_kept(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(anna).ox_id, UserChange(photo=picture("JPEG")))
    difference = only(stage)
    assert difference.here == {"photo": None}
    assert len(difference.there["photo"]) == 64
    assert bytes(difference.photo or b"") == picture("JPEG")


def test_modules_are_compared_only_when_it_is_asked_for(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(anna).ox_id, UserChange(access_combination="webmail"))
    assert found(stage) == []
    difference = only(stage, is_deep=True)
    assert (difference.here, difference.there) == (
        {"access_combination": "groupware_standard"},
        {"access_combination": "webmail"},
    )


def test_a_profile_that_was_changed_without_its_users_is_a_difference(stage: Stage) -> None:
    from oxherd.profiles.commands import change_profile

    stage.cast.user(ox=True)
    drain()
    change_profile(actor=stage.cast.system, profile=stage.cast.groupware, drive_quota_mb=2000)
    difference = only(stage)
    assert (difference.here, difference.there) == ({"drive_quota_mb": 2000}, {"drive_quota_mb": 1000})


def test_a_user_deleted_in_ox_is_missing_and_its_groups_and_resources_are_not_told(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    stage.cast.group("Sales", anna, bert)
    stage.cast.resource("Blue room", manager=anna)
    drain()
    platform, context = reached(stage.cast)
    platform.remove_user(context, account_of(anna).ox_id)
    assert found(stage) == [("user", "missing", "Anna Becker")]
    difference = Difference.objects.get()
    assert (difference.subject_id, difference.detail) == (anna.pk, "anna.becker@acme.test")
    assert (difference.here, difference.there) == ({"name": "anna.becker@acme.test"}, {})


def test_what_was_made_in_ox_is_a_stranger_and_what_the_platform_made_itself_is_not(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    eve = platform.create_user(context, STRANGER)
    platform.create_group(context, GroupData("pirates", "Pirates", (eve,)))
    platform.create_resource(context, ResourceData("ship", "Ship", "Wet", "ship@acme.test", None))
    assert found(stage) == [
        ("user", "stranger", "Eve Stranger"),
        ("group", "stranger", "Pirates"),
        ("resource", "stranger", "Ship"),
    ]
    user, group, ship = Difference.objects.order_by("id")
    assert (user.subject_id, user.ox_id, user.detail) == (None, eve, "eve@acme.test")
    assert user.there == {"name": "eve@acme.test", "left_behind": True}
    assert user.held == {
        "access_combination": "groupware_standard",
        "aliases": ["e.stranger@acme.test", "eve@acme.test"],
        "display_name": "Eve Stranger",
        "drive_quota_mb": 1000,
        "given_name": "Eve",
        "language": "de_DE",
        "mail_enabled": True,
        "marker": "somebody-elses",
        "name": "eve@acme.test",
        "photo": None,
        "primary_address": "eve@acme.test",
        "surname": "Stranger",
        "timezone": "Europe/Berlin",
    }
    assert group.held == {"name": "pirates", "display_name": "Pirates", "members": [eve]}
    assert ship.held == {
        "name": "ship",
        "display_name": "Ship",
        "description": "Wet",
        "address": "ship@acme.test",
        "manager_id": None,
    }


def test_names_and_members_of_groups_are_compared(stage: Stage) -> None:
    anna, bert, carl = (stage.cast.user(name, ox=True) for name in ("Anna A", "Bert B", "Carl C"))
    sales = stage.cast.group("Sales", anna, bert)
    drain()
    sales.refresh_from_db()
    platform, context = reached(stage.cast)
    ids = {user.display_name[0]: account_of(user).ox_id for user in (anna, bert, carl)}
    change = GroupChange(name="vendors", display_name="Vendors", members=(ids["A"], ids["C"], 2))
    platform.change_group(context, sales.ox_id, change)
    difference = only(stage)
    assert (difference.object_kind, difference.kind, difference.name) == ("group", "different", "Sales")
    assert difference.here == {"name": "Sales", "display_name": "Sales", "members": [ids["B"]]}
    assert difference.there == {"name": "vendors", "display_name": "Vendors", "members": sorted([2, ids["C"]])}
    assert difference.held["members"] == sorted([2, ids["A"], ids["C"]])


def test_fields_of_resources_are_compared(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert B", ox=True)
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    room.refresh_from_db()
    platform, context = reached(stage.cast)
    change = ResourceChange(description="Dark", address="Dark@acme.test", manager_id=account_of(bert).ox_id)
    platform.change_resource(context, room.ox_id, change)
    difference = only(stage)
    assert difference.here == {
        "description": "",
        "address": "blue.room@acme.test",
        "manager_id": account_of(anna).ox_id,
    }
    assert difference.there == {
        "description": "Dark",
        "address": "dark@acme.test",
        "manager_id": account_of(bert).ox_id,
    }


def test_groups_and_resources_that_are_gone_are_missing(stage: Stage) -> None:
    sales, room = stage.cast.group("Sales"), stage.cast.resource("Blue room")
    drain()
    sales.refresh_from_db()
    room.refresh_from_db()
    platform, context = reached(stage.cast)
    platform.remove_group(context, sales.ox_id)
    platform.remove_resource(context, room.ox_id)
    assert found(stage) == [("group", "missing", "Sales"), ("resource", "missing", "Blue room")]


def test_the_context_itself_is_compared(stage: Stage) -> None:
    platform, _ = reached(stage.cast)
    change = ContextChange(name="renamed", login_mappings=("other.test", "acme.test"), quota_mb=7)
    platform.change_context(stage.cast.acme.context_id, change)
    difference = only(stage)
    assert (difference.object_kind, difference.kind, difference.subject_id) == (
        *("context", "different"),
        stage.cast.acme.pk,
    )
    name = stage.cast.acme.context_name
    assert difference.here == {"name": name, "login_mappings": ["acme.test"], "quota_mb": None}
    assert difference.there == {"name": "renamed", "login_mappings": ["acme.test", "other.test"], "quota_mb": 7}


def test_a_context_that_is_gone_is_all_that_is_told(stage: Stage) -> None:
    stage.cast.user(ox=True)
    drain()
    platform, _ = reached(stage.cast)
    platform.remove_context(stage.cast.acme.context_id)
    comparison = compared(stage)
    assert [(row.object_kind, row.kind) for row in comparison.differences.all()] == [("context", "gone")]
    assert comparison.sentence == "Without its context, nothing else could be compared."


def test_anothers_context_under_our_number_is_none_of_ours(stage: Stage) -> None:
    platform, _ = reached(stage.cast)
    platform.change_context(stage.cast.acme.context_id, ContextChange(name="theirs", marker="theirs"))
    difference = only(stage)
    assert (difference.kind, difference.there) == ("gone", {"name": "theirs"})


def test_a_context_disabled_in_ox_is_told_and_its_users_are_not_compared(stage: Stage) -> None:
    stage.cast.user(ox=True)
    drain()
    platform, _ = reached(stage.cast)
    platform.disable_context(stage.cast.acme.context_id)
    comparison = compared(stage)
    assert [(row.here, row.there) for row in comparison.differences.all()] == [({"enabled": True}, {"enabled": False})]
    expected = "The context is disabled in OX, so users, groups and resources were not compared."
    assert comparison.sentence == expected


@on_every_platform
def test_a_suspended_customer_agrees_while_the_context_is_disabled(stage: Stage) -> None:
    stage.cast.user(ox=True)
    drain()
    suspend_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    comparison = compared(stage)
    assert (comparison.state, comparison.found) == ("done", 0)
    assert comparison.sentence == "Acme is suspended, so users, groups and resources were not compared."


def test_what_was_removed_here_is_no_difference(stage: Stage) -> None:
    sales = stage.cast.group("Sales")
    drain()
    remove_group(actor=stage.cast.system, group=sales)
    assert found(stage) == []


def test_what_ox_refused_is_missing(stage: Stage) -> None:
    stage.strikes("refuse", name="anna*")
    stage.cast.user(ox=True)
    drain()
    stage.behaves()
    assert found(stage) == [("user", "missing", "Anna Becker")]


def test_nothing_secret_is_stored(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.create_user(context, STRANGER)
    compared(stage)
    stored = str(list(Difference.objects.values())) + str(list(Comparison.objects.values()))
    assert "Eve Stranger" in stored
    assert not [secret for secret in ("secret-of-eve", context.password) if secret in stored]


def test_a_release_without_pictures_and_managers_is_not_asked_for_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = stage.cast.user(ox=True, photo=picture())
    room = stage.cast.resource("Blue room", manager=anna)
    drain()
    room.refresh_from_db()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(anna).ox_id, UserChange(photo=None))
    platform.change_resource(context, room.ox_id, ResourceChange(manager_id=None))
    assert len(found(stage)) == 2
    monkeypatch.setattr(type(platform), "not_kept", lambda _: frozenset({"photo", "manager_id"}))
    assert found(stage) == []


def test_leaving_customers_are_refused(stage: Stage) -> None:
    from tests.rows import refused

    delete_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    stage.cast.acme.refresh_from_db()
    with refused(None):
        request_comparison(actor=stage.cast.system, tenant=stage.cast.acme)
