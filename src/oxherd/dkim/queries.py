from collections.abc import Generator
from datetime import datetime
from typing import NamedTuple

from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.dkim.models import DkimKey
from oxherd.dkim.states import KeyState
from oxherd.domains.models import Domain
from oxherd.provisioning.states import Presence
from oxherd.tenants.states import TenantState

# The one that signs first, then the one that will, then those that did.
ORDER = {KeyState.ACTIVE: 0, KeyState.WAITING: 1, KeyState.RETIRED: 2}


class Signing(NamedTuple):
    """A key that signs now. domain: the stored name."""

    domain: str
    selector: str
    sealed_private_key: str


def of_domain(domain: Domain) -> list[DkimKey]:
    """A domain's keys, that which signs first; none, and no query, where the brand's mail is not carried here."""
    if not (domain.tenant.brand.carries_mail and domain.is_verified):
        return []
    return sorted(domain.dkim_keys.order_by("-pk"), key=lambda key: ORDER[KeyState(key.state)])


def key_in_state(domain: Domain, state: KeyState) -> DkimKey | None:
    """The domain's key that waits, or that signs."""
    return domain.dkim_keys.filter(state=state).first()


def used_selectors(domain: Domain, since: datetime) -> set[str]:
    """Selectors that keys of the domain have had since then, also of keys that are gone.

    A name server may still know the former key under such a name.
    """
    made = AuditEntry.objects.filter(subject_kind="domain", subject_id=domain.pk, at__gte=since)
    of_old = made.filter(action__in=(Action.DKIM_ADD, Action.DKIM_ROTATE)).values_list("after__selector", flat=True)
    return {*of_old, *domain.dkim_keys.values_list("selector", flat=True)}


def signing() -> Generator[Signing, None, None]:
    """The keys with which mail is signed now, by name: of verified domains of active customers whose mail we carry."""
    keys = DkimKey.objects.filter(
        state=KeyState.ACTIVE,
        domain__presence=Presence.PRESENT,
        domain__verified_at__isnull=False,
        domain__tenant__state=TenantState.ACTIVE,
        domain__tenant__brand__carries_mail=True,
    )
    for row in keys.order_by("domain__name").values_list("domain__name", "selector", "sealed_private_key").iterator():
        yield Signing(*row)
