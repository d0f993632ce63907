"""What may stand in the records that a brand asks its customers to set in the DNS of their domains."""

import re

from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.inputs import one_line

FIELDS = (
    *("mail_hosts", "spf_include", "dkim_selector", "dkim_target", "dmarc"),
    *("autodiscover_host", "autoconfig_host"),
)
HOSTS = ("spf_include", "autodiscover_host", "autoconfig_host")
# A-labels; underscores stand in the names of records such as selector1._domainkey.sunrise.example.
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"({LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
SELECTOR = re.compile(rf"{LABEL}(\.{LABEL})*")
MAIL_HOST = re.compile(r"(?:(\d{1,5})\s+)?(\S+)")
LARGEST_PREFERENCE = 65_535  # RFC 5321, 5.1: sixteen bits
DMARC = re.compile(r"v=DMARC1\s*;\s*p\s*=\s*(none|quarantine|reject)\s*(;.*)?", re.IGNORECASE)
MOST_MAIL_HOSTS = 10


def records_are_sound(brand: Brand) -> None:
    """Bring the brand's records into the form in which they are kept. Raises Refused at the field to mend."""
    brand.mail_hosts = [_mail_host(text) for text in brand.mail_hosts]
    if len(brand.mail_hosts) > MOST_MAIL_HOSTS:
        raise Refused(f"{MOST_MAIL_HOSTS} mail hosts are enough.", field="mail_hosts")
    for field in HOSTS:
        setattr(brand, field, host_name(getattr(brand, field), field))
    _dkim(brand)
    brand.dmarc = _record_text(brand.dmarc, "dmarc", most=500)
    if brand.dmarc and not DMARC.fullmatch(brand.dmarc):
        raise Refused("Give the whole record, such as v=DMARC1; p=quarantine.", field="dmarc")


def host_name(text: str, field: str) -> str:
    """The stored form of a host name, in small letters and without a final dot; an empty one stays empty."""
    host = text.strip().rstrip(".").lower()
    if host and (len(host) > 253 or not HOST.fullmatch(host)):  # noqa: PLR2004 - RFC 1035, 2.3.4
        raise Refused(
            f"“{text[:100]}” is not a host name, such as mx1.example.com. Letters of other scripts come as xn--…",
            field=field,
        )
    return host


def _record_text(text: str, field: str, *, most: int) -> str:
    text = one_line(text, field, most=most)
    if not text.isascii():
        raise Refused("A record takes plain ASCII only.", field=field)
    return text


def _mail_host(text: str) -> str:
    parts = MAIL_HOST.fullmatch(text.strip())
    preference = int(parts[1] or 10) if parts else 0
    if parts is None or preference > LARGEST_PREFERENCE:
        raise Refused(
            f"“{text[:100]}” is not a mail host. Give preference and host, such as 10 mx1.example.com.",
            field="mail_hosts",
        )
    return f"{preference} {host_name(parts[2], 'mail_hosts')}"


def _dkim(brand: Brand) -> None:
    brand.dkim_selector = brand.dkim_selector.strip().lower()
    if brand.dkim_selector and not SELECTOR.fullmatch(brand.dkim_selector):
        raise Refused("A selector takes letters, digits and hyphens, such as s1.", field="dkim_selector")
    target = _record_text(brand.dkim_target, "dkim_target", most=2000)
    brand.dkim_target = target if target.lower().startswith("v=dkim1") else host_name(target, "dkim_target")
    if bool(brand.dkim_selector) != bool(brand.dkim_target):
        missing = "dkim_target" if brand.dkim_selector else "dkim_selector"
        raise Refused("Selector and target belong together: give both, or leave both empty.", field=missing)
