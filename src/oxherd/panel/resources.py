"""OX Service > Resources: what its list shows. The list itself is that of all nouns."""

from oxherd.panel.nouns import Noun
from oxherd.provisioning.states import SubjectKind
from oxherd.resources import commands, queries

RESOURCES = Noun(
    word="resource",
    kind=SubjectKind.RESOURCE,
    found=queries.found,
    some=queries.some,
    one=queries.one,
    remove=commands.remove_resource,
    retry=commands.retry_resource,
)
