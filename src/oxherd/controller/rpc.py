"""The XML-RPC of the operations side at /RPC2, with its envelope {status, result}, as far as known clients call it."""

import base64
import hmac
import json
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import requests

from oxherd.controller import packages, sales
from oxherd.controller.core_types import ACCOUNT
from oxherd.controller.hub import Hub, fact, set_fact, token_for
from oxherd.controller.records import find, of_types, properties
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, text, xml

PLACE = "/RPC2"
DOWNLOAD_SECONDS = 60
UNLIMITED = -1
Given = dict[str, Any]


def answer(hub: Hub, message: Message) -> Reply:
    if message.method != "POST":
        return text(405, "POST a method call here.")
    if not _is_staff(hub, message):
        reply = text(401, "Sign in by HTTP Basic.")
        reply.headers["WWW-Authenticate"] = 'Basic realm="controller"'
        return reply
    try:
        arguments, name = xmlrpc.client.loads(message.body)
    except Exception:  # noqa: BLE001 - expat and its friends have many ways to refuse
        return text(400, "This is no method call.")
    given = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    try:
        result: dict[str, Any] = {"status": 0, "result": METHODS.get(str(name), _unknown)(hub, given)}
    except Refusal as refusal:
        result = {"status": -1, "error_message": refusal.sentence, "module_id": "Controller", "extype_id": 0}
        result["properties"] = {}
    except (KeyError, TypeError, ValueError) as wrong:
        result = {"status": -1, "error_message": f"{name}: {wrong} is missing or wrong.", "module_id": "Controller"}
        result |= {"extype_id": 0, "properties": {}}
    content = xmlrpc.client.dumps((result,), methodresponse=True, allow_none=True)
    return xml(200, content.encode())


def _is_staff(hub: Hub, message: Message) -> bool:
    try:
        told = base64.b64decode(message.headers.get("authorization", "").removeprefix("Basic "))
    except ValueError:
        return False
    return hmac.compare_digest(told, f"{hub.settings.rpc_login}:{hub.settings.rpc_password}".encode())


def _unknown(_: Hub, __: Given) -> Any:
    raise Refusal(404, "There is no such method.")


def _statistics(hub: Hub, _: Given) -> Any:
    history = f"<BuildHistory><Build><Build>{hub.settings.build}</Build></Build></BuildHistory>"
    return [{"name": "BuildHistory", "value": history}]


def _user_token(hub: Hub, _: Given) -> Any:
    with hub.store.writing() as db:
        return {"aps_token": token_for(db, "staff", "1"), "controller_uri": f"{hub.url}/"}


def _account_token(hub: Hub, given: Given) -> Any:
    """account_id: the number; the provider itself is 1."""
    with hub.store.writing() as db:
        for row in of_types(db, {ACCOUNT}):
            if properties(row).get("id") == int(given["account_id"]):
                kind, subject = ("staff", "1") if row["number"] == 1 else ("account", row["id"])
                return {"aps_token": token_for(db, kind, subject), "controller_uri": f"{hub.url}/"}
    raise Refusal(404, f"There is no account {given['account_id']}.")


def _instance_token(hub: Hub, given: Given) -> Any:
    with hub.store.writing() as db:
        row = _instance_row(hub, int(given["application_instance_id"]))
        return {"aps_token": token_for(db, "instance", row["id"]), "controller_uri": f"{hub.url}/"}


def _instance_row(hub: Hub, number: int) -> Any:
    with hub.store.reading() as db:
        found = [row for row in packages.instances(db) if row["number"] == number]
    if not found:
        raise Refusal(404, f"There is no application instance {number}.")
    return found[0]


def _import(hub: Hub, given: Given) -> Any:
    body = given.get("package_body")
    if isinstance(body, xmlrpc.client.Binary):
        content = body.data
    elif given.get("package_url"):
        content = _downloaded(hub, str(given["package_url"]))
    else:
        raise Refusal(400, "Say package_body or package_url.")
    row = packages.import_package(hub, content)
    return {"application_id": str(_application_number(hub, row["application"]))}


def _downloaded(hub: Hub, url: str) -> bytes:
    try:
        found = requests.get(url, timeout=DOWNLOAD_SECONDS, verify=hub.settings.verify)
        found.raise_for_status()
    except requests.RequestException as error:
        raise Refusal(400, f"The package cannot be fetched: {type(error).__name__}.") from None
    return found.content


def _application_number(hub: Hub, application: str) -> int:
    """That of the first of its packages, whatever came after."""
    with hub.store.reading() as db:
        query = "SELECT MIN(number) FROM packages WHERE application = ?"
        return int(db.execute(query, (application,)).fetchone()[0])


def _application_of(hub: Hub, number: int) -> str:
    with hub.store.reading() as db:
        row = db.execute("SELECT application FROM packages WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise Refusal(404, f"There is no application {number}.")
    return str(row["application"])


def _applications(hub: Hub, given: Given) -> Any:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM packages ORDER BY number").fetchall()
    wanted = given.get("aps_application_id")
    newest: dict[str, Any] = {row["application"]: row for row in rows if wanted in (None, row["application"])}
    return [
        {
            "application_id": _application_number(hub, name),
            "aps_application_id": name,
            "name": row["name"],
            "version": row["version"],
            "release": row["release"],
        }
        for name, row in newest.items()
    ]


def _instances(hub: Hub, given: Given) -> Any:
    application = _application_of(hub, int(given["app_id"]))
    with hub.store.reading() as db:
        rows = [row for row in packages.instances(db) if row["application"] == application]
    return [
        {
            "application_instance_id": row["number"],
            "application_resource_id": row["id"],
            "package_version": row["version"],
            "package_release": row["release"],
        }
        for row in rows
    ]


def _upgrade(hub: Hub, given: Given) -> Any:
    packages.upgrade(hub, _instance_row(hub, int(given["application_instance_id"]))["id"])
    return {}


def _add_resource_type(hub: Hub, given: Given) -> Any:
    parameters = {one["var_name"]: one["var_value"] for one in given.get("act_params") or []}
    with hub.store.writing() as db:
        number = db.execute(
            "INSERT INTO sold (class, name, parameters) VALUES (?, ?, ?)",
            (str(given["resclass_name"]), str(given["name"]), json.dumps(parameters)),
        ).lastrowid
    return {"resource_type_id": number}


def _resource_types(hub: Hub, given: Given) -> Any:
    with hub.store.reading() as db:
        rows = db.execute("SELECT * FROM sold WHERE class = ? ORDER BY number", (given["resclass_name"],)).fetchall()
    return [
        {
            "resource_type_id": row["number"],
            "name": row["name"],
            "params": [{"name": name, "value": value} for name, value in json.loads(row["parameters"]).items()],
        }
        for row in rows
    ]


def _add_template(hub: Hub, given: Given) -> Any:
    limits = {str(one["resource_type_id"]): UNLIMITED for one in given.get("resources") or []}
    with hub.store.writing() as db:
        query = "INSERT INTO templates (name, limits) VALUES (?, ?)"
        return {"st_id": db.execute(query, (str(given["name"]), json.dumps(limits))).lastrowid}


def _template_limits(hub: Hub, given: Given) -> Any:
    with hub.store.writing() as db:
        row = db.execute("SELECT * FROM templates WHERE number = ?", (int(given["st_id"]),)).fetchone()
        if row is None:
            raise Refusal(404, f"There is no service template {given['st_id']}.")
        limits = json.loads(row["limits"])
        for one in given["limits"]:
            if str(one["resource_id"]) not in limits:
                raise Refusal(400, f"The template has no resource type {one['resource_id']}.")
            limits[str(one["resource_id"])] = int(one["resource_limit64"])
        db.execute("UPDATE templates SET limits = ? WHERE number = ?", (json.dumps(limits), row["number"]))
    return {}


def _activate(hub: Hub, given: Given) -> Any:
    """A subscription by a service template: what it refers to is offered, its counters are the limits."""
    with hub.store.reading() as db:
        template = db.execute(
            "SELECT * FROM templates WHERE number = ?", (int(given["service_template_id"]),)
        ).fetchone()
        rows = {str(row["number"]): row for row in db.execute("SELECT * FROM sold").fetchall()}
        accounts = {properties(row).get("id"): row["id"] for row in of_types(db, {ACCOUNT})}
        if template is None or int(given["account_id"]) not in accounts:
            raise Refusal(404, "There is no such service template, or no such account.")
        offers: list[str] = []
        limits: dict[str, int] = {}
        for number, limit in json.loads(template["limits"]).items():
            parameters = json.loads(rows[number]["parameters"])
            if rows[number]["class"] == "rc.saas.service.link" and find(db, parameters["resource_uid"]):
                offers.append(parameters["resource_uid"])
            elif "resource_id" in parameters and limit != UNLIMITED:
                limits[parameters["resource_id"]] = limit
    sale = sales.Sale(template["name"], tuple(offers), limits)
    made = sales.subscribe(hub, accounts[int(given["account_id"])], sale)
    return {"subscription_id": properties(made)["subscriptionId"]}


def _add_account(hub: Hub, given: Given) -> Any:
    row = sales.add_account(hub, str((given.get("company") or {}).get("company_name") or given["name"]))
    return {"account_id": properties(row)["id"]}


def _set_property(hub: Hub, given: Given) -> Any:
    value = given.get("bool_value", given.get("str_value", given.get("int_value", "")))
    with hub.store.writing() as db:
        set_fact(db, str(given["name"]), str(value).lower() if isinstance(value, bool) else str(value))
    return {}


def _get_property(hub: Hub, given: Given) -> Any:
    with hub.store.reading() as db:
        value = fact(db, str(given["name"]))
    return {
        "name": given["name"],
        **({"bool_value": value == "true"} if value in ("true", "false") else {"str_value": value}),
    }


METHODS: dict[str, Callable[[Hub, Given], Any]] = {
    "pem.statistics.getStatisticsReport": _statistics,
    "pem.APS.getUserToken": _user_token,
    "pem.APS.getAccountToken": _account_token,
    "pem.APS.getApplicationInstanceToken": _instance_token,
    "pem.APS.importPackage": _import,
    "pem.APS.getApplications": _applications,
    "pem.APS.getApplicationInstances": _instances,
    "pem.APS.upgradeApplicationInstance": _upgrade,
    "pem.addResourceType": _add_resource_type,
    "pem.getResourceTypesByClass": _resource_types,
    "pem.addServiceTemplate": _add_template,
    "pem.setSTRTLimits": _template_limits,
    "pem.activateSubscription": _activate,
    "pem.addAccount": _add_account,
    "pem.setSystemProperty": _set_property,
    "pem.getSystemProperty": _get_property,
}
