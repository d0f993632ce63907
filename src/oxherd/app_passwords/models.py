from django.db import models
from django.db.models import Q


class AppPassword(models.Model):
    """A password of a user for one program or device, for mail alone. Made here at random, and shown once."""

    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="app_passwords")
    name = models.CharField(max_length=100)  # of the program or device, as people call it
    # SHA-256, hexadecimal: it is random and long, so that a slow digest would guard nothing more.
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=300)

    class Meta:
        # A digest that came out empty would let everybody in.
        constraints = [
            models.CheckConstraint(name="app_password_has_a_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$"))
        ]
        indexes = [models.Index(fields=["user", "-id"], name="app_password_of_user")]

    def __str__(self) -> str:
        return self.name
