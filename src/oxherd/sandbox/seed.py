"""Brings what a file says into the stand-in, by the rules that hold for its services.

What is there already, by its name, stays as it is: a restart with the same file changes nothing.
"""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from oxherd.sandbox import access
from oxherd.sandbox.faults import ServiceFault
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.rest.cloud_forwards import DEFAULT_SPAM_LEVEL, add, checked_spam_level
from oxherd.sandbox.seed_file import Item, SeedError, read
from oxherd.sandbox.services import Call, catchalls, groups_write, resellers_write, resources_write
from oxherd.sandbox.services.contexts_create import create_context
from oxherd.sandbox.services.owners import full_name
from oxherd.sandbox.services.users_create import create_user
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.store import Row, contexts, forwards, groups, mailboxes, maildomains, resellers, resources, users
from oxherd.sandbox.store.restrictions import MAX_USER

PLAIN, CLOUD = "groupware_standard", "cloud_pim"
UNLIMITED = -1


def plant(platform: Platform, path: Path) -> None:
    """All of it or nothing. Raises SeedError."""
    seed = read(path)
    with platform.store.writing() as db:
        for item in seed.items_of("brands"):
            _guarded(item, _brand, db, platform.settings)
        for item in seed.items_of("contexts"):
            _guarded(item, _context, db, platform.settings)


def _guarded(item: Item, work: Any, *arguments: Any) -> Any:
    """What the rules refuse is to be mended where the object begins."""
    try:
        return work(item, *arguments)
    except ServiceFault as fault:
        raise SeedError(item.line, re.sub(r"; exceptionId -?\d+-\d+", "", fault.text)) from None


def _brand(item: Item, db: sqlite3.Connection, settings: Settings) -> None:
    row = resellers.find_named(db, item["name"])
    parent = _named_brand(item, "below", db)
    call = Call(db, settings, "OXResellerService", {}, reseller=parent)
    if row is None:
        limits = [{"name": name, "value": value} for name, value in item.get("limits", {}).items()]
        names = {"name": item["name"], "displayname": item.get("display_name") or item["name"]}
        call.arguments["adm"] = {**names, "password": item["password"], "restrictions": limits}
        resellers_write.create(call)
        row = resellers.find_named(db, item["name"])
    for domain in item.get("shared_domains", []):
        if maildomains.shared(db, domain) is None:
            catchalls.share(replace(call, reseller=row), domain)


def _named_brand(item: Item, key: str, db: sqlite3.Connection) -> Row | None:
    if key not in item:
        return None
    found = resellers.find_named(db, item[key])
    if found is None:
        raise SeedError(item.lines[key], f"there is no brand {item[key]}, here or before this line.")
    return found


def _context(item: Item, db: sqlite3.Connection, settings: Settings) -> None:
    brand = _named_brand(item, "brand", db)
    service = "OXContextService" if brand is None else "OXResellerContextService"
    call = Call(db, settings, service, {}, reseller=brand)
    row = contexts.find_named(db, full_name(call, item["name"]))
    if row is None:
        row = _new_context(item, call)
    call = replace(call, context_id=row["id"])
    usual = PLAIN if brand is None else CLOUD
    for each in item.items_of("users"):
        _guarded(each, _user, call, usual)
    for each in item.items_of("groups"):
        _guarded(each, _group, call)
    for each in item.items_of("resources"):
        _guarded(each, _resource, call)
    _mail(item, call)


def _new_context(item: Item, call: Call) -> Row:
    if not item.items_of("admin"):
        raise SeedError(item.line, "a context needs admin, with name and password.")
    if call.reseller is not None and "id" in item:
        raise SeedError(item.lines["id"], "a brand's context gets its id from the server.")
    context = {"name": item["name"], "maxQuota": item.get("quota", UNLIMITED)}
    if call.reseller is None:
        context["id"] = item["id"] if "id" in item else contexts.new_id(call.db)
    if "login_mappings" in item:
        context["loginMappings"] = item["login_mappings"]
    if "max_users" in item:
        context["restriction"] = [{"name": MAX_USER, "value": str(item["max_users"] + 1)}]
    admin = item.items_of("admin")[0]
    address = admin.get("address") or f"{admin['name'].partition('@')[0]}@{item['name']}.invalid"
    names = {"display_name": "Context Admin", "given_name": "Context", "sur_name": "Admin"}
    user = {**names, "name": admin["name"], "password": admin["password"], "primaryEmail": address, "email1": address}
    combination = item.get("combination") or (PLAIN if call.reseller is None else CLOUD)
    made = create_context(
        replace(call, arguments={"ctx": context, "admin_user": user}), access.from_combination(combination)
    )
    found = contexts.find(call.db, made["id"])
    if found is None:
        raise SeedError(item.line, "the context is gone.")
    return found


def _user(item: Item, call: Call, usual: str) -> None:
    if users.find_named(call.db, call.context_id, item["name"]) is not None:
        return
    address = item.get("address") or item["name"]
    user = {
        name: item[name]
        for name in ("name", "password", "given_name", "sur_name", "language", "timezone")
        if name in item
    }
    user |= {"display_name": item.get("display_name") or f"{item['given_name']} {item['sur_name']}"}
    user |= {"primaryEmail": address, "email1": address, "aliases": item.get("aliases", [])}
    user |= {"maxQuota": item["quota"]} if "quota" in item else {}
    service = item.get("class_of_service") or ([CLOUD] if usual == CLOUD else [])
    if service:
        entries = [{"key": "service", "value": ",".join(service)}]
        user["userAttributes"] = {"entries": [{"key": "cloud", "value": {"entries": entries}}]}
    bits = access.from_combination(item.get("combination") or usual)
    made = create_user(replace(call, arguments={"usrdata": user}), bits)
    names = {"mail_quota": "quota", "mail_kib": "used", "files_mb": "used_files"}
    columns: dict[str, Any] = {column: item[name] for name, column in names.items() if name in item}
    columns |= {"spam_level": checked_spam_level(item["spam_level"])} if "spam_level" in item else {}
    mailboxes.change(call.db, call.context_id, made["id"], **columns)


def _group(item: Item, call: Call) -> None:
    if groups.find_named(call.db, call.context_id, item["name"]) is not None:
        return
    members = [_named_user(item, "members", call, name)["id"] for name in item.get("members", [])]
    group = {"name": item["name"], "displayname": item.get("display_name") or item["name"], "members": members}
    groups_write.create(replace(call, arguments={"grp": group}))


def _resource(item: Item, call: Call) -> None:
    if resources.find_named(call.db, call.context_id, item["name"]) is not None:
        return
    resource = {"name": item["name"], "displayname": item.get("display_name") or item["name"], "email": item["address"]}
    resource |= {"description": item["description"]} if "description" in item else {}
    resources_write.create(replace(call, arguments={"res": resource}))


def _mail(item: Item, call: Call) -> None:
    for domain, name in item.get("catchalls", {}).items():
        if maildomains.catchall(call.db, domain) is None:
            catchalls.add(call, _named_user(item, "catchalls", call, name), domain)
    for address, recipients in item.get("forwards", {}).items():
        if forwards.find(call.db, address) is None:
            add(call.db, call.context_id, address, recipients, spam_level=DEFAULT_SPAM_LEVEL)


def _named_user(item: Item, key: str, call: Call, name: str) -> Row:
    found = users.find_named(call.db, call.context_id, name)
    if found is None:
        raise SeedError(item.lines[key], f"there is no user {name} in this context.")
    return found
