"""Makes the platform's group match a group. Members who are not in OX yet follow when they are."""

import logging
from collections.abc import Sequence

from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken
from oxherd.groups.models import Group
from oxherd.ox.interface import ContextAccess, GroupChange, GroupData, Platform
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.sync import unmarked
from oxherd.sync.lanes import lanes
from oxherd.sync.unmarked import Fields

logger = logging.getLogger(__name__)


def push_group(job: SyncJob) -> None:
    group = Group.objects.select_related("tenant__brand").filter(pk=job.subject_id).first()
    if group is None:
        ledger.done(job)
        return
    platform, access = unmarked.reach(group.tenant)
    if group.presence != Presence.PRESENT:
        with lanes.place():
            _remove(platform, access, group)
        unmarked.let_go(group, job)
        return
    wanted = _wanted(group)
    with lanes.place():
        ox_id = _put(platform, access, group, wanted)
    unmarked.settle(group, ox_id, wanted, job)


def hold(group_id: int) -> None:
    """Keep commands away from the group until the commit."""
    Group.objects.select_for_update(no_key=True).filter(pk=group_id).first()


def mark_failed(group_id: int) -> None:
    Group.objects.filter(pk=group_id).update(status=SyncStatus.ERROR)


def _wanted(group: Group) -> Fields:
    """The group as the platform shall hold it, in plain JSON values; members by the platform's ids."""
    accounts = OxAccount.objects.filter(
        user__memberships__group=group, presence=Presence.PRESENT, user__presence=Presence.PRESENT, ox_id__isnull=False
    )
    members = list(accounts.order_by("ox_id").values_list("ox_id", flat=True))
    return {"name": group.name, "display_name": group.display_name, "members": members}


def _put(platform: Platform, access: ContextAccess, group: Group, wanted: Fields) -> int:
    if group.ox_id is not None:
        try:
            _change(platform, access, group.ox_id, group.applied, wanted)
        except PlatformNotFound:  # deleted behind our back
            logger.warning("group %s of group row %s is gone; making it anew", group.ox_id, group.pk)
            group.applied = {}
        else:
            return group.ox_id

    def find(fields: Fields) -> int | None:
        return _left_behind(platform, access, group, fields)

    ox_id, known = unmarked.make(group, wanted, find=find, create=lambda: _create(platform, access, wanted))
    unmarked.note(group, ox_id, known)
    _change(platform, access, ox_id, known, wanted)
    return ox_id


def _create(platform: Platform, access: ContextAccess, wanted: Fields) -> int:
    """With all members at once; where the platform refuses one of them, the others are added without."""
    data = GroupData(wanted["name"], wanted["display_name"], tuple(wanted["members"]))
    try:
        return platform.create_group(access, data)
    except PlatformTaken:
        raise
    except PlatformRefused:
        if not wanted["members"]:
            raise
    ox_id = platform.create_group(access, GroupData(wanted["name"], wanted["display_name"]))
    _add(platform, access, ox_id, wanted["members"])
    return ox_id


def _change(platform: Platform, access: ContextAccess, ox_id: int, before: Fields, wanted: Fields) -> None:
    """Send only what differs; members come and go by themselves, so that those whom people added in OX stay."""
    fields = {key: wanted[key] for key in ("name", "display_name") if before.get(key) != wanted[key]}
    if fields:
        platform.change_group(access, ox_id, GroupChange(**fields))
    had, has = set(before.get("members", ())), set(wanted["members"])
    if had - has:
        platform.remove_members(access, ox_id, had - has)
    if has - had:
        _add(platform, access, ox_id, sorted(has - had))


def _add(platform: Platform, access: ContextAccess, ox_id: int, members: Sequence[int]) -> None:
    """All but those whom the platform refuses; raises PlatformRefused for these when the others are in."""
    refused = _refused_of(platform, access, ox_id, members)
    if refused:
        who = OxAccount.objects.filter(tenant__context_id=access.context_id, ox_id__in=refused).select_related("user")
        names = ", ".join(str(account.user) for account in who[:5]) or "some members"
        raise PlatformRefused(
            f"OX does not take {names} into this group; all others are in it. Repair or retry these users first.",
            detail=f"members {refused[:20]}",
        )


def _refused_of(platform: Platform, access: ContextAccess, ox_id: int, members: Sequence[int]) -> list[int]:
    """Add as many as the platform takes; the platform refuses a whole call for one member, so halves follow."""
    if not members:
        return []
    try:
        platform.add_members(access, ox_id, members)
    except PlatformNotFound:
        raise
    except PlatformRefused:
        if len(members) == 1:
            return list(members)
        half = len(members) // 2
        return [
            *_refused_of(platform, access, ox_id, members[:half]),
            *_refused_of(platform, access, ox_id, members[half:]),
        ]
    return []


def _left_behind(platform: Platform, access: ContextAccess, group: Group, fields: Fields) -> int | None:
    found = platform.find_group(access, name=fields["name"])
    if found is None or found.is_system or unmarked.is_ours_already(group, found.ox_id):
        return None
    same = found.display_name == fields["display_name"] and set(found.members) <= set(fields["members"])
    return found.ox_id if same else None


def _remove(platform: Platform, access: ContextAccess, group: Group) -> None:
    ox_id = group.ox_id
    attempt = group.applied.get(unmarked.ATTEMPT)
    if ox_id is None and attempt:  # a broken-off job may have made it all the same
        ox_id = _left_behind(platform, access, group, attempt)
    if ox_id is not None:
        platform.remove_group(access, ox_id)
