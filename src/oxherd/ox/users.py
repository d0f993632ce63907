"""Users, by SOAP."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from oxherd.errors import PlatformNotFound, PlatformRefused
from oxherd.ox import checks, records
from oxherd.ox.calls import Ask
from oxherd.ox.dialect import Dialect
from oxherd.ox.interface import UNSET, ContextAccess, FoundUser, UserChange, UserData

_BATCH = 200  # users per getMultipleData: about 1 MB of answer without photos


class Users(Dialect):
    """The part of `oxherd.ox.interface.Platform` that is about users."""

    marks_users: ClassVar[bool] = True

    def create_user(self, access: ContextAccess, user: UserData) -> int:
        ask = self._of_users(
            access, "createByModuleAccessName", user.password,
            usrdata=records.new_user(user), access_combination_name=user.access_combination,
        )  # fmt: skip
        ox_id = self._caller.one(ask, records.found_id)
        if user.drive_quota_mb is None:
            self.change_user(access, ox_id, UserChange(drive_quota_mb=None))
        return ox_id

    def find_user(
        self,
        access: ContextAccess,
        *,
        ox_id: int | None = None,
        name: str | None = None,
        with_access_combination: bool = False,
    ) -> FoundUser | None:
        key = {"name": name} if ox_id is None else {"id": ox_id}
        try:
            user = self._caller.one(self._of_users(access, "getData", user=key), records.found_user)
            if with_access_combination:
                return replace(user, access_combination=self.access_combination(access, user.ox_id))
        except PlatformNotFound:
            return None
        return user

    def change_user(self, access: ContextAccess, ox_id: int, change: UserChange) -> None:
        values = records.changed_user(change)
        if values:
            self._send_change(access, {"id": ox_id, **values})
        if change.access_combination is not UNSET:
            name = change.access_combination
            ask = self._of_users(access, "changeByModuleAccessName", user={"id": ox_id}, access_combination_name=name)
            self._caller.do(ask)

    def _send_change(self, access: ContextAccess, values: Mapping[str, Any]) -> None:
        """A user may send from any alias; when new aliases lack that one, the primary address becomes the sender."""
        try:
            self._caller.do(self._of_users(access, "change", values.get("password"), usrdata=values))
        except PlatformRefused as error:
            if "present in set of aliases" not in error.detail or "defaultSenderAddress" in values:
                raise
        else:
            return
        user = self._caller.one(self._of_users(access, "getData", user={"id": values["id"]}), records.found_user)
        values = {**values, "defaultSenderAddress": user.primary_address}
        self._caller.do(self._of_users(access, "change", values.get("password"), usrdata=values))

    def remove_user(self, access: ContextAccess, ox_id: int, *, reassign_to: int | None = None) -> None:
        reassign = {} if reassign_to is None else {"reassign": reassign_to}
        self._caller.do_unless_gone(self._of_users(access, "delete", user={"id": ox_id}, **reassign))

    def list_users(self, access: ContextAccess) -> Iterator[FoundUser]:
        """First all ids, 8 bytes each, then the users by batches: paged lists shift when a user is removed."""
        ids = array("q", self._caller.each(self._of_users(access, "listAll"), records.found_id))
        for start in range(0, len(ids), _BATCH):
            yield from self._users(access, ids[start : start + _BATCH].tolist())

    def _users(self, access: ContextAccess, ids: list[int]) -> list[FoundUser]:
        """Those of the ids that still exist. One that was removed meanwhile fails the whole call, so halves follow."""
        ask = self._of_users(access, "getMultipleData", users=[{"id": ox_id} for ox_id in ids])
        try:
            return self._caller.all(ask, records.found_user)
        except PlatformNotFound:
            half = len(ids) // 2
            return [*self._users(access, ids[:half]), *self._users(access, ids[half:])] if half else []

    def access_combination(self, access: ContextAccess, ox_id: int) -> str | None:
        return self._caller.one(self._of_users(access, "getAccessCombinationName", user={"id": ox_id}), checks.text)

    def user_aliases(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        return self._caller.one(self._of_users(access, "getData", user={"id": ox_id}), records.found_user).aliases

    def _of_users(self, access: ContextAccess, operation: str, secret: Any = None, **arguments: Any) -> Ask:
        return self._inside(access, self.services.users, operation, secret, **arguments)
