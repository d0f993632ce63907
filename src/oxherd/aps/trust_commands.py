"""Whom the endpoint trusts: pairs of OAuth, and tokens for the enrolment of instances that have certificates."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.aps import certificates
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsConsumer, ApsEnrolment, ApsEntry, ApsInstance, ApsNonce
from oxherd.aps.oauth import WINDOW_SECONDS
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import NotYours, Refused
from oxherd.inputs import one_line
from oxherd.outgoing import PLATFORM, check_url

ENROLMENT_HOURS = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of OAuth in clear: shown once."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a controller gives an instance: the certificate and key to show it (PEM), and its own certificate (DER)."""

    own: str = field(repr=False)
    controller: bytes


@transaction.atomic
def add_consumer(*, actor: Actor, name: str) -> Pair:
    """Make a pair with which a controller signs its calls and we ours to it. Raises Refused at `name`."""
    pair = Pair(key=f"ox-{secrets.token_hex(12)}", secret=secrets.token_urlsafe(32))
    row = ApsConsumer.objects.create(name=_name(name), key=pair.key, sealed_secret=sealing.seal(pair.secret))
    record(actor, Action.APS_CONSUMER_ADD, row, after={"key": pair.key})
    return pair


@transaction.atomic
def renew_consumer(*, actor: Actor, key: str) -> Pair:
    """Give a pair another secret; its instances stay, and a revoked pair is heard again. Raises NotYours."""
    consumer = _consumer(key)
    pair = Pair(key=key, secret=secrets.token_urlsafe(32))
    was_revoked, consumer.revoked_at = consumer.revoked_at, None
    consumer.sealed_secret = sealing.seal(pair.secret)
    consumer.save(update_fields=["sealed_secret", "revoked_at"])
    told = {"key": key, "revoked": was_revoked is not None}
    record(actor, Action.APS_CONSUMER_RENEW, consumer, before=told, after={"key": key, "revoked": False})
    return pair


@transaction.atomic
def revoke_consumer(*, actor: Actor, key: str) -> ApsConsumer:
    """Take no more calls that are signed with a pair. Raises NotYours for an unknown key."""
    consumer = _consumer(key)
    if consumer.revoked_at is None:
        consumer.revoked_at = timezone.now()
        consumer.save(update_fields=["revoked_at"])
        record(actor, Action.APS_CONSUMER_REVOKE, consumer, before={"key": key})
    return consumer


@transaction.atomic
def begin_enrolment(*, actor: Actor, name: str, hours: int = ENROLMENT_HOURS) -> str:
    """A token with which one instance enrols itself, once, within so many hours. Raises Refused at `name`."""
    token = secrets.token_urlsafe(24)
    ends = timezone.now() + timedelta(hours=hours)
    row = ApsEnrolment.objects.create(name=_name(name), digest=_digest(token), expires_at=ends)
    record(actor, Action.APS_ENROLMENT_ADD, row, after={"until": ends.isoformat()})
    return token


@transaction.atomic
def withdraw_enrolment(*, actor: Actor, number: int) -> ApsEnrolment:
    """Delete a token that nobody has used. Raises NotYours for an unknown number, Refused for a used token."""
    row = ApsEnrolment.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise NotYours(f"There is no enrolment token with the number {number}.")
    if row.used_at is not None:
        raise Refused(f"An instance has used the token {number} already. Remove the instance in {row.name}.")
    record(actor, Action.APS_ENROLMENT_WITHDRAW, row, before={"until": row.expires_at.isoformat()})
    row.delete()
    return row


def enrol_by_pair(consumer: ApsConsumer, instance_id: UUID) -> ApsInstance:
    """The instance that signs with this pair, in the caller's transaction. Raises Fault 403 for another's."""
    instance, _ = ApsInstance.objects.get_or_create(
        aps_id=instance_id, defaults={"name": consumer.name, "consumer": consumer}
    )
    if instance.consumer_id != consumer.pk:
        raise Fault(403, "This instance of the application is not known here.")
    return instance


def enrol_by_token(instance_id: UUID, shown: bytes | None, token: str, given: Certificates) -> ApsInstance:
    """The instance that shows what it has brought, in the caller's transaction; the token is used up with it.

    Raises Fault 401 for a token that is not open, or a caller who shows another certificate.
    """
    row = ApsEnrolment.objects.select_for_update().filter(digest=_digest(token)).first() if token else None
    if row is None or row.used_at is not None or row.expires_at < timezone.now():
        raise Fault(401, "The enrolment token is not open. The operator makes one with: oxherd aps enrol")
    if not certificates.is_same(shown, certificates.as_pem(given.controller)):
        raise Fault(401, "The caller has not shown the certificate that it has sent as x509.controller.")
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    instance, is_new = ApsInstance.objects.get_or_create(
        aps_id=instance_id,
        defaults={
            "name": row.name,
            "controller_certificate": certificates.as_pem(given.controller),
            "sealed_certificate": sealing.seal(given.own),
        },
    )
    if not is_new:
        raise Fault(401, "This instance of the application is enrolled already.")
    return instance


def note_controller(actor: Actor, instance: ApsInstance, url: str) -> None:
    """Keep where the controller is called back. actor: the controller itself.

    Raises Fault for an address that requests may not go to.
    """
    url = url.strip()
    if not url or url == instance.controller_url:
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 500 or not url.isascii():  # noqa: PLR2004 - the column's width
        raise Fault(400, "APS-Controller-URI is no address of a controller.")
    try:
        check_url(url, PLATFORM, "controller_url")
    except Refused as refused:
        raise Fault(400, refused.sentence) from None
    before, instance.controller_url = instance.controller_url, url
    with transaction.atomic():
        ApsInstance.objects.filter(pk=instance.pk).update(controller_url=url)
        told, now = {"controller_url": before}, {"controller_url": url}
        record(actor, Action.APS_INSTANCE_CHANGE, instance, before=told, after=now)


def forget_nonces() -> None:
    """Delete the nonces of calls so old that they would not be taken anyway."""
    before = int(timezone.now().timestamp()) - 2 * WINDOW_SECONDS
    ApsNonce.objects.filter(timestamp__lt=before).delete()


def forget_entries() -> None:
    """Delete the tickets that nobody can use any more."""
    ApsEntry.objects.filter(expires_at__lt=timezone.now() - timedelta(hours=1)).delete()


def _consumer(key: str) -> ApsConsumer:
    consumer = ApsConsumer.objects.select_for_update().filter(key=key).first()
    if consumer is None:
        raise NotYours(f"There is no pair with the key {key}.")
    return consumer


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _name(text: str) -> str:
    return one_line(text, "name", most=100, missing="Say which controller this is for, such as Odin.")
