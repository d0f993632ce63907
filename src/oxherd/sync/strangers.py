"""Deletes on the platform what is only there, as a person has decided."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model

from oxherd.drift.models import Eviction
from oxherd.drift.states import ObjectKind
from oxherd.errors import PlatformRefused
from oxherd.forwarders.models import Forwarder
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource
from oxherd.sync.lanes import lanes
from oxherd.sync.unmarked import Place, reach


@dataclass(frozen=True, slots=True)
class Kind:
    """name: of the object that the platform has under this number, None where there is none."""

    model: type[Model]
    name: Callable[[Place, int], str | None]
    remove: Callable[[Place, int], None]


def push_stranger(job: SyncJob) -> None:
    eviction = Eviction.objects.select_related("tenant__brand").filter(pk=job.subject_id).first()
    if eviction is not None:
        place = reach(eviction.tenant)
        with lanes.place():
            _remove(place, eviction)
    with transaction.atomic():
        if ledger.done(job):
            Eviction.objects.filter(pk=job.subject_id).delete()


def hold(eviction_id: int) -> None:
    """Keep commands away from it until the commit."""
    Eviction.objects.select_for_update(no_key=True).filter(pk=eviction_id).first()


def _remove(place: Place, eviction: Eviction) -> None:
    """Nothing that was taken over since, and nothing that has another name by now."""
    if eviction.object_kind == ObjectKind.FORWARDER:
        _remove_forwarder(place, eviction)
        return
    kind = KINDS[ObjectKind(eviction.object_kind)]
    ours = kind.model._default_manager.filter(tenant=eviction.tenant, ox_id=eviction.ox_id)  # noqa: SLF001 - Django's documented interface
    name = None if ours.exists() else kind.name(place, eviction.ox_id)
    if name is None:
        return
    if name != eviction.ox_name:
        raise PlatformRefused(
            f"It is called {name} in OX by now, and not {eviction.ox_name}. Compare again, and look at it anew."
        )
    kind.remove(place, eviction.ox_id)


def _remove_forwarder(place: Place, eviction: Eviction) -> None:
    """A forwarder is its address."""
    ours = Forwarder.objects.filter(tenant=eviction.tenant, address=eviction.ox_name)
    if place.platform.mail is not None and not ours.exclude(presence=Presence.REMOVED).exists():
        place.platform.mail.set_forward(place.access, eviction.ox_name, ())


def _user_name(place: Place, ox_id: int) -> str | None:
    user = place.platform.find_user(place.access, ox_id=ox_id)
    return None if user is None or user.name == place.access.login else user.name


def _group_name(place: Place, ox_id: int) -> str | None:
    group = place.platform.find_group(place.access, ox_id=ox_id)
    return None if group is None or group.is_system else group.name


def _resource_name(place: Place, ox_id: int) -> str | None:
    resource = place.platform.find_resource(place.access, ox_id=ox_id)
    return resource.name if resource else None


KINDS = {
    ObjectKind.USER: Kind(OxAccount, _user_name, lambda place, ox_id: place.platform.remove_user(place.access, ox_id)),
    ObjectKind.GROUP: Kind(Group, _group_name, lambda place, ox_id: place.platform.remove_group(place.access, ox_id)),
    ObjectKind.RESOURCE: Kind(
        Resource, _resource_name, lambda place, ox_id: place.platform.remove_resource(place.access, ox_id)
    ),
}
