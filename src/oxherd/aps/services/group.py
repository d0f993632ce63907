"""A group of users: made by either side."""

from typing import Any

from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.services import jobs, tenant
from oxherd.aps.types import GROUP
from oxherd.errors import NotYours
from oxherd.groups import commands
from oxherd.groups.models import Group
from oxherd.groups.queries import address_of
from oxherd.provisioning.states import Presence, SubjectKind

FIELDS = {"displayName": "display_name", "name": "name", "address": "address"}


def of(row: ApsResource) -> Group:
    """Raises NotYours for one that was removed here."""
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is None:
        raise NotYours("There is no such group any more.")
    return group


def join(call: Call, row: ApsResource, member: ApsResource) -> None:
    """Let a user in; one who is in is in, and one who is not there yet comes later by another link."""
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is not None and member.object_id is not None:
        commands.change_group(actor=call.actor(group), group=group, add=[member.object_id])


def leave(call: Call, row: ApsResource, member: ApsResource) -> None:
    """Let a user go; one who is not in is no trouble."""
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is not None and member.object_id is not None:
        commands.change_group(actor=call.actor(group), group=group, remove=[member.object_id])


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    row.tenant = tenant.above(call)
    row.object_id = commands.add_group(actor=call.actor(row.tenant), tenant=row.tenant, **_settings(wishes)).pk


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    group = of(row)
    commands.change_group(actor=call.actor(group), group=group, **_settings(asked))


def _settings(wishes: Wishes) -> dict[str, Any]:
    return {ours: wishes[theirs] for theirs, ours in FIELDS.items() if theirs in wishes}


def _remove(call: Call, row: ApsResource) -> Subject | None:
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk).first()
    if group is None:
        return None
    if group.presence == Presence.PRESENT:
        commands.remove_group(actor=call.actor(group), group=group)
    return SubjectKind.GROUP, group.pk


def _tell(row: ApsResource) -> dict[str, Any]:
    group = of(row)
    return {
        "displayName": group.display_name,
        "name": group.name,
        "address": address_of(group),
        "status": group.status,
        "problem": jobs.problem(group.status, SubjectKind.GROUP, group.pk),
    }


def _subject(row: ApsResource) -> Subject | None:
    return (SubjectKind.GROUP, row.object_id) if row.object_id else None


def _retry(call: Call, row: ApsResource) -> None:
    group = Group.objects.select_related("tenant__brand").get(pk=row.object_pk)
    commands.retry_group(actor=call.actor(group), group=group)


def _link(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    if relation == "members" and other is not None:
        join(call, row, other)


def _unlink(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    if relation == "members" and other is not None:
        leave(call, row, other)


SERVICE = Service(
    one=GROUP,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    link=_link,
    unlink=_unlink,
    making="Creating the group on the platform",
    changing="Bringing the change to the group",
    removing="Removing the group from the platform",
)
