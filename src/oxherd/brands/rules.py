import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import idna

from oxherd.brands.models import Brand, origin
from oxherd.brands.states import MailOfDisabled, PlatformKind
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.outgoing import PLATFORM, check_url

COLOUR = re.compile(r"#[0-9a-f]{6}")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?:\*\.)?{LABEL}(?:\.{LABEL})*(?::[1-9][0-9]{{0,4}})?")
MOST_HOSTS = 50
MOST_EXAMPLES = 3
SHORTEST_SECRET = 8


def url_is_complete(url: str, field: str) -> None:
    if one_line(url, field, most=500) != url or " " in url:
        raise Refused("An address holds no blanks.", field=field)
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a broken port or IPv6 address
        complete = False
    if not complete:
        raise Refused("Give a complete address that begins with https:// or http://.", field=field)
    if parts.username or parts.password:
        raise Refused("Leave user name and password out of the address; they have fields of their own.", field=field)


def platform_is_in_reach(url: str, field: str) -> None:
    """An address that workers call: complete, and none that no platform has."""
    url_is_complete(url, field)
    check_url(url, PLATFORM, field)


def password_is_given_again(brand: Brand | None, api_url: str) -> None:
    """A password goes nowhere but to the server that it was given for. brand: None for one that has none yet."""
    if brand is None or not brand.sealed_password:
        raise Refused("Enter the password of the account on the platform.", field="password")
    if origin(api_url) != origin(brand.api_url):
        raise Refused(
            "Enter the password again: the present one is for the server of the old address.", field="password"
        )


def name_is_free(name: str, *, but_for: int = 0) -> None:
    if Brand.objects.filter(name__iexact=name).exclude(pk=but_for).exists():
        raise Refused(f"There is a brand named {name} already. Choose another name.", field="name")


def has_no_customers(brand: Brand) -> None:
    """A customer that is being removed is one until the platform has let go."""
    number = Brand.objects.filter(pk=brand.pk, tenants__isnull=False).count()
    if number:
        customers = "1 customer is" if number == 1 else f"{number:,} customers are"
        raise Refused(f"{customers} on the platform of {brand}. Remove them first, and wait until OX has let go.")


def mail_can_be_carried(brand: Brand) -> None:
    if brand.carries_mail and brand.platform == PlatformKind.OX_CLOUD:
        raise Refused(
            "OX Cloud keeps the mail of its customers itself. Mail servers of this installation carry that of OX App "
            "Suite only.",
            field="carries_mail",
        )


def no_address_has_a_tag(brand: Brand) -> None:
    """Before mail is carried here: then an address with a + would lead to the mailbox of who has what is before it."""
    held = Brand.objects.filter(pk=brand.pk, tenants__domains__addresses__address__contains="+")
    count = held.count()
    if not count:
        return
    rows = held.order_by("tenants__domains__addresses__address")
    first = rows.values_list("tenants__domains__addresses__address", "tenants__name")[:MOST_EXAMPLES]
    told = ", ".join(f"{address} ({tenant})" for address, tenant in first)
    more = f" and {count - MOST_EXAMPLES:,} more" if count > MOST_EXAMPLES else ""
    raise Refused(
        f"{'1 address holds' if count == 1 else f'{count:,} addresses hold'} a +: {told}{more}. Our mail servers read "
        "what follows it as a tag, so give them other addresses first.",
        field="carries_mail",
    )


def mail_of_disabled(text: str) -> str:
    if text not in MailOfDisabled.values:
        raise Refused("Choose what becomes of mail to users without OX.", field="mail_of_disabled")
    return text


def concurrency_in_range(concurrency: int | None) -> None:
    if concurrency is not None and concurrency < 1:
        raise Refused("Let at least one object through at a time, or leave the field empty.", field="concurrency")


def colour(text: str) -> str:
    """The colour in small letters; empty stays empty. Raises Refused at `colour`."""
    small = text.strip().lower()
    if small and not COLOUR.fullmatch(small):
        raise Refused("Give the colour as # and six digits, such as #3457d5.", field="colour")
    return small


def webmail_hosts(texts: Sequence[str]) -> list[str]:
    """Hosts as people give them as the origins that browsers compare, each once. Raises Refused at `webmail_hosts`."""
    if len(texts) > MOST_HOSTS:
        raise Refused(f"{len(texts)} hosts are too many: {MOST_HOSTS} at most.", field="webmail_hosts")
    return list(dict.fromkeys(_webmail_host(text) for text in texts))


def _webmail_host(text: str) -> str:
    """Without a scheme it is https; `*.` at its beginning stands for any host below."""
    scheme, mark, rest = text.strip().rpartition("://")
    host = _ascii(rest.rstrip("/"))
    if scheme.lower() not in {"https", "http", ""} or (mark and not scheme) or not HOST.fullmatch(host):
        raise Refused(
            f"“{text.strip()[:100]}” is not a host. Give it as webmail.example.com or https://webmail.example.com.",
            field="webmail_hosts",
        )
    return f"{scheme.lower() or 'https'}://{host}"


def _ascii(host: str) -> str:
    """With letters of all scripts as the A-labels that browsers send; what is no host stays, and is refused."""
    star, name = ("*.", host[2:]) if host.startswith("*.") else ("", host)
    try:
        return star + (name.lower() if name.isascii() else idna.encode(name, uts46=True).decode())
    except idna.IDNAError:
        return host


def session_api_is_whole(url: str, login: str, *, has_password: bool) -> None:
    if url and not (login and has_password):
        raise Refused("The session look-up needs its login and password.", field="session_api_login")


def secret_is_long_enough(secret: str, field: str) -> None:
    """A secret that App Suite keeps a line of; it holds neither line ends nor semicolons there."""
    if secret and (len(secret) < SHORTEST_SECRET or ";" in secret or one_line(secret, field, most=200) != secret):
        raise Refused(
            f"Give a secret of {SHORTEST_SECRET} characters or more, without blanks at its ends or semicolons.",
            field=field,
        )
