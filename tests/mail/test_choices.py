"""What operators choose for their mail servers: real ones, of other choices than most tests have."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from socket import create_connection, socket

import pytest
from tests.cast import make_cast
from tests.dkim.verifying import OPENDKIM, SIGN, configured, judged, publish, written
from tests.mail.conftest import Town, make_town, started
from tests.mail.talking import Talking

from oxherd.dkim.records import record_of
from oxherd.domains.models import Domain
from oxherd.profiles.models import Profile
from oxherd.sync.domains import check_domain

ANNA = "anna.becker@acme.test"


@pytest.fixture
def town(transactional_db) -> Town:
    return make_town(make_cast())


@pytest.fixture(scope="module")
def milter() -> int:
    """The port at which a signer may listen."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def mail(place, milter) -> Iterator[Talking]:
    made = started(place, defers=True, milter=f"inet:127.0.0.1:{milter}")
    yield Talking(made)
    made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def signer(town, milter, tmp_path, signing_domain) -> Iterator[Path]:
    """OpenDKIM behind Postfix, with what `oxherd mail dkim` wrote; the folder of it."""
    if OPENDKIM is None:
        pytest.skip("The Debian package opendkim is not installed.")
    folder = tmp_path / "dkim"
    written(folder)
    command = configured(folder, SIGN, f"inet:{milter}@127.0.0.1")
    with subprocess.Popen([*command, "-f"], stdin=subprocess.DEVNULL) as process:
        try:
            yield folder
        finally:
            process.terminate()


@pytest.fixture
def signing_domain(town, little_dns, settings) -> Domain:
    """acme.test, whose key's record is in the DNS."""
    settings.DNS_TIMEOUT_SECONDS = 5
    domain = Domain.objects.select_related("tenant__brand").get(name="acme.test")
    check_domain(domain.pk)
    publish(little_dns, domain.dkim_keys.get())
    check_domain(domain.pk)
    return domain


def submitted(mail: Talking, sender: str) -> bytes:
    """What reached the outside of a message that Anna has sent."""
    lines = [f"From: Anna <{sender}>", "To: press@agency.test", "Subject: Offer", f"Date: {formatdate()}", "", "Hello"]
    before = set(mail.servers.outside.iterdir())
    with mail.signed_in(ANNA) as client:
        client.sendmail(ANNA, ["press@agency.test"], "\r\n".join([*lines, ""]).encode())
    mail.until(lambda: fresh(mail, before), "the message did not leave")
    (left,) = fresh(mail, before)
    return left.read_bytes()


def fresh(mail: Talking, before: set[Path]) -> list[Path]:
    return [path for path in mail.servers.outside.iterdir() if path not in before and b"Hello" in path.read_bytes()]


def test_mail_to_a_full_mailbox_is_put_off_if_the_operator_wants_so(town, mail):
    Profile.objects.filter(pk=town.cast.groupware.pk).update(mail_quota_mb=1)
    mail.arrived(mail.send("sales@acme.test", size=1_100_000), ANNA)

    mail.until(lambda: mail.offered(ANNA)[0].startswith("452 4.2.2"), "a full mailbox takes more mail")
    assert mail.offered("sales@acme.test")[0].startswith("452 4.2.2")
    Profile.objects.filter(pk=town.cast.groupware.pk).update(mail_quota_mb=10)
    mail.until(lambda: mail.offered(ANNA)[0].startswith("250"), "a mailbox with room takes no mail")


def test_what_leaves_is_signed_by_opendkim_behind_postfix(town, mail, milter, signing_domain, signer):
    mail.until(lambda: listens(milter), "OpenDKIM does not start")
    letter = submitted(mail, ANNA)

    assert b"DKIM-Signature:" in letter
    record = record_of(signing_domain.dkim_keys.get(), signing_domain)
    crlf = letter.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert "dkim=pass (2048-bit key) header.d=acme.test" in judged(signer, crlf, record)


def test_mail_leaves_unsigned_while_the_signer_is_down(town, mail):
    assert b"DKIM-Signature:" not in submitted(mail, ANNA)


def listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
