from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from oxherd.domains.models import readable
from oxherd.people.search import Searchable
from oxherd.provisioning.models import REMOVED, Removable
from oxherd.provisioning.states import SyncStatus


class Forwarder(Searchable, Removable):
    """An address of a customer that has no mailbox and passes mail on."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="forwarders")
    address = models.CharField(max_length=320)  # stored form; held in the register while the forwarder is present
    status = models.CharField(max_length=20, choices=SyncStatus, default=SyncStatus.IN_PROGRESS)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    # What the platform holds of our making, as `oxherd.sync.forwarders` says; empty: nothing.
    applied = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["address"], name="forwarder_by_address"),
            models.Index(fields=["tenant", "sort_name", "id"], name="forwarder_by_name"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="forwarder_by_age"),
            GinIndex(fields=["search"], name="forwarder_search"),
            models.Index(fields=["tenant", "-removed_at", "-id"], name="forwarder_removed", condition=REMOVED),
            models.Index(fields=["removed_at", "id"], name="forwarder_to_purge", condition=REMOVED),
        ]

    def __str__(self) -> str:
        return readable(self.address)

    @property
    def name(self) -> str:
        """As other objects have one beside their display name."""
        return str(self)

    @property
    def display_name(self) -> str:
        return str(self)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


class Recipient(models.Model):
    """Who gets the mail: a user of the customer, whatever addresses the user has, or any other address."""

    forwarder = models.ForeignKey(Forwarder, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="forwarded", null=True)
    address = models.CharField(max_length=320, blank=True)  # stored form

    class Meta:
        constraints = [
            models.UniqueConstraint(name="recipient_user_once", fields=["forwarder", "user"]),
            models.UniqueConstraint(name="recipient_once", fields=["forwarder", "address"], condition=~Q(address="")),
            models.CheckConstraint(
                name="recipient_is_somebody",
                condition=Q(user__isnull=False, address="") | (Q(user=None) & ~Q(address="")),
            ),
        ]
        indexes = [models.Index(fields=["address"], name="recipient_by_address", condition=~Q(address=""))]

    def __str__(self) -> str:
        return str(self.user) if self.user else readable(self.address)
