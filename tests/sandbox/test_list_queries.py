"""Lists cost the same number of queries however long they are."""

import pytest
from tests.sandbox.rest import Rest, newcomer
from tests.sandbox.soap import NORTH, NORTH_ACME

from oxherd.sandbox.testing import queries

HERE = {"name": "north_acme"}
# With them come those for the credentials: the reseller, its context, and whose that is.
LISTS = {
    "users by SOAP": (5, lambda caller: caller.brand_users.listAll(ctx=NORTH_ACME, auth=NORTH)),
    "users by pattern": (
        5,
        lambda caller: caller.brand_users.list(ctx=NORTH_ACME, search_pattern="*", auth=NORTH),
    ),
    "users by domain": (
        5,
        lambda caller: caller.brand_users.listByAliasDomain(ctx=NORTH_ACME, alias_domain="acme.test", auth=NORTH),
    ),
    "groups by SOAP": (6, lambda caller: caller.brand_groups.listAll(ctx=NORTH_ACME, auth=NORTH)),
    "contexts by SOAP": (6, lambda caller: caller.brand_contexts.listAll(auth=NORTH)),
    "contexts by pattern": (6, lambda caller: caller.brand_contexts.list(search_pattern="n*", auth=NORTH)),
    "catch-alls by SOAP": (5, lambda caller: caller.oxaas.listDomainCatchalls(ctxid=1, creds=NORTH)),
    "users by REST": (7, lambda caller: Rest(caller.url).get("/users", **HERE)),
    "users with images": (8, lambda caller: Rest(caller.url).get("/users", includeimage="true", **HERE)),
    "users counted": (5, lambda caller: Rest(caller.url).get("/users/count", **HERE)),
    "contexts by REST": (4, lambda caller: Rest(caller.url).get("/contexts")),
    "forwards by REST": (6, lambda caller: Rest(caller.url).get("/mail/forwards", **HERE)),
    "brands": (2, lambda caller: Rest(caller.url, prefix="/sandbox/api").get("/brands")),
    "forwards for tests": (14, lambda caller: Rest(caller.url, prefix="/sandbox/api").get("/contexts/1/mail")),
}


def grow(rest, first, last):
    """One user, forward, catch-all and context for each number."""
    for number in range(first, last):
        name = f"user{number}"
        rest.post("/users", newcomer(name), **HERE)
        rest.post("/mail/forwards", {"address": f"f{number}@acme.test", "forwardTo": [f"{name}@acme.test"]}, **HERE)
        rest.post("/mail/catchall", {"domain": f"{name}.test", "login": name}, **HERE)
        rest.post("/contexts", {"name": name})


@pytest.mark.parametrize(("count", "ask"), LISTS.values(), ids=LISTS)
def test_a_list_asks_as_often_for_many_as_for_few(sandbox, north, count, ask):
    rest = Rest(north.url)
    counted = []
    for first, last in ((0, 1), (1, 4)):
        grow(rest, first, last)
        with queries(sandbox) as asked:
            ask(north)
        counted.append(len(asked))
    assert counted == [count, count]
