"""OXUserCopyService: a user comes into another context too, with address, aliases, photo and password."""

from typing import Any

from oxherd.sandbox.callers import require_root
from oxherd.sandbox.faults import NoSuchContext, UserExists, missing_argument
from oxherd.sandbox.services import Call, Operations, cloud_rules, limits
from oxherd.sandbox.services.lookup import user_of
from oxherd.sandbox.services.user_values import check_unique
from oxherd.sandbox.store import Row, contexts, users

operations = Operations(("OXUserCopyService",), require_root)
# A file store of its own is not copied; group memberships are those of the other context.
COPIED = (
    "name",
    "display_name",
    "primary_email",
    "access",
    "password",
    "mechanism",
    "personal",
    "attributes",
    "fields",
)


@operations.writes("copyUser")
def copy_user(call: Call) -> dict[str, Any]:
    source, target = _context(call, "src"), _context(call, "dest")
    row = user_of(call.db, source["id"], call.argument("user"))
    if users.find_named(call.db, target["id"], row["name"]) is not None:
        raise UserExists(f"User {row['name']} already exists in context {target['id']}")
    aliases = users.aliases(call.db, source["id"], row["id"])
    cloud_rules.check_login(call.db, target["id"], row["name"])
    values = {"display_name": row["display_name"], "primaryEmail": row["primary_email"]}
    check_unique(call.db, call.settings, target["id"], values, but=0)
    user_id = contexts.take_id(call.db, target["id"])
    users.insert(call.db, context_id=target["id"], id=user_id, **{name: row[name] for name in COPIED})
    cloud_rules.check_addresses(call.db, target["id"], user_id, aliases)
    users.replace_aliases(call.db, target["id"], user_id, aliases)
    limits.check_users(call.db, target["id"], row["access"], newcomer=True)
    if (photo := users.photo(call.db, source["id"], row["id"])) is not None:
        users.set_photo(call.db, target["id"], user_id, photo["content"], photo["content_type"])
    return {"id": user_id}


def _context(call: Call, name: str) -> Row:
    number = (call.argument(name) or {}).get("id")
    if not number:
        raise missing_argument()
    found = contexts.find(call.db, number)
    if found is None:
        raise NoSuchContext(f"Context {number} does not exist")
    return found
