"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, sections 7 and 9.2)."""

from collections.abc import Collection

from django.conf import settings
from django.db import connection

from oxherd.brands.abilities import Ability, kind_can, why_not
from oxherd.domains import circles
from oxherd.domains.models import readable
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.queries import passing_to
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant

# How many addresses Postfix makes of one at most (virtual_alias_expansion_limit, its default).
MAIL_TAKES = 1000

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


def there_are_recipients(users: Collection[int], others: Collection[str]) -> None:
    if not users and not others:
        raise Refused("Enter at least one address that gets the mail.", field="recipients")


def not_too_many(tenant: Tenant, inside: int, outside: int) -> None:
    """How many the platform takes is a matter of its configuration (Cloud API, errors 25 and 26)."""
    if not kind_can(tenant.brand.platform, Ability.FORWARDERS):
        if (number := inside + outside) > MAIL_TAKES:
            raise Refused(
                f"A forwarder takes {MAIL_TAKES:,} addresses at most, and here are {number:,}. Remove some.",
                field="recipients",
            )
        return
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


def leads_not_back(tenant: Tenant, own: str, others: Collection[str], *, was: str = "") -> None:
    """Mail that goes round in a circle is refused by mail servers after a while, and reaches nobody.

    was: the address until now; forwarders of the tenant that pass mail on to it go along.
    """
    if own in others:
        raise Refused(f"{readable(own)} would pass mail on to itself. Remove it here.", field="recipients")
    if circles.are_ours(tenant):
        moves = was not in {"", own}
        along = passing_to(tenant, [was]).values_list("address", flat=True) if moves else ()
        circles.leads_not_back(own, others, "recipients", along=along)
        return
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
