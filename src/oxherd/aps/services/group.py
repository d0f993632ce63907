"""A group of users: made by either side."""

from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.services import jobs, tenant
from oxherd.aps.states import ResourceState
from oxherd.aps.types import GROUP
from oxherd.errors import NotYours
from oxherd.groups import commands
from oxherd.groups.models import Group
from oxherd.groups.queries import address_of
from oxherd.provisioning.states import Presence, SubjectKind

WAITING = "groups"  # in a user's `links`: the groups that the user comes into when there is one
FIELDS = {"displayName": "display_name", "name": "name", "address": "address"}


def of(row: ApsResource) -> Group:
    """Raises NotYours for one that was removed here."""
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is None:
        raise NotYours("There is no such group any more.")
    return group


def join(call: Call, row: ApsResource, member: ApsResource) -> None:
    """Let a user in; one who is in is in, and one who is still being made comes as soon as that is done."""
    if _waits(row, member, is_in=True):
        return
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is not None and member.object_id is not None:
        commands.change_group(actor=call.actor(group), group=group, add=[member.object_id])


def leave(call: Call, row: ApsResource, member: ApsResource) -> None:
    """Let a user go; one who is not in is no trouble."""
    if _waits(row, member, is_in=False):
        return
    group = Group.objects.select_related("tenant__brand").filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if group is not None and member.object_id is not None:
        commands.change_group(actor=call.actor(group), group=group, remove=[member.object_id])


def _waits(row: ApsResource, member: ApsResource, *, is_in: bool) -> bool:
    """Whether the user is still being made; then the row keeps to which groups the user is to belong."""
    held = ApsResource.objects.select_for_update().get(pk=member.pk)
    if held.state != ResourceState.ASKED:
        member.object_id = held.object_id
        return False
    others = [each for each in held.links.get(WAITING, []) if each != str(row.aps_id)]
    member.links = held.links = {**held.links, WAITING: [*others, *([str(row.aps_id)] if is_in else [])]}
    held.save(update_fields=["links"])
    return True


def join_waiting(member: ApsResource, actor: Actor) -> None:
    """Let a user who has just been made into the groups that were waiting, in the caller's transaction."""
    waiting = member.links.pop(WAITING, [])
    rows = ApsResource.objects.filter(instance=member.instance_id, service=GROUP.service, aps_id__in=waiting)
    groups = Group.objects.select_related("tenant__brand").filter(presence=Presence.PRESENT, tenant=member.tenant_id)
    for group in groups.filter(pk__in=rows.values("object_id")).order_by("pk"):
        commands.change_group(actor=actor, group=group, add=[member.object_pk])


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
