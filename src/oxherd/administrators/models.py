from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from oxherd.accounts.models import ON_ONE_LEVEL, Administrator, RoleSomewhere
from oxherd.administrators.states import InvitationState

OPEN = Q(accepted_at=None, revoked_at=None)


class Invitation(RoleSomewhere):
    """A role that waits for the person it was offered to. Whoever has the link may take it up, once."""

    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    # SHA-256 of what stands in the link; itself it is kept, sealed, only until the mail is out.
    digest = models.CharField(max_length=64, unique=True)
    sealed_token = models.TextField(blank=True)
    invited_by = models.ForeignKey(Administrator, on_delete=models.SET_NULL, null=True, related_name="+")
    invited_by_name = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    # The mail; tell_after: not before that time, after a mail server could not be reached.
    told_at = models.DateTimeField(null=True)
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveIntegerField(default=0)
    tell_error = models.TextField(blank=True)  # a sentence: it is not tried again

    class Meta:
        constraints = [
            models.CheckConstraint(name="invitation_on_one_level", condition=ON_ONE_LEVEL),
            models.CheckConstraint(
                name="invitation_of_one_role",
                condition=Q(role="", custom_role__isnull=False) | (~Q(role="") & Q(custom_role__isnull=True)),
            ),
            models.UniqueConstraint(
                name="one_open_invitation",
                fields=["email", "brand", "tenant"],
                condition=OPEN,
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(Lower("name"), "id", name="invitation_open_by_name", condition=OPEN),
            models.Index(fields=["id"], name="invitation_untold", condition=~Q(sealed_token="")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def state(self) -> InvitationState:
        if self.accepted_at:
            return InvitationState.ACCEPTED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.OPEN if self.expires_at > timezone.now() else InvitationState.EXPIRED


class ActingFor(models.Model):
    """Somebody of the provider in the place of a customer's administrator, for a while and for a reason."""

    operator = models.ForeignKey(Administrator, on_delete=models.CASCADE, related_name="+")
    administrator = models.ForeignKey(Administrator, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500)
    began_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="acting_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return str(self.administrator)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id
