"""Makes the platform's resource match a resource."""

from oxherd.ox.interface import ResourceChange, ResourceData
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource
from oxherd.sync.unmarked import Fields, Handling, Place
from oxherd.sync.waiting import WaitFor


def wanted(resource: Resource) -> Fields:
    """The manager by the platform's id. Raises WaitFor while the manager is not in OX.

    Without the manager everybody could book directly for a while, so the resource waits.
    """
    return {
        "name": resource.name,
        "display_name": resource.display_name,
        "description": resource.description,
        "address": resource.address,
        "manager_id": _manager_id(resource),
    }


def _manager_id(resource: Resource) -> int | None:
    if resource.manager is None:
        return None
    account = OxAccount.objects.filter(user=resource.manager, presence=Presence.PRESENT).first()
    if account is None:
        return None  # nobody's manager any more: rules keep this from being so for long
    if account.ox_id is None:
        raise WaitFor(f"account:{account.pk}", f"{resource.manager}, who manages this resource, is not in OX yet.")
    return account.ox_id


def _create(place: Place, fields: Fields) -> int:
    return place.platform.create_resource(place.access, ResourceData(**fields))


def _change(place: Place, ox_id: int, before: Fields, after: Fields) -> None:
    """Send only what differs from what was last applied."""
    fields = {key: value for key, value in after.items() if key not in before or before[key] != value}
    if fields:
        place.platform.change_resource(place.access, ox_id, ResourceChange(**fields))


def _look(place: Place, fields: Fields) -> int | None:
    """Name and address together are nobody else's: both are unique within the context."""
    found = place.platform.find_resource(place.access, name=fields["name"])
    return found.ox_id if found and found.address == fields["address"] else None


def _remove(place: Place, ox_id: int) -> None:
    place.platform.remove_resource(place.access, ox_id)


RESOURCES = Handling(model=Resource, wanted=wanted, create=_create, change=_change, look=_look, remove=_remove)
