"""Makes the platform's forwarders match those of a customer, where the platform passes mail on.

The platform keeps a forwarder under its address, and nothing of ours with it. So `Forwarder.applied` says what it
holds of our making: `held`, addresses with their recipients, None where a change was begun and not confirmed; `tried`,
addresses of which we do not know whether we made them, with the recipients of each try. What stands there under an
address that was tried is ours if it looks like one of the tries. Any other forwarder is somebody else's, and stays.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.abilities import Ability, kind_can
from oxherd.brands.models import Brand
from oxherd.domains.models import readable
from oxherd.errors import PlatformError, PlatformRefused, PlatformTaken
from oxherd.forwarders.commands import words
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import recipients_of
from oxherd.ox.interface import Mailboxes
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.commands import follow_up
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import OPEN, Presence, SubjectKind, SyncStatus
from oxherd.sync.ahead import written_ahead
from oxherd.sync.lanes import lanes
from oxherd.sync.unmarked import Place, reach

Held = dict[str, list[str] | None]


@dataclass(slots=True)
class Known:
    """What the platform is known to hold of one forwarder of ours."""

    held: Held = field(default_factory=dict)
    tried: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def row(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: value for name, value in (("held", self.held), ("tried", self.tried)) if value}


def push_forwarder(job: SyncJob) -> None:
    """Make the platform match the forwarder of a job, and close the job."""
    forwarder = Forwarder.objects.select_related("tenant__brand").filter(pk=job.subject_id).first()
    if forwarder is None:
        ledger.done(job)
        return
    wanted: Held = {}
    if kind_can(forwarder.tenant.brand.platform, Ability.FORWARDERS):
        place = reach(forwarder.tenant)
        wanted = wanted_of(forwarder)
        with lanes.place():
            _bring(place, forwarder, wanted)
    _settle(forwarder, wanted, job)


def needs_no_platform(job: SyncJob) -> bool:
    """Whether mail servers of ours pass mail on, which know of it at the commit already."""
    kind = Brand.objects.filter(pk=job.brand_id).values_list("platform", flat=True).first()
    return kind is not None and not kind_can(kind, Ability.FORWARDERS)


def hold(pk: int) -> Forwarder | None:
    """Keep commands away from the forwarder until the commit."""
    return Forwarder.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()


def mark_failed(pk: int) -> None:
    Forwarder.objects.filter(pk=pk).update(status=SyncStatus.ERROR)


def follow_forwarders(user_id: int) -> None:
    """Ask that the forwarders which lead to a user be looked at again; takes no locks."""
    rows = Forwarder.objects.filter(recipients__user=user_id, presence=Presence.PRESENT)
    forwarders = list(rows.select_related("tenant").only("pk", "tenant__brand").distinct())
    if forwarders:
        pks = [forwarder.pk for forwarder in forwarders]
        follow_up(system("oxherd", Door.WORKER), SubjectKind.FORWARDER, pks, place=forwarders[0].tenant)


def wanted_of(forwarder: Forwarder) -> Held:
    """As the platform shall hold it; users who are not there yet, or locked, follow. Empty: not at all."""
    if forwarder.presence != Presence.PRESENT:
        return {}
    kept = recipients_of(forwarder)
    accounts = OxAccount.objects.filter(
        user__in=kept.users, presence=Presence.PRESENT, user__presence=Presence.PRESENT, ox_id__isnull=False
    )
    recipients = sorted({*accounts.values_list("primary_address", flat=True), *kept.others})
    return {forwarder.address: recipients} if recipients else {}


def held_there(mail: Mailboxes, place: Place) -> dict[str, list[str]]:
    """What the platform holds of a context, in the form of `wanted_of`; one call."""
    found = mail.forwards(place.access)
    return {address.lower(): sorted({each.lower() for each in recipients}) for address, recipients in found.items()}


def _bring(place: Place, forwarder: Forwarder, wanted: Held) -> None:
    """No call at all where all is known to be as wanted. Raises PlatformTaken for an address of somebody else's."""
    known = Known(**forwarder.applied)
    mail = place.platform.mail
    if mail is None or (known.held == wanted and not known.tried):
        return
    if known.tried or wanted.keys() - known.held.keys():
        there = held_there(mail, place)
        _find_what_was_tried(known, there)
        _find_what_is_as_wanted(known, there, wanted)
        if taken := next((address for address in wanted if address in there and address not in known.held), None):
            _make_way(place, mail, forwarder, known, wanted)
            raise _taken(taken)
    before = dict(known.held)
    _note_ahead(forwarder, known, wanted)
    for address, recipients in wanted.items():
        if address not in before or before[address] is None or before[address] != recipients:
            _set(mail, place, address, recipients or [], before.get(address))
    for address in before.keys() - wanted.keys():
        mail.set_forward(place.access, address, ())


def _find_what_was_tried(known: Known, there: Mapping[str, list[str]]) -> None:
    for address, tries in known.tried.items():
        if there.get(address) in tries:
            known.held[address] = there[address]
    known.tried = {address: tries for address, tries in known.tried.items() if address not in known.held}


def _find_what_is_as_wanted(known: Known, there: Mapping[str, list[str]], wanted: Held) -> None:
    for address in wanted.keys() - known.held.keys():
        if there.get(address) == wanted[address]:
            known.held[address] = there[address]


def _make_way(place: Place, mail: Mailboxes, forwarder: Forwarder, known: Known, wanted: Held) -> None:
    """Two of ours may change places: whoever waits for an address of the other gives up its own meanwhile."""
    others = Forwarder.objects.filter(tenant=forwarder.tenant, applied__held__has_any_keys=list(wanted))
    if not others.exclude(pk=forwarder.pk).exists():
        return
    for address in known.held.keys() - wanted.keys():
        mail.set_forward(place.access, address, ())
        del known.held[address]
    Forwarder.objects.filter(pk=forwarder.pk).update(applied=known.row)


def _taken(address: str) -> PlatformTaken:
    return PlatformTaken(
        f"OX has a forwarder {readable(address)} that was not made here. Compare with OX, and send yours or take that "
        "one over."
    )


def _note_ahead(forwarder: Forwarder, known: Known, wanted: Held) -> None:
    """Write down what is about to be begun: whatever breaks off, it is known for ours, and sent again as a whole."""
    held: Held = {address: was if wanted.get(address) == was else None for address, was in known.held.items()}
    tried = {
        address: [each for each in known.tried.get(address, []) if each != recipients] + [recipients or []]
        for address, recipients in wanted.items()
        if address not in held
    }
    forwarder.applied = Known(held, tried).row
    with written_ahead():
        Forwarder.objects.filter(pk=forwarder.pk).update(applied=forwarder.applied)


def _set(mail: Mailboxes, place: Place, address: str, recipients: Collection[str], before: list[str] | None) -> None:
    """Where the platform refuses the new recipients, mail goes to the old ones: there may be none of them by then."""
    try:
        mail.set_forward(place.access, address, recipients)
    except PlatformRefused:
        if before:
            with suppress(PlatformError):
                mail.set_forward(place.access, address, before)
        raise


@transaction.atomic
def _settle(forwarder: Forwarder, wanted: Held, job: SyncJob) -> None:
    """Write down what the platform holds now, and close the job; nothing if it is ours no more."""
    now = hold(forwarder.pk)
    if not ledger.done(job) or now is None:
        return
    if now.presence == Presence.LEAVING and not wanted:
        now.delete()
        return
    if now.applied == forwarder.applied:  # else a repair has noted meanwhile what is there; its own job follows
        now.applied = Known(wanted).row
    now.search_text = words(now)
    newer = SyncJob.objects.filter(subject_kind=job.subject_kind, subject_id=now.pk, pk__gt=job.pk, state__in=OPEN)
    if not newer.exists():
        now.status = SyncStatus.IN_OX
    now.save(update_fields=["applied", "search_text", "status"])
