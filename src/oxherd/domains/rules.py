import re

import idna
import tldextract

from oxherd.domains.models import Domain, shown
from oxherd.errors import Refused
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import no_room
from oxherd.walls.crossing import verified_elsewhere

# The dot-atom of RFC 5321, lower-case; a mailbox that needs more is not made here.
LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# CHECK_USER_UID_REGEXP of the platform: what a user's name may hold. It is the login.
LOGIN_LOCAL_PART = re.compile(r"[a-z0-9$%+_-]+(\.[a-z0-9$%+_-]+)*")

TAG = "+"  # as both mail servers are set up

LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)


def domain_name(text: str, field: str = "domain") -> str:
    """The stored form of a domain name: lower-case A-labels. Raises Refused for what is no domain name."""
    text = text.strip().rstrip(".").lower()
    if not text:
        raise Refused("Enter a domain, such as example.com.", field=field)
    if len(text) > LONGEST_DOMAIN:
        raise Refused(f"A domain name has {LONGEST_DOMAIN} characters at most.", field=field)
    try:
        # Full stops of other scripts have become ASCII ones only now.
        name = idna.encode(text, uts46=True).decode().lower().rstrip(".")
    except idna.IDNAError as error:
        if "Label too long" in str(error):  # RFC 1035, 2.3.4
            raise Refused(
                "Each part of a domain name, between its dots, has 63 characters at most.", field=field
            ) from None
        raise Refused(f"“{text}” is not a domain name, such as example.com.", field=field) from None
    if "." not in name or len(name) > LONGEST_DOMAIN or name.rpartition(".")[2].isdigit():
        raise Refused(f"“{text}” is not a complete domain name, such as example.com.", field=field)
    return name


def subdomain_name(text: str, parent: Domain, field: str = "name") -> str:
    """The stored form of a subdomain, typed alone or with its parent. Raises Refused for what is none."""
    text = text.strip().strip(".")
    if not text:
        raise Refused(f"Enter the subdomain, such as mail for mail.{parent}.", field=field)
    whole = text.lower().endswith((f".{parent.name}", f".{parent.display_name}"))
    name = domain_name(text if whole else f"{text}.{parent.display_name}", field)
    if not name.endswith(f".{parent.name}"):
        raise Refused(f"{shown(name)} is not below {parent}.", field=field)
    return name


def names_above(name: str) -> list[str]:
    """All that a domain may be a subdomain of, nearest first."""
    labels = name.split(".")
    return [".".join(labels[number:]) for number in range(1, len(labels) - 1)]


def domain_can_be_owned(name: str) -> None:
    """A public suffix such as co.uk belongs to nobody."""
    if _suffixes(name).suffix == name:
        raise Refused(f"{shown(name)} is a public suffix, which no customer can own.", field="name")


def not_on_the_list(tenant: Tenant, name: str) -> None:
    if Domain.objects.filter(tenant=tenant, name=name).exclude(presence=Presence.REMOVED).exists():
        raise Refused(f"{shown(name)} is on the list of {tenant} already.", field="name")


def nobody_else_has_it(tenant: Tenant, name: str) -> None:
    """A domain belongs to whoever has proved to own it; claims of others are no obstacle."""
    if verified_elsewhere([name], tenant.pk):
        raise Refused(f"{shown(name)} is in use by another customer. If it is yours, ask your provider.", field="name")


def nobody_else_owns_above(tenant: Tenant, name: str) -> None:
    """What is below a domain that another customer has proved to own is that customer's."""
    if above := verified_elsewhere(names_above(name), tenant.pk):
        raise Refused(
            f"{shown(name)} is below {shown(max(above, key=len))}, which belongs to another customer. If it is yours, "
            "ask your provider.",
            field="name",
        )


def there_is_room(tenant: Tenant, parent: Domain | None) -> None:
    """Whether the subscription has room for one more domain, or subdomain where there is a parent.

    Claims count too. Call it with the tenant's row locked.
    """
    limit = tenant.domain_limit if parent is None else tenant.subdomain_limit
    if limit is None:
        return
    present = Domain.objects.filter(tenant=tenant, parent__isnull=parent is None).exclude(presence=Presence.REMOVED)
    if present.count() >= limit:
        no_room(tenant, limit, "domain" if parent is None else "subdomain", field="name")


def is_present(domain: Domain) -> None:
    if domain.presence != Presence.PRESENT:
        raise Refused(f"{domain} has been removed meanwhile.")


def has_no_subdomains(domain: Domain, *, but_for: set[int]) -> None:
    """A domain goes after its subdomains, or together with them. but_for: ids of those that go with it."""
    below = domain.subdomains.exclude(presence=Presence.REMOVED).exclude(pk__in=but_for).order_by("sort_name", "pk")
    names = [str(each) for each in below[:3]]
    if names:
        more = below.count() - len(names)
        told = ", ".join(names) + (f" and {more} more" if more else "")
        raise Refused(f"{domain} has subdomains: {told}. Remove them first, or together with it.", field="domain")


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


def is_no_tag(address: str, tenant: Tenant, field: str) -> None:
    """Whether an address may be made: where mail is carried here, what follows a + is a tag of the address before it.

    The mail servers read it so (recipient_delimiter). Ask it of new addresses only: whoever has one goes on having it.
    Raises Refused with the field to mend.
    """
    if TAG in address.rpartition("@")[0] and tenant.brand.carries_mail:
        raise Refused(
            "The part before the @ takes no + here: mail servers read what follows it as a tag, so that mail to "
            "anna+news@example.com reaches anna@example.com. Choose an address without it.",
            field=field,
        )


def login_local_part(text: str, field: str = "login") -> str:
    """As `local_part`, and the platform takes it in a user name. Raises Refused with the field to mend."""
    text = local_part(text, field)
    if not LOGIN_LOCAL_PART.fullmatch(text):
        raise Refused("A login takes letters a-z, digits, $ % + - _ and single dots between them.", field=field)
    return text
