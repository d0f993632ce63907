"""200 changes behind the panel's back: `oxherd drift` names exactly these, and after a repair, either way, none."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from tests.cast import Cast
from tests.sync.conftest import Stage
from tests.sync.out_of_band import OutOfBand
from tests.sync.test_drift import reached
from tests.worker import drain

from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.cli.drift import drift
from oxherd.groups.models import Group
from oxherd.people import passwords
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles.commands import add_profile
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.tenants.commands import change_tenant

USERS, GROUPS, RESOURCES = 120, 28, 22
WRITING = {
    "create",
    "createByModuleAccessName",
    "change",
    "changeByModuleAccessName",
    "delete",
    "addMember",
    "removeMember",
}


def called(*options: str) -> Result:
    return CliRunner().invoke(drift, ["--tenant", "Acme", "--deep", *options], catch_exceptions=False)


def named(result: Result) -> list[tuple[str, str, str]]:
    """What the command has named, by kind."""
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return [(line["object"], line["kind"], line["name"]) for line in lines if "kind" in line]


@pytest.fixture
def acme(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Many users, groups and resources, delivered; hashing their passwords is no part of this."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "strength", lambda *_, **__: 4)
    cast = stage.cast
    small = add_profile(
        actor=cast.system,
        brand=cast.brand,
        name="Small",
        access_combination="groupware_standard",
        drive_quota_mb=5,
        rank=3,
    )
    light = add_profile(
        actor=cast.system, brand=cast.brand, name="Light", access_combination="webmail", drive_quota_mb=1000, rank=4
    )
    change_tenant(actor=cast.system, tenant=cast.acme, seats={small: None, light: None})
    chance = Random(1)
    users = [cast.user(f"User {number}", ox=True, aliases=(f"alias{number}@acme.test",)) for number in range(USERS)]
    for number in range(GROUPS):
        cast.group(f"Group {number}", *chance.sample(users, 8))
    for number in range(RESOURCES):
        cast.resource(f"Room {number}", manager=chance.choice([None, *users[:20]]))
    drain()
    return cast


def changed_behind_our_back(cast: Cast, seed: int) -> OutOfBand:
    """200 changes, each to another object."""
    platform, access = reached(cast)
    people = OutOfBand(cast, platform, access, Random(seed))
    people.users_change(81)
    people.users_lose_modules(9)
    people.users_go(25)
    people.users_come(25)
    people.groups_change(20)
    people.groups_go_and_come(5)
    people.resources_change(11)
    people.resources_go_and_come(9)
    people.the_context_changes()
    assert len(people.made) == len(set(people.made)) == 200
    return people


def rows() -> dict[str, Any]:
    return {
        "users": list(ServiceUser.objects.order_by("pk").values_list("login", "display_name", "surname", "language")),
        "accounts": list(OxAccount.objects.order_by("pk").values_list("user__login", "primary_address", "profile")),
        "groups": list(Group.objects.order_by("pk").values_list("name", "display_name", "presence")),
        "resources": list(Resource.objects.order_by("pk").values_list("name", "address", "manager", "presence")),
    }


def test_exactly_the_changes_are_named_and_none_after_a_repair_either_way(stage: Stage, acme: Cast) -> None:
    _the_panel_is_right(stage, acme)
    _ox_is_right(stage, acme)


def _the_panel_is_right(stage: Stage, acme: Cast) -> None:
    assert (called("--json").exit_code, rows()) == (0, before := rows())
    people = changed_behind_our_back(acme, seed=20)
    stage.calls()
    result = called("--json")
    assert not WRITING & set(stage.calls())
    assert sorted(named(result)) == sorted(people.made)
    assert Counter(pair[:2] for pair in named(result)) == {
        ("user", "different"): 90,
        ("user", "missing"): 25,
        ("user", "stranger"): 25,
        ("group", "different"): 20,
        ("group", "missing"): 5,
        ("group", "stranger"): 5,
        ("resource", "different"): 11,
        ("resource", "missing"): 9,
        ("resource", "stranger"): 9,
        ("context", "different"): 1,
    }
    assert result.exit_code == 1
    repaired = called("--repair", "to-ox", "--yes")
    assert (repaired.exit_code, repaired.stderr) == (0, "")
    assert "Acme: 200 repaired" in repaired.stdout
    drain()
    assert rows() == before
    assert not SyncJob.objects.exclude(state__in=["done", "superseded"]).exists()
    again = called("--json")
    assert (again.exit_code, named(again)) == (0, [])


def _ox_is_right(stage: Stage, acme: Cast) -> None:
    """It is told nothing then that it does not know."""
    people = changed_behind_our_back(acme, seed=21)
    taken = called("--repair", "from-ox", "--yes")
    assert (taken.exit_code, taken.stderr) == (0, "")
    assert "Acme: 200 repaired" in taken.stdout
    stage.calls()
    drain()
    calls = Counter(call for call in stage.calls() if call in WRITING)
    assert not SyncJob.objects.exclude(state__in=["done", "superseded"]).exists()
    # What is gone is deleted once more, and a room whose manager is gone is told that it has none.
    rooms = AuditEntry.objects.filter(action=Action.RESOURCE_CHANGE, after__manager="").count()
    assert (calls.pop("delete"), calls.pop("change", 0) <= rooms, calls) == (25 + 5 + 9, True, {})
    again = called("--json")
    assert (again.exit_code, named(again)) == (0, [])
    names = set(ServiceUser.objects.values_list("display_name", flat=True))
    assert {name for object_kind, kind, name in people.made if (object_kind, kind) == ("user", "stranger")} <= names
