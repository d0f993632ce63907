"""`oxherd mail`: what is written for Postfix and Dovecot, and what it says of addresses."""

import subprocess

import pytest
from click.testing import CliRunner
from tests.mail.conftest import Town

from oxherd.cli.mail import mail
from oxherd.mail.instances import make_certificate
from oxherd.mail.roles import password_of
from oxherd.people.models import OxAccount
from oxherd.tenants.commands import suspend_tenant


@pytest.fixture
def folders(tmp_path):
    return ["--postfix", str(tmp_path / "postfix"), "--dovecot", str(tmp_path / "dovecot")]


@pytest.fixture
def certificate(tmp_path):
    make_certificate(tmp_path / "mail.pem", tmp_path / "mail.key", "mail.acme.test")
    return ["--certificate", str(tmp_path / "mail.pem"), "--certificate-key", str(tmp_path / "mail.key")]


def run(*arguments):
    return CliRunner().invoke(mail, list(arguments))


@pytest.mark.django_db
def test_both_servers_find_nothing_wrong_with_what_is_written(folders, certificate, tmp_path):
    result = run("config", *folders, *certificate, "--hostname", "mail.acme.test", "--mail-user", "mail")

    assert result.exit_code == 0, result.output
    assert "Postfix finds nothing wrong" in result.output
    assert "Dovecot finds nothing wrong" in result.output
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {"main.cf", "master.cf", "oxherd-routes.cf", "dovecot.conf", "oxherd-users.conf.ext"} <= written
    hostname = subprocess.run(
        ["postconf", "-c", str(tmp_path / "postfix"), "-h", "myhostname"], capture_output=True, text=True, check=True
    )
    assert hostname.stdout.strip() == "mail.acme.test"


@pytest.mark.django_db
def test_passwords_are_for_root_and_the_server_alone(folders, certificate, tmp_path):
    run("config", *folders, *certificate)

    for name in ("postfix/oxherd-routes.cf", "dovecot/oxherd-users.conf.ext"):
        assert (tmp_path / name).stat().st_mode & 0o007 == 0, name
    assert password_of("oxherd_postfix") in (tmp_path / "postfix/oxherd-routes.cf").read_text()
    assert password_of("oxherd_postfix") not in (tmp_path / "postfix/main.cf").read_text()


@pytest.mark.django_db
def test_a_file_that_somebody_changed_is_left_alone_until_told_otherwise(folders, certificate, tmp_path):
    run("config", *folders, *certificate)
    changed = tmp_path / "postfix/main.cf"
    changed.write_text(changed.read_text() + "my_own = yes\n")

    result = run("config", *folders, *certificate)

    assert result.exit_code == 1
    assert f"{changed}: kept, since somebody changed it; --force replaces it" in result.output
    assert f"{tmp_path}/postfix/master.cf: unchanged" in result.output
    assert changed.read_text().endswith("my_own = yes\n")

    result = run("config", *folders, *certificate, "--force")

    assert f"{changed}: replaced; the old one is kept as main.cf.old" in result.output
    assert "my_own" not in changed.read_text()
    assert "my_own" in changed.with_name("main.cf.old").read_text()


@pytest.mark.django_db
def test_another_wish_replaces_what_nobody_has_touched(folders, certificate, tmp_path):
    run("config", *folders, *certificate)
    assert "552 5.2.2" in (tmp_path / "dovecot/dovecot.conf").read_text()

    result = run("config", *folders, *certificate, "--over-quota", "defer", "--signer", "inet:127.0.0.1:8891")

    assert f"{tmp_path}/dovecot/dovecot.conf: written" in result.output
    assert "452 4.2.2" in (tmp_path / "dovecot/dovecot.conf").read_text()
    assert "smtpd_milters = inet:127.0.0.1:8891" in (tmp_path / "postfix/main.cf").read_text()


@pytest.mark.django_db
def test_dovecot_2_4_gets_its_own_words(folders, certificate, tmp_path):
    run("config", *folders, *certificate, "--dovecot-version", "2.4")

    text = (tmp_path / "dovecot/dovecot.conf").read_text()
    assert "dovecot_config_version = 2.4.0" in text
    assert "quota_storage_size" in text
    assert "hexlify" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--dovecot-version", "1.2"], "Dovecot 1.2 is not known here. Known are 2.3 and 2.4"),
        (["--database", "db:port"], "db:port is not HOST:PORT, such as db.example:5432."),
        (["--hostname", "not a host!"], "“not a host!” is not a host name, such as mail.example.com."),
        (["--hostname", "192.0.2.1"], "“192.0.2.1” is not a host name"),
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_written(folders, tmp_path, wrong, sentence):
    result = run("config", *folders, *wrong)

    assert result.exit_code != 0
    assert sentence in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_files_and_folders_that_are_not_there_are_told(folders, tmp_path):
    pem, key = tmp_path / "mail.pem", tmp_path / "mail.key"
    given = ["--certificate", str(pem), "--certificate-key", str(key), "--mail-folder", str(tmp_path / "boxes")]
    result = run("config", *folders, *given, "--hostname", "mail.acme.test")

    assert f"There is no certificate {pem} here yet. Put it there, or name another with --certificate." in result.output
    assert f"There is no private key {key} here yet." in result.output
    assert f"There was no folder {tmp_path}/postfix, so it is made." in result.output
    assert f"There is no folder {tmp_path}/boxes here yet" in result.output


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (4999, []),
        (5000, ["It is full, or nearly: the last of its 5,000 MB has begun."]),
        (
            5001,
            [
                (
                    "It is full, with more than its 5,000 MB: mail to it is refused (552 5.2.2), or put off (452 "
                    "4.2.2) where the servers are set up so."
                )
            ],
        ),
    ],
)
def test_it_tells_whether_a_mailbox_is_full(town: Town, used, told):
    OxAccount.objects.filter(user=town.ben).update(mail_used_mb=used)

    assert run("lookup", "ben.ode@acme.test").output.splitlines()[1:] == told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("anna.becker@acme.test", ["anna.becker@acme.test: the mailbox of anna.becker@acme.test."]),
        (
            "sales+x@acme.test",
            [
                "sales+x@acme.test is sales@acme.test with a tag.",
                "sales@acme.test goes to:",
                "  anna.becker@acme.test: the mailbox of anna.becker@acme.test.",
            ],
        ),
        (
            "team@acme.test",
            [
                "team@acme.test goes to:",
                "  anna.becker@acme.test: the mailbox of anna.becker@acme.test.",
                "  ben.ode@acme.test: the mailbox of ben.ode@acme.test.",
                "  press@agency.test: a server elsewhere.",
            ],
        ),
        (
            "nobody@acme.test",
            [
                "Nobody has nobody@acme.test.",
                "The catch-all of the domain takes it: anna.becker@acme.test.",
                "anna.becker@acme.test: the mailbox of anna.becker@acme.test.",
            ],
        ),
        (
            "nobody@shop.acme.test",
            ["Nobody has nobody@shop.acme.test.", "Refused: 550 5.1.1, and shop.acme.test has no catch-all."],
        ),
        ("carla.vo@acme.test", ["Refused: 550 5.2.1 This mailbox is disabled."]),
        (
            "somebody@elsewhere.test",
            ["Refused: 554 5.7.1 Relay access denied. elsewhere.test is no domain of this installation."],
        ),
    ],
)
def test_it_tells_where_mail_goes_and_why(town, address, told):
    assert run("lookup", address).output.splitlines() == told


def test_it_tells_why_a_customer_gets_no_mail(town: Town):
    suspend_tenant(actor=town.cast.system, tenant=town.cast.globex)

    assert "The customer Globex is suspended." in run("lookup", "gus.grey@globex.test").output


@pytest.mark.django_db
def test_what_is_no_address_is_told():
    result = run("lookup", "nonsense")

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
