"""`oxherd drift`: what it prints, how it ends, and what it asks before it repairs."""

import json

import pytest
from click.testing import CliRunner, Result
from tests.sync.conftest import Stage, account_of
from tests.sync.test_drift import STRANGER, reached
from tests.worker import drain

from oxherd.cli.drift import drift
from oxherd.drift import ledger
from oxherd.drift.commands import begin_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.ox.interface import UserChange
from oxherd.tenants.removal_commands import delete_tenant


def call(*options: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(drift, options, input=answer, catch_exceptions=False)


@pytest.fixture
def changed(stage: Stage) -> Stage:
    """Anna has another name in OX, and Eve is there only."""
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    stage.cast.group("Sales", anna)
    drain()
    platform, context = reached(stage.cast)
    aliases = ("anna.becker@acme.test", "new@acme.test")
    platform.change_user(context, account_of(anna).ox_id, UserChange(display_name="Anna B.", aliases=aliases))
    platform.create_user(context, STRANGER)
    return stage


def test_each_customer_is_told_with_what_differs(changed: Stage) -> None:
    result = call()
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "Acme (context 1000): 2 differences",
        "  User, different: 1",
        "    Anna Becker (anna.becker@acme.test)",
        "      Aliases: info@acme.test here, new@acme.test in OX",
        "      Display name: Anna Becker here, Anna B. in OX",
        "  User, stranger: 1",
        "    Eve Stranger (eve@acme.test)",
        "Globex (context 1001): agrees",
    ]


def test_one_customer_is_chosen_by_name_or_number(changed: Stage) -> None:
    number = str(changed.cast.globex.pk)
    for name in ("globex", number):
        result = call("--tenant", name)
        assert (result.exit_code, result.stdout) == (0, "Globex (context 1001): agrees\n")
    assert call("--brand", "sunrise", "--tenant", "Globex").exit_code == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--tenant", "Initech"), "Error: There is no customer named Initech.\n"),
        (("--brand", "Moonshine"), "Error: There is no brand named Moonshine.\n"),
    ],
)
def test_an_unknown_name_is_trouble(changed: Stage, options: tuple[str, str], sentence: str) -> None:
    result = call(*options)
    assert (result.exit_code, result.stderr) == (2, sentence)


def test_unknown_kinds_are_told_with_those_there_are() -> None:
    result = call("--only", "different,odd")
    assert result.exit_code == 2
    assert "odd: choose from different, missing, stranger, gone." in result.stderr


def test_what_is_told_can_be_narrowed(changed: Stage) -> None:
    result = call("--tenant", "Acme", "--only", "stranger,missing")
    assert result.stdout.splitlines()[:2] == ["Acme (context 1000): 1 difference", "  User, stranger: 1"]
    assert (call("--tenant", "Acme", "--kind", "group,resource").exit_code, Difference.objects.count()) == (0, 2)


def test_programs_get_a_line_for_each_difference_and_one_for_the_customer(changed: Stage) -> None:
    lines = [json.loads(line) for line in call("--tenant", "Acme", "--json").stdout.splitlines()]
    who = {"tenant": "Acme", "tenant_id": changed.cast.acme.pk, "context_id": 1000}
    assert [(line["object"], line["kind"], line["name"]) for line in lines[:-1]] == [
        ("user", "different", "Anna Becker"),
        ("user", "stranger", "Eve Stranger"),
    ]
    assert lines[0]["there"]["display_name"] == "Anna B."
    counts = {"user": {"different": 1, "stranger": 1}}
    expected = {"compared": 4, "left_out": 0, "differences": 2, "counts": counts, "note": ""}
    assert lines[-1] == who | expected


def test_a_repair_is_told_first_and_begins_when_somebody_agrees(changed: Stage) -> None:
    refused = call("--tenant", "Acme", "--repair", "to-ox", answer="n\n")
    assert refused.exit_code == 1
    assert refused.stdout.splitlines()[-3:] == [
        "Acme: Send to OX",
        "    1 user gets the values of the panel in OX.",
        "    1 user of OX only: deleted there, with calendar, contacts and files.",
    ]
    drain()
    assert len(changed.in_ox()) == 2
    agreed = call("--tenant", "Acme", "--repair", "to-ox", answer="y\n")
    assert (agreed.exit_code, agreed.stdout.splitlines()[-1]) == (0, "Acme: 2 repaired")
    drain()
    assert [user["display_name"] for user in changed.in_ox()] == ["Anna Becker"]


def test_a_dry_run_repairs_nothing(changed: Stage) -> None:
    result = call("--tenant", "Acme", "--repair", "from-ox", "--dry-run", "--yes")
    assert result.exit_code == 1
    assert "    1 user of OX comes into the panel and takes a seat." in result.stdout
    assert set(Difference.objects.values_list("repair", flat=True)) == {""}


def test_only_what_was_told_is_repaired_and_what_is_refused_is_named(changed: Stage) -> None:
    changed.cast.user("Bert B", aliases=())
    platform, context = reached(changed.cast)
    platform.change_user(context, account_of_eve(changed), UserChange(mail_enabled=False))
    result = call("--tenant", "Acme", "--repair", "from-ox", "--only", "stranger", "--yes")
    assert result.exit_code == 1
    assert result.stderr == "Acme: Eve Stranger: Eve Stranger is locked in OX. Unlock the user there first.\n"
    assert result.stdout.splitlines()[-1] == "Acme: 0 repaired, 1 refused"
    assert Difference.objects.get(kind="different").repair == ""


def account_of_eve(stage: Stage) -> int:
    return next(user["id"] for user in stage.in_ox() if user["name"] == STRANGER.name)


def test_trouble_with_one_customer_does_not_keep_the_others(changed: Stage) -> None:
    changed.strikes("status_503", name="*", match={"context_id": 1000})
    result = call()
    changed.behaves()
    assert result.exit_code == 2
    assert result.stdout == "Globex (context 1001): agrees\n"
    assert result.stderr.startswith("Acme: The platform")


def test_who_is_leaving_or_is_just_being_compared_is_told(changed: Stage) -> None:
    delete_tenant(actor=changed.cast.system, tenant=changed.cast.globex)
    ledger.claim(begin_comparison(actor=changed.cast.system, tenant=changed.cast.acme).pk)
    result = call()
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Acme: Acme is being compared at this moment. Try again in a while.",
        "Globex: Globex is being removed. There is nothing left to compare.",
    ]


def test_the_panel_shows_what_the_command_has_found(changed: Stage) -> None:
    call("--tenant", "Acme")
    changed.cast.acme.refresh_from_db()
    assert changed.cast.acme.differences == 2
    assert Comparison.objects.get().requested_by == "oxherd drift"
