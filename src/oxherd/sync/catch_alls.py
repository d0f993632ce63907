"""Makes the platform's catch-alls match those of a tenant's domains, where the platform keeps the mailboxes.

All of a tenant are one subject: the platform lists them in one call. Those that others made there stay, as long as
they are of domains that are not on the tenant's list.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.abilities import Ability, can
from oxherd.domains.models import Domain
from oxherd.domains.queries import of_tenant
from oxherd.errors import PlatformError, PlatformRefused, PlatformUnreachable
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.commands import follow_up
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.sync.ahead import written_ahead
from oxherd.sync.lanes import lanes
from oxherd.sync.unmarked import Place, reach
from oxherd.tenants.models import Tenant


def push_catch_alls(job: SyncJob) -> None:
    tenant = Tenant.objects.select_related("brand").filter(pk=job.subject_id).first()
    if tenant is None or not can(tenant.brand, Ability.CATCH_ALL_ON_PLATFORM):
        ledger.done(job)
        return
    place = reach(tenant)
    wanted = wanted_of(tenant)
    listed = set(of_tenant(tenant).values_list("name", flat=True))
    # Before any is sent: what breaks off is ours to take away all the same.
    with written_ahead():
        _note(tenant, {*tenant.catch_alls, *wanted})
    with lanes.place():
        try:
            refused = _send(place, wanted, ours={*tenant.catch_alls, *listed})
        except PlatformUnreachable:
            raise
        except PlatformError as error:  # none of them was looked at
            refused = dict.fromkeys({*tenant.catch_alls, *wanted}, error)
    _tell(tenant, refused)
    for refusal in refused.values():
        raise refusal
    with transaction.atomic():
        if ledger.done(job):
            _note(tenant, wanted)


def hold(tenant_id: int) -> None:
    """Keep commands away from the tenant until the commit."""
    Tenant.objects.select_for_update(no_key=True).filter(pk=tenant_id).first()


def wanted_of(tenant: Tenant) -> dict[str, str]:
    """Names of users on the platform by domain; who is not there yet follows."""
    domains = dict(of_tenant(tenant).filter(catch_all__isnull=False).values_list("name", "catch_all"))
    accounts = OxAccount.objects.filter(
        user__in=domains.values(), presence=Presence.PRESENT, user__presence=Presence.PRESENT, ox_id__isnull=False
    )
    names = dict(accounts.values_list("user", "ox_name"))
    return {domain: names[user] for domain, user in domains.items() if user in names}


def follow_catch_alls(tenant: Tenant) -> None:
    """Ask that a tenant's catch-alls be looked at again, if it has or had any; takes no locks."""
    if not can(tenant.brand, Ability.CATCH_ALL_ON_PLATFORM):
        return
    if tenant.catch_alls or Domain.objects.filter(tenant=tenant, catch_all__isnull=False).exists():
        follow_up(system("oxherd", Door.WORKER), SubjectKind.CATCH_ALLS, [tenant.pk], place=tenant)


def _send(place: Place, wanted: Mapping[str, str], *, ours: Iterable[str]) -> dict[str, PlatformError]:
    """Each by itself: one that the platform refuses does not keep back the others. Returns what it refused."""
    mail = place.platform.mail
    refused: dict[str, PlatformError] = {}
    if mail is None:
        return refused
    held = mail.catch_alls(place.access)
    for domain in sorted({*wanted, *ours}):
        if held.get(domain) == wanted.get(domain):
            continue
        try:
            mail.set_catch_all(place.access, domain, wanted.get(domain))
        except PlatformRefused as error:
            refused[domain] = error
    return refused


@transaction.atomic
def _tell(tenant: Tenant, refused: Mapping[str, PlatformError]) -> None:
    """Write down at each domain why its catch-all is not as wanted, and nothing where it is."""
    domains = Domain.objects.filter(tenant=tenant)
    domains.exclude(catch_all_refusal="").exclude(name__in=refused.keys()).update(catch_all_refusal="")
    for name, error in refused.items():
        domains.filter(name=name, presence=Presence.PRESENT).update(catch_all_refusal=error.sentence)


def _note(tenant: Tenant, domains: Iterable[str]) -> None:
    names = sorted(set(domains))
    if names != tenant.catch_alls:
        Tenant.objects.filter(pk=tenant.pk).update(catch_alls=names)
