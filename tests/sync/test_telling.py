"""The requester hears of the decision: at least once whatever is killed, and once where nothing is."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.purchases.conftest import anna, asks, premium  # noqa: F401 - fixtures
from tests.smtp import MailServer, mail_server
from tests.worker import drain, empty_queue

from oxherd.people.models import OxAccount
from oxherd.purchases.commands import proceed, reject
from oxherd.purchases.models import PurchaseRequest
from oxherd.sync import housekeeping, telling

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    empty_queue()
    monkeypatch.setattr(telling, "_rests_until", 0.0)


@pytest.fixture
def rejected(cast: Cast, anna: Any, asks: Any) -> PurchaseRequest:  # noqa: F811 - fixtures
    request = asks(anna, language="de_DE")
    return reject(actor=cast.actor(cast.bob), request=request, reason="Kein Budget")


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def now(request: PurchaseRequest) -> PurchaseRequest:
    return PurchaseRequest.objects.get(pk=request.pk)


def entries() -> int:
    return ProcrastinateJob.objects.filter(task_name="oxherd.tell_requester", status="todo").count()


def due(request: PurchaseRequest) -> None:
    """As if the time had come."""
    long_ago = timezone.now() - timedelta(hours=2)
    PurchaseRequest.objects.filter(pk=request.pk).update(decided_at=long_ago)
    PurchaseRequest.objects.filter(pk=request.pk, tell_after__isnull=False).update(tell_after=long_ago)


def test_a_decision_is_told_once(rejected: PurchaseRequest) -> None:
    drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (
        ["Anna Becker <anna.becker@acme.test>"],
        "Ihre Anfrage nach dem Profil Groupware",
    )
    assert now(rejected).told_at is not None
    due(rejected)
    housekeeping.one_round()
    telling.tell(rejected.pk)  # as a second entry would
    drain()
    assert (len(mail.outbox), entries()) == (1, 0)


def test_an_approval_is_told_to_the_present_address(cast: Cast, anna: Any, asks: Any) -> None:  # noqa: F811 - fixtures
    request = asks(anna)
    OxAccount.objects.filter(user=anna).update(primary_address="a.becker@acme.test")
    proceed(actor=cast.actor(cast.bob), request=request)
    drain()
    assert [sent.to for sent in mail.outbox] == [["Anna Becker <a.becker@acme.test>"]]


def test_what_is_not_decided_is_not_told(anna: Any, asks: Any) -> None:  # noqa: F811 - fixtures
    telling.tell(asks(anna).pk)
    telling.tell(4711)
    assert mail.outbox == []


def test_a_forged_request_is_not_told(rejected: PurchaseRequest) -> None:
    PurchaseRequest.objects.update(verification="forged")
    due(rejected)
    housekeeping.one_round()
    drain()
    assert mail.outbox == []


def test_a_lost_entry_of_the_queue_is_made_again(rejected: PurchaseRequest) -> None:
    empty_queue()
    housekeeping.one_round()  # too young: its entry may be on its way
    assert entries() == 0
    due(rejected)
    housekeeping.one_round()
    housekeeping.one_round()
    assert entries() == 1
    drain()
    assert len(mail.outbox) == 1


def test_a_worker_killed_before_it_sent_leaves_the_mail_to_another(rejected: PurchaseRequest) -> None:
    due(rejected)
    ProcrastinateJob.objects.filter(task_name="oxherd.tell_requester").update(status="doing", worker_id=None)
    drain()
    assert mail.outbox == []
    housekeeping.one_round()
    drain()
    assert len(mail.outbox) == 1


KILLED = """
import os
import django
django.setup()
from django.core.mail import EmailMessage
from oxherd.purchases import progress
from oxherd.sync import telling
progress.note_told = lambda request: os.kill(os.getpid(), 9)
telling.tell({request})
"""


def test_a_worker_killed_after_it_sent_sends_once_more_and_not_for_ever(
    rejected: PurchaseRequest, server: MailServer, settings: Any
) -> None:
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}&port={database['PORT']}"
    environment = {
        "DATABASE_URL": url,
        "OXHERD_EMAIL_HOST": "127.0.0.1",
        "OXHERD_EMAIL_PORT": str(server.port),
        "DJANGO_SETTINGS_MODULE": "oxherd.project.settings",
    }
    killed = run(KILLED.format(request=rejected.pk), environment)
    assert (killed, len(server.taken), now(rejected).told_at) == (-9, 1, None)
    due(rejected)
    housekeeping.one_round()
    drain()
    assert (len(server.taken), now(rejected).told_at is not None) == (2, True)
    assert len({line for text in server.taken for line in text.splitlines() if line.startswith("Message-ID")}) == 1
    due(rejected)
    housekeeping.one_round()
    drain()
    assert len(server.taken) == 2


def run(program: str, environment: dict[str, str]) -> int:
    import os

    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **environment}, check=False)
    return done.returncode


def test_a_server_that_is_away_is_tried_again_and_the_mail_is_not_lost(
    rejected: PurchaseRequest, server: MailServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_PORT = 9  # where nobody listens
    drain()
    waits = now(rejected)
    assert (waits.told_at, waits.tell_tries, waits.tell_error, entries()) == (None, 1, "", 0)
    assert timedelta(seconds=20) < waits.tell_after - timezone.now() < timedelta(seconds=31)
    settings.EMAIL_PORT = server.port
    telling.tell(rejected.pk)  # others rest meanwhile, so that none of them hangs
    assert (now(rejected).tell_tries, server.taken) == (2, [])
    monkeypatch.setattr(telling, "_rests_until", 0.0)
    housekeeping.one_round()
    assert entries() == 0  # not before its time
    due(rejected)
    housekeeping.one_round()
    drain()
    assert (len(server.taken), now(rejected).told_at is not None) == (1, True)


@pytest.mark.parametrize("answers", [{"RCPT": "550 no such user"}, {"END": "554 not wanted"}])
def test_a_final_no_is_shown_and_not_tried_again(
    rejected: PurchaseRequest, server: MailServer, answers: dict[str, str]
) -> None:
    server.answers = answers
    drain()
    assert (now(rejected).told_at, now(rejected).tell_error) == (
        None,
        "The mail server refused the mail to the requester.",
    )
    due(rejected)
    housekeeping.one_round()
    assert entries() == 0


def test_a_no_for_the_moment_holds_up_nobody_else(rejected: PurchaseRequest, server: MailServer) -> None:
    server.answers = {"RCPT": "451 come back later"}
    drain()
    assert (now(rejected).tell_tries, telling._rests_until) == (1, 0.0)
    server.answers = {}
    telling.tell(rejected.pk)
    assert len(server.taken) == 1
