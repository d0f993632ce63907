import re
from datetime import timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.utils import timezone
from tests.aps.controller import HUB, Signing, fault

from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsConsumer, ApsEnrolment
from oxherd.aps.trust_commands import Certificates, Pair, enrol_by_token
from oxherd.audit.models import AuditEntry
from oxherd.cli import aps_trust

pytestmark = pytest.mark.django_db


def run(command, *arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(command, list(arguments))
    return outcome.exit_code, outcome.output


def test_a_pair_is_made_listed_and_revoked_and_its_secret_is_printed_once() -> None:
    _, said = run(aps_trust.consumer, "add", "--name", "Odin")
    key, secret = re.findall(r"(?:Key|Secret):\s+(\S+)", said)
    assert secret not in ApsConsumer.objects.get().sealed_secret
    odin = Signing(Pair(key, secret))
    odin.enrol()
    _, said = run(aps_trust.consumer, "list")
    assert key in said
    assert "Odin" in said
    assert "1 instance\n" in said
    assert secret not in said
    _, said = run(aps_trust.instances)
    assert odin.instance_id in said
    assert odin.controller_url in said
    code, said = run(aps_trust.consumer, "revoke", key)
    assert code == 1
    assert f"1 instance signs with {key}, and would not be heard any more." in said
    assert f"(oxherd aps consumer renew {key}), or add --yes." in said
    assert odin.call("GET", f"/aps/app/{odin.instance_id}").status_code == 200
    code, _ = run(aps_trust.consumer, "revoke", key, "--yes")
    assert code == 0
    assert f"OAuth {key}  pair revoked 20" in run(aps_trust.instances)[1]
    fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 401)
    assert "revoked" in run(aps_trust.consumer, "list")[1]
    assert run(aps_trust.consumer, "revoke", "ox-unknown")[0] == 1


def test_whom_the_endpoint_trusts_is_in_the_audit() -> None:
    run(aps_trust.enrol, "--name", "CloudBlue", "--hours", "2")
    _, said = run(aps_trust.consumer, "add", "--name", "Odin")
    key, secret = re.findall(r"(?:Key|Secret):\s+(\S+)", said)
    odin = Signing(Pair(key, secret))
    odin.enrol()
    odin.controller_url = "https://elsewhere.provider.test"
    odin.call("PUT", f"/aps/app/{odin.instance_id}", {"panelHosts": ["https://cp.provider.test"]})
    run(aps_trust.consumer, "revoke", key, "--yes")
    _, said = run(aps_trust.consumer, "renew", key)
    renewed = re.findall(r"Secret:\s+(\S+)", said)[0]
    run(aps_trust.enrolments, "withdraw", str(ApsEnrolment.objects.get().pk))

    told = list(AuditEntry.objects.order_by("pk"))
    assert [(each.action, each.actor, each.door, each.subject_name) for each in told] == [
        ("aps_enrolment:add", "Operator", "cli", "CloudBlue"),
        ("aps_consumer:add", "Operator", "cli", "Odin"),
        ("aps_instance:add", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_consumer:revoke", "Operator", "cli", "Odin"),
        ("aps_consumer:renew", "Operator", "cli", "Odin"),
        ("aps_enrolment:withdraw", "Operator", "cli", "CloudBlue"),
    ]
    assert told[2].after == {"aps_id": odin.instance_id, "trusted_by": f"pair {key}"}
    assert [each.after for each in told[3:6]] == [
        {"controller_url": HUB},
        {"controller_url": "https://elsewhere.provider.test"},
        {"panel_hosts": ["https://cp.provider.test"]},
    ]
    assert told[4].before == {"controller_url": HUB}
    assert told[2].ip_address == "127.0.0.1"
    assert (told[7].before["revoked"], told[7].after["revoked"]) == (True, False)
    assert not any(hidden in f"{each.before}{each.after}" for each in told for hidden in (secret, renewed))


def test_an_enrolment_token_is_printed_once_and_only_its_digest_is_kept() -> None:
    code, said = run(aps_trust.enrol, "--name", "Odin")
    token = re.search(r"token: (\S+)", said)
    assert (code, bool(token)) == (0, True)
    row = ApsEnrolment.objects.get()
    assert row.name == "Odin"
    assert token[1] not in row.digest


def test_enrolment_tokens_are_listed_and_withdrawn_before_they_are_used() -> None:
    run(aps_trust.enrol, "--name", "Odin")
    run(aps_trust.enrol, "--name", "CloudBlue", "--hours", "2")
    run(aps_trust.enrol, "--name", "Elder")
    first, second, third = ApsEnrolment.objects.order_by("pk")
    ApsEnrolment.objects.filter(pk=first.pk).update(used_at=timezone.now())
    ApsEnrolment.objects.filter(pk=third.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    code, said = run(aps_trust.enrolments)
    assert code == 0
    used, still_open, expired = said.splitlines()
    assert re.fullmatch(rf"{first.pk}  Odin  made [-0-9: ]+ UTC  until [-0-9: ]+ UTC  used [-0-9: ]+ UTC", used)
    assert still_open.startswith(f"{second.pk}  CloudBlue  made ")
    assert still_open.endswith("  open")
    assert expired.endswith("  expired")
    assert run(aps_trust.enrolments, "withdraw", str(first.pk)) == (
        1,
        f"Error: An instance has used the token {first.pk} already. Remove the instance in Odin.\n",
    )
    assert run(aps_trust.enrolments, "withdraw", str(second.pk))[0] == 0
    assert run(aps_trust.enrolments, "withdraw", str(second.pk))[0] == 1
    assert "CloudBlue" not in run(aps_trust.enrolments)[1]


def test_a_withdrawn_token_enrols_nobody() -> None:
    _, said = run(aps_trust.enrol, "--name", "Odin")
    run(aps_trust.enrolments, "withdraw", str(ApsEnrolment.objects.get().pk))
    token = said.split()[2]
    with pytest.raises(Fault, match="not open"):
        enrol_by_token(uuid4(), b"", token, Certificates("", b""))


def test_a_pair_with_another_secret_keeps_its_instances_and_is_heard_with_that_alone() -> None:
    _, said = run(aps_trust.consumer, "add", "--name", "Odin")
    key, old = re.findall(r"(?:Key|Secret):\s+(\S+)", said)
    odin = Signing(Pair(key, old))
    odin.enrol()
    for before in ("renewed", "revoked"):
        if before == "revoked":
            run(aps_trust.consumer, "revoke", key, "--yes")
        code, said = run(aps_trust.consumer, "renew", key)
        assert code == 0
        [secret] = re.findall(r"Secret:\s+(\S+)", said)
        fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 401)
        odin.pair = Pair(key, secret)
        assert odin.call("GET", f"/aps/app/{odin.instance_id}").status_code == 200
    assert "1 instance\n" in run(aps_trust.consumer, "list")[1]
    assert run(aps_trust.consumer, "renew", "ox-unknown")[0] == 1


def test_two_pairs_of_one_name_are_told() -> None:
    assert "another pair" not in run(aps_trust.consumer, "add", "--name", "Odin")[1]
    assert "There is another pair named Odin." in run(aps_trust.consumer, "add", "--name", " Odin ")[1]


def test_each_command_for_pairs_is_named_by_a_line_that_is_whole() -> None:
    commands = run(aps_trust.consumer, "--help")[1].partition("Commands:")[2].splitlines()
    assert len(commands) == 5
    assert not [line for line in commands if line.endswith("...")]


def test_nothing_is_made_for_nobody() -> None:
    assert run(aps_trust.enrol, "--name", " ")[0] == 1
    assert run(aps_trust.consumer, "add", "--name", "")[0] == 1
    assert not ApsConsumer.objects.exists()
    assert "no pairs" in run(aps_trust.consumer, "list")[1]
    assert "No controller" in run(aps_trust.instances)[1]
    assert "no enrolment tokens" in run(aps_trust.enrolments)[1]
