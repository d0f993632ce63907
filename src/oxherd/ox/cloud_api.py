"""OX Cloud by its Cloud API v2: users, and what concerns their mail, by REST; all else by SOAP, as `OxCloud` does it.

The API knows no numbers of contexts, cannot disable one, and has neither groups nor resources nor a place for marks of
ours: it does not stand alone. What it is for takes one call each, where SOAP takes up to four.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from oxherd.errors import PlatformNotFound, PlatformRefused
from oxherd.ox import cloud_api_records as records
from oxherd.ox.calls import secrets_of
from oxherd.ox.cloud_api_mail import CloudApiMail, read
from oxherd.ox.interface import UNSET, ContextAccess, FoundUser, UserChange, UserData
from oxherd.ox.rest import path

_TO_ADMINISTRATOR = "%CONTEXTADMIN%"


class CloudApi(CloudApiMail):
    """See `oxherd.ox.interface.Platform`.

    Users are looked for by SOAP: only that finds by number, and it tells the marks of those whom SOAP has made.
    """

    marks_users: ClassVar[bool] = False

    def not_kept(self) -> frozenset[str]:
        """The class of service stands for the modules too."""
        return super().not_kept() | {"access_combination"}

    def create_user(self, access: ContextAccess, user: UserData) -> int:
        query = self._of(access) | {"includeid": "true"}
        made = self._api.ask(
            "POST", "/users", records.new_user(user),
            query=query, secrets=secrets_of(user.password), context_id=access.context_id,
        )  # fmt: skip
        return read(records.uid, made)

    def change_user(self, access: ContextAccess, ox_id: int, change: UserChange) -> None:
        """What the API cannot take away, a limit or a picture, SOAP does."""
        if body := records.changed_user(change):
            secret = None if change.password is UNSET else change.password
            self._about(access, ox_id, lambda login: self._put(access, login, body, secret))
        if (rest := records.beyond(change)) != UserChange():
            super().change_user(access, ox_id, rest)
        if change.mail_enabled is False:
            self._sign_out(access, ox_id)

    def remove_user(self, access: ContextAccess, ox_id: int, *, reassign_to: int | None = None) -> None:
        query = self._of(access)
        if reassign_to != 0:
            query["reassignuser"] = _TO_ADMINISTRATOR if reassign_to is None else self._heir(access, reassign_to)
        try:
            self._about(access, ox_id, lambda login: self._delete(access, login, query))
        except PlatformNotFound:
            return

    def list_users(self, access: ContextAccess) -> Iterator[FoundUser]:
        query = self._of(access) | records.INCLUDES
        for told in self._api.each("/users", query=query, context_id=access.context_id):
            yield read(records.found_user, told)

    def _put(self, access: ContextAccess, login: str, body: Any, secret: str | None) -> None:
        self._api.ask(
            "PUT", path("users", login), body,
            query=self._of(access), secrets=secrets_of(secret), context_id=access.context_id,
        )  # fmt: skip

    def _delete(self, access: ContextAccess, login: str, query: Mapping[str, str]) -> None:
        self._api.ask("DELETE", path("users", login), query=query, context_id=access.context_id)

    def _heir(self, access: ContextAccess, ox_id: int) -> str:
        try:
            return self._login(access, ox_id)
        except PlatformNotFound as error:
            sentence = "The platform does not know the user who is to get what was shared. Choose another."
            raise PlatformRefused(sentence, detail=error.detail) from None
