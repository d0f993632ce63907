"""What a brand asks its customers to set in the DNS."""

import pytest
from tests.rows import last_entry, refused

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand

ME = system("Tests", Door.CLI)


def change(cast, **records):
    return change_brand(actor=ME, brand=cast.brand, **records)


def test_records_are_kept_in_one_form(cast):
    brand = change(
        cast,
        mail_hosts=[" 5  MX1.Sunrise.test. ", "mx2.sunrise.test"],
        spf_include="SPF.sunrise.test.",
        dkim_selector="S1",
        dkim_target="s1._domainkey.Sunrise.test.",
        dmarc=" v=DMARC1;  p=reject ",
        autodiscover_host="auto.xn--bcher-kva.example",
    )
    assert brand.mail_hosts == ["5 mx1.sunrise.test", "10 mx2.sunrise.test"]
    assert (brand.spf_include, brand.dkim_selector) == ("spf.sunrise.test", "s1")
    assert (brand.dkim_target, brand.dmarc) == ("s1._domainkey.sunrise.test", "v=DMARC1; p=reject")
    assert (brand.autodiscover_host, brand.autoconfig_host) == ("auto.xn--bcher-kva.example", "")
    assert last_entry().after["mail_hosts"] == ["5 mx1.sunrise.test", "10 mx2.sunrise.test"]


def test_a_key_is_kept_as_it_is_written(cast):
    key = "v=DKIM1; k=rsa; p=MIIBIjANBgkqh"
    assert change(cast, dkim_selector="s1", dkim_target=key).dkim_target == key


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mail_hosts", ["mx1"]),
        ("mail_hosts", ["ten mx1.sunrise.test"]),
        ("mail_hosts", ["65536 mx1.sunrise.test"]),
        ("mail_hosts", ["10 192.0.2.1"]),
        ("mail_hosts", [""]),
        ("mail_hosts", ["10 mx1.sunrise.test"] * 11),
        ("spf_include", "spf sunrise.test"),
        ("spf_include", "bücher.example"),
        ("spf_include", "a." * 126 + "test"),
        ("dmarc", "p=none"),
        ("dmarc", "v=DMARC1; p=maybe"),
        ("dmarc", "v=DMARC1; p=none; rua=mailto:ä@sunrise.test"),
        ("dmarc", "v=DMARC1; p=none" + ";" * 500),
        ("autodiscover_host", "https://auto.sunrise.test"),
        ("autoconfig_host", "-auto.sunrise.test"),
    ],
)
def test_what_no_zone_takes_is_refused(cast, field, value):
    with refused(field):
        change(cast, **{field: value})


@pytest.mark.parametrize(
    ("records", "field"),
    [
        ({"dkim_selector": "s1"}, "dkim_target"),
        ({"dkim_target": "s1.sunrise.test"}, "dkim_selector"),
        ({"dkim_selector": "s 1", "dkim_target": "s1.sunrise.test"}, "dkim_selector"),
        ({"dkim_selector": "s1", "dkim_target": "nonsense"}, "dkim_target"),
    ],
)
def test_selector_and_target_belong_together(cast, records, field):
    with refused(field):
        change(cast, **records)
