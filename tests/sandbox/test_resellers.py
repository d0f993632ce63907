"""OXResellerService: resellers, which OX Cloud sells as brands."""

import pytest
from tests.sandbox.soap import MASTER, NORTH, SOUTH, refusal

CREDENTIALS, INVALID, STORAGE, RESELLER = (
    f"{name}Exception" for name in ("InvalidCredentials", "InvalidData", "Storage", "OXReseller")
)
WEST = {"name": "west", "displayname": "West", "password": "west-secret"}
MAX_CONTEXT = {"name": "Subadmin.MaxContext", "value": "2"}
MAY_MAKE = {"Subadmin__CanCreateSubadmin": "true"}
NOT_CREATED = {
    "name taken": ({"name": "NORTH"}, (RESELLER, "Reseller admin already exists: NORTH")),
    "name of the master": ({"name": "oxadminmaster"}, (RESELLER, "Reseller admin already exists: oxadminmaster")),
    "no password": ({"password": None}, (INVALID, "Empty password is not allowed")),
    "blank password": ({"password": " "}, (INVALID, "Empty password is not allowed")),
    "no display name": ({"displayname": None}, (INVALID, "Mandatory fields not set: [displayname]")),
    "limit without a name": ({"restrictions": [{"value": "1"}]}, (INVALID, "Restriction name must be set")),
    "limit without a value": (
        {"restrictions": [{"name": "Subadmin.MaxContext"}]},
        (INVALID, "Restriction value must be set"),
    ),
    "limit of contexts": (
        {"restrictions": [{"name": "Context.MaxUser", "value": "1"}]},
        (INVALID, "Restriction Context.MaxUser cannot be applied to subadmin"),
    ),
    "unknown combination": (
        {"restrictions": [{"name": "Subadmin.MaxOverallUserByModuleaccess_gold", "value": "1"}]},
        (INVALID, "No restriction named Subadmin.MaxOverallUserByModuleaccess_gold found in database"),
    ),
    "neither true nor false": (
        {"restrictions": [{"name": "Subadmin.CanCreateSubadmin", "value": "yes"}]},
        (INVALID, "yes is not a valid value for Subadmin.CanCreateSubadmin"),
    ),
}


def names(found):
    return [reseller.name for reseller in found]


def data(caller, name):
    return caller.resellers.getData(adm={"name": name}, creds=MASTER)


def test_a_reseller_is_answered_as_it_was_sent_with_its_id(caller):
    made = caller.resellers.create(adm={**WEST, "restrictions": [MAX_CONTEXT]}, creds=MASTER)
    assert (made.id, made.parentId, made.password) == (1, 0, "west-secret")
    read = data(caller, "west")
    assert (read.id, read.displayname, read.password, read.passwordMech) == (1, "West", None, "{SHA-256}")
    assert [(each.name, each.value) for each in read.restrictions] == [("Subadmin.MaxContext", "2")]


@pytest.mark.parametrize(("changes", "fault"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_new_reseller_that_breaks_a_rule_is_refused(north, changes, fault):
    sent = {key: value for key, value in {**WEST, **changes}.items() if value is not None}
    assert refusal(lambda: north.resellers.create(adm=sent, creds=MASTER)) == fault
    assert names(north.resellers.list(search_pattern="*", creds=MASTER)) == ["north", "south"]


@pytest.mark.parametrize("creds", [{**NORTH, "password": "x"}, {"login": "nobody", "password": "x"}])
def test_who_is_not_known_is_refused(north, creds):
    fault = (CREDENTIALS, "authentication failed")
    assert refusal(lambda: north.resellers.list(search_pattern="*", creds=creds)) == fault


def test_credentials_must_be_there(caller):
    fault = (CREDENTIALS, "credential object is null")
    assert refusal(lambda: caller.resellers.list(search_pattern="*")) == fault


@pytest.mark.parametrize(("pattern", "found"), [("n*", ["north"]), ("*", ["north", "south"]), ("2", ["south"])])
def test_resellers_are_listed_by_name_or_number(north, pattern, found):
    assert names(north.resellers.list(search_pattern=pattern, creds=MASTER)) == found


def test_only_a_reseller_who_may_makes_resellers_below_itself(north):
    fault = (STORAGE, f"{CLASS}: Subadmin north is not allowed to create subadmins")
    assert refusal(lambda: north.add_brand("shop", by=NORTH)) == fault
    north.add_brand("east", **MAY_MAKE, Subadmin__MaxSubadmin="1")
    east = {"login": "east", "password": "east-secret"}
    shop = north.add_brand("shop", by=east)
    assert data(north, "shop").parentId == data(north, "east").id
    fault = (STORAGE, f"{CLASS}: Maximum number of subadmins per subadmin reached: 1")
    assert refusal(lambda: north.add_brand("kiosk", by=east)) == fault
    assert names(north.resellers.list(search_pattern="*", creds=east)) == ["shop"]
    assert north.resellers.getMultipleData(admins=[{"id": shop}], creds=east)[0].name == "shop"


CLASS = "com.openexchange.admin.rmi.exceptions.StorageException"


@pytest.fixture
def family(north):
    """East, who may, made shop and kiosk."""
    north.add_brand("east", **MAY_MAKE, Subadmin__MaxContext="5")
    for name in ("shop", "kiosk"):
        north.add_brand(name, by=EAST)
    return north


EAST = {"login": "east", "password": "east-secret"}
SHOP = {"login": "shop", "password": "shop-secret"}


def test_a_reseller_reads_itself_and_those_below_it(family):
    self_data = family.resellers.getSelfData
    assert self_data(adminName="east", creds=EAST).name == "east"
    assert self_data(adminId=data(family, "shop").id, creds=EAST).name == "shop"
    assert refusal(lambda: self_data(adminName="south", creds=EAST)) == (CREDENTIALS, "authentication failed")
    assert refusal(lambda: self_data(creds=EAST)) == (INVALID, "Either ID or name must be specified")
    unknown = (STORAGE, "unable to get data of reseller admin: name=nobody")
    assert refusal(lambda: self_data(adminName="nobody", creds=MASTER)) == unknown


@pytest.mark.parametrize("name", ["east", "south", "nobody"])
def test_get_data_knows_only_those_below(family, name):
    fault = (RESELLER, f"Reseller admin does not exist: {name}")
    assert refusal(lambda: family.resellers.getData(adm={"name": name}, creds=EAST)) == fault


def test_limits_are_inherited_but_for_making_resellers(family):
    assert [each.name for each in data(family, "shop").restrictions] == ["Subadmin.MaxContext"]
    fault = (STORAGE, f"{CLASS}: Subadmin shop is not allowed to create subadmins")
    assert refusal(lambda: family.add_brand("stall", by=SHOP)) == fault


def test_who_is_below_another_gets_no_limits_of_its_own(family):
    fault = (RESELLER, "Subsubadmins cannot change restrictions")
    adm = {"name": "shop", "restrictions": [MAX_CONTEXT]}
    assert refusal(lambda: family.resellers.change(adm=adm, creds=MASTER)) == fault
    assert refusal(lambda: family.resellers.create(adm={**WEST, "restrictions": [MAX_CONTEXT]}, creds=EAST)) == fault


def test_a_reseller_changes_those_below_it(family):
    family.resellers.change(adm={"name": "shop", "displayname": "The shop", "password": "new"}, creds=EAST)
    assert data(family, "shop").displayname == "The shop"
    assert family.resellers.list(search_pattern="*", creds={**SHOP, "password": "new"}) == []
    fault = (CREDENTIALS, "authentication failed")
    assert refusal(lambda: family.resellers.change(adm={"name": "north"}, creds=EAST)) == fault
    fault = (RESELLER, "Subadmins cannot change parentId")
    assert refusal(lambda: family.resellers.change(adm={"name": "shop", "parentId": 1}, creds=EAST)) == fault


def test_the_master_moves_a_reseller_below_another(family):
    north, shop = data(family, "north").id, data(family, "shop").id
    family.resellers.change(adm={"id": shop, "parentId": north}, creds=MASTER)
    assert data(family, "shop").parentId == north
    for parent, text in (
        (shop, "Cannot change parentId to id of subsubadmin"),
        (99, "Reseller admin does not exist: with parentId=99"),
    ):
        adm = {"name": "south", "parentId": parent}
        assert refusal(lambda adm=adm: family.resellers.change(adm=adm, creds=MASTER)) == (RESELLER, text)


def test_a_reseller_is_renamed_by_its_id(north):
    north.resellers.change(adm={"id": 1, "name": "nord"}, creds=MASTER)
    assert names(north.resellers.list(search_pattern="*", creds=MASTER)) == ["nord", "south"]
    fault = (RESELLER, "Reseller admin already exists: south")
    assert refusal(lambda: north.resellers.change(adm={"id": 1, "name": "south"}, creds=MASTER)) == fault


def test_a_reseller_changes_its_own_settings_and_nothing_else(north):
    entries = [{"key": "a", "value": "1"}, {"key": "com.openexchange.capability.x", "value": "true"}]
    sent = {
        "capabilitiesToAdd": ["one", "two"],
        "taxonomiesToAdd": ["gold"],
        "configurationToAdd": {"entries": entries},
    }
    north.resellers.changeSelf(adm={"name": "north", **sent}, creds=NORTH)
    north.resellers.changeSelf(
        adm={"name": "north", "capabilitiesToRemove": ["one"], "capabilitiesToDrop": ["two"]}, creds=NORTH
    )
    read = north.resellers.getSelfData(adminName="north", creds=NORTH)
    assert (read.capabilities, read.taxonomies) == (["-one"], ["gold"])
    assert [(entry.key, entry.value) for entry in read.configuration.entries] == [("a", "1")]
    north.resellers.changeSelf(
        adm={"name": "north", "taxonomiesToRemove": ["gold"], "configurationToRemove": ["a"]}, creds=NORTH
    )
    read = data(north, "north")
    assert (read.taxonomies, read.configuration.entries) == ([], [])


@pytest.mark.parametrize("more", [{"password": "x"}, {"displayname": "x"}, {"restrictions": [MAX_CONTEXT]}])
def test_what_is_set_from_above_is_no_own_setting(north, more):
    fault = (INVALID, "Invalid data sent by client!")
    assert refusal(lambda: north.resellers.changeSelf(adm={"name": "north", **more}, creds=NORTH)) == fault


def test_nobody_changes_the_settings_of_others(north):
    fault = (CREDENTIALS, "Authentication failed")
    assert refusal(lambda: north.resellers.changeSelf(adm={"name": "south"}, creds=NORTH)) == fault


def test_a_reseller_that_owns_something_stays(family):
    def delete(name, creds=MASTER):
        return family.resellers.delete(adm={"name": name}, creds=creds)

    assert refusal(lambda: delete("north")) == (RESELLER, "Unable to delete 1, still owns Context(s)")
    assert refusal(lambda: delete("east")) == (RESELLER, "Unable to delete 3, still owns Subadmin(s)")
    assert refusal(lambda: delete("south", EAST)) == (RESELLER, "Subadmin south does not belong to east")
    delete("shop", EAST)
    delete("kiosk")
    delete("east")
    assert refusal(lambda: delete("east")) == (RESELLER, "Reseller admin does not exist: east")


def test_the_restrictions_there_are_can_be_taken_away_and_brought_back(caller):
    available = caller.resellers.getAvailableRestrictions(creds=MASTER)
    assert {"Subadmin.MaxContext", "Context.MaxUserByModuleaccess_cloud_pim"} <= {each.name for each in available}
    fault = (RESELLER, "Database already contains restrictions.")
    assert refusal(lambda: caller.resellers.initDatabaseRestrictions(creds=MASTER)) == fault
    caller.resellers.removeDatabaseRestrictions(creds=MASTER)
    fault = (RESELLER, "Unable to load available restrictions from database")
    assert refusal(lambda: caller.resellers.getAvailableRestrictions(creds=MASTER)) == fault
    assert refusal(lambda: caller.add_brand("north")) == fault
    for operation, wish in (
        ("removeDatabaseRestrictions", "remove"),
        ("updateDatabaseModuleAccessRestrictions", "update"),
        ("updateDatabaseRestrictions", "update"),
    ):
        fault = (RESELLER, f"No restrictions available to {wish}.")
        assert refusal(lambda operation=operation: caller.resellers[operation](creds=MASTER)) == fault
    caller.resellers.initDatabaseRestrictions(creds=MASTER)
    assert len(caller.resellers.getAvailableRestrictions(creds=MASTER)) == len(available)


def test_restrictions_in_use_stay(caller):
    caller.add_brand("north", Subadmin__MaxContext="1")
    text = "The following restrictions are going to be removed, but still are in use: Subadmin.MaxContext"
    assert refusal(lambda: caller.resellers.removeDatabaseRestrictions(creds=MASTER)) == (RESELLER, text)


def test_restrictions_are_the_masters_affair(north):
    fault = (CREDENTIALS, "Authentication failed")
    assert refusal(lambda: north.resellers.initDatabaseRestrictions(creds=NORTH)) == fault


def test_the_limits_of_a_context_are_told_to_its_owner(north):
    north.add_brand_context("beta", restriction=[{"name": "Context.MaxUser", "value": "3"}])
    read = north.resellers.getRestrictionsFromContext
    assert [(each.name, each.value) for each in read(ctx={"id": 2}, creds=NORTH)] == [("Context.MaxUser", "3")]
    fault = (RESELLER, "ContextID 2 does not belong to south")
    assert refusal(lambda: read(ctx={"id": 2}, creds=SOUTH)) == fault
