from typing import Any

from django.db import models
from django.db.models import Q

from oxherd.adoption.states import OPEN, AdoptionState


class Adoption(models.Model):
    """That a context which is on a platform already is to become a customer, or a rehearsal of it."""

    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, related_name="adoptions")
    context = models.CharField(max_length=100)  # name or number on the platform, as typed
    name = models.CharField(max_length=200, blank=True)  # of the customer; empty: the context's
    administrator = models.CharField(max_length=100, blank=True)  # of the context, where only that one reads its users
    sealed_password = models.TextField(blank=True)  # until it is over, and of a rehearsal for an hour
    make_profiles = models.BooleanField(default=False)
    is_rehearsal = models.BooleanField(default=True)

    state = models.CharField(max_length=20, choices=AdoptionState, default=AdoptionState.WAITING)
    runs = models.PositiveIntegerField(default=0)  # only the last run writes
    sentence = models.TextField(blank=True)  # why it failed
    field = models.CharField(max_length=40, blank=True)  # which of the above is to be mended
    report = models.JSONField(default=dict)  # taken, known, profiles, refused (the first), more (refused)
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.SET_NULL, related_name="adoptions", null=True)
    requested_by = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)  # last sign of life
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["brand", "-id"], name="adoption_newest"),
            models.Index(fields=["id"], name="adoption_open", condition=Q(state__in=OPEN)),
        ]

    def __str__(self) -> str:
        return self.context

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, self.tenant_id

    @property
    def refused(self) -> list[list[str]]:
        """Kind, name and sentence of each that was refused; the first ones."""
        return list(self.report.get("refused", ()))

    @property
    def counts(self) -> dict[str, Any]:
        """How many were taken over, by kind of object."""
        return dict(self.report.get("taken", {}))
