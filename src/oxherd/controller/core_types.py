"""The types that every controller knows: those of the standard, and those of the platform's operations side."""

from typing import Any

CORE = "http://aps-standard.org/types/core"
PA = "http://parallels.com/aps/types/pa"
RESOURCE = f"{CORE}/resource/1.0"
APPLICATION = f"{CORE}/application/1.0"
SUBSCRIPTION_SERVICE = f"{CORE}/subscription/service/1.0"
USER_SERVICE = f"{CORE}/user/service/1.0"
SUSPENDABLE = f"{CORE}/suspendable/1.0"
USER = f"{CORE}/user/1.0"
PANEL_USER = f"{PA}/user/1.2"
SERVICE_USER = f"{PA}/service-user/1.2"
ACCOUNT = f"{PA}/account/1.2"
SUBSCRIPTION = f"{PA}/subscription/1.0"
ZONE = f"{PA}/dns/zone/1.0"
RECORD = "http://aps-standard.org/types/dns/record/1.0"
MX_RECORD = f"{PA}/dns/record/mx/1.0"
HUB = f"{PA}/poa/1.0"
CONNECT = "http://odin.com/servicesSelector/globals/2.4"
COUNTERS = (f"{RESOURCE}#Counter", f"{RESOURCE}#Limit", f"{RESOURCE}#Usage")

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
CONTACT_TEXTS = (
    *("email", "notificationEmail", "givenName", "additionalName", "familyName", "fullName", "displayName"),
    *("organizationName", "title", "telVoice", "telHome", "telWork", "telCell", "telFax", "telPager"),
    *("tz", "note", "url"),
)
ADDRESS = ("postOfficeBox", "extendedAddress", "streetAddress", "locality", "region", "postalCode", "countryName")
ONLY_ADMIN = {"admin": True, "owner": False, "referrer": False}


def _type(tail: str, *implements: str, **parts: Any) -> Schema:
    id_ = tail if "://" in tail else f"{CORE}/{tail}"
    name = id_.rsplit("/", 2)[-2].replace("-", "_")
    return {"apsVersion": "2.0", "id": id_, "name": name, "implements": list(implements), **parts}


def _link(to: str, **marks: bool) -> Schema:
    return {"type": to, **marks}


def _many(to: str) -> Schema:
    return {"type": to, "collection": True}


def _structure(*names: str, of: Schema = NUMBER) -> Schema:
    return {"type": "object", "properties": dict.fromkeys(names, of)}


STANDARD = (
    _type(
        "resource/1.0",
        structures={
            "Counter": _structure("usage", "limit"),
            "Limit": _structure("limit"),
            "Usage": _structure("usage"),
            "Notification": {
                "type": "object",
                "properties": {"type": TEXT, "time": TEXT, "serial": NUMBER, "source": {"type": "NotificationSource"}},
            },
            "NotificationSource": _structure("type", "id", of=TEXT),
        },
    ),
    _type(
        "application/1.0",
        RESOURCE,
        operations={
            "upgrade": {
                "verb": "POST",
                "path": "/upgrade",
                "access": ONLY_ADMIN,
                "parameters": {"version": {"kind": "query", "type": "string", "required": True}},
            }
        },
    ),
    _type(
        "subscription/1.0",
        properties={"trial": YES_OR_NO, "disabled": YES_OR_NO, "name": TEXT, "description": TEXT},
        relations={"services": _many(SUBSCRIPTION_SERVICE)},
        operations={"resources": {"verb": "GET", "path": "/resources"}},
    ),
    _type(
        "subscription/service/1.0",
        RESOURCE,
        relations={
            "account": _link(f"{CORE}/account/1.0", required=True),
            "subscription": _link(f"{CORE}/subscription/1.0", required=True),
        },
    ),
    _type(
        "suspendable/1.0",
        operations={
            "enable": {"verb": "PUT", "path": "/enable", "access": ONLY_ADMIN},
            "disable": {"verb": "PUT", "path": "/disable", "access": ONLY_ADMIN},
        },
    ),
    _type(
        "contact/1.2",
        structures={"Address": _structure(*ADDRESS, of=TEXT)},
        properties={
            **dict.fromkeys(CONTACT_TEXTS, TEXT),
            "organizationUnit": TEXTS,
            "addressPostal": {"type": "Address"},
            "avatarUrl": {**TEXT, "readonly": True},
            "locale": {**TEXT, "default": "en_US"},
        },
    ),
    _type(
        "user/1.0",
        f"{CORE}/contact/1.2",
        properties={"login": {**TEXT, "required": True}, "password": {**TEXT, "encrypted": True}},
        relations={"services": _many(USER_SERVICE)},
    ),
    _type("service-user/1.0", USER),
    _type("admin-user/1.0", USER),
    _type("user/service/1.0", RESOURCE, relations={"user": _link(USER, required=True)}),
    _type(
        "account/1.0",
        properties={
            "companyName": {**TEXT, "required": True},
            "addressPostal": {"type": f"{CORE}/contact/1.2#Address", "required": True},
        },
        relations={"users": _many(USER)},
    ),
    _type("brand/1.0"),
    _type("http://aps-standard.org/types/dns/domain/1.0", RESOURCE),
    _type("http://aps-standard.org/types/dns/zone/1.0", RESOURCE, properties={"name": {**TEXT, "required": True}}),
    _type(
        RECORD,
        RESOURCE,
        properties={"source": TEXT, "TTL": NUMBER, "RRState": {**TEXT, "required": True}},
        relations={"zone": _link("http://aps-standard.org/types/dns/zone/1.0", required=True)},
    ),
)
PLATFORM = (
    _type(HUB, RESOURCE),
    _type(CONNECT, RESOURCE, operations={"connectionsInfo": {"verb": "POST", "path": "/connectionsInfo"}}),
    _type(
        ACCOUNT,
        RESOURCE,
        f"{CORE}/account/1.0",
        properties={
            "id": {**NUMBER, "final": True},
            "type": {**TEXT, "enum": ["ADMIN", "RESELLER", "CLIENT", "SYSTEM"], "default": "CLIENT"},
        },
        relations={
            "users": _many(f"{PA}/user/1.2"),
            "subscriptions": _many(SUBSCRIPTION),
            "domains": _many(ZONE),
        },
    ),
    _type(
        f"{PA}/user/1.2",
        RESOURCE,
        USER,
        properties={
            "memberId": {**NUMBER, "final": True},
            "userId": {**NUMBER, "final": True},
            "isAccountAdmin": YES_OR_NO,
            "disabled": YES_OR_NO,
            "locked": {**YES_OR_NO, "readonly": True},
            "photo": {**TEXT, "description": "A picture, as a data address"},
        },
        relations={"organization": _link(ACCOUNT, required=True)},
    ),
    _type(SERVICE_USER, f"{PA}/user/1.2", f"{CORE}/service-user/1.0"),
    _type(f"{PA}/admin-user/1.0", f"{PA}/user/1.2", f"{CORE}/admin-user/1.0"),
    _type(
        SUBSCRIPTION,
        RESOURCE,
        f"{CORE}/subscription/1.0",
        properties={
            "subscriptionId": {**NUMBER, "final": True},
            "limits": {"type": "object", "description": "Sold amounts of counters, by the counter's name"},
            "offered": {"type": "object", "description": "How many resources of each service may be had"},
        },
        relations={"account": _link(ACCOUNT, required=True)},
    ),
    _type(
        ZONE,
        "http://aps-standard.org/types/dns/zone/1.0",
        relations={"account": _link(ACCOUNT, required=True), "records": _many(RECORD)},
    ),
    _type(
        MX_RECORD,
        RECORD,
        properties={"exchange": TEXT, "priority": NUMBER, "recordId": NUMBER},
        relations={"zone": _link(ZONE, required=True)},
    ),
)
TYPES: dict[str, Schema] = {one["id"]: one for one in (*STANDARD, *PLATFORM)}
