"""OXResellerContextService: a brand's contexts, which no other brand sees or touches."""

import pytest
from tests.sandbox.soap import MASTER, NORTH, NORTH_ACME, SOUTH, context_admin, refusal

CREDENTIALS, NO_CONTEXT, EXISTS, INVALID, STORAGE = (
    f"{name}Exception" for name in ("InvalidCredentials", "NoSuchContext", "ContextExists", "InvalidData", "Storage")
)
FAILED = (CREDENTIALS, "Authentication failed")
NO_ADMIN = {"ctx": {"name": "beta", "maxQuota": 1}}
# Everything that names a context of somebody else, by the arguments that it needs beside it.
ABOUT_A_CONTEXT = {
    "change": {},
    "changeModuleAccess": {"access": {"webmail": True}},
    "changeModuleAccessByName": {"access_combination_name": "cloud_pim"},
    "delete": {},
    "disable": {},
    "downgrade": {},
    "enable": {},
    "exists": {},
    "existsInServer": {},
    "getAccessCombinationName": {},
    "getData": {},
    "getModuleAccess": {},
    "listQuota": {},
}


def names(contexts):
    return [context.name for context in contexts]


def read(caller, ctx=NORTH_ACME, auth=NORTH):
    return caller.brand_contexts.getData(ctx=ctx, auth=auth)


def test_the_server_makes_the_id_and_the_name_begins_with_the_brand(north):
    made = north.add_brand_context("beta", id=4711, loginMappings=["beta.test"])
    assert (made.id, made.name, made.loginMappings) == (2, "north_beta", ["2", "beta.test", "north_beta"])
    assert (made.owner.name, made.sid, made.owner.password) == ("north", 1, None)
    assert north.brand_contexts.getAccessCombinationName(ctx={"id": 2}, auth=NORTH) == "cloud_productivity"


@pytest.mark.parametrize("name", ["north_beta", "NORTH_beta"])
def test_a_name_that_begins_with_the_brand_stays(north, name):
    assert north.add_brand_context(name).name == name


def test_a_context_without_a_name_gets_its_number(north):
    made = north.brand_contexts.create(ctx={"maxQuota": 1}, admin_user=context_admin(), auth=NORTH)
    assert (made.id, made.name) == (2, "north_2")


def test_two_brands_may_use_the_same_name(north):
    assert north.add_brand_context("acme", by=SOUTH).name == "south_acme"
    fault = (EXISTS, "Context north_acme already exists!")
    assert refusal(lambda: north.add_brand_context("acme")) == fault


def test_a_brands_context_is_found_by_its_full_name(north):
    assert read(north, {"name": "north_ACME"}).id == 1
    text = "com.openexchange.admin.rmi.exceptions.NoSuchObjectException: No such context acme"
    assert refusal(lambda: read(north, {"name": "acme"})) == (NO_CONTEXT, text)


@pytest.mark.parametrize("operation", ABOUT_A_CONTEXT)
def test_a_context_of_another_brand_cannot_be_reached(north, operation):
    for ctx in (NORTH_ACME, {"name": "north_acme"}):
        arguments = {"ctx": ctx, **ABOUT_A_CONTEXT[operation], "auth": SOUTH}
        assert refusal(lambda arguments=arguments: north.brand_contexts[operation](**arguments)) == FAILED
    assert read(north).enabled is True


def test_a_context_that_does_not_exist_is_as_one_of_others(north):
    assert refusal(lambda: read(north, {"id": 99})) == FAILED
    assert north.brand_contexts.exists(ctx={"id": 99}, auth=NORTH) is False
    assert north.brand_contexts.exists(ctx={"name": "north_acme"}, auth=NORTH) is True


def test_lists_are_cut_down_to_the_brands_own(north):
    north.add_brand_context("acme", by=SOUTH)
    page = {"offset": "0", "length": "10"}
    calls = {
        "list": {"search_pattern": "*acme*"},
        "listAll": {},
        "listByFilestore": {"fs": {"id": 1}},
        "listPage": {"search_pattern": "*", **page},
        "listPageAll": page,
        "listPageByFilestore": {"fs": {"id": 1}, **page},
    }
    for operation, arguments in calls.items():
        assert names(north.brand_contexts[operation](**arguments, auth=SOUTH)) == ["south_acme"]
        assert names(north.brand_contexts[operation](**arguments, auth=MASTER)) == ["north_acme", "south_acme"]


def test_a_database_cannot_be_named_in_the_resellers_service(north):
    """Its type has neither id nor name there."""
    fault = ("NoSuchDatabaseException", "No such database None")
    assert (
        refusal(lambda: north.brand_contexts.listByDatabase(db={"mandatoryMembersChange": ["x"]}, auth=NORTH)) == fault
    )


def test_a_brand_reaches_the_contexts_of_those_right_below_it(north):
    north.add_brand("east", Subadmin__CanCreateSubadmin="true")
    east, shop = ({"login": name, "password": f"{name}-secret"} for name in ("east", "shop"))
    north.add_brand("shop", by=east)
    made = north.add_brand_context("corner", by=shop)
    assert made.name == "shop_corner"
    assert names(north.brand_contexts.listAll(auth=east)) == ["shop_corner"]
    assert read(north, {"id": made.id}, east).owner.name == "shop"
    north.brand_contexts.disableAll(auth=east)
    assert read(north, {"id": made.id}, shop).enabled is True


def test_all_contexts_of_a_brand_are_blocked_and_freed_at_once(north):
    north.add_brand_context("acme", by=SOUTH)
    north.brand_contexts.disableAll(auth=NORTH)
    assert [read(north).enabled, read(north, {"id": 2}, SOUTH).enabled] == [False, True]
    north.brand_contexts.enableAll(auth=NORTH)
    assert read(north).enabled is True


def test_a_new_name_keeps_the_brand_in_front(north):
    north.brand_contexts.change(ctx={"id": 1, "name": "gamma", "maxQuota": 7}, auth=NORTH)
    changed = read(north)
    assert (changed.name, changed.maxQuota, changed.loginMappings) == ("north_gamma", 7, ["1", "north_gamma"])


def test_an_id_of_the_client_and_limits_are_kept_until_others_are_sent(north):
    made = north.add_brand_context("beta", customid="C-17", restriction=[{"name": "Context.MaxUser", "value": "3"}])
    assert [(each.name, each.value) for each in made.restriction] == [("Context.MaxUser", "3")]
    north.brand_contexts.change(ctx={"id": 2, "maxQuota": 5}, auth=NORTH)
    assert (read(north, {"id": 2}).customid, len(read(north, {"id": 2}).restriction)) == ("C-17", 1)
    limit = {"name": "Context.MaxUserByModuleaccess_cloud_pim", "value": "1"}
    north.brand_contexts.change(ctx={"id": 2, "customid": "", "restriction": [limit]}, auth=NORTH)
    changed = read(north, {"id": 2})
    assert (changed.customid, [each.name for each in changed.restriction]) == (None, [limit["name"]])


def test_a_limit_of_brands_is_none_of_contexts(north):
    limit = {"name": "Subadmin.MaxContext", "value": "1"}
    text = (
        "com.openexchange.admin.rmi.exceptions.InvalidDataException: "
        "Restriction Subadmin.MaxContext cannot be applied to context"
    )
    assert refusal(lambda: north.add_brand_context("beta", restriction=[limit])) == (STORAGE, text)
    assert len(north.brand_contexts.listAll(auth=NORTH)) == 1


def test_the_masters_contexts_belong_to_nobody_else(north):
    made = north.brand_contexts.create(ctx={"name": "own", "maxQuota": 1}, admin_user=context_admin(), auth=MASTER)
    assert (made.id, made.name, made.owner.name, made.sid) == (2, "own", "oxadminmaster", 0)
    assert refusal(lambda: read(north, {"id": 2})) == FAILED


def test_what_is_there_already_is_no_number_for_a_new_context(north):
    north.master("create", ctx={"id": 2, "maxQuota": 1}, admin_user=context_admin())
    assert north.add_brand_context("beta").id == 3


def test_the_plain_service_does_not_know_brands(north):
    assert refusal(lambda: north.contexts.listAll(auth=NORTH)) == FAILED
    assert north.master("getData", ctx={"name": "north_acme"}).id == 1


@pytest.mark.parametrize("login", ["north", "NORTH"])
def test_a_brands_name_is_compared_without_case(north, login):
    assert len(north.brand_contexts.listAll(auth={**NORTH, "login": login})) == 1


def test_a_wrong_password_of_a_brand_is_refused(north):
    fault = (CREDENTIALS, "authentication failed")
    assert refusal(lambda: north.brand_contexts.listAll(auth={**NORTH, "password": "x"})) == fault
