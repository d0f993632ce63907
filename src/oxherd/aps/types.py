"""The types of our package: what the controller knows of what is kept here."""

from oxherd.aps.definitions import (
    CORE,
    COUNTER,
    FOR_CUSTOMERS,
    FOR_PROVIDERS,
    NOTIFICATION,
    RESOURCE,
    Operation,
    Property,
    Relation,
    Type,
)

# The identity of the package; it never changes, and each type's id begins with it.
PACKAGE = "http://oxherd.example/aps"
PROFILE_COUNTERS = tuple(f"OX_PROFILE_{number}" for number in range(1, 9))
EMAIL = {"format": "email"}
URI = {"format": "uri"}
# A counter whose limit is one of these, or absent, has no limit.
UNLIMITED = -1


def type_id(service: str, version: str = "1.0") -> str:
    return f"{PACKAGE}/{service}/{version}"


def _event(path: str) -> Operation:
    body = {"kind": "body", "type": NOTIFICATION, "required": True}
    return Operation("POST", f"/{path}", FOR_PROVIDERS, {"notification": body})


APP = Type(
    service="app",
    id=type_id("app"),
    title="Open-Xchange",
    summary="Settings of the application",
    implements=(f"{CORE}/application/1.0",),
    access=FOR_PROVIDERS,
    properties={
        "panelHosts": Property(
            "array",
            "Addresses of the control panel",
            "Which pages may show ours in a frame, such as https://cp.provider.example",
            more={"items": {"type": "string"}},
        ),
        "enrolmentToken": Property(
            "string",
            "Enrolment token",
            "As `oxherd aps enrol` prints it; needed once where instances are told by certificates",
            encrypted=True,
        ),
    },
    relations={
        "brands": Relation(type_id("brand"), collection=True),
        "tenants": Relation(type_id("tenant"), collection=True),
    },
)

BRAND = Type(
    service="brand",
    id=type_id("brand"),
    title="OX brand",
    summary="An account on an Open-Xchange platform",
    implements=(RESOURCE,),
    access={"owner": True, "referrer": True, "admin": True},
    properties={
        "name": Property("string", "Name", required=True),
        "platform": Property(
            "string",
            "Platform",
            final=True,
            more={
                "enum": ["app_suite", "ox_cloud"],
                "enumTitles": ["App Suite", "OX Cloud"],
                "default": "app_suite",
            },
        ),
        "apiUrl": Property("string", "API URL", required=True, more=URI),
        "username": Property("string", "Username", required=True),
        "password": Property("string", "Password", encrypted=True),
        "serviceUrl": Property("string", "Service URL", "Where single sign-on begins", more=URI),
        "appSuiteUrl": Property("string", "App Suite URL", more=URI),
    },
    relations={
        "app": Relation(type_id("app"), required=True),
        "profiles": Relation(type_id("profile"), collection=True),
        "tenants": Relation(type_id("tenant"), collection=True),
    },
)

PROFILE = Type(
    service="profile",
    id=type_id("profile"),
    title="OX profile",
    summary="What a user gets",
    implements=(RESOURCE,),
    access={"owner": True, "referrer": True, "admin": True},
    properties={
        "name": Property("string", "Name", required=True),
        "accessCombination": Property("string", "Feature level", required=True),
        "classOfService": Property("string", "Class of service"),
        "mailQuota": Property("integer", "Mail quota", "Megabytes; absent for unlimited", more={"minimum": 0}),
        "driveQuota": Property("integer", "Drive quota", "Megabytes; absent for unlimited", more={"minimum": 0}),
        "documents": Property("boolean", "OX Documents"),
        "guard": Property("boolean", "OX Guard"),
        "rank": Property("integer", "Rank", "Upgrades lead to a higher rank", more={"minimum": 0}),
        "priceLabel": Property("string", "Price label"),
        "counter": Property(
            "string",
            "Counter",
            "The counter of the subscription that says how many users may have this profile",
            more={"enum": list(PROFILE_COUNTERS)},
        ),
    },
    relations={
        "brand": Relation(type_id("brand"), required=True),
        "users": Relation(type_id("user"), collection=True),
    },
)

TENANT = Type(
    service="tenant",
    id=type_id("tenant"),
    title="OX subscription",
    summary="The context of one customer",
    implements=(f"{CORE}/subscription/service/1.0", f"{CORE}/suspendable/1.0"),
    properties={
        "name": Property("string", "Name", "Absent: the company name of the account"),
        "contextName": Property("string", "Context name", final=True),
        "contextId": Property("integer", "Context", readonly=True),
        "state": Property("string", "State", readonly=True),
        "USERS": Property(COUNTER, "Users", unit="unit"),
        **{
            name: Property(COUNTER, f"OX Profile {number}", unit="unit")
            for number, name in enumerate(PROFILE_COUNTERS, start=1)
        },
        "DOMAINS": Property(COUNTER, "Domains", unit="unit"),
        "SUBDOMAINS": Property(COUNTER, "Subdomains", unit="unit"),
        "SHARED_DOMAINS": Property(COUNTER, "Shared Domain", "Users with an address in a shared domain", unit="unit"),
        "GROUPS": Property(COUNTER, "Groups", unit="unit"),
        "RESOURCES": Property(COUNTER, "Resources", unit="unit"),
        "STORAGE": Property(COUNTER, "Storage", "Drive of all users together", unit="mb"),
    },
    relations={
        "app": Relation(type_id("app"), required=True),
        "brand": Relation(type_id("brand"), required=True),
        "users": Relation(type_id("user"), collection=True),
        "groups": Relation(type_id("group"), collection=True),
        "resources": Relation(type_id("resource"), collection=True),
        "domains": Relation(type_id("domain"), collection=True),
        "purchaseRequests": Relation(type_id("purchase_request"), collection=True),
    },
    operations={
        "entry": Operation(
            "POST",
            "/entry",
            FOR_CUSTOMERS,
            {"entry": {"kind": "body", "type": "object", "required": True}},
            {"type": "object", "contentType": "application/json"},
        ),
        "onAccountChanged": _event("onAccountChanged"),
    },
)

USER = Type(
    service="user",
    id=type_id("user"),
    title="OX user",
    summary="Mail and groupware of one person",
    implements=(f"{CORE}/user/service/1.0",),
    properties={
        "ox": Property("boolean", "Open-Xchange", "Whether the user has OX", more={"default": True}),
        "primaryAddress": Property("string", "Primary address", "Absent: the login", more=EMAIL),
        "aliases": Property("array", "Aliases", more={"items": {"type": "string"}, "uniqueItems": True}),
        "login": Property("string", "Login", readonly=True),
        "displayName": Property("string", "Display name", readonly=True),
        "status": Property("string", "Status", readonly=True),
        "problem": Property("string", "Problem", readonly=True),
        "oxUserId": Property("integer", "OX user", readonly=True),
    },
    relations={
        "tenant": Relation(type_id("tenant"), required=True),
        "profile": Relation(type_id("profile"), required=True),
        "user": Relation(f"{CORE}/user/1.0", required=True, more={"assign": {"access": {"referrer": True}}}),
        "groups": Relation(type_id("group"), collection=True),
    },
    operations={
        "setPassword": Operation(
            "PUT",
            "/setPassword",
            FOR_CUSTOMERS,
            {"password": {"kind": "body", "type": "string", "required": True}},
        ),
        "onUserChanged": _event("onUserChanged"),
    },
)

GROUP = Type(
    service="group",
    id=type_id("group"),
    title="OX group",
    summary="Users under one name",
    implements=(RESOURCE,),
    properties={
        "displayName": Property("string", "Display name", required=True),
        "name": Property("string", "Name", "As the platform takes it; absent: made from the display name"),
        "address": Property("string", "Address", more=EMAIL),
        "status": Property("string", "Status", readonly=True),
        "problem": Property("string", "Problem", readonly=True),
    },
    relations={
        "tenant": Relation(type_id("tenant"), required=True),
        "members": Relation(type_id("user"), collection=True),
    },
)

RESOURCE_TYPE = Type(
    service="resource",
    id=type_id("resource"),
    title="OX resource",
    summary="A room or a thing that users book",
    implements=(RESOURCE,),
    properties={
        "displayName": Property("string", "Display name", required=True),
        "name": Property("string", "Name", "As the platform takes it; absent: made from the display name"),
        "description": Property("string", "Description"),
        "address": Property("string", "Address", required=True, more=EMAIL),
        "status": Property("string", "Status", readonly=True),
        "problem": Property("string", "Problem", readonly=True),
    },
    relations={
        "tenant": Relation(type_id("tenant"), required=True),
        "manager": Relation(type_id("user"), more={"backrel": False}),
    },
)

DOMAIN = Type(
    service="domain",
    id=type_id("domain"),
    title="OX domain",
    summary="A domain of mail",
    implements=(RESOURCE,),
    properties={
        "name": Property("string", "Name", required=True, final=True),
        "catchAll": Property("string", "Catch-all", "Who gets what goes to unknown addresses", more=EMAIL),
        "state": Property("string", "State", readonly=True),
    },
    relations={
        "tenant": Relation(type_id("tenant"), required=True),
        "zone": Relation("http://parallels.com/aps/types/pa/dns/zone/1.0", more={"backrel": False}),
    },
)

PURCHASE_REQUEST = Type(
    service="purchase_request",
    id=type_id("purchase_request"),
    title="OX purchase request",
    summary="An upgrade that a user has asked for inside App Suite",
    implements=(RESOURCE,),
    properties={
        "userName": Property("string", "User", readonly=True),
        "fromProfile": Property("string", "Profile", readonly=True),
        "toProfile": Property("string", "Wanted profile", readonly=True),
        "message": Property("string", "Message", readonly=True),
        "state": Property("string", "State", readonly=True),
        "askedAt": Property("string", "Asked at", readonly=True, more={"format": "date-time"}),
    },
    relations={
        "tenant": Relation(type_id("tenant"), required=True),
        "requester": Relation(type_id("user"), more={"backrel": False}),
    },
    operations={
        "proceed": Operation("POST", "/proceed", FOR_CUSTOMERS),
        "reject": Operation(
            "POST", "/reject", FOR_CUSTOMERS, {"decision": {"kind": "body", "type": "object", "required": True}}
        ),
    },
)

TYPES = (APP, BRAND, PROFILE, TENANT, USER, GROUP, RESOURCE_TYPE, DOMAIN, PURCHASE_REQUEST)
BY_SERVICE = {one.service: one for one in TYPES}
