"""Asking a platform how it is. A worker does it, since only workers talk to platforms; whoever asked may wait."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands import rules
from oxherd.brands.models import Brand, Inquiry
from oxherd.brands.states import OPEN, InquiryState, PlatformKind
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.provisioning import queue

TASK, ARGUMENT = "oxherd.inquire", "inquiry_id"
# Somebody sits before the page and waits.
PRIORITY = 5
KEPT = timedelta(days=1)  # of trials
MOST_KEPT = 10  # of each brand


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an inquiry found: of each finding whether it is well and a sentence; what the platform offers."""

    findings: tuple[tuple[bool, str], ...]
    combinations: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return all(ok for ok, _ in self.findings)


@transaction.atomic
def ask_platform(*, actor: Actor, brand: Brand) -> Inquiry:
    """Let a worker ask the brand's platform; one that is asked already is not asked twice."""
    actor.require(Permission.MANAGE_PROFILES, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    present = Inquiry.objects.filter(brand=brand, is_trial=False, state=InquiryState.WAITING).first()
    return present or _begin(_of(actor, brand))


@transaction.atomic
def try_settings(
    *, actor: Actor, brand: Brand | None, platform: str, api_url: str, username: str, password: str
) -> Inquiry:
    """Let a worker ask a platform by settings that nobody has saved.

    brand: whose settings they may become, None for a new one. An empty password stands for the brand's own, which is
    sent nowhere but to the address that it was given for. Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_BRANDS, brand)
    if platform not in PlatformKind.values:
        raise Refused("Choose the kind of the platform first.", field="platform")
    rules.platform_is_in_reach(api_url, "api_url")
    username = one_line(username, "username", missing="Enter the login of the account on the platform.")
    if not password:
        rules.password_is_given_again(brand, api_url)
    trial = Inquiry(
        brand=brand,
        is_trial=True,
        platform=platform,
        api_url=api_url,
        username=username,
        sealed_password=sealing.seal(password) if password or brand is None else brand.sealed_password,
        requested_by=actor.name,
        administrator_id=actor.administrator_id,
    )
    return _begin(trial)


def claim(pk: int) -> Inquiry | None:
    """Begin an inquiry, or begin it anew; None if it has ended or is gone."""
    rows = Inquiry.objects.filter(pk=pk, state__in=OPEN)
    claimed = rows.update(state=InquiryState.RUNNING, runs=F("runs") + 1)
    return Inquiry.objects.select_related("brand").get(pk=pk) if claimed else None


def finish(inquiry: Inquiry, outcome: Outcome) -> bool:
    """Write down what was found; False where another run has taken it over, or it is gone."""
    mine = Inquiry.objects.filter(pk=inquiry.pk, runs=inquiry.runs, state=InquiryState.RUNNING)
    written = mine.update(state=InquiryState.DONE, sealed_password="", finished_at=timezone.now(), **_told(outcome))
    if written and not inquiry.is_trial:
        _forget_older(inquiry)
    return bool(written)


def note(*, actor: Actor, brand: Brand, outcome: Outcome) -> Inquiry:
    """Keep what was found by somebody who has asked the platform at once."""
    done = _of(actor, brand)
    done.state, done.finished_at = InquiryState.DONE, timezone.now()
    for field, value in _told(outcome).items():
        setattr(done, field, value)
    done.save(force_insert=True)
    _forget_older(done)
    return done


def bring_back_lost(older_than_seconds: float) -> int:
    """Hand over again what no entry of the queue carries; returns how many."""
    silent = timezone.now() - timedelta(seconds=older_than_seconds)
    waiting = list(Inquiry.objects.filter(state__in=OPEN, created_at__lt=silent).values_list("pk", flat=True))
    lost = queue.not_carried(TASK, ARGUMENT, waiting)
    for pk in lost:
        _hand_over(pk)
    return len(lost)


def forget_trials() -> int:
    """Of settings that were tried long ago; returns how many."""
    return Inquiry.objects.filter(is_trial=True, created_at__lt=timezone.now() - KEPT).delete()[0]


def _of(actor: Actor, brand: Brand) -> Inquiry:
    return Inquiry(
        brand=brand,
        platform=brand.platform,
        api_url=brand.api_url,
        username=brand.username,
        requested_by=actor.name,
        administrator_id=actor.administrator_id,
    )


def _begin(inquiry: Inquiry) -> Inquiry:
    inquiry.save(force_insert=True)
    _hand_over(inquiry.pk)
    return inquiry


def _hand_over(pk: int) -> None:
    queue.hand_over(TASK, lock=f"inquiry:{pk}", priority=PRIORITY, **{ARGUMENT: pk})


def _told(outcome: Outcome) -> dict[str, object]:
    return {
        "is_well": outcome.is_well,
        "findings": [{"ok": ok, "sentence": sentence} for ok, sentence in outcome.findings],
        "combinations": list(outcome.combinations),
    }


def _forget_older(inquiry: Inquiry) -> None:
    own = Inquiry.objects.filter(brand=inquiry.brand_id, is_trial=False, state=InquiryState.DONE)
    kept = list(own.order_by("-pk").values_list("pk", flat=True)[:MOST_KEPT])
    own.filter(pk__lt=kept[-1]).delete()
