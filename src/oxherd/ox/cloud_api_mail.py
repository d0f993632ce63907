"""What the Cloud API v2 does about mail, and the way from a user's number to the login that the API goes by."""

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, TypeVar

from oxherd.errors import PlatformNotFound, PlatformRefused
from oxherd.ox import cloud_api_records as records
from oxherd.ox.cloud import OxCloud
from oxherd.ox.data import ContextAccess
from oxherd.ox.rest import not_understood, path

_CATCH_ALLS, _FORWARDS, _SHARED_DOMAINS = "/mail/catchall", "/mail/forwards", "/mail/shareddomains"
Value = TypeVar("Value")


class CloudApiMail(OxCloud):
    """The part of `oxherd.ox.interface.Mailboxes` that the API does: all but how much is used of a mailbox."""

    def catch_alls(self, access: ContextAccess) -> dict[str, str]:
        told = self._ask("GET", access, _CATCH_ALLS)
        return read(lambda each: {entry["domain"].lower(): entry["login"] for entry in each}, told or [])

    def set_catch_all(self, access: ContextAccess, domain: str, name: str | None) -> None:
        present = self.catch_alls(access).get(domain.lower())
        if present == name:
            return
        if present is not None:
            with suppress(PlatformNotFound):
                self._ask("DELETE", access, f"{_CATCH_ALLS}{path('domain', domain, 'login', present)}")
        if name is not None:
            self._ask("POST", access, _CATCH_ALLS, {"domain": domain, "login": name})

    def mail_quota(self, access: ContextAccess, ox_id: int) -> int | None:
        return read(records.mail_quota, self._told(access, ox_id))

    def class_of_service(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        return read(lambda told: records.texts(told, "classOfService"), self._told(access, ox_id))

    def spam_level(self, access: ContextAccess, ox_id: int) -> str:
        return read(lambda told: str(told["spamLevel"]), self._told(access, ox_id))

    def set_spam_level(self, access: ContextAccess, ox_id: int, level: str) -> None:
        self._about(access, ox_id, lambda login: self._ask("PUT", access, path("users", login), {"spamLevel": level}))

    def permissions(self, access: ContextAccess, ox_id: int) -> frozenset[str]:
        told = self._about(access, ox_id, lambda login: self._ask("GET", access, path("users", login, "permissions")))
        return read(lambda held: frozenset(name for name in records.PERMISSIONS if held.get(name)), told)

    def set_permissions(
        self, access: ContextAccess, ox_id: int, *, on: Collection[str] = (), off: Collection[str] = ()
    ) -> None:
        body = dict.fromkeys(on, True) | dict.fromkeys(off, False)
        if body:
            self._about(
                access, ox_id, lambda login: self._ask("PUT", access, path("users", login, "permissions"), body)
            )

    def forwards(self, access: ContextAccess) -> dict[str, tuple[str, ...]]:
        told = self._ask("GET", access, _FORWARDS)
        return read(lambda each: {entry["address"]: records.texts(entry, "forwardTo") for entry in each}, told or [])

    def set_forward(self, access: ContextAccess, address: str, recipients: Collection[str]) -> None:
        """Only who comes and who goes is told: between the two no mail is lost, and the spam level stays."""
        where, held = f"{_FORWARDS}{path(address)}", self._recipients(access, address)
        if held is None:
            if recipients:
                self._ask("POST", access, _FORWARDS, {"address": address, "forwardTo": list(recipients)})
            return
        if not recipients:
            with suppress(PlatformNotFound):
                self._ask("DELETE", access, where)
            return
        added, gone = _without(recipients, held), _without(held, recipients)
        try:
            if added:
                self._ask("PUT", access, f"{where}/recipients", added)
        except PlatformRefused as error:
            if not gone or "Maximum amount of" not in error.detail:
                raise
            self._forward_anew(access, address, recipients, held)
            return
        for each in gone:
            with suppress(PlatformNotFound):
                self._ask("DELETE", access, f"{where}{path(each)}")

    def _forward_anew(
        self, access: ContextAccess, address: str, recipients: Collection[str], held: Collection[str]
    ) -> None:
        """For those who are too many together with the held ones; these come back where they are too many alone."""
        where = f"{_FORWARDS}{path(address)}"
        level = read(lambda told: str(told["spamlevel"]), self._ask("GET", access, f"{where}/spamlevel"))
        self._ask("DELETE", access, where)
        body = {"address": address, "spamLevel": level}
        try:
            self._ask("POST", access, _FORWARDS, {**body, "forwardTo": list(recipients)})
        except PlatformRefused:
            self._ask("POST", access, _FORWARDS, {**body, "forwardTo": list(held)})
            raise

    def shared_domains(self) -> tuple[str, ...]:
        return read(lambda each: tuple(map(str, each)), self._api.ask("GET", _SHARED_DOMAINS) or [])

    def share_domain(self, domain: str) -> None:
        if domain not in self.shared_domains():
            self._api.ask("POST", f"{_SHARED_DOMAINS}{path(domain)}")

    def unshare_domain(self, domain: str) -> None:
        with suppress(PlatformNotFound):
            self._api.ask("DELETE", f"{_SHARED_DOMAINS}{path(domain)}")

    def _recipients(self, access: ContextAccess, address: str) -> list[str] | None:
        """None where there is no such forward."""
        try:
            told = self._ask("GET", access, f"{_FORWARDS}{path(address, 'recipients')}")
        except PlatformNotFound:
            return None
        return read(lambda each: [str(recipient) for recipient in each], told or [])

    def _told(self, access: ContextAccess, ox_id: int) -> Any:
        return self._about(access, ox_id, lambda login: self._ask("GET", access, path("users", login)))

    def _ask(self, method: str, access: ContextAccess, where: str, body: Any = None) -> Any:
        return self._api.ask(method, where, body, query=self._of(access), context_id=access.context_id)

    def _of(self, access: ContextAccess) -> dict[str, str]:
        return {"id": str(access.context_id)}

    def _about(self, access: ContextAccess, ox_id: int, act: Callable[[str], Value]) -> Value:
        """What `act` does with the user's login: once more where somebody has changed it meanwhile.

        Raises PlatformNotFound when there is no such user. A login is not remembered from call to call: another user
        may have it by then.
        """
        login = self._login(access, ox_id)
        try:
            return act(login)
        except PlatformNotFound:
            now = self._login(access, ox_id)
            if now == login:
                raise
        return act(now)

    def _login(self, access: ContextAccess, ox_id: int) -> str:
        found = self.find_user(access, ox_id=ox_id)
        if found is None:
            raise PlatformNotFound("The platform does not know this user.", detail=f"user {ox_id}")
        return found.name


def _without(some: Collection[str], others: Collection[str]) -> list[str]:
    known = {each.casefold() for each in others}
    return [each for each in some if each.casefold() not in known]


def read(reader: Callable[[Any], Value], told: Any) -> Value:
    """What `reader` makes of an answer. Raises PlatformUnreachable for one of another form than is published."""
    try:
        return reader(told)
    except (records.Misshapen, KeyError, TypeError, AttributeError, ValueError) as error:
        failure = not_understood(f"Cloud API: {type(error).__name__}: {error}")
    raise failure
