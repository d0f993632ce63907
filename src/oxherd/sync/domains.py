"""Looks at the DNS of domains: whether claims are proved, mail finds its way, and keys can sign it."""

from oxherd.dkim.commands import keep_keys, note_look
from oxherd.dkim.records import records_of
from oxherd.domains import dns
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import note_check
from oxherd.domains.records import expected
from oxherd.provisioning.states import Presence


def check_domain(domain_id: int) -> None:
    """Ask the DNS, in no transaction, and note what it says. May run twice."""
    domain = _present(domain_id)
    if domain is None:
        return
    keys = records_of(domain, keep_keys(domain))
    note_check(domain_id, dns.look(expected(domain, keys)))
    seen = _present(domain_id)
    if seen is not None:
        note_look(seen)


def _present(domain_id: int) -> Domain | None:
    rows = Domain.objects.select_related("tenant__brand").filter(pk=domain_id, presence=Presence.PRESENT)
    return rows.first()
