"""What is asked of the DNS, and what is made of its answers and of its silence."""

import socket
import time

from tests.little_dns import LittleDns

from oxherd.domains.dns import BROKEN, NO_RESOLVER, SILENT, Answer, ask, look
from oxherd.domains.records import AUTODISCOVER, DKIM, DMARC, MX, OWNERSHIP, SPF, Record


def seen(record):
    return look([record])[record.kind]["values"]


def test_texts_come_unquoted_and_put_together(little_dns):
    little_dns.has("acme.test", "TXT", '"v=spf1 " "include:spf.test ~all"', '"say \\"hi\\""')
    assert ask("acme.test", "TXT", 1) == Answer(('say "hi"', "v=spf1 include:spf.test ~all"))


def test_hosts_come_in_small_letters_and_without_a_dot(little_dns):
    little_dns.has("acme.test", "MX", "10 MX1.Sunrise.test.", "20 mx2.sunrise.test.")
    little_dns.has("autodiscover.acme.test", "CNAME", "Auto.Sunrise.test.")
    assert ask("acme.test", "MX", 1) == Answer(("10 mx1.sunrise.test", "20 mx2.sunrise.test"))
    assert ask("autodiscover.acme.test", "CNAME", 1) == Answer(("auto.sunrise.test",))


def test_a_name_that_does_not_exist_is_an_answer(little_dns):
    assert ask("nowhere.test", "TXT", 1) == Answer()


def test_a_name_without_such_a_record_is_an_answer(little_dns):
    little_dns.has("acme.test", "A", "192.0.2.1")
    assert ask("acme.test", "TXT", 1) == Answer()


def test_a_name_too_long_for_the_dns_holds_nothing(little_dns):
    assert ask("_oxherd-verify." + "a." * 120 + "test", "TXT", 1) == Answer()
    assert little_dns.asked == []


def test_broken_name_servers_say_nothing_about_the_record(little_dns):
    little_dns.broken.add("acme.test")
    assert ask("acme.test", "TXT", 1) == Answer(problem=BROKEN)


def test_silence_ends_in_time(little_dns):
    little_dns.silent.add("acme.test")
    began = time.monotonic()
    assert ask("acme.test", "TXT", 0.3) == Answer(problem=SILENT)
    assert time.monotonic() - began < 1.5


def test_a_resolver_that_is_down_is_silent(settings):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.DNS_RESOLVERS = [taken.getsockname()]
    assert ask("acme.test", "TXT", 0.3) == Answer(problem=SILENT)


def test_the_second_resolver_is_asked_where_the_first_is_down(little_dns, settings):
    little_dns.has("acme.test", "TXT", '"here"')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        down = taken.getsockname()
    settings.DNS_RESOLVERS = [down, little_dns.address]
    assert ask("acme.test", "TXT", 5) == Answer(("here",))


def test_a_machine_without_any_resolver_says_so(settings, monkeypatch):
    import dns.resolver

    def unconfigured():
        raise dns.resolver.NoResolverConfiguration

    settings.DNS_RESOLVERS = []
    monkeypatch.setattr(dns.resolver, "Resolver", unconfigured)
    assert ask("acme.test", "TXT", 0.3) == Answer(problem=NO_RESOLVER)


def test_all_questions_together_take_no_longer_than_three(little_dns):
    little_dns.silent.add("*")
    records = [Record(str(number), f"n{number}.test", "TXT", ()) for number in range(12)]
    began = time.monotonic()
    found = look(records)
    assert time.monotonic() - began < 2.5
    assert {answer["problem"] for answer in found.values()} == {SILENT}
    assert len(found) == 12


def test_each_record_is_looked_for_under_its_name(little_dns):
    little_dns.has("_oxherd-verify.acme.test", "TXT", '"oxherd-verify=1"', '"other"')
    little_dns.has("acme.test", "MX", "10 mx1.sunrise.test.")
    assert look([Record(OWNERSHIP, "_oxherd-verify.acme.test", "TXT", ()), Record(MX, "acme.test", "MX", ())]) == {
        OWNERSHIP: {"name": "_oxherd-verify.acme.test", "values": ["other", "oxherd-verify=1"], "problem": ""},
        MX: {"name": "acme.test", "values": ["10 mx1.sunrise.test"], "problem": ""},
    }
    assert look([Record(DKIM, "", "CNAME", ())]) == {}


def test_of_the_texts_of_a_domain_only_its_policies_count(little_dns):
    little_dns.has("acme.test", "TXT", '"google-site-verification=1"', '"V=spf1 -all"')
    little_dns.has("_dmarc.acme.test", "TXT", '"v=DMARC1; p=none"', '"nonsense"')
    assert seen(Record(SPF, "acme.test", "TXT", ())) == ["V=spf1 -all"]
    assert seen(Record(DMARC, "_dmarc.acme.test", "TXT", ())) == ["v=DMARC1; p=none"]


def test_where_an_alias_should_be_an_address_is_told(little_dns):
    little_dns.has("autodiscover.acme.test", "A", "192.0.2.7")
    assert seen(Record(AUTODISCOVER, "autodiscover.acme.test", "CNAME", ())) == ["A 192.0.2.7"]


def test_lengthy_nonsense_is_cut(little_dns: LittleDns):
    little_dns.has("acme.test", "TXT", *(f'"{number:03}{"x" * 60}"' for number in range(15)), f'"{"y" * 250}"')
    assert len(ask("acme.test", "TXT", 1).values) == 16
    assert max(map(len, ask("acme.test", "TXT", 1).values)) == 250
