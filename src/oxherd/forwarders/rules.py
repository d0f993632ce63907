"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, sections 7 and 9.2)."""

import re
from collections.abc import Collection

from django.conf import settings
from django.db import connection

from oxherd.brands.abilities import Ability, why_not
from oxherd.domains.models import readable
from oxherd.domains.rules import domain_name, local_part
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

LONGEST_ADDRESS = 320
# Whatever stands between the addresses of a pasted list.
BETWEEN = re.compile(r"[\s,;<>\"“”()\[\]]+")

# From each address on to whatever it leads to inside the customer.
LEADS_TO = """
WITH RECURSIVE reached (address) AS (
    SELECT unnest(%(addresses)s::text[])
     UNION
    SELECT recipient.address
      FROM reached JOIN oxherd_forwarder forwarder ON forwarder.address = reached.address
      JOIN oxherd_recipient recipient ON recipient.forwarder_id = forwarder.id
     WHERE forwarder.presence = 'present' AND forwarder.tenant_id = %(tenant)s AND recipient.address <> ''
)
SELECT 1 FROM reached WHERE address = %(address)s LIMIT 1
"""


def platform_forwards(tenant: Tenant) -> None:
    if sentence := why_not(tenant.brand, Ability.FORWARDERS):
        raise Refused(sentence)


def typed(text: str) -> list[str]:
    """The addresses of a text, one a line or a list from elsewhere, each once; names beside addresses are left out."""
    found: dict[str, str] = {}
    for line in re.split(r"[\r\n;,]+", text.replace("\x00", "")):
        words = [word.removeprefix("mailto:") for word in BETWEEN.split(line) if word.strip(".-*•")]
        addresses = [word for word in words if "@" in word]
        for word in addresses or words:
            found.setdefault(word.casefold(), word)
    return list(found.values())


def address(text: str) -> str:
    """The stored form of any address. Raises Refused at `recipients` for what is none."""
    before, at, after = text.strip().rpartition("@")
    if not at or not before or not after:
        raise Refused(f"“{text.strip()[:100]}” is not an address.", field="recipients")
    try:
        stored = f"{local_part(before, 'recipients')}@{domain_name(after, 'recipients')}"
    except Refused as refused:
        raise Refused(f"“{text.strip()[:100]}”: {refused.sentence}", field="recipients") from None
    if len(stored) > LONGEST_ADDRESS:
        raise Refused(f"“{stored[:100]}” is too long for an address.", field="recipients")
    return stored


def there_are_recipients(users: Collection[int], others: Collection[str]) -> None:
    if not users and not others:
        raise Refused("Enter at least one address that gets the mail.", field="recipients")


def not_too_many(inside: int, outside: int) -> None:
    """How many the platform takes is a matter of its configuration (Cloud API, errors 25 and 26)."""
    for number, most, word in (
        (outside, settings.FORWARDER_OUTSIDE, "addresses outside this platform"),
        (inside, settings.FORWARDER_INSIDE, "addresses of this customer"),
    ):
        if number > most:
            raise Refused(
                f"The platform takes {most:,} {word} at most, and here are {number:,}. Remove some, or pass them on "
                "by a second forwarder.",
                field="recipients",
            )


def leads_not_back(tenant: Tenant, own: str, others: Collection[str]) -> None:
    """Mail that goes round in a circle is refused by mail servers after a while, and reaches nobody."""
    if own in others:
        raise Refused(f"{readable(own)} would pass mail on to itself. Remove it here.", field="recipients")
    with connection.cursor() as cursor:
        cursor.execute(LEADS_TO, {"addresses": list(others), "tenant": tenant.pk, "address": own})
        circle = cursor.fetchone() is not None
    if circle:
        raise Refused(
            f"One of these forwarders passes mail back to {readable(own)}, so it would go round in a circle.",
            field="recipients",
        )


def is_present(forwarder: Forwarder) -> None:
    if forwarder.presence != Presence.PRESENT:
        raise Refused(f"The forwarder {forwarder} has been removed and takes no more changes.")


def is_removed(forwarder: Forwarder) -> None:
    if forwarder.presence != Presence.REMOVED:
        raise Refused(f"The forwarder {forwarder} is not among the recently removed.")
