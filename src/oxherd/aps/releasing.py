"""Domains that a controller has taken away while something was in them: they go as soon as nothing uses them.

In which order a controller takes a subscription apart is not laid down. One that begins with the domain would wait for
ever if that were refused until the users are gone, since it does one after the other.
"""

from django.db.models import Exists, OuterRef, QuerySet

from oxherd.aps.models import ApsResource
from oxherd.aps.service import actor_for
from oxherd.aps.states import ResourceState
from oxherd.domains.commands import remove_domains
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant


def leaving(tenant: Tenant) -> QuerySet[Domain]:
    """The domains of a customer that are there still, and not in the controller."""
    rows = ApsResource.objects.filter(service="domain", object_id=OuterRef("pk"))
    gone, there = rows.filter(state=ResourceState.REMOVED), rows.exclude(state=ResourceState.REMOVED)
    present = Domain.objects.filter(tenant=tenant, presence=Presence.PRESENT)
    return present.filter(Exists(gone), ~Exists(there)).select_related("tenant__brand")


def release(above: ApsResource) -> None:
    """Remove those of a customer that nothing uses any more. above: the customer's own row."""
    if above.tenant is None:
        return
    actor = actor_for(above.instance, above.tenant)
    for domain in leaving(above.tenant).order_by("pk"):
        try:
            remove_domains(actor=actor, tenant=above.tenant, domains=[domain])
        except Refused:  # it is in use still, and looked at again after the next change
            continue
