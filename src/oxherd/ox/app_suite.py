"""App Suite on a provider's own hosts: contexts as its master administrator, the rest as the context's own."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from oxherd.errors import PlatformNotFound, PlatformRefused
from oxherd.ox import checks, records
from oxherd.ox.calls import Ask, Caller, as_admin, secrets_of
from oxherd.ox.descriptions import Field
from oxherd.ox.groups import Groups
from oxherd.ox.interface import (
    UNSET,
    Connection,
    ContextAccess,
    ContextAdmin,
    ContextChange,
    ContextData,
    FoundContext,
    FoundUser,
    PlatformReport,
    UserChange,
    UserData,
)
from oxherd.ox.messages import NIL, leaf_value
from oxherd.ox.resources import RESOURCES, Resources, has_managers
from oxherd.ox.transport import Transport

CONTEXTS, USERS = "OXContextService", "OXUserService"
_BATCH = 200  # users per getMultipleData: about 1 MB of answer without photos


class AppSuite(Groups, Resources):
    """See `oxherd.ox.interface.Platform`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._caller = Caller(Transport(connection))

    def check(self) -> PlatformReport:
        probe = self._as_master("exists", ctx={"name": "oxherd-asks-whether-it-may-sign-in"})
        return checks.report(self._caller, probe)

    def not_kept(self) -> frozenset[str]:
        kept = {"photo": checks.has_photos(self._caller.service(USERS))}
        kept["manager_id"] = has_managers(self._caller.service(RESOURCES))
        return frozenset(name for name, is_kept in kept.items() if not is_kept)

    # contexts

    def create_context(
        self, context_id: int, data: ContextData, admin: ContextAdmin, access_combination: str
    ) -> FoundContext:
        ask = self._as_master(
            "createModuleAccessByName",
            ctx=records.new_context(context_id, data),
            admin_user=records.context_admin(admin),
            access_combination_name=access_combination,
        )
        made = self._caller.one(replace(ask, secrets=secrets_of(*ask.secrets, admin.password)), records.found_context)
        return made if made.marker else replace(made, marker=data.marker)

    def find_context(self, *, context_id: int | None = None, name: str | None = None) -> FoundContext | None:
        key = {"name": name} if context_id is None else {"id": context_id}
        return self._caller.one_if_any(self._as_master("getData", ctx=key), records.found_context)

    def change_context(self, context_id: int, change: ContextChange) -> None:
        if change != ContextChange():
            self._caller.do(self._as_master("change", ctx=records.changed_context(context_id, change)))

    def enable_context(self, context_id: int) -> None:
        self._caller.do(self._as_master("enable", ctx={"id": context_id}))

    def disable_context(self, context_id: int) -> None:
        try:
            self._caller.do(self._as_master("disable", ctx={"id": context_id}))
        except PlatformRefused as error:
            if "already disabled" not in error.detail:
                raise

    def remove_context(self, context_id: int) -> None:
        self._caller.do_unless_gone(self._as_master("delete", ctx={"id": context_id}))

    def list_contexts(self, pattern: str = "*") -> Iterator[FoundContext]:
        return self._caller.each(self._as_master("list", search_pattern=pattern), records.found_context)

    # users

    def create_user(self, access: ContextAccess, user: UserData) -> int:
        ask = _as_admin(
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
            user = self._caller.one(_as_admin(access, "getData", user=key), records.found_user)
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
            ask = _as_admin(access, "changeByModuleAccessName", user={"id": ox_id}, access_combination_name=name)
            self._caller.do(ask)

    def _send_change(self, access: ContextAccess, values: Mapping[str, Any]) -> None:
        """A user may send from any alias; when new aliases lack that one, the primary address becomes the sender."""
        try:
            self._caller.do(_as_admin(access, "change", values.get("password"), usrdata=values))
        except PlatformRefused as error:
            if "present in set of aliases" not in error.detail or "defaultSenderAddress" in values:
                raise
        else:
            return
        user = self._caller.one(_as_admin(access, "getData", user={"id": values["id"]}), records.found_user)
        values = {**values, "defaultSenderAddress": user.primary_address}
        self._caller.do(_as_admin(access, "change", values.get("password"), usrdata=values))

    def remove_user(self, access: ContextAccess, ox_id: int, *, reassign_to: int | None = None) -> None:
        reassign = {} if reassign_to is None else {"reassign": reassign_to}
        self._caller.do_unless_gone(_as_admin(access, "delete", user={"id": ox_id}, **reassign))

    def list_users(self, access: ContextAccess) -> Iterator[FoundUser]:
        """First all ids, 8 bytes each, then the users by batches: paged lists shift when a user is removed."""
        ids = array("q", self._caller.each(_as_admin(access, "listAll"), records.found_id))
        for start in range(0, len(ids), _BATCH):
            yield from self._users(access, ids[start : start + _BATCH].tolist())

    def _users(self, access: ContextAccess, ids: list[int]) -> list[FoundUser]:
        """Those of the ids that still exist. One that was removed meanwhile fails the whole call, so halves follow."""
        ask = _as_admin(access, "getMultipleData", users=[{"id": ox_id} for ox_id in ids])
        try:
            return self._caller.all(ask, records.found_user)
        except PlatformNotFound:
            half = len(ids) // 2
            return [*self._users(access, ids[:half]), *self._users(access, ids[half:])] if half else []

    def access_combination(self, access: ContextAccess, ox_id: int) -> str | None:
        return self._caller.one(_as_admin(access, "getAccessCombinationName", user={"id": ox_id}), _text)

    def user_aliases(self, access: ContextAccess, ox_id: int) -> tuple[str, ...]:
        return self._caller.one(_as_admin(access, "getData", user={"id": ox_id}), records.found_user).aliases

    def _as_master(self, operation: str, **arguments: Any) -> Ask:
        login, password = self._connection.login, self._connection.password
        arguments["auth"] = {"login": login, "password": password}
        return Ask(CONTEXTS, operation, arguments, secrets=secrets_of(password))


def _as_admin(access: ContextAccess, operation: str, secret: Any = None, **arguments: Any) -> Ask:
    return as_admin(access, USERS, operation, secret, **arguments)


def _text(element: etree._Element, described: Field) -> str | None:
    return None if element.get(NIL) in ("true", "1") else str(leaf_value(element, described))
