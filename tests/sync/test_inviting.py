"""Invitations are mailed at least once, and what stands in the link is wiped then."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from tests.cast import Cast
from tests.smtp import MailServer, mail_server
from tests.worker import drain, empty_queue

from oxherd.accounts.states import Role
from oxherd.administrators.invitations import Invited, invite, revoke, send_again
from oxherd.administrators.models import Invitation
from oxherd.sync import housekeeping, inviting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    empty_queue()
    monkeypatch.setattr(inviting, "_rests_until", 0.0)


@pytest.fixture
def made(cast: Cast) -> Invited:
    return invite(
        actor=cast.actor(cast.bob), email="eve@panel.test", name="Eve Fox", role=Role.HELP_DESK, tenant=cast.acme
    )


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def now() -> Invitation:
    return Invitation.objects.get()


def due() -> None:
    """As if the time had come."""
    long_ago = timezone.now() - timedelta(hours=2)
    Invitation.objects.update(created_at=long_ago)
    Invitation.objects.filter(tell_after__isnull=False).update(tell_after=long_ago)


def test_the_link_is_mailed_once_and_wiped(made: Invited) -> None:
    drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["Eve Fox <eve@panel.test>"], "Your invitation to Acme")
    assert sent.from_email == "Sunrise <oxherd@localhost>"
    assert [words in sent.body for words in (made.link, "Bob invites you to administer Acme, as Help desk.")] == [
        True
    ] * 2
    assert (now().sealed_token, now().told_at is not None) == ("", True)
    due()
    housekeeping.one_round()
    inviting.tell(made.invitation.pk)  # as a second entry would
    drain()
    assert len(mail.outbox) == 1


def test_an_invitation_that_was_sent_again_is_mailed_with_the_new_link(cast: Cast, made: Invited) -> None:
    again = send_again(actor=cast.actor(cast.bob), invitation=made.invitation)
    drain()
    assert [again.link in sent.body for sent in mail.outbox] == [True]


def test_what_was_withdrawn_is_not_mailed(cast: Cast, made: Invited) -> None:
    revoke(actor=cast.actor(cast.bob), invitation=made.invitation)
    drain()
    inviting.tell(4711)
    assert mail.outbox == []


def test_without_a_mail_server_the_link_is_not_printed_and_the_inviter_told(
    made: Invited, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    drain()
    assert (now().tell_error, now().sealed_token) == (inviting.NO_SERVER, "")
    assert "invitation" not in capsys.readouterr().out


def test_a_lost_entry_of_the_queue_is_made_again(made: Invited) -> None:
    empty_queue()
    due()
    housekeeping.one_round()
    drain()
    assert len(mail.outbox) == 1


def test_an_unreachable_server_is_tried_again(made: Invited, server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 9
    drain()
    assert (now().tell_tries, now().tell_error, now().sealed_token != "") == (1, "", True)
    settings.EMAIL_PORT, inviting._rests_until = server.port, 0.0
    due()
    housekeeping.one_round()
    drain()
    assert (len(server.taken), now().sealed_token) == (1, "")


def test_a_final_no_is_told_and_not_tried_again(made: Invited, server: MailServer) -> None:
    server.answers["RCPT"] = "550 no such user"
    drain()
    assert (now().tell_error, now().sealed_token) == (inviting.REFUSED, "")


def test_what_has_expired_is_wiped_and_not_mailed(made: Invited) -> None:
    empty_queue()
    due()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    housekeeping.one_round()
    drain()
    assert (mail.outbox, now().sealed_token) == ([], "")
