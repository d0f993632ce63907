"""The page of one domain."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.worker import empty_queue

from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain, add_subdomain, remove_domain
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import note_check, verify_domain

HTMX = {"HX-Request": "true"}
SILENT = "The DNS did not answer in time."


@pytest.fixture
def claim(cast: Cast) -> Domain:
    """A domain that Bob has added and not proved yet."""
    return add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="bücher.example")


def url(domain, path=""):
    return f"/t/{domain.tenant_id}/ox/domains/{domain.pk}/{path}"


def found(domain, *values, problem=""):
    answer = {"name": domain.proof_name, "values": list(values), "problem": problem}
    note_check(domain.pk, {"ownership": answer})


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_claim_tells_which_record_proves_it(cast: Cast, claim: Domain) -> None:
    shown = text(cast.client(cast.bob).get(url(claim)))
    assert 'data-copy="_oxherd-verify.xn--bcher-kva.example"' in shown
    assert f'data-copy="oxherd-verify={claim.token}"' in shown
    assert "Prove that bücher.example is yours" in shown
    assert "It is looked for by itself in a minute" in shown
    assert "Check again" in shown


@pytest.mark.parametrize(
    ("values", "problem", "said"),
    [
        ((), "", "The record was not found."),
        (("oxherd-verify=1",), "", 'Something else was found: <code class="break">oxherd-verify=1</code>'),
        ((), SILENT, SILENT),
    ],
)
def test_a_claim_tells_what_was_found(cast: Cast, claim: Domain, values, problem, said) -> None:
    found(claim, *values, problem=problem)
    assert said in text(cast.client(cast.bob).get(url(claim)))


def test_a_claim_that_was_given_up_says_how_it_goes_on(cast: Cast, claim: Domain) -> None:
    Domain.objects.filter(pk=claim.pk).update(next_check_at=None)
    assert "it is not looked for any more" in text(cast.client(cast.bob).get(url(claim)))


def test_a_claim_that_another_customer_has_says_so(cast: Cast, claim: Domain) -> None:
    add_domain(actor=cast.system, tenant=cast.globex, name="bücher.example")
    shown = text(cast.client(cast.bob).get(url(claim)))
    assert "bücher.example is in use by another customer. If it is yours, ask your provider." in shown
    assert "Globex" not in shown


def test_a_claim_below_a_claim_says_that_it_follows(cast: Cast, claim: Domain) -> None:
    below = add_subdomain(actor=cast.actor(cast.bob), tenant=cast.acme, name="mail", parent="bücher.example")
    assert f'It is verified with <a href="{url(claim)}">bücher.example</a>, too.' in text(
        cast.client(cast.bob).get(url(below))
    )
    assert f'<a href="{url(below)}">mail.bücher.example</a>' in text(cast.client(cast.bob).get(url(claim)))


def test_check_again_is_done_by_the_worker_while_the_page_waits(cast: Cast, claim: Domain) -> None:
    client = cast.client(cast.bob)
    empty_queue()
    answer = text(client.post(url(claim, "check/"), headers=HTMX))
    assert f'hx-get="{url(claim, "status/")}" hx-trigger="every 1s"' in answer
    assert [job.args for job in ProcrastinateJob.objects.filter(queue_name="dns")] == [{"domain_id": claim.pk}]
    found(claim, claim.proof_value)
    after = text(client.get(url(claim, "status/"), headers=HTMX))
    assert "every 1s" not in after
    assert 'id="domain-state" hx-swap-oob="true"' in after
    assert "Verified" in after
    assert "Prove that" not in after


def test_what_approves_goes_with_the_proof_and_only_once(cast: Cast, claim: Domain) -> None:
    client, gone = cast.client(cast.alice), 'id="domain-approve" hx-swap-oob="delete"'
    found(claim, claim.proof_value)
    assert gone in text(client.get(url(claim, "status/"), headers=HTMX))
    assert f"{url(claim, 'check/')}?verified" in text(client.get(url(claim)))
    answer = text(client.post(url(claim, "check/?verified"), headers=HTMX))
    assert (gone in answer, f'{url(claim, "status/")}?verified" hx-trigger="every 1s"' in answer) == (False, True)


def test_a_lost_check_does_not_let_the_page_wait_for_ever(cast: Cast, claim: Domain) -> None:
    Domain.objects.filter(pk=claim.pk).update(checking_since=timezone.now() - timedelta(minutes=3))
    assert "every 1s" not in text(cast.client(cast.bob).get(url(claim)))


def test_without_script_check_again_leads_back(cast: Cast, claim: Domain) -> None:
    answer = cast.client(cast.dora).post(url(claim, "check/"))
    assert (answer.status_code, answer.url) == (302, url(claim))


def test_readers_see_and_do_nothing(cast: Cast, claim: Domain) -> None:
    client = cast.client(cast.rita)
    shown = text(client.get(url(claim)))
    assert ("Check again" in shown, "Edit" in shown, "Approve" in shown) == (False, False, False)
    assert client.post(url(claim, "check/")).status_code == 403


def test_a_stranger_checks_nothing(cast: Cast, claim: Domain) -> None:
    assert cast.client(cast.charlie).post(url(claim, "check/")).status_code == 404


def test_who_looks_on_while_it_is_removed_is_led_away(cast: Cast, claim: Domain) -> None:
    remove_domain(actor=cast.system, domain=claim)
    client = cast.client(cast.bob)
    assert client.get(url(claim, "status/"), headers=HTMX).headers["HX-Redirect"] == f"/t/{cast.acme.pk}/ox/domains/"
    assert client.get(url(claim)).status_code == 404


def test_the_provider_approves_after_the_effect_was_named(cast: Cast, claim: Domain) -> None:
    client = cast.client(cast.alice)
    assert "Approve" in text(client.get(url(claim)))
    assert "You take it for proved:" in text(client.get(url(claim, "approve/"), headers=HTMX))
    answer = client.post(url(claim, "approve/"), headers=HTMX)
    assert answer.headers["HX-Redirect"] == url(claim)
    claim.refresh_from_db()
    assert (claim.proof, claim.approved_by) == ("approved", "Alice")
    assert "Approved by Alice" in text(client.get(url(claim)))


def test_what_cannot_be_approved_offers_no_button(cast: Cast, claim: Domain) -> None:
    add_domain(actor=cast.system, tenant=cast.globex, name="bücher.example")
    client = cast.client(cast.alice)
    shown = text(client.get(url(claim, "approve/"), headers=HTMX))
    assert ("in use by another customer" in shown, 'type="submit"' in shown) == (True, False)
    answer = client.post(url(claim, "approve/"), headers=HTMX)
    assert (answer.status_code, "in use by another customer" in answer.content.decode()) == (422, True)


def test_a_customer_does_not_approve(cast: Cast, claim: Domain) -> None:
    client = cast.client(cast.bob)
    assert "Approve" not in text(client.get(url(claim)))
    assert client.post(url(claim, "approve/")).status_code == 403


def test_a_proof_that_went_away_is_told(cast: Cast, claim: Domain) -> None:
    verify_domain(claim)
    found(claim)
    client = cast.client(cast.bob)
    assert "The record that proved your ownership is gone." in text(client.get(url(claim)))
    assert "Proof not found any more" in text(client.get(f"/t/{cast.acme.pk}/ox/domains/"))


def test_records_are_told_with_what_is_expected_and_found(cast: Cast) -> None:
    change_brand(actor=cast.system, brand=cast.brand, mail_hosts=["10 mx1.sunrise.test"], dmarc="v=DMARC1; p=none")
    acme = Domain.objects.get(name="acme.test")
    answer = {"name": "acme.test", "values": ["10 old.test"], "problem": ""}
    note_check(acme.pk, {"mx": answer, "dmarc": {"name": "_dmarc.acme.test", "values": [], "problem": ""}})
    shown = cast.client(cast.rita).get(url(acme))
    told = {record.label: (record.state, record.expected, record.found) for record in shown.context["records"]}
    assert told["MX"] == ("other", ("10 mx1.sunrise.test",), ("10 old.test",))
    assert told["DMARC"] == ("missing", ("v=DMARC1; p=none",), ())
    assert told["SPF"] == ("not_offered", (), ())
    assert 'data-copy="10 mx1.sunrise.test"' in text(shown)
    assert text(shown).count("Not configured by your provider") == 1


def test_silence_is_told_once(cast: Cast) -> None:
    change_brand(actor=cast.system, brand=cast.brand, mail_hosts=["10 mx1.sunrise.test"])
    acme = Domain.objects.get(name="acme.test")
    kinds = {"ownership": acme.proof_name, "mx": "acme.test", "spf": "acme.test", "dmarc": "_dmarc.acme.test"}
    kinds |= {"autodiscover": "autodiscover.acme.test", "autoconfig": "autoconfig.acme.test"}
    note_check(acme.pk, {kind: {"name": name, "values": [], "problem": SILENT} for kind, name in kinds.items()})
    assert text(cast.client(cast.rita).get(url(acme))).count(SILENT) == 1


def test_the_zone_file_is_downloaded(cast: Cast, claim: Domain) -> None:
    answer = cast.client(cast.rita).get(url(claim, "zone/"))
    assert answer.headers["Content-Type"] == "text/dns"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="xn--bcher-kva.example.zone"'
    assert f'_oxherd-verify\tIN\tTXT\t"{claim.proof_value}"' in answer.content.decode()


def test_the_history_tells_what_was_done(cast: Cast, claim: Domain) -> None:
    verify_domain(claim)
    history = cast.client(cast.bob).get(url(claim)).context["history"]
    told = [(entry.what, entry.who, [(c.label, c.after) for c in entry.changes]) for entry in history]
    assert told == [
        ("Domain verified", "Check of domains", [("Domain", "bücher.example"), ("Verified", "TXT record")]),
        ("Domain added", "Bob", [("Domain", "bücher.example")]),
    ]


def test_the_page_costs_a_fixed_number_of_queries(cast: Cast, claim: Domain, django_assert_num_queries) -> None:
    client = cast.client(cast.bob)
    # Session, administrator, roles; tenant, domain; obstacle, subdomains; in use, taken, history; outage, tenant's job.
    with django_assert_num_queries(12):
        client.get(url(claim))
