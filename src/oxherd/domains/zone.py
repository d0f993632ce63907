"""The records that a domain should have, as a file for name servers."""

from collections.abc import Sequence

from oxherd.domains.models import Domain
from oxherd.domains.records import Record, expected

SECONDS = 3600
LONGEST_STRING = 255  # of one string of a TXT record; longer texts are several (RFC 1035, 3.3.14)


def zone_file(domain: Domain, keys: Sequence[Record] = ()) -> str:
    """What the domain's DNS should hold, in the master file format (RFC 1035, 5); plain ASCII.

    keys: as in `expected`.
    """
    lines = [
        f"; Records that {domain.name} should have. Add them to its zone: they are no whole zone by themselves.",
        f"$ORIGIN {domain.name}.",
        f"$TTL {SECONDS}",
    ]
    for record in expected(domain, keys):
        if record.expected:
            lines += [_line(domain, record, value) for value in record.expected]
        else:
            lines.append(f"; {record.label}: not configured by your provider")
    return "\n".join(lines) + "\n"


def _line(domain: Domain, record: Record, value: str) -> str:
    name = "@" if record.name == domain.name else record.name.removesuffix(f".{domain.name}")
    return f"{name}\tIN\t{record.type}\t{_quoted(value) if record.type == 'TXT' else f'{value}.'}"


def _quoted(text: str) -> str:
    """Strings of 255 characters at most, in quotes."""
    parts = [text[at : at + LONGEST_STRING] for at in range(0, len(text), LONGEST_STRING)] or [""]
    return " ".join('"{}"'.format(part.replace("\\", "\\\\").replace('"', '\\"')) for part in parts)
