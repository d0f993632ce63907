from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from oxherd.tenants.states import TenantState


class Tenant(models.Model):
    """One customer's subscription, which is one OX context."""

    brand = models.ForeignKey("oxherd.Brand", on_delete=models.PROTECT, related_name="tenants")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=TenantState, default=TenantState.ACTIVE)
    quota_mb = models.PositiveIntegerField(null=True, blank=True)  # of the whole context; empty: unlimited
    # The controller, such as Odin, that is the master of the customer, of its users and domains. Empty: we are.
    managed_by = models.CharField(max_length=100, blank=True)
    self_service = models.BooleanField(default=False)  # whether its users may sign in to a page of their own
    # How many the subscription has room for; empty: no limit.
    domain_limit = models.PositiveIntegerField(null=True, blank=True)
    subdomain_limit = models.PositiveIntegerField(null=True, blank=True)
    group_limit = models.PositiveIntegerField(null=True, blank=True)
    resource_limit = models.PositiveIntegerField(null=True, blank=True)
    # Of one that was removed and can still be restored: since when, by whom, and how it stood before.
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=300, blank=True)
    state_before = models.CharField(max_length=20, choices=TenantState, blank=True)
    search_text = models.TextField(default="", blank=True)  # the ends of all words of its names: any part is found
    search = models.GeneratedField(
        expression=SearchVector(F("search_text"), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # What the platform knows. `marker` is written into the context, so that after a crash we know it for ours.
    marker = models.UUIDField(default=uuid4, unique=True, editable=False)
    context_id = models.PositiveIntegerField(null=True)  # empty: the platform gives it, and has not yet
    context_name = models.CharField(max_length=100)
    context_admin = models.CharField(max_length=100, default="oxadmin")
    sealed_context_password = models.TextField()
    is_provisioned = models.BooleanField(default=False)  # the context is there, and its users can be handled
    applied = models.JSONField(default=dict)
    # The context was there before us: it bears no mark of ours. What it maps beside our domains is kept in `mappings`,
    # "kept" and "left_out" (domains that it does not map), so that taking it over changes nothing there.
    is_adopted = models.BooleanField(default=False)
    mappings = models.JSONField(default=dict)
    catch_alls = models.JSONField(default=list)  # domains whose catch-all on the platform is, or may be, of our making
    differences = models.PositiveIntegerField(null=True)  # left of the last comparison with it; empty: never compared
    compared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="context_id_once", fields=["brand", "context_id"]),
            models.UniqueConstraint("brand", Lower("context_name"), name="context_name_once"),
        ]
        indexes = [
            models.Index(Lower("name"), "id", name="tenant_by_name"),
            models.Index("brand", Lower("name"), "id", name="tenant_by_brand"),
            models.Index(Lower("name"), "id", name="tenant_not_active", condition=~Q(state=TenantState.ACTIVE)),
            models.Index("created_at", "id", name="tenant_by_age"),
            models.Index("removed_at", "id", name="tenant_to_purge", condition=Q(state=TenantState.REMOVED)),
            GinIndex(fields=["search"], name="tenant_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, self.pk


class Seats(models.Model):
    """How many users of a tenant may have a profile, and how many have it now.

    `used` is moved only together with the account that takes or leaves the seat, in one conditional update.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="seats")
    profile = models.ForeignKey("oxherd.Profile", on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveIntegerField(null=True, blank=True)  # empty: unlimited
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="seats_once", fields=["tenant", "profile"]),
            models.CheckConstraint(
                name="seats_not_overdrawn",
                condition=models.Q(number__isnull=True) | models.Q(used__lte=models.F("number")),
            ),
        ]

    @property
    def free(self) -> int | None:
        """Seats left; None where there is no limit."""
        return None if self.number is None else self.number - self.used
