"""Cloud API: users, who are the same whichever interface made them."""

import base64

import pytest
import requests
from tests.sandbox.rest import Rest, newcomer
from tests.sandbox.soap import NORTH, NORTH_ACME, SOUTH, attributes

HERE = {"name": "north_acme"}
NOT_FOUND = (404, "1", "User not found")


@pytest.fixture
def anna(cloud):
    cloud.post("/users", newcomer("anna"), **HERE)
    return cloud


def names(users):
    return [user["name"] for user in users]


def soap(caller, user_id=3):
    return caller.in_brand("getData", user={"id": user_id})


def attribute(user, outer, key):
    found = {entry.key: {e.key: e.value for e in entry.value.entries} for entry in user.userAttributes.entries}
    return found.get(outer, {}).get(key)


def test_a_new_user_is_told_with_all_that_was_made_up(cloud):
    assert cloud.post("/users", newcomer("anna"), **HERE) == {
        "name": "anna",
        "givenName": "Anna",
        "surName": "Beispiel",
        "mail": "anna@acme.test",
        "displayName": "Anna Beispiel",
        "isContextAdmin": False,
        "classOfService": ["cloud_pim"],
        "language": "en_US",
        "aliases": ["anna@acme.test"],
        "timezone": "Europe/Berlin",
        "spamLevel": "high",
        "contextName": "north_acme",
        "emailBackupEnabled": False,
    }


def test_what_the_api_makes_is_there_for_soap(cloud, north):
    sent = newcomer("anna", classOfService=["cloud_productivity"], unifiedQuota=500, language="de_DE")
    cloud.post("/users", sent, **HERE)
    made = soap(north)
    assert (made.maxQuota, made.language, attribute(made, "cloud", "service")) == (500, "de_DE", "cloud_productivity")
    assert north.in_brand("getAccessCombinationName", user={"id": 3}) == "cloud_productivity"
    assert north.oxaas.getMailQuota(ctxid=1, usrid=3, creds=NORTH) == 500


def test_what_soap_makes_is_there_for_the_api(cloud, north):
    sent = attributes(cloud__service="cloud_security", config__com="x")
    north.add_to_brand("anna", userAttributes=sent, maxQuota=700, aliases=["a@acme.test"])
    north.oxaas.setMailQuota(ctxid=1, usrid=3, quota=700, creds=NORTH)
    told = cloud.get("/users/anna", **HERE)
    assert (told["classOfService"], told["unifiedQuota"], told["usedQuota"]) == (["cloud_security"], 700, 0)
    assert told["aliases"] == ["a@acme.test", "anna@acme.test"]


@pytest.mark.parametrize(
    ("quota", "soap_quota", "told"),
    [
        ({"unifiedQuota": 9}, (9, 9, "true"), {"unifiedQuota": 9}),
        ({"mailQuota": 5, "fileQuota": 7}, (7, 5, "false"), {"mailQuota": 5, "fileQuota": 7}),
        ({"mailQuota": 5}, (-1, 5, "false"), {"mailQuota": 5}),
        ({}, (-1, 0, "false"), {}),
    ],
)
def test_quotas(cloud, north, quota, soap_quota, told):
    answer = cloud.post("/users", newcomer("anna", **quota), **HERE)
    assert {key: value for key, value in answer.items() if "Quota" in key} == told
    made = soap(north)
    enabled = attribute(made, "config", "com.openexchange.unifiedquota.enabled")
    mail = north.oxaas.getMailQuota(ctxid=1, usrid=3, creds=NORTH)
    assert (made.maxQuota, mail, enabled) == soap_quota
    assert made.filestoreId == 1


NOT_CREATED = {
    "nothing": ({"name": None, "mail": None}, (409, "7", "Mandatory parameters missing: name, mail")),
    "login taken": ({"name": "anna"}, (409, "32", 'User "anna" already exists')),
    "login in another context": ({"name": "sue"}, (409, "32", 'User "sue" already exists')),
    "both quotas": (
        {"unifiedQuota": 1, "mailQuota": 1},
        (409, "11", "Either only unifiedQuota or mail- and fileQuota can be specified"),
    ),
    "quota 0": ({"unifiedQuota": 0}, (409, "12", "Quota must be either omitted or a positive value")),
    "class of service": ({"classOfService": ["cloud_nine"]}, (409, "13", "Invalid CoS values: cloud_nine")),
    "domain": ({"mail": "b@south.test"}, (409, "14", "The mail domain is already in use")),
    "characters": ({"name": "b/b"}, (409, "15", 'A parameter contains invalid characters "/"')),
    "malformed": ({"mail": "b@"}, (400, "24", 'Invalid mail address: "b@"')),
    "address taken": ({"mail": "ANNA@acme.test"}, (409, "33", 'Mail address "ANNA@acme.test" already in use')),
    "display name": ({"displayName": "Anna Beispiel"}, (409, "34", "The display name is already in use")),
    "time zone": ({"timezone": "Mars"}, (400, "35", "Invalid timezone")),
    "spam level": ({"spamLevel": "none"}, (400, "36", 'Invalid spamlevel "none"')),
    "aliases without the mail": (
        {"aliases": ["b@acme.test"]},
        (409, "37", "The list of aliases does not include the current mail address"),
    ),
    "language": ({"language": "en"}, (400, "5", "Unknown error")),
    "image": ({"userImage": {"image": "???", "type": "png"}}, (400, "5", "Unknown error")),
    "half an image": ({"userImage": {"type": "png"}}, (409, "7", "Mandatory parameters missing: image")),
}


@pytest.mark.parametrize(("changes", "error"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_user_that_breaks_a_rule_is_refused(anna, north, changes, error):
    north.add_brand_context("acme", by=SOUTH)
    Rest(north.url, "south").post("/users", newcomer("sue", mail="sue@south.test"), name="south_acme")
    assert anna.refused("POST", "/users", newcomer("bert", **changes), **HERE) == error
    assert names(anna.get("/users", **HERE)) == ["oxadmin", "anna"]


def test_a_context_has_no_more_users_than_it_may(anna):
    anna.put("/contexts/acme", {"maxUser": 1})
    error = (409, "38", "Unable to create more users. The maximum amount of users for this context is 1")
    assert anna.refused("POST", "/users", newcomer("bert"), **HERE) == error


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({}, (409, "4", "Either name or id parameter must be provided")),
        ({"name": "north_beta"}, (404, "3", 'Context "north_beta" not found')),
        ({"id": "99"}, (404, "3", 'Context "99" not found')),
        ({"name": "south_acme"}, (404, "3", 'Context "south_acme" not found')),
    ],
)
@pytest.mark.parametrize("path", ["/users", "/users/count", "/users/anna", "/users/anna/permissions"])
def test_the_context_must_be_named_and_ones_own(anna, north, path, query, error):
    north.add_brand_context("acme", by=SOUTH)
    assert anna.refused("GET", path, **query) == error


def test_users_are_listed_and_counted_without_guests(anna):
    guest = requests.post(
        f"{anna.address.removesuffix('/cloudapi/v2')}/sandbox/api/contexts/1/guests", json={"email": "g@x.test"}
    )
    assert names(anna.get("/users", id="1")) == ["oxadmin", "anna"]
    told = anna.get("/users", includeguests="true", **HERE)[-1]
    assert (told["guestId"], told["mail"]) == (guest.json()["id"], "g@x.test")
    assert [anna.get("/users/count", includeguests=also, **HERE)["count"] for also in ("false", "true")] == [2, 3]
    anna.delete(f"/users/{guest.json()['id']}", **HERE)
    assert anna.get("/users/count", includeguests="true", **HERE)["count"] == 2


@pytest.mark.parametrize(("pattern", "found"), [("AN*", ["anna"]), ("*Beispiel", ["oxadmin", "anna"]), ("an", [])])
def test_a_list_can_be_cut_down_by_a_pattern(anna, pattern, found):
    assert names(anna.get("/users", pattern=pattern, **HERE)) == found


def test_more_is_told_when_it_is_asked_for(anna):
    anna.put("/users/anna", {"userImage": {"image": base64.b64encode(b"picture").decode(), "type": "png"}}, **HERE)
    flags = ("id", "webloginenabled", "image", "permissions", "useradminenabled")
    told = anna.get("/users/anna", **{f"include{flag}": "true" for flag in flags}, **HERE)
    assert (told["uid"], told["webLoginEnabled"], told["userAdminEnabled"]) == (3, True, False)
    assert told["userImage"] == {"image": base64.b64encode(b"picture").decode(), "type": "png"}
    assert told["userPermissions"]["send"] is True
    listed = anna.get("/users", includeid="true", **HERE)
    assert [(user["uid"], "userImage" in user) for user in listed] == [(2, False), (3, False)]


def test_a_context_admin_has_no_mailbox(cloud):
    told = cloud.get("/users/oxadmin", includepermissions="true", **HERE)
    assert (told["isContextAdmin"], told["userPermissions"]["receive"], told["userPermissions"]["weblogin"]) == (
        True,
        False,
        True,
    )
    cloud.put("/users/oxadmin/permissions", {"receive": True}, **HERE)
    assert cloud.get("/users/oxadmin/permissions", **HERE)["receive"] is False


def test_a_user_is_renamed_with_its_address_and_keeps_the_old_one(anna, north):
    anna.put("/users/anna", {"newName": "anne@acme.test", "mail": "anne@acme.test", "surName": "Muster"}, **HERE)
    changed = soap(north)
    assert (changed.name, changed.primaryEmail, changed.defaultSenderAddress, changed.sur_name) == (
        *["anne@acme.test"] * 3,
        "Muster",
    )
    assert changed.aliases == ["anna@acme.test", "anne@acme.test"]
    assert anna.refused("GET", "/users/anna", **HERE) == NOT_FOUND


def test_aliases_that_are_sent_replace_the_old(anna):
    anna.put("/users/anna", {"aliases": ["anna@acme.test", "info@acme.test"]}, **HERE)
    anna.put("/users/anna", {"aliases": ["anna@acme.test"], "displayName": None}, **HERE)
    assert anna.get("/users/anna", **HERE)["aliases"] == ["anna@acme.test"]
    assert anna.refused("PUT", "/users/anna", {"aliases": ["x@acme.test"]}, **HERE)[1] == "37"


def test_a_class_of_service_turns_on_what_it_holds(anna, north):
    anna.put("/users/anna", {"classOfService": ["cloud_productivity", "cloud_security"]}, **HERE)
    assert north.in_brand("getAccessCombinationName", user={"id": 3}) == "cloud_productivity_security"
    anna.put("/users/anna", {"userPermissions": {"editPassword": True}}, **HERE)
    anna.put("/users/anna", {"classOfService": ["cloud_pim"]}, **HERE)
    flags = north.in_brand("getModuleAccess", user={"id": 3})
    assert (flags.infostore, flags.editPassword) == (False, True)
    assert anna.get("/users/anna", **HERE)["classOfService"] == ["cloud_pim"]


def test_quotas_are_changed_and_what_is_not_named_stays(anna):
    anna.put("/users/anna", {"unifiedQuota": 2000, "mailQuota": None, "fileQuota": None}, **HERE)
    anna.put("/users/anna", {"spamLevel": "low", "userAdminEnabled": True, "emailBackupEnabled": True}, **HERE)
    told = anna.get("/users/anna", includeuseradminenabled="true", **HERE)
    assert (told["unifiedQuota"], told["spamLevel"], told["userAdminEnabled"], told["emailBackupEnabled"]) == (
        2000,
        "low",
        True,
        True,
    )
    anna.put("/users/anna", {"mailQuota": 10, "fileQuota": 20}, **HERE)
    told = anna.get("/users/anna", **HERE)
    assert {key: told[key] for key in told if "Quota" in key} == {
        "mailQuota": 10,
        "fileQuota": 20,
        "usedMailQuota": 0,
        "usedFileQuota": 0,
    }


def test_a_user_without_a_file_store_gets_one_with_the_first_quota(cloud, north):
    north.add_to_brand("bert")
    cloud.put("/users/bert", {"unifiedQuota": 5}, **HERE)
    assert (soap(north).maxQuota, soap(north).filestoreId) == (5, 1)


def test_usage_is_told_in_megabytes(anna):
    url = f"{anna.address.removesuffix('/cloudapi/v2')}/sandbox/api/contexts/1/users/3/usage"
    requests.put(url, json={"mail_kib": 2050, "files_mb": 7})
    told = anna.get("/users/anna", **HERE)
    assert (told["usedMailQuota"], told["usedFileQuota"]) == (2, 7)
    anna.put("/users/anna", {"unifiedQuota": 100}, **HERE)
    assert anna.get("/users/anna", **HERE)["usedQuota"] == 9


def test_a_password_can_be_changed(anna):
    def may_sign_in(password):
        sent = {"context_id": 1, "name": "anna", "password": password}
        url = f"{anna.address.removesuffix('/cloudapi/v2')}/sandbox/api/sign-in"
        return requests.post(url, json=sent).json()["allowed"]

    assert may_sign_in("anna-secret")
    anna.put("/users/anna", {"password": "new"}, **HERE)
    assert (may_sign_in("new"), may_sign_in("anna-secret")) == (True, False)


def test_permissions_are_the_same_for_both_interfaces(anna, north):
    anna.put("/users/anna/permissions", {"weblogin": False, "send": False}, **HERE)
    everything = {"send": False, "receive": True, "maillogin": True, "weblogin": False, "editPassword": False}
    assert anna.get("/users/anna/permissions", **HERE) == everything
    assert soap(north).mailenabled is False
    north.oxaas.enablePermissions(ctxid=1, usrid=3, perms=["send", "weblogin"], creds=NORTH)
    assert anna.get("/users/anna/permissions", **HERE)["weblogin"] is True


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_who_is_not_there_is_not_found(cloud, method):
    body = {"givenName": "x"} if method == "PUT" else None
    assert cloud.refused(method, "/users/nobody", body, **HERE) == NOT_FOUND


def test_a_login_is_looked_for_in_all_contexts(anna, north):
    assert (anna.head("/users/anna/exists"), anna.head("/users/bert/exists")) == (200, 404)
    assert Rest(north.url, "south").head("/users/anna/exists") == 200


@pytest.mark.parametrize(
    "heir", [{}, {"reassignuser": "%CONTEXTADMIN%"}, {"reassignuser": "oxadmin"}, {"reassignuser": "bert"}]
)
def test_a_user_goes_and_somebody_inherits(anna, heir):
    anna.post("/users", newcomer("bert"), **HERE)
    anna.delete("/users/anna", **heir, **HERE)
    assert names(anna.get("/users", **HERE)) == ["oxadmin", "bert"]


def test_an_heir_must_be_there(anna):
    error = (404, "19", 'User to reassign "carl" does not exist')
    assert anna.refused("DELETE", "/users/anna", reassignuser="carl", **HERE) == error


def test_the_context_admin_stays(cloud):
    assert cloud.refused("DELETE", "/users/oxadmin", **HERE) == (400, "5", "Unknown error")


def test_nobody_reaches_the_users_of_another_brand(anna, north):
    south = Rest(north.url, "south")
    assert south.refused("DELETE", "/users/anna", **HERE) == (404, "3", 'Context "north_acme" not found')
    assert north.brand_users.exists(ctx=NORTH_ACME, user={"name": "anna"}, auth=NORTH)
