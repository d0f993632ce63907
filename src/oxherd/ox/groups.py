"""Groups, by SOAP."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from oxherd.errors import PlatformRefused
from oxherd.ox import records
from oxherd.ox.calls import Ask, Value
from oxherd.ox.dialect import Dialect
from oxherd.ox.interface import UNSET, ContextAccess, FoundGroup, GroupChange, GroupData

_MOST_TRIES = 5  # while others change the same group
_BATCH = 200  # members per call: the platform touches every member's record, all in one transaction
Members = frozenset[int]


class Groups(Dialect):
    """The part of `oxherd.ox.interface.Platform` that is about groups."""

    def create_group(self, access: ContextAccess, data: GroupData) -> int:
        return self._caller.one(self._of_groups(access, "create", grp=records.new_group(data)), records.found_id)

    def find_group(
        self, access: ContextAccess, *, ox_id: int | None = None, name: str | None = None
    ) -> FoundGroup | None:
        key = {"name": name} if ox_id is None else {"id": ox_id}
        return self._caller.one_if_any(self._of_groups(access, "getData", grp=key), records.found_group)

    def change_group(self, access: ContextAccess, ox_id: int, change: GroupChange) -> None:
        values = records.changed_group(change)
        if not values:
            return
        if change.members is not UNSET:
            self._caller.do(self._of_groups(access, "change", grp={"id": ox_id, **values}))
            return

        def send(members: Collection[int]) -> None:
            self._caller.do(self._of_groups(access, "change", grp={"id": ox_id, **values, "members": members}))

        _while_others_change(lambda: self._group(access, ox_id).members, send)

    def add_members(self, access: ContextAccess, ox_id: int, user_ids: Collection[int]) -> None:
        wanted = frozenset(user_ids)
        self._settle(access, ox_id, "addMember", wanted, wanted.difference)

    def remove_members(self, access: ContextAccess, ox_id: int, user_ids: Collection[int]) -> None:
        unwanted = frozenset(user_ids)
        self._settle(access, ox_id, "removeMember", unwanted, unwanted.intersection)

    def remove_group(self, access: ContextAccess, ox_id: int) -> None:
        self._caller.do_unless_gone(self._of_groups(access, "delete", grp={"id": ox_id}))

    def list_groups(self, access: ContextAccess) -> Iterator[FoundGroup]:
        return self._caller.each(self._of_groups(access, "listAll"), records.found_group)

    def groups_of_user(self, access: ContextAccess, user_id: int) -> tuple[FoundGroup, ...]:
        ask = self._of_groups(access, "listGroupsForUser", usr={"id": user_id})
        return tuple(self._caller.all(ask, records.found_group))

    def _group(self, access: ContextAccess, ox_id: int) -> FoundGroup:
        return self._caller.one(self._of_groups(access, "getData", grp={"id": ox_id}), records.found_group)

    def _settle(
        self,
        access: ContextAccess,
        ox_id: int,
        operation: str,
        user_ids: Members,
        left_of: Callable[[tuple[int, ...]], Members],
    ) -> None:
        """The platform refuses a whole call for one member that is there already, or one user that is gone."""
        if user_ids:
            _while_others_change(
                lambda: left_of(self._group(access, ox_id).members),
                lambda left: self._send_members(access, ox_id, operation, left),
            )

    def _send_members(self, access: ContextAccess, ox_id: int, operation: str, user_ids: Members) -> None:
        ordered = sorted(user_ids)
        for start in range(0, len(ordered), _BATCH):
            members = [{"id": user_id} for user_id in ordered[start : start + _BATCH]]
            self._caller.do(self._of_groups(access, operation, grp={"id": ox_id}, members=members))

    def _of_groups(self, access: ContextAccess, operation: str, **arguments: Any) -> Ask:
        return self._inside(access, self.services.groups, operation, **arguments)


def _while_others_change(look: Callable[[], Value], send: Callable[[Value], None]) -> None:
    """Send what a look at the members gives; after a refusal once more, if another look gives something else."""
    found = look()
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            send(found)
        except PlatformRefused:
            sent, found = found, look()
            if found == sent or not tries_left:
                raise
        else:
            return
