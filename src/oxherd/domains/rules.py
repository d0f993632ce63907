import re

import idna
import tldextract

from oxherd.domains.models import Domain
from oxherd.errors import Refused

# The dot-atom of RFC 5321, lower-case; a mailbox that needs more is not made here.
LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# CHECK_USER_UID_REGEXP of the platform: what a user's name may hold. It is the login.
LOGIN_LOCAL_PART = re.compile(r"[a-z0-9$%+_-]+(\.[a-z0-9$%+_-]+)*")

LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)


def domain_name(text: str, field: str = "domain") -> str:
    """The stored form of a domain name: lower-case A-labels. Raises Refused for what is no domain name."""
    text = text.strip().rstrip(".").lower()
    if len(text) > LONGEST_DOMAIN:
        raise Refused(f"A domain name has {LONGEST_DOMAIN} characters at most.", field=field)
    try:
        # Full stops of other scripts have become ASCII ones only now.
        name = idna.encode(text, uts46=True).decode().lower().rstrip(".")
    except idna.IDNAError:
        raise Refused(f"“{text}” is not a domain name, such as example.com.", field=field) from None
    if "." not in name or len(name) > LONGEST_DOMAIN or name.rpartition(".")[2].isdigit():
        raise Refused(f"“{text}” is not a complete domain name, such as example.com.", field=field)
    return name


def domain_can_be_owned(name: str) -> None:
    """A public suffix such as co.uk belongs to nobody."""
    if _suffixes(name).suffix == name:
        raise Refused(f"{Domain(name=name)} is a public suffix, which no customer can own.", field="name")


def domain_is_free(name: str) -> None:
    if Domain.objects.filter(name=name).exists():
        raise Refused(f"{Domain(name=name)} is in use already.", field="name")


def local_part(text: str, field: str) -> str:
    """The stored form of what stands before the @. Raises Refused with the field to mend."""
    text = text.strip().lower()
    if not text:
        raise Refused("Fill in the part before the @.", field=field)
    if len(text) > 64:  # noqa: PLR2004 - RFC 5321, 4.5.3.1.1
        raise Refused("The part before the @ is longer than 64 characters.", field=field)
    if not LOCAL_PART.fullmatch(text):
        raise Refused(
            "The part before the @ takes letters a-z, digits and - _ + and single dots between them.", field=field
        )
    return text


def login_local_part(text: str, field: str = "login") -> str:
    """As `local_part`, and the platform takes it in a user name. Raises Refused with the field to mend."""
    text = local_part(text, field)
    if not LOGIN_LOCAL_PART.fullmatch(text):
        raise Refused("A login takes letters a-z, digits, $ % + - _ and single dots between them.", field=field)
    return text
