from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from oxherd.drift.states import OPEN, ComparisonState, DifferenceKind, ObjectKind, Way
from oxherd.people.search import Searchable


class Comparison(models.Model):
    """One look at all that a tenant's context holds. The newest that came to its end is what the panel shows."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="comparisons")
    state = models.CharField(max_length=20, choices=ComparisonState, default=ComparisonState.WAITING)
    is_deep = models.BooleanField(default=False)  # modules too, which cost a call for each user
    requested_by = models.CharField(max_length=300)
    is_nightly = models.BooleanField(default=False)
    runs = models.PositiveIntegerField(default=0)  # only the last run writes: one that was taken for dead may end later
    compared = models.PositiveIntegerField(default=0)  # objects of the platform looked at so far
    left_out = models.PositiveIntegerField(default=0)  # for they were on their way
    counts = models.JSONField(default=dict)  # kind of object -> kind of difference -> how many were found
    sentence = models.TextField(blank=True)  # why it failed, or what could not be compared
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)  # last sign of life
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="comparison_one_open", fields=["tenant"], condition=Q(state__in=OPEN))
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="comparison_newest"),
            models.Index(fields=["id"], name="comparison_open", condition=Q(state__in=OPEN)),
        ]

    def __str__(self) -> str:
        return f"comparison of {self.tenant}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def found(self) -> int:
        """How many differences there were."""
        return sum(sum(kinds.values()) for kinds in self.counts.values())

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


class RepairOrder(models.Model):
    """That many differences are to be repaired one way, which takes its time."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="orders")
    way = models.CharField(max_length=20, choices=Way)
    administrator = models.ForeignKey("oxherd.Administrator", on_delete=models.SET_NULL, null=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="repair_order_open", condition=Q(finished_at=None))]


class Difference(Searchable):
    """One object of which panel and platform do not say the same."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="differences")
    object_kind = models.CharField(max_length=20, choices=ObjectKind)
    kind = models.CharField(max_length=20, choices=DifferenceKind)
    subject_id = models.BigIntegerField(
        null=True
    )  # of the tenant, service user, group, ..., domain; none of a stranger
    ox_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=400)
    detail = models.CharField(max_length=400, blank=True)  # login, address or name in OX
    here = models.JSONField(default=dict)  # field -> the panel's value
    there = models.JSONField(default=dict)  # field -> the platform's value
    held = models.JSONField(default=dict)  # as `there`, complete, in the worker's form; of a stranger all fields
    photo = models.BinaryField(null=True)  # the platform's picture, where it differs

    repair = models.CharField(max_length=20, choices=Way, blank=True)
    repaired_by = models.CharField(max_length=300, blank=True)
    repaired_at = models.DateTimeField(null=True)
    job_kind = models.CharField(max_length=20, blank=True)  # whose job brings the repair to the platform
    job_subject = models.BigIntegerField(null=True)
    order = models.ForeignKey(RepairOrder, on_delete=models.SET_NULL, null=True, related_name="differences")
    refusal = models.TextField(blank=True)  # why the last try to repair it was refused

    class Meta:
        indexes = [
            models.Index(fields=["comparison", "sort_name", "id"], name="difference_by_name"),
            models.Index(fields=["comparison", "object_kind", "kind", "id"], name="difference_by_kind"),
            models.Index(fields=["order", "id"], name="difference_ordered", condition=Q(order__isnull=False)),
            GinIndex(fields=["search"], name="difference_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.comparison.place

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Each field that differs, with the panel's and the platform's value."""
        return {field: (self.here.get(field), self.there.get(field)) for field in {**self.here, **self.there}}


class Eviction(models.Model):
    """An object that is only on the platform, and shall go from there."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="evictions")
    object_kind = models.CharField(max_length=20, choices=ObjectKind)
    ox_id = models.BigIntegerField()  # 0 of what has a name only
    ox_name = models.CharField(max_length=400)  # nothing is deleted that has another name by then
    name = models.CharField(max_length=400)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="eviction_once", fields=["tenant", "object_kind", "ox_id", "ox_name"])
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id
