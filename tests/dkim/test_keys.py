"""Keys of a domain: one signs, the next waits, and none signs before its record is in the DNS."""

import base64
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key
from django.utils import timezone
from tests.rows import last_entry, refused

from oxherd import sealing
from oxherd.audit.models import AuditEntry
from oxherd.brands.models import Brand
from oxherd.dkim import commands
from oxherd.dkim.models import DkimKey
from oxherd.dkim.pairs import new_pair
from oxherd.dkim.queries import signing as signing_now
from oxherd.dkim.rules import next_selector
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain
from oxherd.errors import NotAllowed, NotYours
from oxherd.tenants.commands import resume_tenant, suspend_tenant

NOVEMBER = date(2026, 11, 28)
WEEK = timedelta(days=7)


def made_by_bob(cast, domain):
    return commands.add_key(actor=cast.actor(cast.bob), domain=domain)


@contextmanager
def said(sentence):
    """What runs inside is refused with these words, and leaves everything as it was."""
    with refused(None) as caught:
        yield
    assert sentence in caught.value.sentence


def states(domain):
    return {key.selector[-1]: key.state for key in domain.dkim_keys.all()}


def test_the_two_halves_belong_together_and_the_private_one_is_not_printed():
    pair = new_pair()
    private = load_pem_private_key(pair.private_key.encode(), password=None)
    public = load_der_public_key(base64.b64decode(pair.public_key))
    assert private.public_key() == public
    assert private.key_size == 2048
    assert "PRIVATE" not in repr(pair)


@pytest.mark.parametrize(
    ("used", "selector"),
    [
        ((), "ox202611a"),
        (("ox202611a", "ox202610b"), "ox202611b"),
        ([f"ox202611{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"], "ox202611aa"),
    ],
)
def test_a_selector_tells_the_month_and_is_the_first_that_is_free(used, selector):
    assert next_selector(used, NOVEMBER) == selector


def test_a_key_is_made_sealed_and_waits(cast, acme):
    key = made_by_bob(cast, acme)
    now = datetime.now(UTC)
    assert (key.selector, key.state, key.activated_at) == (f"ox{now:%Y%m}a", "waiting", None)
    assert "PRIVATE" not in key.sealed_private_key
    assert sealing.unseal(key.sealed_private_key).startswith("-----BEGIN PRIVATE KEY-----\n")
    acme.refresh_from_db()
    assert timedelta(0) < acme.next_check_at - timezone.now() <= timedelta(minutes=1)
    assert list(signing_now()) == []


def test_the_audit_names_the_key_and_holds_nothing_of_it(cast, acme, signing):
    commands.rotate(actor=cast.actor(cast.bob), domain=acme)
    entries = AuditEntry.objects.filter(action__startswith="dkim:").order_by("id")
    assert [entry.action for entry in entries] == ["dkim:add", "dkim:activate", "dkim:rotate"]
    assert {entry.subject_name for entry in entries} == {"acme.test"}
    whole = str(list(AuditEntry.objects.values()))
    assert "PRIVATE" not in whole
    for key in DkimKey.objects.all():
        assert key.selector in whole
        assert key.public_key not in whole
        assert key.sealed_private_key not in whole


def test_a_selector_is_not_used_twice_while_name_servers_may_remember_it(cast, acme):
    first = made_by_bob(cast, acme)
    commands.remove_key(actor=cast.actor(cast.bob), key=first)
    assert (last_entry().action, last_entry().before) == ("dkim:remove", {"selector": first.selector})
    assert made_by_bob(cast, acme).selector == first.selector[:-1] + "b"


def test_a_domain_has_one_waiting_key_and_one_that_signs(cast, acme, signing):
    with said("signs mail of acme.test already. Rotate it"):
        made_by_bob(cast, acme)
    fresh = commands.rotate(actor=cast.actor(cast.bob), domain=acme)
    assert states(acme) == {"a": "active", "b": "waiting"}
    with said(f"The key {fresh.selector} is waiting already."):
        commands.rotate(actor=cast.actor(cast.bob), domain=acme)


def test_there_is_nothing_to_rotate_where_nothing_signs(cast, acme):
    with said("No key signs mail of acme.test, so there is none to rotate."):
        commands.rotate(actor=cast.actor(cast.bob), domain=acme)


def test_only_verified_domains_whose_mail_is_carried_here_have_keys(cast, acme):
    claim = add_domain(actor=cast.actor(cast.bob), tenant=acme.tenant, name="new.test")
    with said("new.test is not verified yet."):
        made_by_bob(cast, claim)
    Brand.objects.update(carries_mail=False)
    elsewhere = Domain.objects.get(pk=acme.pk)
    with said("Mail of acme.test is not carried here"):
        made_by_bob(cast, elsewhere)


def test_no_key_signs_whose_record_was_not_found(cast, acme):
    key = made_by_bob(cast, acme)
    with said(f"The record of the key {key.selector} was not found in the DNS."):
        commands.activate_key(actor=cast.actor(cast.bob), key=key)
    assert states(acme) == {"a": "waiting"}


def test_a_key_that_signs_is_not_removed_and_one_that_has_signed_stays_a_week(cast, acme, signing):
    bob = cast.actor(cast.bob)
    with said("signs mail. Rotate it, or stop signing."):
        commands.remove_key(actor=bob, key=signing)
    commands.retire_key(actor=bob, key=signing)
    assert (last_entry().action, last_entry().after) == ("dkim:retire", {"selector": signing.selector})
    with said("may still be on its way"):
        commands.remove_key(actor=bob, key=signing)
    with said("does not sign mail"):
        commands.retire_key(actor=bob, key=signing)
    with said("has been retired. Make a new one."):
        commands.activate_key(actor=bob, key=signing)
    DkimKey.objects.update(retired_at=timezone.now() - WEEK)
    commands.remove_key(actor=bob, key=signing)
    with pytest.raises(NotYours):
        commands.remove_key(actor=bob, key=signing)
    assert states(acme) == {}


@pytest.mark.parametrize("command", ["retire_key", "remove_key", "activate_key"])
def test_strangers_find_no_key_and_readers_change_none(cast, acme, signing, command):
    act = getattr(commands, command)
    with pytest.raises(NotYours):
        act(actor=cast.actor(cast.charlie), key=signing)
    with pytest.raises(NotAllowed):
        act(actor=cast.actor(cast.rita), key=signing)


@pytest.mark.parametrize("command", ["add_key", "rotate"])
def test_strangers_and_the_help_desk_make_no_key(cast, acme, command):
    act = getattr(commands, command)
    with pytest.raises(NotYours):
        act(actor=cast.actor(cast.charlie), domain=acme)
    with pytest.raises(NotAllowed):
        act(actor=cast.actor(cast.dora), domain=acme)
    assert states(acme) == {}


def test_nobody_signs_for_who_is_suspended_or_whose_domain_is_gone(cast, acme, signing):
    assert [(each.domain, each.selector) for each in signing_now()] == [("acme.test", signing.selector)]
    suspend_tenant(actor=cast.system, tenant=cast.acme, reason="Invoice 4711 is overdue")
    assert list(signing_now()) == []
    cast.acme.refresh_from_db()
    resume_tenant(actor=cast.system, tenant=cast.acme)
    assert len(list(signing_now())) == 1
    remove_domain(actor=cast.system, domain=acme)
    assert list(signing_now()) == []
