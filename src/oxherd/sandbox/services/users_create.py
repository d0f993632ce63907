"""OXUserService: new users."""

from typing import Any

from oxherd.sandbox import access
from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import NoSuchContext, Storage, missing_argument
from oxherd.sandbox.services import Call, Operations, limits
from oxherd.sandbox.services.user_values import check_new, insert_user
from oxherd.sandbox.store import contexts, users

operations = Operations(("OXUserService", "OXResellerUserService"), require_context_admin)


@operations.writes("create")
def create(call: Call) -> dict[str, Any]:
    """Without flags the user gets those of the context admin, except `publicFolderEditable`."""
    admin = users.find(call.db, call.context_id, contexts.ADMIN)
    if admin is None:
        raise Storage(f"Context {call.context_id} has no admin")
    return create_user(call, admin["access"] & ~access.ADMIN_ONLY)


@operations.writes("createByModuleAccess")
def create_by_module_access(call: Call) -> dict[str, Any]:
    return create_user(call, access.from_flags(call.argument("access")))


@operations.writes("createByModuleAccessName")
def create_by_module_access_name(call: Call) -> dict[str, Any]:
    return create_user(call, None)


def create_user(call: Call, bits: int | None) -> dict[str, Any]:
    """`bits` None: the combination named in the call, which is checked after the user."""
    user = call.argument("usrdata")
    context = contexts.find(call.db, call.context_id)
    if user is None:
        raise missing_argument()
    if context is None:
        raise NoSuchContext(f"The context {call.context_id} does not exist!")
    check_new(call, call.context_id, user)
    if bits is None:
        bits = access.from_combination(call.argument("access_combination_name"))
    made = insert_user(call.db, context, contexts.take_id(call.db, call.context_id), user, bits)
    limits.check_users(call.db, call.context_id, bits, newcomer=True)
    return made
