"""Who calls: a controller's instance, by its signature or its certificate. Looked at before the body is."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from oxherd.aps import certificates, oauth
from oxherd.aps.bodies import uuid_of
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsConsumer, ApsInstance


@dataclass(frozen=True, slots=True)
class Channel:
    """What is known of the caller. instance: None for one that is not enrolled yet, named `instance_id`.

    consumer: who has signed. certificate: DER, what was shown instead.
    """

    instance_id: UUID | None
    instance: ApsInstance | None
    consumer: ApsConsumer | None = None
    certificate: bytes | None = None

    def needed(self) -> ApsInstance:
        """The instance. Raises Fault for one that is not known, or was removed."""
        if self.instance is None or self.instance.removed_at is not None:
            raise Fault(403 if self.consumer else 401, "This instance of the application is not known here.")
        return self.instance


def channel_of(request: HttpRequest) -> Channel:
    """Verify the caller. Raises Fault 401 for one who is not known, 403 for one who names another's instance."""
    if request.headers.get("Authorization", "")[:6].lower() == "oauth ":
        return _signed(request)
    shown = certificates.presented(request)
    if shown is None:
        raise Fault(401, "Sign the call by OAuth 1.0a, or show the controller's certificate.")
    instance_id = _instance_id(request)
    if instance_id is None:
        raise Fault(401, "The header APS-Instance-ID is missing.")
    instance = _instance(instance_id)
    if instance is not None and not certificates.is_same(shown, instance.controller_certificate):
        raise Fault(401, "This is not the certificate of the instance's controller.")
    return Channel(instance_id, instance, certificate=shown)


def _signed(request: HttpRequest) -> Channel:
    consumer = oauth.consumer_of(request)
    instance_id = _instance_id(request)
    instance = _instance(instance_id) if instance_id else None
    if instance is not None and instance.consumer_id != consumer.pk:
        raise Fault(403, "This instance of the application is not known here.")
    return Channel(instance_id, instance, consumer=consumer)


def _instance_id(request: HttpRequest) -> UUID | None:
    told = request.headers.get("APS-Instance-ID", "").strip()
    return uuid_of(told, "APS-Instance-ID") if told else None


def _instance(instance_id: UUID) -> ApsInstance | None:
    return ApsInstance.objects.select_related("consumer").filter(aps_id=instance_id).first()
