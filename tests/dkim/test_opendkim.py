"""OpenDKIM itself signs with what is written, and finds its signatures good by the records that are shown."""

from pathlib import Path

import pytest
from tests.dkim.verifying import OPENDKIM, SIGN, judged, opendkim, written

from oxherd.dkim.commands import rotate
from oxherd.dkim.records import record_of
from oxherd.sync.domains import check_domain

pytestmark = pytest.mark.skipif(OPENDKIM is None, reason="The Debian package opendkim is not installed.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dkim"


def message(sender, text="Hello"):
    lines = [f"From: Anna <{sender}>", "To: ben@agency.test", "Subject: Hello", "Date: Sat, 28 Nov 2026 12:00:00 +0000"]
    return "\r\n".join([*lines, "", text, ""]).encode()


def signed(folder, sender="anna@acme.test"):
    """The message with its signature, and what OpenDKIM has said."""
    headers, told = opendkim(folder, SIGN, message(sender))
    if "DKIM-Signature" not in headers:
        return None, told
    signature = headers["DKIM-Signature"].replace("\n", "\r\n")
    return f"DKIM-Signature: {signature}\r\n".encode() + message(sender), told


def test_it_signs_and_a_receiver_finds_the_signature_good(acme, signing, folder):
    written(folder)
    letter, told = signed(folder)
    assert letter is not None, told
    assert f"s={signing.selector};".encode() in letter
    record = record_of(signing, acme)
    assert "dkim=pass (2048-bit key) header.d=acme.test" in judged(folder, letter, record)
    assert "dkim=fail" in judged(folder, letter.replace(b"\r\n\r\nHello", b"\r\n\r\nPay me"), record)


def test_mail_of_other_domains_is_not_signed(signing, folder):
    written(folder)
    for sender in ("anna@globex.test", "anna@mail.acme.test", "anna@notacme.test"):
        letter, told = signed(folder, sender)
        assert letter is None
        assert "SMFIS_ACCEPT" in told  # it goes on its way, unsigned


def test_during_a_rotation_every_signature_is_good_by_the_dns_of_that_moment(cast, acme, signing, publish, folder):
    written(folder)
    before, _ = signed(folder)
    fresh = rotate(actor=cast.actor(cast.bob), domain=acme)
    first, second = record_of(signing, acme), record_of(fresh, acme)
    check_domain(acme.pk)
    written(folder)
    between, _ = signed(folder)
    assert f"s={signing.selector};".encode() in between
    assert "dkim=pass" in judged(folder, between, first)
    publish(fresh)
    check_domain(acme.pk)
    written(folder)
    after, _ = signed(folder)
    assert f"s={fresh.selector};".encode() in after
    assert "dkim=pass" in judged(folder, after, first, second)
    assert "dkim=pass" in judged(folder, before, first, second)  # still on its way


def test_nothing_is_signed_while_a_key_waits_for_its_record(acme, folder, little_dns):
    check_domain(acme.pk)
    assert acme.dkim_keys.get().state == "waiting"
    written(folder)
    assert signed(folder)[0] is None
