from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from oxherd.domains.models import readable
from oxherd.people.search import Searchable
from oxherd.provisioning.models import REMOVED, Removable
from oxherd.provisioning.states import Presence, SyncStatus


class Resource(Searchable, Removable):
    """A room or a thing that users book."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="resources")
    name = models.CharField(max_length=100)  # as the platform takes it: once in a context, whatever its case
    display_name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    address = models.CharField(max_length=320)  # stored form; held in the register while the resource is present
    # Decides on bookings; without one everybody books directly. Rules keep who is one of a present resource from
    # leaving; a removed resource outlives its manager.
    manager = models.ForeignKey(
        "oxherd.ServiceUser", on_delete=models.SET_NULL, related_name="managed_resources", null=True, blank=True
    )
    status = models.CharField(max_length=20, choices=SyncStatus, default=SyncStatus.IN_PROGRESS)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    # What the platform knows.
    ox_id = models.PositiveIntegerField(null=True)
    applied = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant", Lower("name"), name="resource_name_once", condition=~Q(presence=Presence.REMOVED)
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "sort_name", "id"], name="resource_by_name"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="resource_by_age"),
            models.Index(fields=["tenant", "ox_id"], name="resource_by_ox_id"),
            GinIndex(fields=["search"], name="resource_search"),
            models.Index(fields=["tenant", "-removed_at", "-id"], name="resource_removed", condition=REMOVED),
            models.Index(fields=["removed_at", "id"], name="resource_to_purge", condition=REMOVED),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def readable_address(self) -> str:
        return readable(self.address)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id
