from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q

from oxherd.accounts.states import Door
from oxherd.audit.states import Action


class AuditEntry(models.Model):
    """Who did what to what. Plain ids, no foreign keys: the entry outlives what it speaks of.

    Rows are only ever added: triggers refuse UPDATE and DELETE. A new column is null or empty in old rows, or what they
    were sealed with would not be true any more.
    """

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
    token = models.CharField(max_length=100, blank=True, default="")  # the name of the API token, if one was used
    ip_address = models.GenericIPAddressField(null=True)  # from where; of what was done in the panel
    search_text = models.TextField(default="")  # by which words the entry is found; `audit.words`
    # Stored: under row-level security PostgreSQL uses no index over what is first to be computed of a row.
    search = models.GeneratedField(
        expression=SearchVector(F("search_text"), config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        indexes = [
            # Of a customer, a brand and the whole, by time; and by each filter of the list, which may be a rare one.
            models.Index(fields=["tenant_id", "at", "id"], name="audit_by_tenant"),
            models.Index(fields=["tenant_id", "action", "at", "id"], name="audit_by_tenant_action"),
            models.Index(fields=["tenant_id", "subject_kind", "at", "id"], name="audit_by_tenant_kind"),
            models.Index(fields=["tenant_id", "actor", "at", "id"], name="audit_by_tenant_actor"),
            models.Index(fields=["brand_id", "at", "id"], name="audit_by_brand"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
            models.Index(fields=["action", "at", "id"], name="audit_by_action"),
            models.Index(fields=["subject_kind", "at", "id"], name="audit_by_kind"),
            models.Index(fields=["actor", "at", "id"], name="audit_by_actor"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="audit_by_subject"),
            models.Index(fields=["request_id"], name="audit_by_request", condition=~Q(request_id="")),
            GinIndex(fields=["search"], name="audit_search"),
            models.Index(fields=["undoes"], name="audit_undone", condition=Q(undoes__isnull=False)),
        ]

    @property
    def what(self) -> str:
        """The act in words; as it is stored, where somebody has altered it by hand."""
        return str(dict(Action.choices).get(self.action, self.action))


class AuditUnsealed(models.Model):
    """An entry that has no seal yet; a trigger puts it here, the sealer takes it out."""

    entry_id = models.BigIntegerField(primary_key=True)


class AuditSeal(models.Model):
    """A link of the chain: it vouches for one entry and for the seal before. Rows are only ever added."""

    position = models.BigIntegerField(primary_key=True)  # 1, 2, 3 ... without gaps
    entry_id = models.BigIntegerField(unique=True)
    entry_digest = models.BinaryField(max_length=32)  # of all columns of the entry
    sealed_at = models.DateTimeField()
    previous_digest = models.BinaryField(max_length=32)  # `digest` of the position before; empty for the first
    digest = models.BinaryField(max_length=32)  # of all of the above


class AuditChain(models.Model):
    """The one row that holds the chain's key, and where the chain ends: a shortened one does not pass for whole."""

    sealed_key = models.TextField()
    sealed_head = models.TextField(blank=True)
