"""One right call of every operation, for the tests that walk the list: to a platform without a server around it."""

from typing import Any

from lxml import etree
from tests.sandbox.soap import ACME, ADMIN, MASTER, NORTH, NORTH_ACME, SOAP, context_admin, description, person, room

from oxherd.sandbox.platform import Platform

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
RESELLER_CONTEXT_CALLS = {
    **{name: {**sent, "ctx": NORTH_ACME} if sent.get("ctx") == ACME else sent for name, sent in CONTEXT_CALLS.items()},
    "change": {"ctx": {"id": 1, "customid": "C-17", "restriction": [{"name": "Context.MaxUser", "value": "9"}]}},
    "getData": {"ctx": {"name": "north_acme"}},
    "listByDatabase": {"db": {"mandatoryMembersChange": ["id"]}},
    "listPageByDatabase": {"db": {"mandatoryMembersChange": ["id"]}, **PAGE},
}
WEST = {"displayname": "West", "name": "west", "password": "west-secret"}
RESELLER_CALLS = {
    "change": {"adm": {"displayname": "Sued", "id": 2}},
    "changeSelf": {"adm": {"capabilitiesToAdd": ["guard"], "name": "north", "taxonomiesToAdd": ["gold"]}},
    "create": {"adm": WEST},
    "delete": {"adm": {"name": "south"}},
    "getAvailableRestrictions": {},
    "getData": {"adm": {"id": 2}},
    "getMultipleData": {"admins": [{"id": 2}, {"name": "north"}]},
    "getRestrictionsFromContext": {"ctx": NORTH_ACME},
    "getSelfData": {"adminName": "north", "adminId": 1},
    "initDatabaseRestrictions": {},
    "list": {"search_pattern": "*"},
    "removeDatabaseRestrictions": {},
    "updateDatabaseModuleAccessRestrictions": {},
    "updateDatabaseRestrictions": {},
}
BERTS = {"domain": "blue.test", "user": "bert"}
OXAAS_CALLS = {
    "createDomainCatchall": {"ctxid": 1, "domain": "new.test", "user": "anna"},
    "createSharedDomain": {"domainname": "new.test"},
    "deleteDomainCatchall": {"ctxid": 1, **BERTS},
    "disablePermissions": {"ctxid": 1, "usrid": 3, "perms": ["send", "weblogin"]},
    "enablePermissions": {"ctxid": 1, "usrid": 3, "perms": ["send"]},
    "getMailQuota": {"ctxid": 1, "usrid": 3},
    "getPermissions": {"ctxid": 1, "usrid": 3},
    "getQuotaUsagePerContext": {"ctxid": 1},
    "getQuotaUsagePerUser": {"ctxid": 1, "usrid": 3},
    "listDomainCatchalls": {"ctxid": 1},
    "setMailQuota": {"ctxid": 1, "usrid": 3, "quota": 5000},
}
SPARE = {"id": 3}
UTIL_CALLS = {
    "changeDatabase": {"db": {"id": 1, "url": "jdbc:mysql://moved/"}},
    "changeFilestore": {"fstore": {"id": 1, "size": 99}},
    "checkCountsConsistency": {"checkDatabaseCounts": True, "checkFilestoreCounts": True},
    "checkDatabase": {},
    "createMaintenanceReason": {"reason": {"text": "Move", "idset": False, "textset": True}},
    "createSchema": {"optDBId": 2},
    "deleteMaintenanceReason": {"reasons": [{"id": 42, "idset": True, "textset": False}]},
    "listAllDatabase": {},
    "listAllFilestore": {},
    "listAllMaintenanceReason": {},
    "listAllServer": {},
    "listDatabase": {"search_pattern": "ox*"},
    "listFilestore": {"search_pattern": "*"},
    "listMaintenanceReason": {"search_pattern": "*"},
    "listServer": {"search_pattern": "loc*"},
    "registerDatabase": {"db": {"name": "oxdb-3"}, "createSchemas": False, "optNumberOfSchemas": 0},
    "registerFilestore": {"fstore": {"maxContexts": 5, "size": 10, "url": "file:///new"}},
    "registerServer": {"srv": {"name": "second"}},
    "unblockDatabase": {"db": {"id": 1}},
    "unregisterDatabase": {"dbhandle": {"id": 2}},
    "unregisterFilestore": {"store": SPARE},
    "unregisterServer": {"serv": {"name": "local"}},
}
TASK_CALLS = {"deleteJob": {"i": 1}, "flush": {}, "getJobList": {}, "getTaskResults": {"id": 1}}
FAMILY = {"primaryAddress": "family@acme.test"}
ACCOUNT_CALLS = {
    "create": {"accountDataOnCreate": {"login": "info", "primaryAddress": "info@acme.test"}, "users": [ANNA]},
    "delete": {**FAMILY, "groups": [TEAM]},
    "list": {"users": [ANNA], "groups": [TEAM]},
    "update": {**FAMILY, "accountDataUpdate": {"name": "Home"}},
}
COPY_CALLS = {"copyUser": {"user": {"id": 6}, "src": ACME, "dest": {"id": 12}}}
CALLS: dict[str, dict[str, dict[str, Any]]] = {
    "OXContextService": CONTEXT_CALLS,
    "OXUserService": USER_CALLS,
    "OXGroupService": GROUP_CALLS,
    "OXResourceService": RESOURCE_CALLS,
    "OXResellerContextService": RESELLER_CONTEXT_CALLS,
    "OXResellerUserService": USER_CALLS,
    "OXResellerGroupService": GROUP_CALLS,
    "OXResellerResourceService": RESOURCE_CALLS,
    "OXResellerService": RESELLER_CALLS,
    "OXaaSService": OXAAS_CALLS,
    "OXUtilService": UTIL_CALLS,
    "OXTaskMgmtService": TASK_CALLS,
    "OXSecondaryAccountService": ACCOUNT_CALLS,
    "OXUserCopyService": COPY_CALLS,
}
# What a right call is refused with, for want of something that the platform would have.
REFUSED = {
    ("OXResellerContextService", "listByDatabase"): "NoSuchDatabaseException",
    ("OXResellerContextService", "listPageByDatabase"): "NoSuchDatabaseException",
    ("OXResellerService", "initDatabaseRestrictions"): "OXResellerException",
}
BY_MASTER = ("OXContextService", "OXResellerService", "OXUtilService", "OXUserCopyService")


def message(name: str, operation: str) -> bytes:
    """With the credentials of whoever may."""
    of_contexts = name.endswith("ContextService") or credentials_of(name) == "creds"
    of_reseller = name.startswith(("OXReseller", "OXaaS"))
    arguments = dict(CALLS[name][operation])
    root = name in BY_MASTER or operation == "changeModuleAccessGlobal"
    if not (of_contexts or root):
        key = "context" if name == "OXSecondaryAccountService" else "ctx"
        arguments[key] = NORTH_ACME if of_reseller else ACME
    auth = MASTER if root else NORTH if of_reseller else ADMIN
    return sent(name, operation, **arguments, **{credentials_of(name, operation): auth})


def credentials_of(name: str, operation: str = "") -> str:
    if operation in ("getJobList", "getTaskResults"):
        return "cred"
    return "creds" if name in ("OXResellerService", "OXaaSService") else "auth"


def sent(name: str, operation: str, **arguments: Any) -> bytes:
    client = description(name)
    return bytes(etree.tostring(client.create_message(client.service, operation, **arguments)))


def answered(platform: Platform, name: str, body: bytes) -> tuple[int, etree._Element]:
    """Status, and the first child of the SOAP body (or the empty body itself)."""
    reply = platform.call(name, body)
    content = etree.fromstring(reply.content).find(f"{{{SOAP}}}Body")
    assert content is not None
    return reply.status, content[0] if len(content) else content


def furnish(platform: Platform) -> None:
    """The context 10 of the master, the brands north and south, north's context 1; in both contexts the same people."""

    def act(name: str, operation: str, **arguments: Any) -> None:
        status, content = answered(platform, name, sent(name, operation, **arguments))
        assert status == 200, etree.tostring(content)

    act(
        "OXContextService",
        "create",
        ctx={**ACME, "name": "acme", "maxQuota": 9},
        admin_user=context_admin(),
        auth=MASTER,
    )
    for brand in ("north", "south"):
        adm = {"displayname": brand.title(), "name": brand, "password": f"{brand}-secret"}
        act("OXResellerService", "create", adm=adm, creds=MASTER)
    ctx = {"name": "acme", "maxQuota": 9}
    act("OXResellerContextService", "create", ctx=ctx, admin_user=context_admin(), auth=NORTH)
    for infix, ctx, auth in (("", ACME, ADMIN), ("Reseller", NORTH_ACME, NORTH)):
        common = {"ctx": ctx, "auth": auth}
        photo = {"image1": b"picture", "image1ContentType": "image/png"}
        for usrdata in (person("anna", **photo), *(person(name, maxQuota=100) for name in ("bert", "carl", "emil"))):
            act(f"OX{infix}UserService", "create", usrdata=usrdata, **common)
        act(f"OX{infix}UserService", "moveFromUserFilestoreToMaster", user=CARL, masterUser=BERT, **common)
        team = {"displayname": "Team", "members": [3, 4], "name": "team"}
        act(f"OX{infix}GroupService", "create", grp=team, **common)
        blue = room("blue", permissions=[{"entity": 3, "group": False, "privilege": "DELEGATE"}])
        act(f"OX{infix}ResourceService", "create", res=blue, **common)
    act("OXContextService", "create", ctx={"id": 12, "maxQuota": 9}, admin_user=context_admin(), auth=MASTER)
    account = {"login": "family", "primaryAddress": "family@acme.test", "password": "x"}
    act("OXSecondaryAccountService", "create", accountDataOnCreate=account, context=ACME, users=[ANNA], auth=ADMIN)
    act("OXaaSService", "createDomainCatchall", ctxid=1, **BERTS, creds=NORTH)
