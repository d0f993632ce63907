"""OX Service > Groups: what its list shows. The list itself is that of all nouns."""

from collections.abc import Mapping, Sequence
from typing import Any

from oxherd.groups import commands, queries
from oxherd.groups.models import Group
from oxherd.groups.states import SYSTEM_GROUPS
from oxherd.panel.nouns import Noun
from oxherd.provisioning.states import SubjectKind


def _facts(groups: Sequence[Group]) -> Mapping[str, Any]:
    sizes, addresses = queries.sizes(groups), queries.addresses(groups)
    return {"sizes": sizes, "addresses": addresses, "system_groups": SYSTEM_GROUPS}


GROUPS = Noun(
    word="group",
    kind=SubjectKind.GROUP,
    found=queries.found,
    some=queries.some,
    one=queries.one,
    remove=commands.remove_group,
    retry=commands.retry_group,
    facts=_facts,
)
