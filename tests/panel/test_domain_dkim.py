"""The DKIM keys on the page of a domain."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.cast import Cast

from oxherd.brands.models import Brand
from oxherd.dkim import commands
from oxherd.dkim.models import DkimKey
from oxherd.dkim.records import record_of
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import note_check

HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(cast: Cast) -> Domain:
    Brand.objects.update(carries_mail=True)
    return Domain.objects.select_related("tenant__brand").get(name="acme.test")


@pytest.fixture
def signing(cast: Cast, acme: Domain) -> DkimKey:
    return taken_over(acme, commands.add_key(actor=cast.system, domain=acme))


def found(domain, *keys):
    """The DNS of a domain holds the records of these keys, and of no other."""
    records = [(record_of(key, domain), key in keys) for key in domain.dkim_keys.all()]
    note_check(
        domain.pk,
        {
            record.kind: {"name": record.name, "values": list(record.expected) if there else [], "problem": ""}
            for record, there in records
        },
    )
    domain.refresh_from_db()


def taken_over(domain, key):
    found(domain, *domain.dkim_keys.all())
    commands.note_look(domain)
    key.refresh_from_db()
    return key


def url(domain, path=""):
    return f"/t/{domain.tenant_id}/ox/domains/{domain.pk}/{path}"


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_brand_whose_mail_is_carried_elsewhere_shows_nothing_of_keys(cast: Cast, acme: Domain) -> None:
    Brand.objects.update(carries_mail=False)
    assert 'id="dkim"' not in text(cast.client(cast.bob).get(url(acme)))


def test_a_claim_shows_no_keys(cast: Cast, acme: Domain) -> None:
    claim = add_domain(actor=cast.actor(cast.bob), tenant=acme.tenant, name="new.test")
    assert 'id="dkim"' not in text(cast.client(cast.bob).get(url(claim)))


def test_a_domain_without_a_key_offers_to_make_one(cast: Cast, acme: Domain) -> None:
    bob = cast.client(cast.bob)
    shown = text(bob.get(url(acme)))
    assert "No key signs mail of acme.test: it goes out unsigned" in shown
    answer = bob.post(url(acme, "dkim/make/"), follow=True)
    key = acme.dkim_keys.get()
    shown = text(answer)
    assert f"The key {key} was made. Set its record in the DNS of acme.test: then it signs." in shown
    assert f'data-copy="{key}._domainkey.acme.test"' in shown
    assert f'data-copy="v=DKIM1; k=rsa; p={key.public_key}"' in shown
    assert "Waits for its record" in shown
    assert "until then mail goes out unsigned." in shown
    assert "Make a key" not in shown
    assert "DKIM key made" in shown  # in the history
    assert "PRIVATE" not in shown


def test_a_second_key_is_not_made_by_a_second_click(cast: Cast, acme: Domain) -> None:
    bob = cast.client(cast.bob)
    bob.post(url(acme, "dkim/make/"), headers=HTMX)
    answer = bob.post(url(acme, "dkim/make/"), headers=HTMX)
    assert (answer.status_code, "is waiting already" in text(answer)) == (422, True)
    assert acme.dkim_keys.count() == 1


def test_a_rotation_is_explained_and_shown_step_by_step(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    bob = cast.client(cast.bob)
    shown = text(bob.get(url(acme)))
    assert "Signs mail" in shown
    assert "Leave its record in the DNS." in shown
    dialog = text(bob.get(url(acme, "dkim/rotate/"), headers=HTMX))
    assert f"<strong>{signing}</strong> goes on signing until the new record is found" in dialog
    assert bob.post(url(acme, "dkim/rotate/"), headers=HTMX).headers["HX-Redirect"] == url(acme)
    fresh = acme.dkim_keys.get(state="waiting")
    found(acme, signing)
    shown = text(bob.get(url(acme)))
    assert f"until then {signing} goes on signing." in shown
    assert shown.count("._domainkey.acme.test</code>") == 2
    assert url(acme, "dkim/rotate/") not in shown
    assert "The next key is there already" in text(bob.get(url(acme, "dkim/rotate/"), headers=HTMX))
    taken_over(acme, fresh)
    shown = text(bob.get(url(acme)))
    assert "Mail on its way still needs its record." in shown
    assert "DKIM key signs no more" in shown
    assert shown.count("._domainkey.acme.test</code>") == 1
    DkimKey.objects.filter(state="retired").update(retired_at=timezone.now() - timedelta(days=7))
    assert "Its record may be removed from the DNS now." in text(bob.get(url(acme)))


def test_a_record_that_went_away_is_told(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    found(acme)
    shown = text(cast.client(cast.bob).get(url(acme)))
    assert "Record missing" in shown
    assert f"Set the record <strong>DKIM {signing}</strong> again, or stop signing." in shown


def test_the_key_that_waits_is_removed(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    bob = cast.client(cast.bob)
    fresh = commands.rotate(actor=cast.actor(cast.bob), domain=acme)
    dialog = text(bob.get(url(acme, "dkim/remove/"), headers=HTMX))
    assert f"Remove the key {fresh}?" in dialog
    assert f"<strong>{signing}</strong> goes on signing mail of acme.test" in dialog
    assert f"The key {fresh} was removed." in text(bob.post(url(acme, "dkim/remove/"), follow=True))
    assert list(acme.dkim_keys.all()) == [signing]
    answer = bob.post(url(acme, "dkim/remove/"), headers=HTMX)
    assert (answer.status_code, "No key of acme.test waits any more." in text(answer)) == (422, True)


def test_signing_is_stopped_after_the_effects_were_named(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    bob = cast.client(cast.bob)
    assert "goes out unsigned until another key signs" in text(bob.get(url(acme, "dkim/stop/")))
    assert "Mail of acme.test is not signed any more." in text(bob.post(url(acme, "dkim/stop/"), follow=True))
    signing.refresh_from_db()
    assert signing.state == "retired"
    assert bob.get(url(acme, "dkim/stop/"), headers=HTMX).status_code == 422


@pytest.mark.parametrize("act", ["make", "rotate", "remove", "stop"])
def test_who_may_only_read_sees_keys_and_changes_none(cast: Cast, acme: Domain, signing: DkimKey, act: str) -> None:
    rita, charlie = cast.client(cast.rita), cast.client(cast.charlie)
    shown = text(rita.get(url(acme)))
    assert signing.selector in shown
    assert url(acme, "dkim/") not in shown
    assert rita.post(url(acme, f"dkim/{act}/")).status_code == 403
    assert charlie.post(url(acme, f"dkim/{act}/")).status_code == 404
    assert list(acme.dkim_keys.values_list("state", flat=True)) == ["active"]


def test_the_zone_file_holds_the_records_of_keys(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    zone = cast.client(cast.bob).get(url(acme, "zone/")).content.decode()
    (line,) = (line for line in zone.splitlines() if line.startswith(f"{signing}._domainkey\t"))
    strings = line.split('"')[1::2]
    assert "".join(strings) == f"v=DKIM1; k=rsa; p={signing.public_key}"
    assert max(map(len, strings)) == 255
    assert "DKIM: not configured" not in zone


def test_keys_cost_the_page_one_query(cast: Cast, acme: Domain, signing: DkimKey) -> None:
    bob = cast.client(cast.bob)
    bob.get(url(acme))
    counts = []
    for carries in (False, True):
        Brand.objects.update(carries_mail=carries)
        with CaptureQueriesContext(connection) as queries:
            bob.get(url(acme))
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1
