"""Makes the platform's group match a group. Members who are not in OX yet follow when they are."""

from collections.abc import Sequence

from oxherd.errors import PlatformNotFound, PlatformRefused, PlatformTaken
from oxherd.groups.models import Group
from oxherd.ox.interface import GroupChange, GroupData
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.sync.unmarked import ATTEMPT, Fields, Handling, Place

MOST_NAMED = 5


def wanted(group: Group) -> Fields:
    """Members by the platform's ids."""
    accounts = OxAccount.objects.filter(
        user__memberships__group=group, presence=Presence.PRESENT, user__presence=Presence.PRESENT, ox_id__isnull=False
    )
    members = list(accounts.order_by("ox_id").values_list("ox_id", flat=True))
    return {"name": group.name, "display_name": group.display_name, "members": members}


def _create(place: Place, fields: Fields) -> int:
    """With all members at once; where the platform refuses one of them, the others are added without."""
    data = GroupData(fields["name"], fields["display_name"], tuple(fields["members"]))
    try:
        return place.platform.create_group(place.access, data)
    except PlatformTaken:
        raise
    except PlatformRefused:
        if not fields["members"]:
            raise
    ox_id = place.platform.create_group(place.access, GroupData(fields["name"], fields["display_name"]))
    _add(place, ox_id, fields["members"])
    return ox_id


def _change(place: Place, ox_id: int, before: Fields, after: Fields) -> None:
    """Members come and go by themselves, so that those whom people added in OX stay."""
    fields = {key: after[key] for key in ("name", "display_name") if before.get(key) != after[key]}
    if fields:
        place.platform.change_group(place.access, ox_id, GroupChange(**fields))
    had, has = set(before.get("members", ())), set(after["members"])
    gone = (had | set(before.get(ATTEMPT, {}).get("members", ()))) - has
    if gone:
        place.platform.remove_members(place.access, ox_id, gone)
    if has - had:
        _add(place, ox_id, sorted(has - had))


def _add(place: Place, ox_id: int, members: Sequence[int]) -> None:
    """All but those whom the platform refuses; raises PlatformRefused for these when the others are in."""
    refused = _refused_of(place, ox_id, members)
    if not refused:
        return
    accounts = OxAccount.objects.filter(tenant__context_id=place.access.context_id, ox_id__in=refused)
    names = [str(account.user) for account in accounts.select_related("user").order_by("pk")[:MOST_NAMED]]
    raise PlatformRefused(
        f"OX does not take {', '.join(names) or 'some members'} into this group; all others are in it. "
        "Mend or retry these users first.",
        detail=f"members {refused[:20]}",
    )


def _refused_of(place: Place, ox_id: int, members: Sequence[int]) -> list[int]:
    """Add as many as the platform takes; it refuses a whole call for one member, so halves follow."""
    try:
        place.platform.add_members(place.access, ox_id, members)
    except PlatformNotFound:
        raise
    except PlatformRefused:
        if len(members) == 1:
            return list(members)
    else:
        return []
    half = len(members) // 2
    return [*_refused_of(place, ox_id, members[:half]), *_refused_of(place, ox_id, members[half:])]


def _look(place: Place, fields: Fields) -> int | None:
    found = place.platform.find_group(place.access, name=fields["name"])
    if found is None or found.is_system:
        return None
    same = found.display_name == fields["display_name"] and set(found.members) <= set(fields["members"])
    return found.ox_id if same else None


def _remove(place: Place, ox_id: int) -> None:
    place.platform.remove_group(place.access, ox_id)


GROUPS = Handling(model=Group, wanted=wanted, create=_create, change=_change, look=_look, remove=_remove)
