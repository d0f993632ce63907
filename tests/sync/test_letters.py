"""Letters about accounts: sent at least once, once where nothing is killed; links stand in mails alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.rows import everything
from tests.signin.factors import give_app
from tests.smtp import MailServer, mail_server
from tests.worker import drain, empty_queue

from oxherd.audit.models import AuditEntry
from oxherd.signin import letters as errands
from oxherd.signin import links
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.signin.recovery_commands import ask_for_new_password, ask_for_other_address, reset_second_factor
from oxherd.signin.states import LinkKind
from oxherd.sync import housekeeping
from oxherd.sync import letters as sending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    empty_queue()
    monkeypatch.setattr(sending, "_rests_until", 0.0)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def the_token() -> str:
    found = re.search(r"http://localhost:8000/sign-in/reset/([^/\s]+)/", mail.outbox[-1].body)
    assert found
    return found[1]


def test_whoever_has_forgotten_the_password_gets_a_link_that_is_kept_nowhere(cast: Cast) -> None:
    ask_for_new_password(address="bob@panel.test", request_id="r")
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name=errands.SEND)] == [
        {"letter_id": Letter.objects.get().pk}
    ]
    drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.from_email) == (
        ["Bob <bob@panel.test>"],
        "Choose a new password",
        "Sunrise <oxherd@localhost>",
    )
    token = the_token()
    link = links.opened(LinkKind.RESET_PASSWORD, links.digest(token))
    assert link is not None
    assert link.administrator == cast.bob
    assert timedelta(minutes=59) < link.expires_at - timezone.now() <= timedelta(hours=1)
    assert token not in str(everything())
    letter = Letter.objects.get()
    assert (letter.sealed_token, letter.told_at is not None) == ("", True)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.request_id) == ("sign_in:reset_ask", "Somebody as Bob", "r")


def test_an_address_that_is_nobodys_or_may_not_sign_in_by_password_gets_nothing(cast: Cast) -> None:
    cast.rita.is_active = False
    cast.rita.save()
    cast.dora.set_unusable_password()
    cast.dora.save()
    before = AuditEntry.objects.count()
    for address in ("nobody@panel.test", "rita@panel.test", "dora@panel.test"):
        ask_for_new_password(address=address, request_id="r")
    drain()
    assert (mail.outbox, Letter.objects.count(), OneTimeLink.objects.count()) == ([], 0, 0)
    assert AuditEntry.objects.count() == before


def test_a_new_address_gets_the_link_and_a_reset_factor_is_told(cast: Cast) -> None:
    ask_for_other_address(actor=cast.actor(cast.bob), administrator=cast.bob, address="bobby@panel.test")
    give_app(cast, cast.rita)
    reset_second_factor(actor=cast.actor(cast.bob), administrator=cast.rita)
    drain()
    told = {(message.to[0], message.subject) for message in mail.outbox}
    assert told == {
        ("Bob <bobby@panel.test>", "Confirm your new mail address"),
        ("Rita <rita@panel.test>", "A second factor was added"),
        ("Rita <rita@panel.test>", "Your second factor was reset"),
    }
    reset = next(message for message in mail.outbox if message.subject == "Your second factor was reset")
    assert reset.body.startswith("Hello Rita,\n\nBob has removed your passkeys, authenticator app and recovery codes")


def test_a_mail_server_that_is_down_is_asked_again_and_the_link_is_the_same(cast: Cast, server: MailServer) -> None:
    server.answers["RCPT"] = "451 come back later"
    ask_for_new_password(address="bob@panel.test", request_id="r")
    drain()
    letter = Letter.objects.get()
    assert (letter.told_at, letter.tell_tries, letter.tell_error) == (None, 1, "")
    assert letter.tell_after > timezone.now()
    link = letter.link
    server.answers.clear()
    Letter.objects.update(tell_after=timezone.now() - timedelta(hours=1))
    sending._rests_until = 0.0
    housekeeping.one_round()
    drain()
    assert len(server.taken) == 1
    letter.refresh_from_db()
    assert (letter.link, letter.sealed_token) == (link, "")


def test_what_is_refused_for_good_is_not_tried_again(cast: Cast, server: MailServer) -> None:
    server.answers["RCPT"] = "550 no such user"
    ask_for_new_password(address="bob@panel.test", request_id="r")
    drain()
    letter = Letter.objects.get()
    assert (letter.tell_error, letter.sealed_token) == ("The mail server refused the mail.", "")
    assert errands.bring_back(0) == 0


def test_without_a_mail_server_no_link_is_printed_into_the_log(cast: Cast, settings: Any, capsys: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    ask_for_new_password(address="bob@panel.test", request_id="r")
    drain()
    assert Letter.objects.get().tell_error == "No mail server is set up."
    assert "sign-in/reset" not in "".join(capsys.readouterr())


def test_a_letter_whose_entry_was_lost_is_brought_back_and_old_ones_go(cast: Cast) -> None:
    ask_for_new_password(address="bob@panel.test", request_id="r")
    ProcrastinateJob.objects.all().delete()
    Letter.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    housekeeping.one_round()
    drain()
    assert len(mail.outbox) == 1
    Letter.objects.update(created_at=timezone.now() - timedelta(days=31))
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(days=31))
    errands.forget_old()
    assert (Letter.objects.count(), OneTimeLink.objects.count()) == (0, 0)
