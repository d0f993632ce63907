"""Keys follow each other: one signs, the next waits for its record, and none signs before others can look it up."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door, Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.dkim import queries, rules
from oxherd.dkim.models import DkimKey
from oxherd.dkim.pairs import new_pair
from oxherd.dkim.records import is_published
from oxherd.dkim.states import KEPT_IN_DNS, KeyState
from oxherd.domains.commands import locked
from oxherd.domains.models import Domain
from oxherd.domains.states import FIRST_CHECK, LAST_INTERVAL
from oxherd.errors import NotYours, Refused
from oxherd.sealing import seal

KEEPER = "Keeper of DKIM keys"


def add_key(*, actor: Actor, domain: Domain) -> DkimKey:
    """Make a key for a domain whose mail is not signed: it signs as soon as its record is found in the DNS.

    Raises Refused for a claim, where the brand's mail is not carried here, and where a key signs or waits already.
    """
    return _make(actor, domain, Action.DKIM_ADD, _nothing_signs)


def rotate(*, actor: Actor, domain: Domain) -> DkimKey:
    """Make the next key: as soon as its record is found it takes over from the one that signs until then.

    Raises Refused as `add_key`, and where no key signs.
    """
    return _make(actor, domain, Action.DKIM_ROTATE, _something_signs)


@transaction.atomic
def activate_key(*, actor: Actor, key: DkimKey) -> DkimKey:
    """Sign with a key from now on, and no more with the one that has signed.

    Raises Refused unless the last look at the DNS has found the key's record.
    """
    domain, key = _held(actor, key)
    if key.state == KeyState.ACTIVE:
        return key
    rules.takes_keys(domain)
    rules.can_sign(key, domain)
    former = queries.key_in_state(domain, KeyState.ACTIVE)
    if former is not None:
        _retire(actor, domain, former)
    key.state, key.activated_at = KeyState.ACTIVE, timezone.now()
    key.save(update_fields=["state", "activated_at"])
    record(actor, Action.DKIM_ACTIVATE, domain, place=domain, after={"selector": key.selector})
    return key


@transaction.atomic
def retire_key(*, actor: Actor, key: DkimKey) -> DkimKey:
    """Sign no more with a key; mail of its domain goes out unsigned until another one signs.

    Raises Refused for a key that does not sign.
    """
    domain, key = _held(actor, key)
    if key.state != KeyState.ACTIVE:
        raise Refused(f"The key {key} does not sign mail.")
    _retire(actor, domain, key)
    return key


@transaction.atomic
def remove_key(*, actor: Actor, key: DkimKey) -> None:
    """Delete a key that waits, or that was retired seven days ago. Raises Refused for any other."""
    domain, key = _held(actor, key)
    rules.can_be_removed(key)
    record(actor, Action.DKIM_REMOVE, domain, place=domain, before={"selector": key.selector})
    key.delete()


def keep_keys(domain: Domain) -> list[DkimKey]:
    """What the worker does before each look at the DNS: a domain without a key gets its first one, and a key that was
    retired seven days ago goes. Returns the keys that are there then."""
    keys = queries.of_domain(domain)
    actor = system(KEEPER, Door.WORKER)
    over = [key for key in keys if key.retired_at and key.retired_at + KEPT_IN_DNS <= timezone.now()]
    with suppress(Refused, NotYours):  # somebody was quicker, or the domain is just being removed
        for key in over:
            remove_key(actor=actor, key=key)
        if not keys and domain.is_verified and domain.tenant.brand.carries_mail:
            add_key(actor=actor, domain=domain)
    return queries.of_domain(domain)


def note_look(domain: Domain) -> None:
    """What the worker does after each look, whose findings are on the row: the key whose record was found signs.

    As long as one waits, the DNS is looked at as often as for a claim, and at least once a day.
    """
    waiting = next((key for key in queries.of_domain(domain) if key.state == KeyState.WAITING), None)
    if waiting is None:
        return
    if is_published(waiting, domain):
        with suppress(Refused, NotYours):
            activate_key(actor=system(KEEPER, Door.WORKER), key=waiting)
        return
    now = timezone.now()
    _look_again(domain, now + min(max(now - waiting.created_at, FIRST_CHECK), LAST_INTERVAL))


def _make(actor: Actor, domain: Domain, action: Action, check: Callable[[Domain], None]) -> DkimKey:
    actor.require(Permission.MANAGE_DOMAINS, domain)
    rules.takes_keys(domain)
    pair = new_pair()  # takes its time, and nobody shall wait for a lock meanwhile
    with transaction.atomic():
        domain = locked(domain)
        rules.takes_keys(domain)
        rules.no_key_waits(domain)
        check(domain)
        now = timezone.now()
        month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        selector = rules.next_selector(queries.used_selectors(domain, since=month), now.date())
        sealed = seal(pair.private_key)
        key = domain.dkim_keys.create(selector=selector, sealed_private_key=sealed, public_key=pair.public_key)
        record(actor, action, domain, place=domain, after={"selector": selector})
        _look_again(domain, now + FIRST_CHECK)
    return key


def _nothing_signs(domain: Domain) -> None:
    active = queries.key_in_state(domain, KeyState.ACTIVE)
    if active is not None:
        raise Refused(f"The key {active} signs mail of {domain} already. Rotate it to get another one.")


def _something_signs(domain: Domain) -> None:
    if queries.key_in_state(domain, KeyState.ACTIVE) is None:
        raise Refused(f"No key signs mail of {domain}, so there is none to rotate. Make a key.")


def _held(actor: Actor, key: DkimKey) -> tuple[Domain, DkimKey]:
    """The domain, locked, and its key as it is now. Raises NotYours for a key that is gone."""
    actor.require(Permission.MANAGE_DOMAINS, key.domain)
    domain = locked(key.domain)
    fresh = domain.dkim_keys.filter(pk=key.pk).first()
    if fresh is None:
        raise NotYours("There is no such key.")
    return domain, fresh


def _retire(actor: Actor, domain: Domain, key: DkimKey) -> None:
    key.state, key.retired_at = KeyState.RETIRED, timezone.now()
    key.save(update_fields=["state", "retired_at"])
    record(actor, Action.DKIM_RETIRE, domain, place=domain, after={"selector": key.selector})


def _look_again(domain: Domain, at: datetime) -> None:
    """At that time, or before where a look is due sooner."""
    Domain.objects.filter(pk=domain.pk).exclude(next_check_at__lte=at).update(next_check_at=at)
