import re

import pytest
from click.testing import CliRunner
from tests.aps.controller import HUB, Signing, fault

from oxherd.aps.models import ApsConsumer, ApsEnrolment
from oxherd.aps.trust_commands import Pair
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
    code, _ = run(aps_trust.consumer, "revoke", key)
    assert code == 0
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
    run(aps_trust.consumer, "revoke", key)

    told = list(AuditEntry.objects.order_by("pk"))
    assert [(each.action, each.actor, each.door, each.subject_name) for each in told] == [
        ("aps_enrolment:add", "Operator", "cli", "CloudBlue"),
        ("aps_consumer:add", "Operator", "cli", "Odin"),
        ("aps_instance:add", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_instance:change", "Odin", "aps", "Odin"),
        ("aps_consumer:revoke", "Operator", "cli", "Odin"),
    ]
    assert told[2].after == {"aps_id": odin.instance_id, "trusted_by": f"pair {key}"}
    assert [each.after for each in told[3:6]] == [
        {"controller_url": HUB},
        {"controller_url": "https://elsewhere.provider.test"},
        {"panel_hosts": ["https://cp.provider.test"]},
    ]
    assert told[4].before == {"controller_url": HUB}
    assert told[2].ip_address == "127.0.0.1"
    assert not any(secret in f"{each.before}{each.after}" for each in told)


def test_an_enrolment_token_is_printed_once_and_only_its_digest_is_kept() -> None:
    code, said = run(aps_trust.enrol, "--name", "Odin")
    token = re.search(r"token: (\S+)", said)
    assert (code, bool(token)) == (0, True)
    row = ApsEnrolment.objects.get()
    assert row.name == "Odin"
    assert token[1] not in row.digest


def test_nothing_is_made_for_nobody() -> None:
    assert run(aps_trust.enrol, "--name", " ")[0] == 1
    assert run(aps_trust.consumer, "add", "--name", "")[0] == 1
    assert not ApsConsumer.objects.exists()
    assert "no pairs" in run(aps_trust.consumer, "list")[1]
    assert "No controller" in run(aps_trust.instances)[1]
