from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from oxherd.accounts.states import Role


class Administrators(BaseUserManager["Administrator"]):
    """Django and django-allauth look administrators up by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Administrator":
        return self.get(email=(username or "").lower())


class Administrator(AbstractBaseUser):
    """A person who signs in here. What they may do comes from their memberships alone."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Administrators()

    def clean(self) -> None:
        self.email = self.email.lower()

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Django's own permissions are not used."""
        return False


class Membership(models.Model):
    """A role on the provider (no brand, no tenant), on a brand, or on a tenant."""

    administrator = models.ForeignKey(Administrator, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role)
    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, null=True, blank=True)
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_on_one_level",
                condition=models.Q(brand__isnull=True) | models.Q(tenant__isnull=True),
            ),
            models.UniqueConstraint(
                name="membership_once",
                fields=["administrator", "brand", "tenant", "role"],
                nulls_distinct=False,
            ),
        ]
