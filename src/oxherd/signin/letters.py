"""Mails to administrators about their own account: asked for here, sent by the worker. Only a letter's id travels."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from oxherd.accounts.models import Administrator
from oxherd.provisioning import queue
from oxherd.signin.models import Letter, OneTimeLink
from oxherd.signin.states import LetterKind

SEND = "oxherd.send_letter"
ARGUMENT = "letter_id"
FIRST_BACK_OFF_SECONDS = 30.0
LONGEST_BACK_OFF_SECONDS = 3600.0
# Whoever waits for a link looks at the screen meanwhile: before all work on platforms.
BEFORE_ALL_WORK = 10
KEPT = timedelta(days=30)


def write(kind: LetterKind, administrator: Administrator, *, to: str = "", **words: str) -> None:
    """Let the worker send a mail, in the caller's transaction. to: instead of the administrator's own address."""
    letter = Letter.objects.create(kind=kind, administrator=administrator, to=to or administrator.email, words=words)
    hand_over(letter.pk)


def hand_over(letter_id: int) -> None:
    queue.hand_over(SEND, lock=f"letter:{letter_id}", priority=BEFORE_ALL_WORK, **{ARGUMENT: letter_id})


def bring_back(older_than_seconds: float, limit: int = 500) -> int:
    """Hand over again what should be out by now and what no entry of the queue carries; returns how many."""
    late = timezone.now() - timedelta(seconds=older_than_seconds)
    due = Letter.objects.filter(told_at=None, tell_error="").annotate(due=Coalesce("tell_after", F("created_at")))
    pks = list(due.filter(due__lt=late).order_by("pk").values_list("pk", flat=True)[:limit])
    lost = queue.not_carried(SEND, ARGUMENT, pks)
    for pk in lost:
        hand_over(pk)
    return len(lost)


def forget_old() -> None:
    """What happened stands in the audit; letters and links are of no use after a month."""
    long_ago = timezone.now() - KEPT
    Letter.objects.filter(created_at__lt=long_ago).delete()
    OneTimeLink.objects.filter(expires_at__lt=long_ago).delete()


def note_sent(letter: Letter) -> None:
    """It is out: nothing needs the link any more but the mail itself."""
    Letter.objects.filter(pk=letter.pk).update(told_at=timezone.now(), tell_after=None, sealed_token="")


def put_off(letter: Letter) -> None:
    """The mail server cannot be reached: not before some time, ever longer, up to an hour."""
    wait = min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(letter.tell_tries, 20), LONGEST_BACK_OFF_SECONDS)
    after = timezone.now() + timedelta(seconds=wait)
    Letter.objects.filter(pk=letter.pk, told_at=None).update(tell_tries=letter.tell_tries + 1, tell_after=after)


def note_undeliverable(letter: Letter, sentence: str) -> None:
    """The mail server said no for good; it is not tried again."""
    Letter.objects.filter(pk=letter.pk, told_at=None).update(tell_error=sentence, sealed_token="")
