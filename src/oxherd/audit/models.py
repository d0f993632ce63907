from django.db import models
from django.db.models import Q

from oxherd.accounts.states import Door
from oxherd.audit.states import Action


class AuditEntry(models.Model):
    """Who did what to what. Plain ids, no foreign keys: the entry outlives what it speaks of."""

    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=60)  # an Action; without `choices`, so that a new one needs no migration
    actor = models.CharField(max_length=300)
    administrator_id = models.BigIntegerField(null=True)
    acting_for_id = models.BigIntegerField(null=True)  # in whose place; `actor` has both names then
    door = models.CharField(max_length=20, choices=Door)
    request_id = models.CharField(max_length=64, blank=True)
    brand_id = models.BigIntegerField(null=True)
    tenant_id = models.BigIntegerField(null=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    subject_name = models.CharField(max_length=400)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undoes = models.BigIntegerField(null=True)  # the entry that this one took back

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="audit_by_tenant"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["request_id"], name="audit_by_request", condition=~Q(request_id="")),
            models.Index(fields=["undoes"], name="audit_undone", condition=Q(undoes__isnull=False)),
        ]

    @property
    def what(self) -> str:
        """The act in words."""
        return Action(self.action).label
