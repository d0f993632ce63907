"""The zone file, read back as name servers read it."""

import dns.rdatatype
import dns.zone
import pytest

from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain, add_subdomain
from oxherd.domains.zone import zone_file

KEY = 'v=DKIM1; k=rsa; n="a \\ quote"; p=' + "A" * 400
RECORDS = {
    "mail_hosts": ["10 mx1.sunrise.test", "20 mx2.sunrise.test"],
    "spf_include": "spf.sunrise.test",
    "dkim_selector": "s1",
    "dkim_target": KEY,
    "dmarc": "v=DMARC1; p=quarantine; rua=mailto:d@sunrise.test",
    "autodiscover_host": "auto.sunrise.test",
    "autoconfig_host": "auto.sunrise.test",
}


def read(text, name):
    """Name and type -> values; texts put together."""
    zone = dns.zone.from_text(text, origin=f"{name}.", relativize=False, check_origin=False)
    found = {}
    for owner, _, row in zone.iterate_rdatas():
        is_text = row.rdtype == dns.rdatatype.TXT
        value = b"".join(row.strings).decode() if is_text else row.to_text()
        key = owner.to_text(omit_final_dot=True), dns.rdatatype.to_text(row.rdtype)
        found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize(
    ("typed", "name"), [("acme-two.test", "acme-two.test"), ("bücher.example", "xn--bcher-kva.example")]
)
def test_a_name_server_reads_back_every_record(cast, typed, name):
    change_brand(actor=cast.system, brand=cast.brand, **RECORDS)
    cast.acme.refresh_from_db()
    domain = add_domain(actor=cast.system, tenant=cast.acme, name=typed)
    text = zone_file(domain)
    assert text.isascii()
    assert read(text, name) == {
        (f"_oxherd-verify.{name}", "TXT"): [domain.proof_value],
        (name, "MX"): ["10 mx1.sunrise.test.", "20 mx2.sunrise.test."],
        (name, "TXT"): ["v=spf1 include:spf.sunrise.test ~all"],
        (f"s1._domainkey.{name}", "TXT"): [KEY],
        (f"_dmarc.{name}", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@sunrise.test"],
        (f"autodiscover.{name}", "CNAME"): ["auto.sunrise.test."],
        (f"autoconfig.{name}", "CNAME"): ["auto.sunrise.test."],
    }


def test_what_is_not_configured_is_a_remark(cast):
    domain = add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    text = zone_file(domain)
    assert read(text, "mail.acme.test") == {("_oxherd-verify.mail.acme.test", "TXT"): [domain.proof_value]}
    assert text.count("not configured by your provider") == 6
