"""What a domain's DNS should hold, beside what it holds."""

import pytest

from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.domains.records import MX, OWNERSHIP, Record, compared, expected, proof_is_gone

DNS = {
    "mail_hosts": ["10 mx1.sunrise.test", "20 mx2.sunrise.test"],
    "spf_include": "spf.sunrise.test",
    "dkim_selector": "s1",
    "dkim_target": "s1.dkim.sunrise.test",
    "dmarc": "v=DMARC1; p=quarantine",
    "autodiscover_host": "auto.sunrise.test",
    "autoconfig_host": "auto.sunrise.test",
}


@pytest.fixture
def acme(cast):
    """Acme's domain, with all that a brand can ask for."""
    change_brand(actor=cast.system, brand=cast.brand, **DNS)
    return Domain.objects.select_related("tenant__brand").get(name="acme.test")


def found(domain, kind, *values, problem=""):
    """The record of this kind as it is told after these values were found."""
    name = next(record.name for record in expected(domain) if record.kind == kind)
    domain.found = {kind: {"name": name, "values": list(values), "problem": problem}}
    return next(record for record in compared(domain) if record.kind == kind)


def test_a_domain_should_have_what_its_brand_asks_for(acme):
    assert [(record.label, record.name, record.type, record.expected) for record in expected(acme)] == [
        ("Ownership", "_oxherd-verify.acme.test", "TXT", (f"oxherd-verify={acme.token}",)),
        ("MX", "acme.test", "MX", ("10 mx1.sunrise.test", "20 mx2.sunrise.test")),
        ("SPF", "acme.test", "TXT", ("v=spf1 include:spf.sunrise.test ~all",)),
        ("DKIM", "s1._domainkey.acme.test", "CNAME", ("s1.dkim.sunrise.test",)),
        ("DMARC", "_dmarc.acme.test", "TXT", ("v=DMARC1; p=quarantine",)),
        ("Autodiscover", "autodiscover.acme.test", "CNAME", ("auto.sunrise.test",)),
        ("Autoconfig", "autoconfig.acme.test", "CNAME", ("auto.sunrise.test",)),
    ]


def test_names_are_told_in_the_form_that_zones_take(cast):
    domain = add_domain(actor=cast.system, tenant=cast.acme, name="bücher.example")
    assert expected(domain)[0].name == "_oxherd-verify.xn--bcher-kva.example"


def test_what_a_brand_does_not_ask_for_is_not_offered(cast):
    domain = Domain.objects.get(name="acme.test")
    states = {record.kind: record.state for record in compared(domain)}
    assert states.pop(OWNERSHIP) == "unknown"
    assert set(states.values()) == {"not_offered"}


def test_a_key_may_stand_in_a_text(cast, acme):
    brand = change_brand(actor=cast.system, brand=cast.brand, dkim_target="v=DKIM1; k=rsa; p=MIIB")
    acme.tenant.brand = brand
    assert (expected(acme)[3].type, expected(acme)[3].expected) == ("TXT", ("v=DKIM1; k=rsa; p=MIIB",))


def test_where_mail_is_signed_here_keys_take_the_place_of_the_record_of_the_brand(acme):
    key = Record(
        "key:ox202611a", "ox202611a._domainkey.acme.test", "TXT", ("v=DKIM1; k=rsa; p=MIIB",), told="Signs mail"
    )
    acme.tenant.brand.carries_mail = True
    with_key, without = expected(acme, [key]), expected(acme)
    assert [(record.label, record.purpose) for record in with_key if record.family == "key"] == [
        ("DKIM ox202611a", "Signs mail")
    ]
    assert not [record for record in [*with_key, *without] if record.kind == "dkim"]


def test_before_the_first_look_nothing_is_known(acme):
    assert {record.state for record in compared(acme)} == {"unknown"}


def test_without_an_answer_nothing_is_known(acme):
    record = found(acme, MX, problem="The DNS did not answer in time.")
    assert (record.state, record.problem) == ("unknown", "The DNS did not answer in time.")


@pytest.mark.parametrize(
    ("kind", "values", "state"),
    [
        ("mx", ["10 mx1.sunrise.test", "20 mx2.sunrise.test"], "ok"),
        ("mx", ["5 mx2.sunrise.test", "5 mx1.sunrise.test"], "ok"),  # their order is the customer's
        ("mx", ["10 mx1.sunrise.test"], "other"),
        ("mx", ["10 mx1.sunrise.test", "20 mx2.sunrise.test", "30 old.test"], "other"),
        ("mx", [], "missing"),
        ("spf", ["v=spf1 include:spf.sunrise.test ~all"], "ok"),
        ("spf", ["v=spf1 mx INCLUDE:spf.sunrise.test include:news.test -all"], "ok"),
        ("spf", ["v=spf1 -all"], "other"),
        ("spf", ["v=spf1 include:spf.sunrise.test.evil.test ~all"], "other"),
        ("spf", ["v=spf1 include:spf.sunrise.test ~all", "v=spf1 -all"], "other"),  # two count as none
        ("dkim", ["s1.dkim.sunrise.test"], "ok"),
        ("dkim", ["s2.dkim.sunrise.test"], "other"),
        ("dmarc", ["v=DMARC1;p=quarantine"], "ok"),
        ("dmarc", ["v=DMARC1; p=reject; rua=mailto:a@acme.test"], "ok"),
        ("dmarc", ["v=DMARC1; p=none"], "other"),
        ("dmarc", ["v=DMARC1"], "other"),
        ("autodiscover", ["auto.sunrise.test"], "ok"),
        ("autodiscover", ["A 192.0.2.7"], "other"),
        ("autoconfig", [], "missing"),
    ],
)
def test_what_is_found_is_judged_as_mail_servers_would(acme, kind, values, state):
    record = found(acme, kind, *values)
    assert (record.state, record.found) == (state, tuple(values))


def test_the_proof_may_stand_among_others(acme):
    acme.proof = "txt"
    assert found(acme, OWNERSHIP, "x", acme.proof_value).state == "ok"
    assert found(acme, OWNERSHIP, "oxherd-verify=another").state == "other"
    assert found(acme, OWNERSHIP).state == "missing"


def test_who_was_approved_otherwise_needs_no_proof(acme):
    assert found(acme, OWNERSHIP).state == "not_needed"
    assert found(acme, OWNERSHIP, acme.proof_value).state == "ok"
    acme.verified_at, acme.proof = None, ""
    assert found(acme, OWNERSHIP).state == "missing"


def test_what_was_found_under_another_name_says_nothing(cast, acme):
    found(acme, "dkim", "s1.dkim.sunrise.test")
    acme.tenant.brand = change_brand(actor=cast.system, brand=cast.brand, dkim_selector="s2")
    assert {record.kind: record.state for record in compared(acme)}["dkim"] == "unknown"


def test_a_proof_that_went_away_is_told_where_there_was_one(acme):
    found(acme, OWNERSHIP)
    assert not proof_is_gone(acme)  # approved by hand: there never was one
    acme.proof = "txt"
    assert proof_is_gone(acme)
    found(acme, OWNERSHIP, problem="The DNS did not answer in time.")
    assert not proof_is_gone(acme)
    found(acme, OWNERSHIP, acme.proof_value)
    assert not proof_is_gone(acme)
