"""The worker's look at the DNS: it makes the first key, lets keys take over, and clears away what is over."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rows import last_entry

from oxherd.audit.models import AuditEntry
from oxherd.brands.models import Brand
from oxherd.dkim.commands import keep_keys, note_look, remove_key, rotate
from oxherd.dkim.models import DkimKey
from oxherd.dkim.queries import signing as signing_now
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.sync.domains import check_domain

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def states(domain):
    return {key.selector[-1]: key.state for key in domain.dkim_keys.all()}


def looked(domain):
    check_domain(domain.pk)
    domain.refresh_from_db()
    return states(domain)


def test_a_domain_gets_its_first_key_with_the_first_look_after_it_was_verified(cast, acme, little_dns):
    claim = add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="new.test")
    assert looked(claim) == {}
    little_dns.has(claim.proof_name, "TXT", f'"{claim.proof_value}"')
    assert looked(claim) == {}  # just verified, and to be looked at again at once
    assert claim.next_check_at <= timezone.now()
    assert looked(claim) == {"a": "waiting"}
    assert looked(claim) == {"a": "waiting"}
    made = AuditEntry.objects.get(action="dkim:add")
    assert (made.actor, made.subject_name) == ("Keeper of DKIM keys", "new.test")


def test_a_domain_whose_mail_is_carried_elsewhere_gets_none(acme, little_dns):
    Brand.objects.update(carries_mail=False)
    assert looked(acme) == {}
    assert not [name for name, _ in little_dns.asked if "_domainkey" in name]


def test_a_key_signs_as_soon_as_its_record_is_found(acme, publish, little_dns):
    assert looked(acme) == {"a": "waiting"}
    assert MINUTE / 2 < acme.next_check_at - timezone.now() <= MINUTE
    publish(acme.dkim_keys.get())
    assert looked(acme) == {"a": "active"}
    assert (last_entry().action, last_entry().actor) == ("dkim:activate", "Keeper of DKIM keys")
    assert acme.next_check_at - timezone.now() > DAY - MINUTE


def test_a_key_that_waits_long_is_looked_for_less_often_and_never_given_up(acme, little_dns):
    looked(acme)
    for waited, pause in ((timedelta(hours=3), timedelta(hours=3)), (90 * DAY, DAY)):
        DkimKey.objects.update(created_at=timezone.now() - waited)
        looked(acme)
        assert pause - MINUTE < acme.next_check_at - timezone.now() <= pause + MINUTE


@pytest.mark.parametrize("trouble", ["another key", "two records", "for another purpose", "broken", "silent"])
def test_what_is_not_the_record_lets_no_key_sign(acme, little_dns, trouble, settings):
    looked(acme)
    key = acme.dkim_keys.get()
    name, text = f"{key.selector}._domainkey.acme.test", f"v=DKIM1; k=rsa; p={key.public_key}"
    quoted = f'"{text[:200]}" "{text[200:]}"'
    if trouble in {"broken", "silent"}:
        settings.DNS_TIMEOUT_SECONDS = 0.3
        getattr(little_dns, trouble).add(name)
    values = {
        "another key": [f'"{text[:200]}"'],
        "two records": [quoted, '"v=DKIM1; p="'],
        "for another purpose": [quoted.replace("k=rsa;", "k=rsa; s=tlsrpt;")],
    }
    little_dns.has(name, "TXT", *values.get(trouble, [quoted]))
    assert looked(acme) == {"a": "waiting"}


@pytest.mark.parametrize("form", ["{p}", "v=DKIM1; t=s; h=sha1:sha256; p={p}", "v=DKIM1;k=rsa;s=email;p={p};n=ours;"])
def test_a_record_in_other_words_is_the_record(acme, little_dns, form):
    looked(acme)
    key = acme.dkim_keys.get()
    text = form.format(p=key.public_key) if "p=" in form else f"p={key.public_key}"
    little_dns.has(f"{key.selector}._domainkey.acme.test", "TXT", f'"{text[:200]}" "{text[200:]}"')
    assert looked(acme) == {"a": "active"}


def test_the_former_key_signs_until_the_record_of_the_next_one_is_found(cast, acme, signing, publish):
    rotate(actor=cast.actor(cast.bob), domain=acme)
    assert looked(acme) == {"a": "active", "b": "waiting"}
    assert [each.selector for each in signing_now()] == [signing.selector]
    publish(acme.dkim_keys.get(state="waiting"))
    assert looked(acme) == {"a": "retired", "b": "active"}
    told = AuditEntry.objects.filter(action__startswith="dkim:").order_by("-id")[:2]
    assert [entry.action for entry in told] == ["dkim:activate", "dkim:retire"]
    assert [each.selector[-1] for each in signing_now()] == ["b"]


def test_a_retired_key_goes_after_seven_days(cast, acme, signing, publish):
    rotate(actor=cast.actor(cast.bob), domain=acme)
    publish(acme.dkim_keys.get(state="waiting"))
    looked(acme)
    retired = DkimKey.objects.filter(state="retired")
    retired.update(retired_at=timezone.now() - 7 * DAY + MINUTE)
    assert looked(acme) == {"a": "retired", "b": "active"}
    retired.update(retired_at=timezone.now() - 7 * DAY)
    assert looked(acme) == {"b": "active"}
    assert AuditEntry.objects.get(action="dkim:remove").before == {"selector": signing.selector}


def test_a_key_whose_record_goes_away_signs_on_and_is_told(acme, signing, little_dns):
    little_dns.zone.clear()
    assert looked(acme) == {"a": "active"}


def test_a_key_that_was_removed_is_followed_by_another_one(cast, acme, little_dns):
    looked(acme)
    remove_key(actor=cast.actor(cast.bob), key=acme.dkim_keys.get())
    assert looked(acme) == {"b": "waiting"}


def test_a_domain_that_is_removed_during_the_look_gets_no_key_and_lets_none_sign(cast, acme, little_dns):
    remove_domain(actor=cast.system, domain=acme)
    assert keep_keys(acme) == []
    note_look(acme)
    assert states(acme) == {}
