"""What the DNS holds of a domain. Asks the network, so only the worker may come here, and outside of transactions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
from django.conf import settings
from dns.rdata import Rdata

from oxherd.domains.records import DMARC, SPF, Record

# What belongs to one record may be lengthy nonsense: more than this nobody reads.
MOST_VALUES = 20
LONGEST_VALUE = 1000
# Of the texts under a name that is not for one purpose only, those that begin so.
BEGINNINGS = {SPF: "v=spf1", DMARC: "v=dmarc1"}
SILENT = "The DNS did not answer in time."
BROKEN = "The name servers of the domain answer with an error."
NO_RESOLVER = "This installation has no DNS resolver. Tell your provider."


@dataclass(frozen=True, slots=True)
class Answer:
    """values: as the DNS shows them, hosts without final dot, texts unquoted. problem: why nothing is known."""

    values: tuple[str, ...] = ()
    problem: str = ""


def look(records: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """What the DNS holds under the records' names, by kind; one that has no name is left out.

    Takes OXHERD_DNS_TIMEOUT_SECONDS for one question at most, and three times as much for all of them.
    """
    end = time.monotonic() + 3 * settings.DNS_TIMEOUT_SECONDS
    found = {}
    for record in records:
        if record.name:
            left = min(settings.DNS_TIMEOUT_SECONDS, end - time.monotonic())
            answer = _of_record(record, left) if left > 0 else Answer(problem=SILENT)
            found[record.kind] = {"name": record.name, "values": list(answer.values), "problem": answer.problem}
    return found


def ask(name: str, kind: str, seconds: float) -> Answer:
    """The values of one name and type; none where there is no such name or record, which is an answer too."""
    try:
        resolver = _resolver()
    except dns.resolver.NoResolverConfiguration:
        return Answer(problem=NO_RESOLVER)
    try:
        answer = resolver.resolve(dns.name.from_text(f"{name}."), kind, search=False, lifetime=seconds)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.NameTooLong, dns.name.LabelTooLong):
        return Answer()
    except dns.exception.Timeout:
        return Answer(problem=SILENT)
    except (dns.exception.DNSException, OSError):
        return Answer(problem=BROKEN)
    return Answer(tuple(sorted(_text(row)[:LONGEST_VALUE] for row in answer))[:MOST_VALUES])


def _of_record(record: Record, seconds: float) -> Answer:
    answer = ask(record.name, record.type, seconds)
    if record.kind in BEGINNINGS:
        beginning = BEGINNINGS[record.kind]
        return Answer(tuple(v for v in answer.values if v.lower().startswith(beginning)), answer.problem)
    if record.type == "CNAME" and not answer.values and not answer.problem:
        # Where there is no alias, there may be something else in its place.
        return Answer(tuple(f"A {value}" for value in ask(record.name, "A", seconds).values))
    return answer


def _resolver() -> dns.resolver.Resolver:
    if not settings.DNS_RESOLVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in settings.DNS_RESOLVERS]
    return resolver


def _text(row: Rdata) -> str:
    if row.rdtype == dns.rdatatype.TXT:
        return b"".join(row.strings).decode("utf-8", "replace").replace("\x00", "\ufffd")  # type: ignore[attr-defined]  # TXT has them
    if row.rdtype == dns.rdatatype.MX:
        return f"{row.preference} {_host(row.exchange)}"  # type: ignore[attr-defined]  # MX has them
    if row.rdtype == dns.rdatatype.CNAME:
        return _host(row.target)  # type: ignore[attr-defined]  # CNAME has it
    return row.to_text()


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
