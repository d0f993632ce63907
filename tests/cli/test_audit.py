import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cast import Cast
from tests.tampering import tamper

from oxherd.audit.chain_commands import seal_waiting
from oxherd.audit.models import AuditChain, AuditEntry, AuditSeal
from oxherd.cli.audit import audit


def verify(*arguments: str) -> tuple[int, list[str]]:
    outcome = CliRunner().invoke(audit, ["verify", *arguments])
    return outcome.exit_code, outcome.output.splitlines()


@pytest.fixture
def entry(cast: Cast) -> AuditEntry:
    """What added Anna, sealed as all there is."""
    cast.user("Anna Becker")
    seal_waiting(1000)
    return AuditEntry.objects.get(action="user:add")


def test_an_audit_that_nobody_touched_passes(cast: Cast, entry: AuditEntry) -> None:
    cast.user("Bert Conrad")
    count = AuditSeal.objects.count()
    status, (told, end) = verify()
    assert status == 0
    assert told == f"{count} sealed entries looked at, 1 not sealed yet: all is as it was written."
    assert end.startswith(f"The chain ends at {count}:")
    assert verify("--expect", end.split()[-1])[0] == 0


def test_exactly_the_altered_row_is_named(cast: Cast, entry: AuditEntry) -> None:
    tamper("UPDATE oxherd_auditentry SET actor = 'Mallory' WHERE id = %s", entry.pk)
    status, lines = verify()
    position = AuditSeal.objects.get(entry_id=entry.pk).position
    said = f"Service user added, Anna Becker, by Mallory at {entry.at:%Y-%m-%d %H:%M:%S} UTC"
    assert status == 1
    assert lines[:2] == [
        f"Entry {entry.pk}, sealed at position {position}, was altered after it was sealed: {said}",
        f"{position} sealed entries looked at, 0 not sealed yet: 1 thing is wrong.",
    ]


def test_programs_get_a_line_for_each_row_and_the_summary(cast: Cast, entry: AuditEntry) -> None:
    position = AuditSeal.objects.get(entry_id=entry.pk).position
    tamper("DELETE FROM oxherd_auditentry WHERE id = %s", entry.pk)
    status, lines = verify("--json")
    found, summary = map(json.loads, lines)
    told = f"Entry {entry.pk}, sealed at position {position}, was deleted."
    assert (status, found) == (1, {"wrong": "deleted", "entry": entry.pk, "position": position, "told": told})
    assert (summary["checked"], summary["wrong"], summary["unsealed"]) == (position, 1, 0)


def test_a_noted_end_that_is_gone_is_told(cast: Cast, entry: AuditEntry) -> None:
    status, lines = verify("--expect", "9000:00ff")
    assert (status, lines[0]) == (1, "The seal at position 9000 is not where the chain ended when that was noted.")
    assert verify("--expect", "nonsense")[0] == 2


def test_from_a_day_in_the_future_there_is_nothing_to_look_at(cast: Cast, entry: AuditEntry) -> None:
    status, lines = verify("--from", "2199-01-01")
    assert (status, lines[0]) == (0, "0 sealed entries looked at, 0 not sealed yet: all is as it was written.")


def test_without_the_key_nothing_can_be_said(cast: Cast, entry: AuditEntry) -> None:
    AuditChain.objects.all().delete()
    assert verify() == (2, ["Error: The audit has seals, and the row with their key is gone."])


def test_what_is_asked_for_is_exported(cast: Cast, entry: AuditEntry) -> None:
    options = ["--tenant", "acme", "--kind", "serviceuser", "--from", f"{entry.at:%Y-%m-%d}", "--format", "jsonl"]
    outcome = CliRunner().invoke(audit, ["export", *options])
    assert outcome.exit_code == 0
    assert json.loads(outcome.output)["subject_name"] == "Anna Becker"
    told = AuditEntry.objects.latest("id")
    asked = {"kind": "serviceuser", "since": f"{entry.at:%Y-%m-%d}", "form": "jsonl"}
    assert (told.action, told.subject_name, told.door, told.after) == ("audit:export", "Acme", "cli", asked)


def test_all_goes_into_a_file(cast: Cast, entry: AuditEntry, tmp_path: Path) -> None:
    count = AuditEntry.objects.count() + 1
    outcome = CliRunner().invoke(audit, ["export", "--output", str(tmp_path / "audit.csv")])
    assert (outcome.exit_code, outcome.output) == (0, "")
    assert len((tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()) == count + 1
    unknown = CliRunner().invoke(audit, ["export", "--tenant", "Moonshine"])
    assert (unknown.exit_code, unknown.output) == (2, "Error: There is no customer named Moonshine.\n")
