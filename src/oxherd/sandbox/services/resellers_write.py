"""OXResellerService: resellers come, change and go; by the master, and where they may by the reseller above them."""

import json
from typing import Any

from oxherd.sandbox import passwords, rules
from oxherd.sandbox.callers import require_master
from oxherd.sandbox.faults import InvalidCredentials, InvalidData, ResellerTrouble, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, limits
from oxherd.sandbox.services.lookup import reseller_named
from oxherd.sandbox.store import Row, resellers

operations = Operations(("OXResellerService",), require_master)
MANDATORY = ("displayname", "name", "password")
ONLY_FROM_ABOVE = ("displayname", "parentId", "passwordMech", "password", "restrictions")
# Such a property would be a capability, which has fields of its own.
CAPABILITY = "com.openexchange.capability"


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Answers the object as sent, password and all, with its id."""
    sent, parent = _sent(call), call.reseller
    if parent is not None:
        limits.check_new_reseller(call.db, parent)
    if sent.get("name") and _is_taken(call, sent["name"]):
        raise ResellerTrouble(f"Reseller admin already exists: {sent['name']}")
    if not sent.get("password", "").strip():
        raise InvalidData("Empty password is not allowed")
    rules.check_mandatory(sent, MANDATORY)
    if parent is not None and sent.get("restrictions"):
        raise ResellerTrouble("Subsubadmins cannot change restrictions")
    reseller_id = resellers.insert(
        call.db,
        parent_id=parent["id"] if parent is not None else None,
        name=sent["name"],
        display_name=sent["displayname"],
        password=passwords.hashed(sent["password"]),
        mechanism=rules.mechanism(sent.get("passwordMech")),
        restrictions=json.dumps(limits.of_reseller(call.db, sent.get("restrictions", []))),
        **_settings({"capabilities": "[]", "taxonomies": "[]", "configuration": "{}"}, sent),
    )
    return {**sent, "id": reseller_id, "parentId": parent["id"] if parent is not None else 0}


@operations.writes("change")
def change(call: Call) -> None:
    """A reseller changes those right below it. What is absent stays; restrictions that are sent replace the old."""
    sent = _named(call)
    if call.reseller is not None and "parentId" in sent:
        raise ResellerTrouble("Subadmins cannot change parentId")
    row = _existing(call, sent)
    if call.reseller is not None and row["parent_id"] != call.reseller["id"]:
        raise InvalidCredentials("authentication failed")
    columns = _parent(call, row, sent) | _name(call, row, sent) | _limits(call, row, sent)
    if sent.get("displayname"):
        columns["display_name"] = sent["displayname"]
    if "password" in sent:
        columns["password"] = passwords.hashed(sent["password"])
        columns["mechanism"] = rules.mechanism(sent.get("passwordMech") or row["mechanism"])
    resellers.update(call.db, row["id"], **columns, **_settings(row, sent))


@operations.writes("changeSelf")
def change_self(call: Call) -> None:
    """Capabilities, configuration and taxonomies, and nothing else."""
    sent = _named(call)
    row = _existing(call, sent)
    if call.reseller is not None and row["id"] != call.reseller["id"]:
        raise InvalidCredentials("Authentication failed")
    if call.reseller is not None and "parentId" in sent:
        raise ResellerTrouble("Subadmins cannot change parentId")
    other_name = "name" in sent and sent["name"] != row["name"]
    if other_name or any(name in sent for name in ONLY_FROM_ABOVE):
        raise InvalidData("Invalid data sent by client!")
    resellers.update(call.db, row["id"], **_settings(row, sent))


@operations.writes("delete")
def delete(call: Call) -> None:
    sent = _named(call)
    row = reseller_named(call.db, sent)
    if row is None:
        raise ResellerTrouble(f"Reseller admin does not exist: {sent.get('name') or sent.get('id')}")
    if call.reseller is not None and row["parent_id"] != call.reseller["id"]:
        raise ResellerTrouble(f"Subadmin {row['name']} does not belong to {call.reseller['name']}")
    if resellers.count_contexts(call.db, [row["id"]]):
        raise ResellerTrouble(f"Unable to delete {row['id']}, still owns Context(s)")
    if resellers.count_below(call.db, row["id"]):
        raise ResellerTrouble(f"Unable to delete {row['id']}, still owns Subadmin(s)")
    resellers.delete(call.db, row["id"])


def _sent(call: Call) -> dict[str, Any]:
    sent: dict[str, Any] | None = call.argument("adm")
    if sent is None:
        raise missing_argument()
    return sent


def _named(call: Call) -> dict[str, Any]:
    sent = _sent(call)
    if not sent.get("id") and sent.get("name") is None:
        raise InvalidData("Either ID or name must be specified")
    return sent


def _existing(call: Call, sent: dict[str, Any]) -> Row:
    row = reseller_named(call.db, sent)
    if row is not None:
        return row
    if sent.get("id"):
        raise ResellerTrouble(f"Reseller admin does not exist: {sent.get('name')}")
    raise Storage(f"unable to get data of reseller admin: name={sent['name']}")


def _is_taken(call: Call, name: str) -> bool:
    """The master's login is nobody else's name."""
    return name == call.settings.master_login or resellers.find_named(call.db, name) is not None


def _parent(call: Call, row: Row, sent: dict[str, Any]) -> dict[str, Any]:
    """Only those at the top may have others below them."""
    parent_id = sent.get("parentId")
    if not parent_id:
        return {}
    parent = resellers.find(call.db, parent_id)
    if parent is None:
        raise ResellerTrouble(f"Reseller admin does not exist: with parentId={parent_id}")
    if parent["parent_id"] or parent["id"] == row["id"] or resellers.count_below(call.db, row["id"]):
        raise ResellerTrouble("Cannot change parentId to id of subsubadmin")
    return {"parent_id": parent_id}


def _name(call: Call, row: Row, sent: dict[str, Any]) -> dict[str, Any]:
    name = sent.get("name")
    if not name or name == row["name"]:
        return {}
    if rules.folded(name) != rules.folded(row["name"]) and _is_taken(call, name):
        raise ResellerTrouble(f"Reseller admin already exists: {name}")
    return {"name": name}


def _limits(call: Call, row: Row, sent: dict[str, Any]) -> dict[str, Any]:
    if "restrictions" not in sent:
        return {}
    if row["parent_id"]:
        raise ResellerTrouble("Subsubadmins cannot change restrictions")
    return {"restrictions": json.dumps(limits.of_reseller(call.db, sent["restrictions"]))}


def _settings(held: Row | dict[str, str], sent: dict[str, Any]) -> dict[str, str]:
    """Capabilities that are removed are kept with a minus in front, those that are dropped are forgotten."""
    added, removed = sent.get("capabilitiesToAdd", []), sent.get("capabilitiesToRemove", [])
    dropped = {name.lstrip("-") for name in [*sent.get("capabilitiesToDrop", []), *added, *removed]}
    capabilities = [name for name in json.loads(held["capabilities"]) if name.lstrip("-") not in dropped]
    capabilities += [*added, *(f"-{name}" for name in removed)]
    taxonomies = [name for name in json.loads(held["taxonomies"]) if name not in sent.get("taxonomiesToRemove", [])]
    taxonomies += sent.get("taxonomiesToAdd", [])
    configuration: dict[str, str] = json.loads(held["configuration"])
    for entry in sent.get("configurationToAdd", {}).get("entries", []):
        if "key" in entry and "value" in entry and not entry["key"].startswith(CAPABILITY):
            configuration[entry["key"]] = entry["value"]
    for name in sent.get("configurationToRemove", []):
        configuration.pop(name, None)
    kept = {"capabilities": _once(capabilities), "taxonomies": _once(taxonomies), "configuration": configuration}
    return {name: json.dumps(value) for name, value in kept.items()}


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))
