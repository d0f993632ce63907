"""Who may call what. There is no login state: every call brings its credentials.

Sources: the master does contexts, and users only under MASTER_ACCOUNT_OVERRIDE; a reseller does the same in its own
contexts and in those of the resellers right below it, by the services made for resellers, and for it the override is
always on, as OX Cloud has it; a context admin does the users of its own context; an ordinary user reads and changes
its own record. A context that does not exist, or is somebody else's, looks like a wrong password, and so does every
login of a disabled one.
"""

import hmac

from oxherd.sandbox.faults import InvalidCredentials
from oxherd.sandbox.passwords import matches
from oxherd.sandbox.services import Call
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.store import Row, contexts, resellers, users

CREDENTIALS = ("auth", "creds", "cred")  # the services do not agree about the name


def require_root(call: Call) -> None:
    """The master and nobody else."""
    login, password = _credentials(call)
    if not _is_master(call.settings, login, password):
        raise _failed()


def require_master(call: Call) -> None:
    """The master; in the services for resellers also a reseller, who is left in the call."""
    login, password = _credentials(call)
    if _is_master(call.settings, login, password):
        return
    if not call.for_resellers:
        raise _failed()
    found = resellers.find_named(call.db, login)
    if found is None or not matches(found["password"], password):
        raise InvalidCredentials("authentication failed")
    call.reseller = found


def require_context_admin(call: Call) -> None:
    """Leaves the id of the context in the call."""
    user = _user(call)
    if user is not None and user["id"] != contexts.ADMIN:
        raise InvalidCredentials("Permission denied")


def require_own_record(call: Call) -> None:
    """The context admin, or the very user whom the call is about."""
    user = _user(call)
    if user is None or user["id"] == contexts.ADMIN:
        return
    about = call.argument("user") or call.argument("usrdata") or {}
    own = about.get("id") in (user["id"], 0, None) and (about.get("id") or about.get("name") == user["name"])
    if not own:
        raise InvalidCredentials("Permission denied")


def _user(call: Call) -> Row | None:
    """The user who calls; None for a reseller, and for the master under the override."""
    login, password = _credentials(call)
    named = call.argument("ctx") or call.argument("context") or {}
    call.context_id = call.argument("ctxid") or named.get("id", 0)
    if not call.context_id:
        raise InvalidCredentials("Client sent invalid context data object")
    context = contexts.find(call.db, call.context_id)
    if context is None:
        raise _failed()
    if call.settings.account_override and _is_master(call.settings, login, password):
        return None
    if _is_reseller_of_context(call, login):
        require_master(call)
        return None
    user = users.find_named(call.db, call.context_id, login)
    if not context["enabled"] or user is None or not matches(user["password"], password):
        raise _failed()
    return user


def _is_reseller_of_context(call: Call, login: str) -> bool:
    """By name alone: a reseller with a wrong password is not tried as a user."""
    found = resellers.find_named(call.db, login) if call.for_resellers else None
    return found is not None and resellers.reaches(call.db, found, call.context_id)


def _credentials(call: Call) -> tuple[str, str]:
    credentials = next((sent for name in CREDENTIALS if (sent := call.argument(name)) is not None), None)
    if credentials is None:
        raise InvalidCredentials("credential object is null")
    return credentials.get("login", ""), credentials.get("password", "")


def _is_master(settings: Settings, login: str, password: str) -> bool:
    right = hmac.compare_digest(password.encode(), settings.master_password.encode())
    return right and login == settings.master_login


def _failed() -> InvalidCredentials:
    return InvalidCredentials("Authentication failed")
