"""Walks the list of operations: each answers as its schema says, or with a fault that it declares."""

import base64

import pytest
from lxml import etree
from tests.sandbox.schema import answer_schema
from tests.sandbox.soap import ACME, ADMIN, MASTER, SOAP, context_admin, description, envelope, person, post, room

from oxherd.sandbox.contract import service, service_names

ANNA, BERT, CARL = {"id": 3}, {"id": 4}, {"id": 5}  # Bert has a file store of his own, Carl uses it
STORE, BASE = {"id": 2}, {"id": 2}
NEW = {"id": 11, "maxQuota": 1}
FLAGS = {"webmail": True}
CAPS = {"capsToAdd": "guard", "capsToRemove": "drive", "capsToDrop": "old"}
PAGE = {"offset": "0", "length": "5"}
CONTEXT_CALLS = {
    "change": {"ctx": {"id": 10, "maxQuota": 7}},
    "changeCapabilities": {"ctx": ACME, **CAPS},
    "changeModuleAccess": {"ctx": ACME, "access": FLAGS},
    "changeModuleAccessByName": {"ctx": ACME, "access_combination_name": "pim"},
    "changeQuota": {"ctx": ACME, "module": "task", "quotaValue": "250"},
    "create": {"ctx": NEW, "admin_user": context_admin(), "schema_select_strategy": {"strategy": "automatic"}},
    "createModuleAccess": {"ctx": NEW, "admin_user": context_admin(), "access": FLAGS},
    "createModuleAccessByName": {"ctx": NEW, "admin_user": context_admin(), "access_combination_name": "pim"},
    "delete": {"ctx": ACME},
    "disable": {"ctx": ACME},
    "disableAll": {},
    "downgrade": {"ctx": ACME},
    "enable": {"ctx": ACME},
    "enableAll": {},
    "exists": {"ctx": ACME},
    "existsInServer": {"ctx": ACME},
    "getAccessCombinationName": {"ctx": ACME},
    "getAdminId": {"ctx": ACME},
    "getContextCapabilities": {"ctx": ACME},
    "getData": {"ctx": {"name": "acme"}},
    "getModuleAccess": {"ctx": ACME},
    "list": {"search_pattern": "*"},
    "listAll": {},
    "listByDatabase": {"db": {"id": 1}},
    "listByFilestore": {"fs": {"id": 1}},
    "listPage": {"search_pattern": "a*", **PAGE},
    "listPageAll": PAGE,
    "listPageByDatabase": {"db": {"name": "oxdb-1"}, **PAGE},
    "listPageByFilestore": {"fs": {"id": 1}, **PAGE},
    "listQuota": {"ctx": ACME},
    "moveContextDatabase": {"ctx": ACME, "dst_database_id": BASE},
    "moveContextFilestore": {"ctx": ACME, "dst_filestore_id": STORE},
}
USER_CALLS = {
    "change": {"usrdata": {"id": 3, "given_name": "Anne"}},
    "changeByModuleAccess": {"user": ANNA, "moduleAccess": FLAGS},
    "changeByModuleAccessName": {"user": ANNA, "access_combination_name": "pim"},
    "changeCapabilities": {"user": ANNA, **CAPS},
    "changeMailAddressPersonal": {"user": ANNA, "personal": "Anna at Acme"},
    "changeModuleAccessGlobal": {"filter": "pim", "addAccess": FLAGS, "removeAccess": FLAGS},
    "create": {"usrdata": person("dora")},
    "createByModuleAccess": {"usrdata": person("dora"), "access": FLAGS},
    "createByModuleAccessName": {"usrdata": person("dora"), "access_combination_name": "pim"},
    "delete": {"user": ANNA, "reassign": 0},
    "deleteMultiple": {"users": [ANNA, CARL], "reassign": 4},
    "exists": {"user": ANNA},
    "getAccessCombinationName": {"user": ANNA},
    "getContextAdmin": {},
    "getData": {"user": ANNA},
    "getModuleAccess": {"user": ANNA},
    "getMultipleData": {"users": [ANNA, BERT]},
    "getUserCapabilities": {"user": ANNA},
    "list": {"search_pattern": "*", "include_guests": False, "exclude_users": False, "length": 5, "offset": 1},
    "listAll": {"include_guests": True, "exclude_users": False},
    "listByAliasDomain": {"alias_domain": "acme.test"},
    "listCaseInsensitive": {"search_pattern": "ANNA"},
    "moveFromContextToUserFilestore": {"user": ANNA, "dst_filestore_id": STORE, "max_quota": 10},
    "moveFromMasterToUserFilestore": {"user": CARL, "masterUser": BERT, "dst_filestore_id": STORE, "max_quota": 10},
    "moveFromUserFilestoreToMaster": {"user": {"id": 6}, "masterUser": BERT},
    "moveFromUserToContextFilestore": {"user": {"id": 6}},
    "moveUserFilestore": {"user": BERT, "dst_filestore_id": STORE},
}
TEAM, ROOM = {"id": 7}, {"id": 8}
GROUP_CALLS = {
    "addMember": {"grp": TEAM, "members": [CARL, {"name": "emil"}]},
    "change": {"grp": {"id": 7, "displayname": "The team", "members": [3, 5]}},
    "create": {"grp": {"displayname": "Choir", "members": [3, 4], "name": "choir"}},
    "delete": {"grp": TEAM},
    "deleteMultiple": {"grps": [{"name": "team"}]},
    "getData": {"grp": TEAM},
    "getDefaultGroup": {},
    "getMembers": {"grp": TEAM},
    "getMultipleData": {"grps": [TEAM, {"name": "users"}]},
    "list": {"pattern": "t*"},
    "listAll": {},
    "listGroupsForUser": {"usr": ANNA},
    "removeMember": {"grp": TEAM, "members": [ANNA]},
}
RESOURCE_CALLS = {
    "change": {"res": {"available": False, "description": "", "id": 8}},
    "create": {"res": room("car")},
    "delete": {"res": ROOM},
    "getData": {"res": ROOM},
    "getMultipleData": {"resources": [ROOM, {"name": "blue"}]},
    "list": {"pattern": "b*"},
    "listAll": {},
}
CALLS = {
    "OXContextService": CONTEXT_CALLS,
    "OXUserService": USER_CALLS,
    "OXGroupService": GROUP_CALLS,
    "OXResourceService": RESOURCE_CALLS,
}
EVERY = [(name, operation) for name in service_names() for operation in service(name).operations]


@pytest.fixture
def peopled(acme):
    acme.add("anna", image1=b"picture", image1ContentType="image/png")
    acme.add("bert", maxQuota=100)
    acme.add("carl", maxQuota=100)
    acme.add("emil", maxQuota=100)
    acme.admin("moveFromUserFilestoreToMaster", user=CARL, masterUser=BERT)
    acme.add_group("team", 3, 4)
    acme.add_resource("blue", permissions=[{"entity": 3, "group": False, "privilege": "DELEGATE"}])
    return acme


def message(name: str, operation: str) -> bytes:
    arguments = dict(CALLS[name][operation])
    by_master = name == "OXContextService" or operation == "changeModuleAccessGlobal"
    if not by_master:
        arguments |= {"ctx": ACME}
    arguments["auth"] = MASTER if by_master else ADMIN
    client = description(name)
    return etree.tostring(client.create_message(client.service, operation, **arguments))


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_the_answer_is_as_the_schema_says(peopled, name, operation):
    status, content = post(peopled.url, name, message(name, operation))
    assert (status, etree.tostring(content) if status != 200 else b"") == (200, b"")
    if service(name).operations[operation].result is None:
        assert (content.tag, len(content)) == (f"{{{SOAP}}}Body", 0)
    else:
        assert etree.QName(content).localname == f"{operation}Response"
        answer_schema(name).assertValid(content)


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_a_wrong_password_gets_a_declared_and_valid_fault(peopled, name, operation):
    root = etree.fromstring(message(name, operation))
    for password in root.iter("{http://dataobjects.rmi.admin.openexchange.com/xsd}password"):
        password.text = "wrong"
    status, fault = post(peopled.url, name, etree.tostring(root))
    detail = fault.find("detail")[0]
    assert (status, etree.QName(detail).localname) == (500, "InvalidCredentialsException")
    assert "InvalidCredentialsException" in service(name).operations[operation].faults
    answer_schema(name).assertValid(detail)


@pytest.mark.parametrize(("name", "operation"), EVERY)
def test_nothing_but_credentials_gets_an_answer_or_a_declared_fault(peopled, name, operation):
    contract = service(name).operations[operation]
    master = name == "OXContextService" or operation == "changeModuleAccessGlobal"
    login, password = (MASTER if master else ADMIN).values()
    context = "" if master else "<s:ctx><d:id>10</d:id></s:ctx>"
    auth = f"<s:auth><m:login>{login}</m:login><m:password>{password}</m:password></s:auth>"
    body = f"<s:{operation}>{context}{auth}</s:{operation}>"
    status, content = post(peopled.url, name, envelope(body))
    if status == 500:
        assert etree.QName(content.find("detail")[0]).localname in contract.faults


def test_every_operation_of_the_contract_is_walked():
    assert {(name, operation) for name, calls in CALLS.items() for operation in calls} == set(EVERY)


def test_a_picture_travels_both_ways(peopled):
    _, content = post(peopled.url, "OXUserService", message("OXUserService", "getData"))
    image = content[0].findtext("{http://dataobjects.soap.admin.openexchange.com/xsd}image1")
    assert base64.b64decode(image) == b"picture"
