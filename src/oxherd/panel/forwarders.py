"""OX Service > Forwarders: what its list shows. The list itself is that of all nouns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from oxherd.brands.abilities import Ability, can
from oxherd.forwarders import commands, queries
from oxherd.forwarders.models import Forwarder
from oxherd.panel.looks import CARRIED
from oxherd.panel.nouns import Noun
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants.models import Tenant

FIRST = 2
MOST = 20


def _facts(forwarders: Sequence[Forwarder]) -> Mapping[str, Any]:
    recipients, numbers = queries.shown(forwarders, FIRST), queries.counted(forwarders)
    more = {pk: number - len(recipients[pk]) for pk, number in numbers.items()}
    return {"recipients": recipients, "more": more}


def _effects(tenant: Tenant, ticked: Sequence[Forwarder]) -> Mapping[str, Any]:
    """The other forwarders that pass mail on to these, and would do so in vain."""
    others = queries.passing_to(tenant, [forwarder.address for forwarder in ticked])
    found = list(others.exclude(pk__in=[forwarder.pk for forwarder in ticked])[: MOST + 1])
    return {"others": found[:MOST], "more_others": len(found) > MOST}


FORWARDERS = Noun(
    word="forwarder",
    kind=SubjectKind.FORWARDER,
    found=queries.found,
    some=queries.some,
    one=queries.one,
    remove=commands.remove_forwarder,
    retry=commands.retry_forwarder,
    facts=_facts,
    effects=_effects,
    in_place=lambda tenant: CARRIED.word if tenant.brand.carries_mail else "",
)


def leading_to(tenant: Tenant, users: Sequence[ServiceUser] | QuerySet[ServiceUser]) -> dict[str, Any]:
    """The first forwarders that pass mail on to these users; one query, and none where the platform has none."""
    has_forwarders = can(tenant.brand, Ability.FORWARDERS)
    found = list(queries.leading_to(users)[: MOST + 1]) if has_forwarders else []
    return {"has_forwarders": has_forwarders, "forwarders": found[:MOST], "more_forwarders": len(found) > MOST}
