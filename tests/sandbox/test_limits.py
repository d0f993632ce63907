"""What a brand or a context may not exceed. Context admins count as users."""

import pytest
from tests.sandbox.soap import NORTH, NORTH_ACME, person, refusal

TEXT = "com.openexchange.admin.rmi.exceptions.StorageException: Maximum "
PIM = "ByModuleaccess_cloud_pim"


@pytest.fixture
def limited(caller):
    """Makes the brand north with limits, and its first context."""

    def limit(**restrictions):
        caller.add_brand("north", **restrictions)
        caller.add_brand_context("acme")
        return caller

    return limit


def told(text):
    return "StorageException", TEXT + text


def limit_context(caller, name, value):
    caller.brand_contexts.change(ctx={"id": 1, "restriction": [{"name": name, "value": value}]}, auth=NORTH)


def test_contexts(limited):
    north = limited(Subadmin__MaxContext="1")
    assert refusal(lambda: north.add_brand_context("beta")) == told("number of contexts reached: 1")
    north.brand_contexts.delete(ctx=NORTH_ACME, auth=NORTH)
    assert north.add_brand_context("beta").name == "north_beta"


def test_contexts_are_counted_with_those_of_the_parent(limited):
    north = limited(Subadmin__MaxContext="1", Subadmin__CanCreateSubadmin="true")
    north.add_brand("shop", by=NORTH)
    shop = {"login": "shop", "password": "shop-secret"}
    assert refusal(lambda: north.add_brand_context("corner", by=shop)) == told("number of contexts reached: 1")


@pytest.mark.parametrize("quota", [1001, -1])
def test_quota_of_all_contexts(limited, quota):
    north = limited(Subadmin__MaxOverallContextQuota="2000")
    fault = told("overall context quota reached: 2000")
    assert refusal(lambda: north.add_brand_context("beta", maxQuota=quota)) == fault
    north.add_brand_context("beta", maxQuota=1000)


def test_users_of_all_contexts(limited):
    north = limited(Subadmin__MaxOverallUser="3")
    north.add_to_brand("anna")
    north.add_brand_context("beta")
    fault = told("overall number of users reached: 3")
    assert refusal(lambda: north.add_to_brand("bert")) == fault
    assert refusal(lambda: north.add_brand_context("gamma")) == fault
    north.in_brand("delete", user={"name": "anna"})
    north.add_to_brand("bert")


def test_users_of_all_contexts_with_a_combination(limited):
    north = limited(**{f"Subadmin__MaxOverallUser{PIM}": "1"})
    north.add_to_brand("anna")
    fault = told(f"overall number of users by moduleaccess reached: Subadmin.MaxOverallUser{PIM}:1")
    assert refusal(lambda: north.add_to_brand("bert")) == fault
    north.in_brand("create", usrdata=person("bert"))
    change = {"user": {"name": "bert"}, "access_combination_name": "cloud_pim"}
    assert refusal(lambda: north.in_brand("changeByModuleAccessName", **change)) == fault


def test_users_of_a_context(limited):
    north = limited()
    limit_context(north, "Context.MaxUser", "2")
    north.add_to_brand("anna")
    assert refusal(lambda: north.add_to_brand("bert")) == told("number of users per context reached: 2")
    north.add_brand_context("beta")


def test_users_of_a_context_with_a_combination(limited):
    north = limited()
    limit_context(north, f"Context.MaxUser{PIM}", "1")
    north.add_to_brand("anna")
    fault = told(f"number of users by moduleaccess per context reached: Context.MaxUser{PIM}:1")
    assert refusal(lambda: north.add_to_brand("bert")) == fault
    everybody = {"ctx": NORTH_ACME, "access_combination_name": "cloud_pim", "auth": NORTH}
    assert refusal(lambda: north.brand_contexts.changeModuleAccessByName(**everybody)) == fault


def test_a_limit_that_is_no_number_stops_everything(limited):
    north = limited(Subadmin__MaxOverallUser="3")
    limit_context(north, "Context.MaxUser", "many")
    assert refusal(lambda: north.add_to_brand("anna")) == ("StorageException", 'For input string: "many"')
