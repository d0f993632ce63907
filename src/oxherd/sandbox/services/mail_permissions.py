"""OXaaSService: what a user may do with the mailbox. The names are those of the Cloud API.

`weblogin` is what the core calls `mailenabled`, and the Cloud API's `editPassword` is a flag of module access, so that
each is one fact, whoever sets it.
"""

import json
import sqlite3

from oxherd.sandbox import access
from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import mailbox_owner
from oxherd.sandbox.store import Row, mailboxes, users

operations = Operations(("OXaaSService",), require_context_admin)
OF_MAILBOX = ("send", "receive", "maillogin")
NAMES = (*OF_MAILBOX, "weblogin")


@operations.writes("enablePermissions")
def enable_permissions(call: Call) -> None:
    _change(call, is_on=True)


@operations.writes("disablePermissions")
def disable_permissions(call: Call) -> None:
    _change(call, is_on=False)


def _change(call: Call, *, is_on: bool) -> None:
    row, names = mailbox_owner(call), call.argument("perms")
    if not names:
        raise missing_argument()
    for name in names:
        if name not in NAMES:
            raise InvalidData(f"Unknown permission: {name}. Use one of the following: {', '.join(NAMES)}")
    change(call.db, row, dict.fromkeys(names, is_on))


@operations.reads("getPermissions")
def get_permissions(call: Call) -> list[str]:
    """Those that are on."""
    row = mailbox_owner(call)
    found = held(row, mailboxes.of_user(call.db, call.context_id, row["id"]))
    return [name for name in NAMES if found[name]]


def held(row: Row, mailbox: mailboxes.Mailbox) -> dict[str, bool]:
    return {
        **{name: bool(mailbox[name]) for name in OF_MAILBOX},
        "weblogin": json.loads(row["fields"]).get("mailenabled", True),
        "editPassword": access.to_flags(row["access"])["editPassword"],
    }


def change(db: sqlite3.Connection, row: Row, wanted: dict[str, bool]) -> None:
    """Whatever is not named stays."""
    columns = {name: int(wanted[name]) for name in OF_MAILBOX if name in wanted}
    mailboxes.change(db, row["context_id"], row["id"], **columns)
    if "weblogin" in wanted:
        fields = json.loads(row["fields"]) | {"mailenabled": wanted["weblogin"]}
        users.update(db, row["context_id"], row["id"], fields=json.dumps(fields))
    if "editPassword" in wanted:
        flags = access.to_flags(row["access"]) | {"editPassword": wanted["editPassword"]}
        users.update(db, row["context_id"], row["id"], access=access.from_flags(flags))
