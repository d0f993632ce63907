"""Compares the groups and resources of a context with a tenant's; after its users, whose ids these name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from oxherd.drift.models import Difference
from oxherd.drift.states import DifferenceKind, ObjectKind
from oxherd.groups.models import Group
from oxherd.ox.interface import FoundGroup, FoundResource
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.resources.models import Resource
from oxherd.sync import groups, resources
from oxherd.sync.drift_scope import Fields, Ids, Part, Scope, difference, differing, in_batches
from oxherd.sync.waiting import WaitFor


@dataclass(frozen=True, slots=True)
class Noun:
    """What differs between groups and resources."""

    object_kind: ObjectKind
    subject_kind: SubjectKind
    model: type[Group] | type[Resource]
    batch: int
    listed: Callable[[Scope], Iterator[Any]]
    is_there: Callable[[Scope, int], bool]
    held_by: Callable[[Any], Fields]
    wanted: Callable[[Scope, Any, Fields], Fields]  # of our object, where the platform's one holds these fields


def compare_objects(scope: Scope, noun: Noun) -> Iterator[Part]:
    seen = Ids()
    for batch in in_batches(noun.listed(scope), noun.batch):
        for found in batch:
            seen.add(found.ox_id)
        yield _compare(scope, noun, batch)
    yield from _missing(scope, noun, seen)


def _compare(scope: Scope, noun: Noun, batch: list[Any]) -> Part:
    rows = noun.model.objects.filter(tenant=scope.tenant, ox_id__in=[found.ox_id for found in batch])
    ours = {row.ox_id: row for row in rows.defer("search", "search_text", "applied")}
    moving = scope.motion.of(noun.subject_kind, [row.pk for row in ours.values()])
    differences, left_out = [], 0
    for found in batch:
        row = ours.get(found.ox_id)
        if row is None:
            if noun.is_there(scope, found.ox_id) and not _is_ours_by_now(scope, noun, found.ox_id):
                differences.append(_stranger(scope, noun, found))
        elif row.pk in moving or row.presence != Presence.PRESENT:
            left_out += 1
        else:
            try:
                differences += _different(scope, noun, found, row)
            except WaitFor:  # for a user who is not on the platform, and is told as such
                left_out += 1
    return Part(differences, compared=len(batch), left_out=left_out)


def _is_ours_by_now(scope: Scope, noun: Noun, ox_id: int) -> bool:
    return noun.model.objects.filter(tenant=scope.tenant, ox_id=ox_id).exists()


def _different(scope: Scope, noun: Noun, found: Any, row: Group | Resource) -> list[Difference]:
    held = noun.held_by(found)
    wanted = noun.wanted(scope, row, held)
    held = {name: value for name, value in held.items() if name in wanted and name not in scope.not_kept}
    names = differing(wanted, held)
    if not names:
        return []
    return [
        difference(
            scope,
            noun.object_kind,
            DifferenceKind.DIFFERENT,
            name=row.display_name,
            detail=row.name,
            subject_id=row.pk,
            ox_id=found.ox_id,
            **_told(names, wanted, held),
            held={name: held[name] for name in names},
        )
    ]


def _told(names: list[str], wanted: Fields, held: Fields) -> dict[str, Fields]:
    """Of members only who is on one side alone: a group may have thousands."""
    here = {name: wanted[name] for name in names}
    there = {name: held[name] for name in names}
    if "members" in names:
        panel, platform = set(wanted["members"]), set(held["members"])
        here["members"], there["members"] = sorted(panel - platform), sorted(platform - panel)
    return {"here": here, "there": there}


def _stranger(scope: Scope, noun: Noun, found: Any) -> Difference:
    return difference(
        scope,
        noun.object_kind,
        DifferenceKind.STRANGER,
        name=found.display_name or found.name,
        detail=found.name,
        ox_id=found.ox_id,
        there={"name": found.name},
        held=noun.held_by(found),
    )


def _missing(scope: Scope, noun: Noun, seen: Ids) -> Iterator[Part]:
    """Our objects that the platform does not have, or never had."""
    rows: QuerySet[Any] = noun.model.objects.filter(tenant=scope.tenant, presence=Presence.PRESENT).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last).only("name", "display_name", "ox_id")[:1000]):
        absent = [row for row in batch if row.ox_id not in seen]
        moving = scope.motion.of(noun.subject_kind, [row.pk for row in absent]) if absent else set()
        yield Part([_absent(scope, noun, row) for row in absent if row.pk not in moving], left_out=len(moving))
        last = batch[-1].pk


def _absent(scope: Scope, noun: Noun, row: Group | Resource) -> Difference:
    return difference(
        scope,
        noun.object_kind,
        DifferenceKind.MISSING,
        name=row.display_name,
        detail=row.name,
        subject_id=row.pk,
        ox_id=row.ox_id,
        here={"name": row.name},
    )


def _held_by_group(group: FoundGroup) -> Fields:
    return {"name": group.name, "display_name": group.display_name, "members": sorted(group.members)}


def _wanted_group(scope: Scope, group: Group, held: Fields) -> Fields:
    """With the members as they shall be; what only follows from a difference or a change of a user counts as agreed."""
    wanted = groups.wanted(group)
    panel, platform = set(wanted["members"]), set(held["members"])
    agreed = {ox_id for ox_id in panel - platform if ox_id not in scope.users}
    agreed |= {ox_id for ox_id in platform - panel if ox_id in scope.claimed}
    agreed |= _unsettled(scope, (panel ^ platform) - agreed)
    return wanted | {"members": sorted((panel - agreed) | (platform & agreed))}


def _unsettled(scope: Scope, ox_ids: set[int]) -> set[int]:
    """The users among these who are just coming, going or removed."""
    if not ox_ids:
        return set()
    rows = OxAccount.objects.filter(tenant=scope.tenant, ox_id__in=ox_ids).values_list("ox_id", "pk", "presence")
    accounts = list(rows)
    moving = scope.motion.of(SubjectKind.ACCOUNT, [pk for _, pk, _ in accounts])
    return {ox_id for ox_id, pk, presence in accounts if ox_id and (pk in moving or presence != Presence.PRESENT)}


def _held_by_resource(resource: FoundResource) -> Fields:
    return {
        "name": resource.name,
        "display_name": resource.display_name,
        "description": resource.description.strip().replace("\r\n", "\n"),
        "address": resource.address.lower(),
        "manager_id": resource.manager_id,
    }


def _wanted_resource(scope: Scope, resource: Resource, held: Fields) -> Fields:
    """Raises WaitFor while the manager is not in OX."""
    wanted = resources.wanted(resource)
    if wanted["manager_id"] is not None and wanted["manager_id"] not in scope.users:
        wanted["manager_id"] = held["manager_id"]  # who is missing is told as such
    return wanted


GROUPS = Noun(
    ObjectKind.GROUP,
    SubjectKind.GROUP,
    Group,
    20,  # each may have thousands of members
    listed=lambda scope: (group for group in scope.platform.list_groups(scope.access) if not group.is_system),
    is_there=lambda scope, ox_id: scope.platform.find_group(scope.access, ox_id=ox_id) is not None,
    held_by=_held_by_group,
    wanted=_wanted_group,
)
RESOURCES = Noun(
    ObjectKind.RESOURCE,
    SubjectKind.RESOURCE,
    Resource,
    200,
    listed=lambda scope: scope.platform.list_resources(scope.access),
    is_there=lambda scope, ox_id: scope.platform.find_resource(scope.access, ox_id=ox_id) is not None,
    held_by=_held_by_resource,
    wanted=_wanted_resource,
)
NOUNS = (GROUPS, RESOURCES)
