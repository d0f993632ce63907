from django.db import models
from django.db.models import Q

from oxherd.purchases.states import TOLD, VERIFIED, CredentialKind, RequestState, Verification

LONGEST_MESSAGE = 1000


class PurchaseRequest(models.Model):
    """An upgrade that a user asked for inside App Suite, to be decided by an administrator.

    Names are kept as they were when it was asked: the history outlives user and profiles.
    """

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="purchase_requests")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.SET_NULL, related_name="+", null=True)
    user_name = models.CharField(max_length=200)
    user_address = models.CharField(max_length=320)  # stored form
    from_profile = models.ForeignKey("oxherd.Profile", on_delete=models.SET_NULL, related_name="+", null=True)
    from_name = models.CharField(max_length=100)
    to_profile = models.ForeignKey("oxherd.Profile", on_delete=models.SET_NULL, related_name="+", null=True)
    to_name = models.CharField(max_length=100)

    missing = models.JSONField(default=list)  # capabilities of App Suite, such as calendar
    trigger = models.CharField(max_length=200, blank=True)  # what was clicked, such as "app io.ox/calendar"
    message = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="en_US")
    times_asked = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField()
    last_asked_at = models.DateTimeField()

    verification = models.CharField(max_length=20, choices=Verification, default=Verification.UNVERIFIED)
    verified_at = models.DateTimeField(null=True)
    credential_kind = models.CharField(max_length=20, choices=CredentialKind, blank=True)
    sealed_credential = models.TextField(blank=True)  # only until it is redeemed or looked up

    state = models.CharField(max_length=20, choices=RequestState, default=RequestState.OPEN)
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    job_id = models.BigIntegerField(null=True)  # of the sync job that brings the profile to the platform

    # The mail about the decision; tell_after: not before that time, after a mail server could not be reached.
    told_at = models.DateTimeField(null=True)
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveIntegerField(default=0)
    tell_error = models.TextField(blank=True)  # a sentence: it is not tried again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_request", fields=["user", "to_profile"], condition=Q(state=RequestState.OPEN)
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "last_asked_at", "id"], name="request_by_state"),
            models.Index(fields=["tenant", "last_asked_at", "id"], name="request_by_age"),
            models.Index(fields=["user"], name="request_open", condition=Q(state=RequestState.OPEN)),
            models.Index(
                fields=["id"],
                name="request_untold",
                condition=Q(state__in=TOLD, told_at=None, tell_error="") & ~Q(verification=Verification.FORGED),
            ),
            models.Index(fields=["id"], name="request_unverified", condition=Q(verification=Verification.PENDING)),
        ]

    def __str__(self) -> str:
        return self.user_name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN

    @property
    def is_verified(self) -> bool:
        return self.verification in VERIFIED

    @property
    def is_forged(self) -> bool:
        return self.verification == Verification.FORGED
