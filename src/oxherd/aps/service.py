"""What each service does for a controller: translation of its calls to the commands that the panel calls, too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from oxherd.accounts.actor import Actor, Grant, Place
from oxherd.accounts.states import Door, Role
from oxherd.aps.definitions import Type
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.states import ResourceState
from oxherd.provisioning.states import SubjectKind

Subject = tuple[SubjectKind, int]
Wishes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a controller that is verified. identity: APS id of the person who began it, if one did."""

    instance: ApsInstance
    body: Mapping[str, Any]
    query: Mapping[str, str] = field(default_factory=dict)
    is_poll: bool = False  # the same call came before, and was answered by 202
    identity: str = ""
    request_id: str = ""
    ip_address: str | None = None

    def actor(self, place: Place | None = None) -> Actor:
        """The controller as an actor who reaches no further than the place; without one, over the whole provider."""
        return actor_for(self.instance, place, request_id=self.request_id, ip_address=self.ip_address)


def actor_for(
    instance: ApsInstance, place: Place | None, *, request_id: str = "", ip_address: str | None = None
) -> Actor:
    """As `Call.actor`, for what the worker does in a controller's name."""
    brand_id, tenant_id = place.place if place else (None, None)
    grant = Grant(Role.OPERATOR, None if tenant_id else brand_id, tenant_id)
    return Actor(instance.name, Door.APS, (grant,), request_id=request_id, ip_address=ip_address)


def nothing(call: Call, row: ApsResource, relation: str, other: ApsResource | None) -> None:
    """What most links mean here."""


def always_done(row: ApsResource) -> Subject | None:  # noqa: ARG001 - as other services have it
    return None


def no_retry(call: Call, row: ApsResource) -> None:
    """Of what no platform has to take."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service's translation. All but `tell` run inside the call's transaction, with the row locked; `make` may
    leave it as asked, for the worker to go on.

    make: fills the row in. change: brings what differs (`asked`). remove: takes it away, and says whose sync job
    shows when it is gone. tell: what is readonly. subject: whose sync job shows how it fares. retry: after a refusal.
    wait: what is being done, for people.
    """

    one: Type
    make: Callable[[Call, ApsResource, Wishes], None]
    change: Callable[[Call, ApsResource, Wishes], None]
    remove: Callable[[Call, ApsResource], Subject | None]
    tell: Callable[[ApsResource], dict[str, Any]]
    subject: Callable[[ApsResource], Subject | None] = always_done
    retry: Callable[[Call, ApsResource], None] = no_retry
    link: Callable[[Call, ApsResource, str, ApsResource | None], None] = nothing
    unlink: Callable[[Call, ApsResource, str, ApsResource | None], None] = nothing
    operations: Mapping[str, Callable[[Call, ApsResource], dict[str, Any]]] = field(default_factory=dict)
    # Relations of one that a configure may move: their ids are among the wishes.
    movable: tuple[str, ...] = ()
    with_secrets: bool = False  # then `change` looks at what is encrypted, too, whatever else differs
    making: str = "Creating"
    changing: str = "Bringing the change to the platform"
    removing: str = "Removing"


def ours(instance: ApsInstance, service: str, aps_id: UUID, what: str) -> ApsResource:
    """A resource of this instance that is there. Raises Fault for one of another, of another service, or gone."""
    row = find(instance, service, aps_id)
    if row is None:
        raise Fault(404, f"There is no {what} with the id {aps_id}.", field=what)
    if row.object_id is None:
        raise Fault(409, f"The {what} {aps_id} is not ready yet.", field=what)
    return row


def find(instance: ApsInstance, service: str, aps_id: UUID) -> ApsResource | None:
    """As `ours`, ready or not; None where there is none."""
    rows = ApsResource.objects.filter(instance=instance, service=service, aps_id=aps_id)
    return rows.exclude(state=ResourceState.REMOVED).first()
