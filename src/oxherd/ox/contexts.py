"""Contexts, by SOAP."""

from collections.abc import Iterator
from dataclasses import replace

from oxherd.errors import PlatformRefused
from oxherd.ox import records
from oxherd.ox.calls import secrets_of
from oxherd.ox.dialect import Dialect
from oxherd.ox.interface import ContextAdmin, ContextChange, ContextData, FoundContext


class Contexts(Dialect):
    """The part of `oxherd.ox.interface.Platform` that is about contexts."""

    def create_context(
        self, context_id: int | None, data: ContextData, admin: ContextAdmin, access_combination: str
    ) -> FoundContext:
        ask = self._about_contexts(
            "createModuleAccessByName",
            ctx=records.new_context(context_id, data),
            admin_user=records.context_admin(admin),
            access_combination_name=access_combination,
        )
        made = self._caller.one(replace(ask, secrets=secrets_of(*ask.secrets, admin.password)), records.found_context)
        return made if made.marker else replace(made, marker=data.marker)

    def find_context(self, *, context_id: int | None = None, name: str | None = None) -> FoundContext | None:
        key = {"name": name} if context_id is None else {"id": context_id}
        return self._caller.one_if_any(self._about_contexts("getData", ctx=key), records.found_context)

    def change_context(self, context_id: int, change: ContextChange) -> None:
        if change != ContextChange():
            self._caller.do(self._about_contexts("change", ctx=records.changed_context(context_id, change)))

    def enable_context(self, context_id: int) -> None:
        self._caller.do(self._about_contexts("enable", ctx={"id": context_id}))

    def disable_context(self, context_id: int) -> None:
        try:
            self._caller.do(self._about_contexts("disable", ctx={"id": context_id}))
        except PlatformRefused as error:
            if "already disabled" not in error.detail:
                raise

    def remove_context(self, context_id: int) -> None:
        self._caller.do_unless_gone(self._about_contexts("delete", ctx={"id": context_id}))

    def list_contexts(self, pattern: str = "*") -> Iterator[FoundContext]:
        return self._caller.each(self._about_contexts("list", search_pattern=pattern), records.found_context)
