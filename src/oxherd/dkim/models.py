from django.db import models
from django.db.models import Q

from oxherd.dkim.states import KeyState


class DkimKey(models.Model):
    """A key that signs the mail of a domain. The public half stands in the DNS, under the selector."""

    domain = models.ForeignKey("oxherd.Domain", on_delete=models.CASCADE, related_name="dkim_keys")
    selector = models.CharField(max_length=63)
    sealed_private_key = models.TextField()  # PEM, PKCS #8
    public_key = models.TextField()  # DER in base64, as the record has it in p=
    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True)  # signs since then
    retired_at = models.DateTimeField(null=True)  # signs no more since then; mail on its way still needs its record

    class Meta:
        constraints = [
            models.UniqueConstraint(name="dkim_selector_once", fields=["domain", "selector"]),
            models.UniqueConstraint(name="one_dkim_key_signs", fields=["domain"], condition=Q(state=KeyState.ACTIVE)),
            models.UniqueConstraint(name="one_dkim_key_waits", fields=["domain"], condition=Q(state=KeyState.WAITING)),
        ]

    def __str__(self) -> str:
        return self.selector
