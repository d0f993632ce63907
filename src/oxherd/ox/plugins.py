"""The cloud plug-ins of OX Cloud (`oxaas/v1/admin`): class of service, spam level, forwards."""

from collections.abc import Collection
from contextlib import suppress
from functools import cached_property
from typing import Any

from oxherd.errors import PlatformNotFound, PlatformUnreachable
from oxherd.ox.data import ContextAccess
from oxherd.ox.dialect import Dialect
from oxherd.ox.rest import Rest, app_suite_host, not_understood, path

_USERS = "/oxaas/v1/admin/contexts"
_FORWARDS = "/api/oxaas/v1/admin/forwards"
_SHARED_DOMAINS = "/api/oxaas/v1/admin/sharedmaildomains"
_SESSIONS = "/oxaas/v1/admin/sessions/"


class Plugins(Dialect):
    """The part of `oxherd.ox.interface.Mailboxes` that the plug-ins do."""

    @cached_property
    def _plugins(self) -> Rest:
        transport = self._caller.transport
        return Rest(app_suite_host(transport.base), transport, self._connection)

    @cached_property
    def _provisioning(self) -> Rest:
        """Shared domains are on the provisioning host, all else on that of App Suite (section 9.1)."""
        return Rest(self._caller.transport.base, self._caller.transport, self._connection)

    def class_of_service(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        """Read here, since what SOAP tells of it cannot be relied on (OX Cloud's documentation)."""
        names = self._of_user("GET", access, ox_id, "classofservice")
        if not isinstance(names, list):
            raise _not_understood("classofservice")
        return tuple(str(name) for name in names)

    def spam_level(self, access: ContextAccess, ox_id: int) -> str:
        return str(self._of_user("GET", access, ox_id, "spamlevel"))

    def set_spam_level(self, access: ContextAccess, ox_id: int, level: str) -> None:
        self._of_user("PUT", access, ox_id, "spamlevel", level)

    def forwards(self, access: ContextAccess) -> dict[str, tuple[str, ...]]:
        found = self._plugins.ask("GET", f"{_FORWARDS}{path(access.context_id)}") or {}
        if not isinstance(found, dict):
            raise _not_understood("forwards")
        return {str(address): tuple(map(str, recipients)) for address, recipients in found.items()}

    def set_forward(self, access: ContextAccess, address: str, recipients: Collection[str]) -> None:
        """One that is there stays as it is when it is made again, so it goes before it comes anew."""
        where = f"{_FORWARDS}{path(access.context_id, address)}"
        with suppress(PlatformNotFound):
            self._plugins.ask("DELETE", where)
        if recipients:
            self._plugins.ask("POST", where, list(recipients))

    def shared_domains(self) -> tuple[str, ...]:
        """Domains of which several contexts of the brand may have addresses."""
        found = self._provisioning.ask("GET", f"{_SHARED_DOMAINS}/*") or []
        if not isinstance(found, list):
            raise _not_understood("sharedmaildomains")
        return tuple(map(str, found))

    def share_domain(self, domain: str) -> None:
        """It is shared afterwards, also where it was before; PlatformTaken where a context has it for itself."""
        if domain not in self.shared_domains():
            self._provisioning.ask("POST", f"{_SHARED_DOMAINS}{path(domain)}")

    def unshare_domain(self, domain: str) -> None:
        """It is not shared afterwards, also where it was not before."""
        with suppress(PlatformNotFound):
            self._provisioning.ask("DELETE", f"{_SHARED_DOMAINS}{path(domain)}")

    def end_sessions(self, access: ContextAccess, name: str | None = None) -> None:
        """Sign out the user of this name, with None all of the context, wherever they are signed in."""
        query = {"contextId": str(access.context_id)}
        self._plugins.ask("DELETE", _SESSIONS, query=query if name is None else {**query, "userName": name})

    def _of_user(self, method: str, access: ContextAccess, ox_id: int, name: str, value: Any = None) -> Any:
        where = f"{_USERS}{path(access.context_id, 'users', ox_id, name)}"
        answer = self._plugins.ask(method, where, None if value is None else {name: value})
        if method == "GET" and not (isinstance(answer, dict) and name in answer):
            raise _not_understood(name)
        return answer[name] if method == "GET" else None


def _not_understood(name: str) -> PlatformUnreachable:
    return not_understood(f"REST {name}: the answer has another form")
