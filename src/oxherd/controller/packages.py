"""Packages that were imported, and the instances made of them."""

import json
import sqlite3
from typing import Any

from oxherd.controller import certificates, lifecycle, queue, records, rql, tasks
from oxherd.controller.actors import Actor
from oxherd.controller.archive import BadPackage, Package, read_package
from oxherd.controller.hub import DEVELOPMENT, Hub, fact, next_number
from oxherd.controller.lifecycle import Wish
from oxherd.controller.queue import Plan
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal


def import_package(hub: Hub, content: bytes, *, replace: bool = False) -> Row:
    """The same file again changes nothing. replace: another file of the same release takes the place of the first.

    Raises Refusal: 400 with what is wrong, 409 for another file of a release that was imported.
    """
    try:
        package = read_package(content, hub.catalogue)
    except BadPackage as wrong:
        raise Refusal(400, str(wrong)) from None
    with hub.store.writing() as db:
        row = _present(db, package)
        if row is not None and row["archive"] == content:
            return row
        if row is not None and not replace:
            release = f"{package.name} {package.version}-{package.release}"
            raise Refusal(409, f"{release} was imported before, from another file. Build it with a higher --release.")
        _keep(db, package, content, row)
        for service, schema in package.schemas.items():
            db.execute("DELETE FROM types WHERE id = ? AND application = ?", (schema["id"], package.application))
            values = (schema["id"], json.dumps(schema), package.application, service)
            db.execute("INSERT INTO types (id, schema, application, service) VALUES (?, ?, ?, ?)", values)
        found = _present(db, package)
    hub.forget_types()
    if found is None:
        raise Refusal(500, "The package is gone.")
    return found


def _keep(db: sqlite3.Connection, package: Package, content: bytes, row: Row | None) -> None:
    """row: what is there of this release."""
    columns = {
        "application": package.application,
        "name": package.name,
        "version": package.version,
        "release": package.release,
        "meta": json.dumps(package.meta),
        "archive": content,
        "imported": records.now(),
    }
    if row is None:
        names = ", ".join(["id", "number", *columns])
        number = next_number(db, "application")
        marks = ", ".join("?" for _ in range(len(columns) + 2))
        db.execute(
            f"INSERT INTO packages ({names}) VALUES ({marks})",  # noqa: S608 - our names
            (records.new_id(), number, *columns.values()),
        )
    else:
        names = ", ".join(f"{name} = ?" for name in columns)
        db.execute(f"UPDATE packages SET {names} WHERE id = ?", (*columns.values(), row["id"]))  # noqa: S608


def _present(db: sqlite3.Connection, package: Package) -> Row | None:
    found: Row | None = db.execute(
        "SELECT * FROM packages WHERE application = ? AND version = ? AND release = ?",
        (package.application, package.version, package.release),
    ).fetchone()
    return found


def get(db: sqlite3.Connection, package_id: str) -> Row:
    found: Row | None = db.execute("SELECT * FROM packages WHERE id = ?", (package_id,)).fetchone()
    if found is None:
        raise Refusal(404, f"There is no package {package_id}.")
    return found


def of_application(db: sqlite3.Connection, application: str) -> list[Row]:
    """The newest first."""
    rows = db.execute("SELECT * FROM packages WHERE application = ?", (application,)).fetchall()
    return sorted(rows, key=lambda row: (_dotted(row["version"]), _dotted(row["release"])), reverse=True)


def as_json(row: Row) -> dict[str, Any]:
    meta = json.loads(row["meta"])
    return {
        "aps": {"id": row["id"], "type": row["application"]},
        "name": row["name"],
        "version": row["version"],
        "release": row["release"],
        "services": {name: {"name": one["name"], "schema": one["type"]} for name, one in meta["services"].items()},
    }


def root_service(hub: Hub, package: Row) -> str:
    services: dict[str, Any] = json.loads(package["meta"])["services"]
    return next(name for name, one in services.items() if hub.catalogue.is_root(one["type"]))


def instances(db: sqlite3.Connection) -> list[Row]:
    return db.execute(
        "SELECT instances.*, packages.name, packages.version, packages.release, packages.application"
        " FROM instances JOIN packages ON packages.id = instances.package ORDER BY instances.number"
    ).fetchall()


def create_instance(hub: Hub, actor: Actor, body: dict[str, Any]) -> tuple[str, Row]:
    """The root service and its resource. Raises Refusal, also the endpoint's; then there is no instance."""
    aps = body.get("aps") or {}
    oauth = (aps.get("auth") or {}).get("oauth") or {}
    endpoint = str(aps.get("endpoint") or "").rstrip("/")
    wanted = aps.get("package") or {}
    identity = records.new_id()
    with hub.store.writing() as db:
        package = _wanted(db, wanted)
        service = root_service(hub, package)
        _check_endpoint(db, endpoint)
        if bool(oauth.get("key")) != bool(oauth.get("secret")):
            raise Refusal(400, "auth.oauth: key and secret belong together.")
        own, controller = ("", "") if oauth else (certificates.new(identity), hub.certificate)
        db.execute(
            "INSERT INTO instances (id, package, endpoint, oauth_key, oauth_secret, own_pem, controller_pem,"
            " fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(identity, package["id"], endpoint, oauth.get("key", ""), oauth.get("secret", "")),
                *(own, controller, certificates.fingerprint_of(own) if own else ""),
            ),
        )
    type_id = json.loads(package["meta"])["services"][service]["type"]
    root = {**(body.get(service) or {}), "aps": {"type": type_id, "id": identity}}
    extra = {"x509": {"self": own, "controller": certificates.public(controller)}} if own else None
    hub.trust(own)
    try:
        row, _ = lifecycle.provision(hub, actor, Wish(root, instance=identity, extra=extra))
    except Refusal:
        with hub.store.writing() as db:
            db.execute("DELETE FROM instances WHERE id = ?", (identity,))
        raise
    return service, row


def _wanted(db: sqlite3.Connection, wanted: dict[str, Any]) -> Row:
    fitting = [
        row
        for row in of_application(db, str(wanted.get("type") or ""))
        if str(wanted.get("version") or row["version"]) == row["version"]
        and str(wanted.get("release") or row["release"]) == row["release"]
    ]
    if not fitting:
        raise Refusal(400, f"aps.package: no such package was imported: {wanted.get('type')!r}.")
    return fitting[0]


def _check_endpoint(db: sqlite3.Connection, endpoint: str) -> None:
    if not endpoint.startswith(("http://", "https://")):
        raise Refusal(400, f"aps.endpoint: {endpoint!r} is no address of an endpoint.")
    if endpoint.startswith("http://") and fact(db, DEVELOPMENT) != "true":
        raise Refusal(400, f"aps.endpoint: without TLS only while {DEVELOPMENT} is on.")


def upgrade(hub: Hub, instance_id: str) -> None:
    """To the newest package whose condition the present one meets. Raises Refusal."""
    with hub.store.writing() as db:
        instance = db.execute("SELECT * FROM instances WHERE id = ?", (instance_id,)).fetchone()
        if instance is None:
            raise Refusal(404, f"There is no instance {instance_id}.")
        old = get(db, instance["package"])
        newest = of_application(db, old["application"])[0]
        if newest["id"] == old["id"]:
            raise Refusal(409, "There is no newer package; import one first.")
        if not upgrades(json.loads(newest["meta"])["upgrade"], old["version"], old["release"]):
            condition = json.loads(newest["meta"])["upgrade"] or "no condition"
            raise Refusal(409, f"The package {newest['version']}-{newest['release']} upgrades from {condition} only.")
        row = records.change(db, instance_id, status=records.UPGRADING)
        path = f"/{row['service']}/{row['id']}/upgrade?version={old['version']}-{old['release']}"
        body = {"aps": {"package": {"id": newest["id"], "href": f"/aps/2/packages/{newest['id']}"}}}
        task = queue.add(db, Plan("upgrade", row, "Upgrade the application", "POST", path, body), state="running")
    try:
        tasks.run(hub, task, interactive=True)
    except Refusal:
        with hub.store.writing() as db:
            records.change(db, instance_id, status=records.READY)
        raise


def upgrades(condition: str, version: str, release: str) -> bool:
    """Whether a package upgrades from this one; without a condition it does not."""
    wishes = rql.parse("".join(condition.split()))
    held = {"version": _dotted(version), "release": _dotted(release)}
    for wish in wishes:
        name, value = str(wish.arguments[0]), _dotted(str(wish.arguments[-1]))
        if name not in held or wish.name not in rql.COMPARISONS or not _meets(wish.name, held[name], value):
            return False
    return bool(wishes)


def _dotted(number: str) -> tuple[int, ...]:
    parts = [int(part) if part.isdecimal() else 0 for part in number.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _meets(name: str, held: tuple[int, ...], value: tuple[int, ...]) -> bool:
    comparisons = {
        "eq": held == value,
        "ne": held != value,
        "gt": held > value,
        "ge": held >= value,
        "lt": held < value,
        "le": held <= value,
    }
    return comparisons[name]


def remove_instance(hub: Hub, actor: Actor, instance_id: str) -> None:
    """It has to be empty. Its keys go with it."""
    lifecycle.unprovision(hub, actor, instance_id)
