"""Who has made a brand or a profile, where that was a controller."""

from oxherd.aps.models import ApsResource
from oxherd.aps.states import ResourceState
from oxherd.errors import Refused
from oxherd.walls.sight import EVERYTHING, seeing


def master_of(service: str, pk: int) -> str:
    """The name of the controller that has it as a resource; empty where none has. service: brand or profile."""
    rows = ApsResource.objects.filter(service=service, object_id=pk, instance__removed_at=None)
    rows = rows.exclude(state=ResourceState.REMOVED)
    with seeing(EVERYTHING):  # whoever may see the brand may know
        return rows.values_list("instance__name", flat=True).first() or ""


def is_nobodys(service: str, pk: int) -> None:
    """Raise Refused where a controller has it: it would go on selling what is not there any more."""
    if master := master_of(service, pk):
        raise Refused(f"This {service} is managed in {master}. Remove it there.")
