"""Looks at the DNS of domains: whether a claim is proved, and whether mail will find its way."""

from oxherd.domains import dns
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import note_check
from oxherd.domains.records import expected
from oxherd.provisioning.states import Presence


def check_domain(domain_id: int) -> None:
    """Ask the DNS, in no transaction, and note what it says. May run twice."""
    domain = Domain.objects.select_related("tenant__brand").filter(pk=domain_id, presence=Presence.PRESENT).first()
    if domain is not None:
        note_check(domain_id, dns.look(expected(domain)))
