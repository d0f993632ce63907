from uuid import uuid4

from django.db import models


class CustomerDraft(models.Model):
    """A customer whom an administrator is about to add: what Back and a reload must bring back. Kept for a day."""

    key = models.UUIDField(default=uuid4, primary_key=True)
    administrator = models.ForeignKey("oxherd.Administrator", on_delete=models.CASCADE, related_name="customer_drafts")
    fields = models.JSONField(default=dict)
    # The customer that it became; only the way there is left of the draft, for a second click.
    made = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="+", null=True)
    changed_at = models.DateTimeField(auto_now=True)
