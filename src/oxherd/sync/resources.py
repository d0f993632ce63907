"""Makes the platform's resource match a resource."""

import logging

from oxherd.errors import PlatformNotFound
from oxherd.ox.interface import ContextAccess, Platform, ResourceChange, ResourceData
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.resources.models import Resource
from oxherd.sync import unmarked
from oxherd.sync.lanes import lanes
from oxherd.sync.unmarked import Fields
from oxherd.sync.waiting import WaitFor

logger = logging.getLogger(__name__)


def push_resource(job: SyncJob) -> None:
    resource = Resource.objects.select_related("tenant__brand", "manager").filter(pk=job.subject_id).first()
    if resource is None:
        ledger.done(job)
        return
    platform, access = unmarked.reach(resource.tenant)
    if resource.presence != Presence.PRESENT:
        with lanes.place():
            _remove(platform, access, resource)
        unmarked.let_go(resource, job)
        return
    wanted = _wanted(resource)
    with lanes.place():
        ox_id = _put(platform, access, resource, wanted)
    unmarked.settle(resource, ox_id, wanted, job)


def hold(resource_id: int) -> None:
    """Keep commands away from the resource until the commit."""
    Resource.objects.select_for_update(no_key=True).filter(pk=resource_id).first()


def mark_failed(resource_id: int) -> None:
    Resource.objects.filter(pk=resource_id).update(status=SyncStatus.ERROR)


def _wanted(resource: Resource) -> Fields:
    """The resource as the platform shall hold it. Raises WaitFor while its manager is not in OX.

    Without the manager it could be booked by everybody for a while, so it waits.
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


def _put(platform: Platform, access: ContextAccess, resource: Resource, wanted: Fields) -> int:
    if resource.ox_id is not None:
        try:
            _change(platform, access, resource.ox_id, resource.applied, wanted)
        except PlatformNotFound:  # deleted behind our back
            logger.warning("resource %s of resource row %s is gone; making it anew", resource.ox_id, resource.pk)
            resource.applied = {}
        else:
            return resource.ox_id

    def find(fields: Fields) -> int | None:
        return _left_behind(platform, access, resource, fields)

    def create() -> int:
        return platform.create_resource(access, ResourceData(**wanted))

    ox_id, known = unmarked.make(resource, wanted, find=find, create=create)
    unmarked.note(resource, ox_id, known)
    _change(platform, access, ox_id, known, wanted)
    return ox_id


def _change(platform: Platform, access: ContextAccess, ox_id: int, before: Fields, wanted: Fields) -> None:
    """Send only what differs from what was last applied."""
    fields = {key: value for key, value in wanted.items() if key not in before or before[key] != value}
    if fields:
        platform.change_resource(access, ox_id, ResourceChange(**fields))


def _left_behind(platform: Platform, access: ContextAccess, resource: Resource, fields: Fields) -> int | None:
    """Name and address together are nobody else's: both are unique within the context."""
    found = platform.find_resource(access, name=fields["name"])
    if found is None or found.address != fields["address"] or unmarked.is_ours_already(resource, found.ox_id):
        return None
    return found.ox_id


def _remove(platform: Platform, access: ContextAccess, resource: Resource) -> None:
    ox_id = resource.ox_id
    attempt = resource.applied.get(unmarked.ATTEMPT)
    if ox_id is None and attempt:  # a broken-off job may have made it all the same
        ox_id = _left_behind(platform, access, resource, attempt)
    if ox_id is not None:
        platform.remove_resource(access, ox_id)
