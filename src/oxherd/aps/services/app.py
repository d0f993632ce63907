"""The application itself: an instance of it in a controller, which is enrolled by its first call."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from oxherd.aps import bodies, certificates
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.states import ResourceState
from oxherd.aps.trust import Channel
from oxherd.aps.trust_commands import Certificates, enrol_by_pair, enrol_by_token
from oxherd.aps.types import APP
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import Refused

# A page's origin, as a Content-Security-Policy names it.
ORIGIN = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:[0-9]{1,5})?")
MOST_HOSTS = 20
# The releases of the package from which an instance can be brought to this one: what they kept, this one reads.
UPGRADES_FROM = re.compile(r"1(\.0)?-[0-9]{1,9}")


def enrol(channel: Channel, body: Mapping[str, Any]) -> ApsInstance:
    """The instance whose first call this is, in the caller's transaction; one that is known already is itself.

    Raises Fault where nobody vouches for it, or it was removed.
    """
    if channel.instance is not None:
        if channel.instance.removed_at is not None:
            raise Fault(409, "This instance of the application was removed.", final=True)
        return channel.instance
    instance_id = channel.instance_id or bodies.own_id(body, APP)
    if channel.consumer is not None:
        return enrol_by_pair(channel.consumer, instance_id)
    meta = body.get("aps")
    given = _certificates(meta if isinstance(meta, dict) else {})
    token = bodies.secret(body, "enrolmentToken", APP)
    return enrol_by_token(instance_id, channel.certificate, token, given)


def _certificates(meta: Mapping[str, Any]) -> Certificates:
    pair = meta.get("x509")
    own, controller = (pair.get(name) if isinstance(pair, dict) else None for name in ("self", "controller"))
    if not isinstance(own, str) or not isinstance(controller, str):
        raise Fault(401, "The first call has to bring aps.x509 with the certificates of both sides.")
    try:
        certificates.check_own(own)
        return Certificates(own, certificates.as_der(controller))
    except (ValueError, TypeError):
        raise Fault(400, "aps.x509 holds what is no certificate with its key.", field="aps") from None


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    row.object_id = call.instance.pk
    pair = call.instance.consumer
    after = {"aps_id": str(call.instance.aps_id), "trusted_by": f"pair {pair.key}" if pair else "certificates"}
    record(call.actor(), Action.APS_INSTANCE_ADD, call.instance, after=after)
    _change(call, row, wishes)


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:  # noqa: ARG001 - as of all services
    if "panelHosts" in asked:
        hosts = list(dict.fromkeys(_origin(text) for text in asked["panelHosts"]))
        if len(hosts) > MOST_HOSTS:
            raise Refused(f"{len(hosts)} addresses of the control panel are too many.", field="panelHosts")
        _note(call, panel_hosts=hosts)


def _note(call: Call, **changed: Any) -> None:
    before = {name: getattr(call.instance, name) for name in changed}
    if changed != before:
        ApsInstance.objects.filter(pk=call.instance.pk).update(**changed)
        record(call.actor(), Action.APS_INSTANCE_CHANGE, call.instance, before=before, after=changed)


def _origin(text: str) -> str:
    told = text.strip().rstrip("/")
    told = told if "://" in told else f"https://{told}"
    if not ORIGIN.fullmatch(told):
        raise Refused(f"“{text[:100]}” is no address such as https://cp.provider.example.", field="panelHosts")
    return told.lower()


def _remove(call: Call, row: ApsResource) -> Subject | None:
    left = ApsResource.objects.filter(instance=call.instance).exclude(state=ResourceState.REMOVED).exclude(pk=row.pk)
    if number := left.count():
        raise Refused(f"The instance has {number} resources still. Remove them first.")
    ApsInstance.objects.filter(pk=call.instance.pk).update(removed_at=timezone.now(), sealed_certificate="")
    record(call.actor(), Action.APS_INSTANCE_REMOVE, call.instance, before={"aps_id": str(call.instance.aps_id)})
    return None


def _upgrade(call: Call, row: ApsResource) -> dict[str, Any]:  # noqa: ARG001 - as of all operations
    """The controller has another release of the package now; version: the one that it had."""
    version = call.query.get("version", "")
    if not UPGRADES_FROM.fullmatch(version):
        raise Fault(400, f"There is no way from the version “{version[:50]}” of the package to this one.", final=True)
    _note(call, version=version)
    return {}


def _tell(row: ApsResource) -> dict[str, Any]:  # noqa: ARG001 - as of all services
    return {}


SERVICE = Service(one=APP, make=_make, change=_change, remove=_remove, tell=_tell, operations={"upgrade": _upgrade})
