"""An object as it stands, looked at once for all entries that speak of it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.groups.models import Member
from oxherd.people.models import ServiceUser
from oxherd.people.removal_queries import account_of
from oxherd.provisioning.queries import is_put_off
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.undo.subjects import SUBJECTS


class Standing:
    """entries: about this object; all that are asked about, and all newer ones."""

    def __init__(self, subject: Any, entries: Sequence[AuditEntry]) -> None:
        self.subject, self.entries = subject, entries
        self.kind = entries[0].subject_kind

    def is_followed(self, entry: AuditEntry, by: Sequence[Action]) -> bool:
        return any(later.pk > entry.pk and later.action in by for later in self.entries)

    def differs(self, entry: AuditEntry) -> bool:
        """Whether the object is not as the entry left it."""
        now, after = self._now, entry.after
        different = {name for name, value in after.items() if name in now and now[name] != value}
        if "manager_id" in after and "manager_id" not in different:
            different.discard("manager")  # renamed
        if not {"users", "others"} & different:
            different.discard("recipients")  # one of them has another address now
        return bool(different) or not self._members_are_as_in(entry)

    @cached_property
    def deletion_has_begun(self) -> bool:
        """Of a user whose OX was disabled: whether it is too late to have it back."""
        account = account_of(self.subject, leaving=True)
        return account is None or not is_put_off(SubjectKind.ACCOUNT, account.pk)

    @cached_property
    def _now(self) -> dict[str, Any]:
        return SUBJECTS[self.kind].now(self.subject)

    def _members_are_as_in(self, entry: AuditEntry) -> bool:
        """Whether those who came are in, and those who left are out, but for users who are gone for good."""
        added, removed = set(entry.after.get("added", [])), set(entry.after.get("removed", []))
        if not added and not removed:
            return True
        inside, there = self._members
        return added & there <= inside and not removed & inside

    @cached_property
    def _members(self) -> tuple[set[int], set[int]]:
        """Of all users whom the entries name: who is in the group, and who is not gone for good."""
        lists = [entry.after.get(way, []) for entry in self.entries for way in ("added", "removed")]
        named = {pk for pks in lists for pk in pks}
        inside = Member.objects.filter(group=self.subject, user__in=named).values_list("user_id", flat=True)
        there = ServiceUser.objects.filter(pk__in=named).exclude(presence=Presence.LEAVING)
        return set(inside), set(there.values_list("pk", flat=True))
