from urllib.parse import urlsplit

from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.errors import Refused
from oxherd.inputs import one_line


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


def platform_is_offered(platform: PlatformKind) -> None:
    if platform != PlatformKind.APP_SUITE:
        raise Refused("This release speaks to OX App Suite only. Choose OX App Suite.", field="platform")


def name_is_free(name: str, *, but_for: int = 0) -> None:
    if Brand.objects.filter(name__iexact=name).exclude(pk=but_for).exists():
        raise Refused(f"There is a brand named {name} already. Choose another name.", field="name")


def concurrency_in_range(concurrency: int | None) -> None:
    if concurrency is not None and concurrency < 1:
        raise Refused("Let at least one object through at a time, or leave the field empty.", field="concurrency")
