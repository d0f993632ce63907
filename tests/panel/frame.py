"""Customers managed in a controller, and people whom it sends into the panel's frame: as its endpoint makes them."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from oxherd import sealing
from oxherd.aps.models import ApsConsumer, ApsEntry, ApsInstance
from oxherd.tenants.models import Tenant

PANEL = "https://cp.odin.test"
WHO = "3e0d6a54-1111-4222-8333-444455556666"


def managed(tenant: Tenant, name: str = "Odin") -> Tenant:
    """The tenant, from now on managed there."""
    Tenant.objects.filter(pk=tenant.pk).update(managed_by=name)
    tenant.refresh_from_db()
    return tenant


def an_instance(*panel_hosts: str, name: str = "Odin") -> ApsInstance:
    consumer = ApsConsumer.objects.create(name=name, key=secrets.token_hex(8), sealed_secret=sealing.seal("s"))
    hosts = list(panel_hosts or (PANEL,))
    return ApsInstance.objects.create(aps_id=uuid4(), name=name, consumer=consumer, panel_hosts=hosts)


def a_ticket(instance: ApsInstance, tenant: Tenant, **fields: Any) -> str:
    """One that is good for a minute; fields: what is otherwise."""
    ticket = secrets.token_urlsafe(32)
    usual = {"identity": WHO, "page": "users", "expires_at": timezone.now() + timedelta(seconds=60)}
    digest = hashlib.sha256(ticket.encode()).hexdigest()
    ApsEntry.objects.create(instance=instance, tenant=tenant, digest=digest, **usual | fields)
    return ticket


def browser(**options: Any) -> Client:
    return Client(raise_request_exception=False, **options)


def entered(instance: ApsInstance, tenant: Tenant, **fields: Any) -> Client:
    """A browser in whose frame somebody has just entered."""
    client = browser()
    answer = client.post("/frame/enter/", {"ticket": a_ticket(instance, tenant, **fields)})
    assert answer.status_code == 303, answer.content
    return client


def ancestors(answer: Any) -> str:
    """Who may show an answer in a frame, as its policy says."""
    directives = dict(each.strip().partition(" ")[::2] for each in answer["Content-Security-Policy"].split(";"))
    return directives["frame-ancestors"]


def identity(number: int) -> str:
    return str(UUID(int=number))
