"""A room or a thing that users book: made by either side."""

from dataclasses import replace
from typing import Any

from oxherd.aps import bodies
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes, ours
from oxherd.aps.services import jobs, tenant, user
from oxherd.aps.types import RESOURCE_TYPE
from oxherd.errors import NotYours
from oxherd.people.models import ServiceUser
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.resources import commands
from oxherd.resources.commands import ResourceWish, as_wish
from oxherd.resources.models import Resource

FIELDS = {"displayName": "display_name", "name": "name", "description": "description", "address": "address"}


def of(row: ApsResource) -> Resource:
    """Raises NotYours for one that was removed here."""
    rows = Resource.objects.select_related("tenant__brand", "manager")
    found = rows.filter(pk=row.object_pk, presence=Presence.PRESENT).first()
    if found is None:
        raise NotYours("There is no such resource any more.")
    return found


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    row.tenant = tenant.above(call)
    wish = ResourceWish(**_settings(wishes), manager=_manager(call, wishes))
    row.object_id = commands.add_resource(actor=call.actor(row.tenant), tenant=row.tenant, wish=wish).pk


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    found = of(row)
    wish = replace(as_wish(found), **_settings(asked))
    if "manager" in asked:
        wish = replace(wish, manager=_manager(call, asked))
    commands.change_resource(actor=call.actor(found), resource=found, wish=wish)


def _settings(wishes: Wishes) -> dict[str, Any]:
    return {ours: wishes[theirs] for theirs, ours in FIELDS.items() if theirs in wishes}


def _manager(call: Call, wishes: Wishes) -> ServiceUser | None:
    told = wishes.get("manager")
    return user.of(ours(call.instance, "user", bodies.uuid_of(told), "user")) if told else None


def _remove(call: Call, row: ApsResource) -> Subject | None:
    found = Resource.objects.select_related("tenant__brand").filter(pk=row.object_pk).first()
    if found is None:
        return None
    if found.presence == Presence.PRESENT:
        commands.remove_resource(actor=call.actor(found), resource=found)
    return SubjectKind.RESOURCE, found.pk


def _tell(row: ApsResource) -> dict[str, Any]:
    found = of(row)
    return {
        "displayName": found.display_name,
        "name": found.name,
        "description": found.description,
        "address": found.readable_address,
        "status": found.status,
        "problem": jobs.problem(found.status, SubjectKind.RESOURCE, found.pk),
    }


def _subject(row: ApsResource) -> Subject | None:
    return (SubjectKind.RESOURCE, row.object_id) if row.object_id else None


def _retry(call: Call, row: ApsResource) -> None:
    found = Resource.objects.select_related("tenant__brand").get(pk=row.object_pk)
    commands.retry_resource(actor=call.actor(found), resource=found)


def _link(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    if relation == "manager" and other is not None and row.wanted.get("manager") != str(other.aps_id):
        row.wanted = {**row.wanted, "manager": str(other.aps_id)}
        _change(call, row, {"manager": str(other.aps_id)})


def _unlink(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    """Everybody books directly from now on; unless another manages it already, who was linked before."""
    if relation == "manager" and other is not None and row.wanted.get("manager") == str(other.aps_id):
        row.wanted = {**row.wanted, "manager": ""}
        _change(call, row, {"manager": ""})


SERVICE = Service(
    one=RESOURCE_TYPE,
    make=_make,
    change=_change,
    remove=_remove,
    tell=_tell,
    subject=_subject,
    retry=_retry,
    link=_link,
    unlink=_unlink,
    movable=("manager",),
    making="Creating the resource on the platform",
    changing="Bringing the change to the resource",
    removing="Removing the resource from the platform",
)
