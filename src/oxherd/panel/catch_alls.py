"""How the catch-alls of domains stand, where the platform keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass

from oxherd.accounts.actor import Actor
from oxherd.brands.abilities import Ability, can
from oxherd.domains.models import Domain
from oxherd.panel import story
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.states import JobState, SubjectKind
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class CatchAll:
    """busy: on its way. refusal: why it is not in OX; empty: it is, or will be."""

    busy: bool = False
    refusal: str = ""
    what_to_do: str = ""


def states_of(actor: Actor, tenant: Tenant, shown: Iterable[Domain]) -> dict[int, CatchAll]:
    """What there is to say of the catch-alls, by domain; one query. All of a tenant are one job."""
    if not can(tenant.brand, Ability.CATCH_ALL_ON_PLATFORM):
        return {}
    job = provisioning.latest(actor, SubjectKind.CATCH_ALLS, [tenant.pk]).get(tenant.pk)
    if job is None or job.state in (JobState.DONE, JobState.SUPERSEDED):
        return {}
    concerned = [domain for domain in shown if domain.catch_all_refusal or (domain.catch_all_id and domain.is_verified)]
    if job.is_open:
        return {domain.pk: CatchAll(busy=True) for domain in concerned}
    told = {
        domain.pk: domain.catch_all_refusal if job.state == JobState.REFUSED else job.sentence for domain in concerned
    }
    what_to_do = story.what_to_do(job)
    return {pk: CatchAll(refusal=sentence, what_to_do=what_to_do) for pk, sentence in told.items() if sentence}
