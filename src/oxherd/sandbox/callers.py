"""Who may call what. There is no login state: every call brings its credentials.

Sources: the master does contexts, and users only under MASTER_ACCOUNT_OVERRIDE; a context admin does the users of its
own context; an ordinary user reads and changes its own record. A context that does not exist looks like a wrong
password, and so does every login of a disabled one.
"""

import hmac

from oxherd.sandbox.faults import InvalidCredentials
from oxherd.sandbox.passwords import matches
from oxherd.sandbox.services import Call
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.store import Row, contexts, users


def require_master(call: Call) -> None:
    login, password = _credentials(call)
    if not _is_master(call.settings, login, password):
        raise _failed()


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
    """The user who calls; None for the master under the override."""
    login, password = _credentials(call)
    call.context_id = (call.argument("ctx") or {}).get("id", 0)
    if not call.context_id:
        raise InvalidCredentials("Client sent invalid context data object")
    context = contexts.find(call.db, call.context_id)
    if context is None:
        raise _failed()
    if call.settings.account_override and _is_master(call.settings, login, password):
        return None
    user = users.find_named(call.db, call.context_id, login)
    if not context["enabled"] or user is None or not matches(user["password"], password):
        raise _failed()
    return user


def _credentials(call: Call) -> tuple[str, str]:
    credentials = call.argument("auth")
    if credentials is None:
        raise InvalidCredentials("credential object is null")
    return credentials.get("login", ""), credentials.get("password", "")


def _is_master(settings: Settings, login: str, password: str) -> bool:
    right = hmac.compare_digest(password.encode(), settings.master_password.encode())
    return right and login == settings.master_login


def _failed() -> InvalidCredentials:
    return InvalidCredentials("Authentication failed")
