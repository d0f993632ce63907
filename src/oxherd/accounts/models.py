from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from oxherd.accounts.states import Permission, Role, SecondFactor

# So end the addresses of people who come in by a controller alone: nobody can have one (RFC 6761).
OF_CONTROLLERS = ".controller.invalid"
ON_ONE_LEVEL = Q(brand__isnull=True) | Q(tenant__isnull=True)


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
    # Counted up, it ends all sessions at once.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Administrators()

    class Meta:
        indexes = [models.Index(Lower("name"), "id", name="administrator_by_name")]

    def clean(self) -> None:
        self.email = self.email.lower()

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What each session must have kept: Django compares it with every request."""
        mark = f"{self.password}:{self.session_epoch}"
        return salted_hmac("oxherd.accounts.session", mark, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Django's own permissions are not used."""
        return False


class Owned(models.Model):
    """What belongs to the provider (no brand, no tenant), to a brand, or to a tenant."""

    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def place(self) -> tuple[int | None, int | None]:
        if self.tenant is not None:
            return self.tenant.brand_id, self.tenant_id
        return self.brand_id, None

    @property
    def place_name(self) -> str:
        return str(self.tenant or self.brand or "Provider")


class CustomRole(Owned):
    """A named set of permissions, for use where it belongs and below."""

    name = models.CharField(max_length=100)
    permissions = models.JSONField(default=list)  # of Permission; VIEW is always among them

    class Meta:
        constraints = [
            models.CheckConstraint(name="role_on_one_level", condition=ON_ONE_LEVEL),
            models.UniqueConstraint("brand", "tenant", Lower("name"), name="role_name_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def gives(self) -> frozenset[Permission]:
        return frozenset(Permission(name) for name in self.permissions if name in Permission.values)


class RoleSomewhere(Owned):
    """A role on the provider (no brand, no tenant), on a brand, or on a tenant: one of ours, or a custom one."""

    role = models.CharField(max_length=30, choices=Role, blank=True)  # empty for a custom role
    custom_role = models.ForeignKey(CustomRole, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")
    # Whose groups give it, at each sign-in anew. Empty: given by hand.
    identity_provider = models.ForeignKey("oxherd.IdentityProvider", on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label) if self.role else str(self.custom_role)


class Membership(RoleSomewhere):
    """What somebody may do, and where."""

    administrator = models.ForeignKey(Administrator, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            models.CheckConstraint(name="membership_on_one_level", condition=ON_ONE_LEVEL),
            models.CheckConstraint(
                name="membership_of_one_role",
                condition=Q(role="", custom_role__isnull=False) | (~Q(role="") & Q(custom_role__isnull=True)),
            ),
            models.UniqueConstraint(
                name="membership_once",
                fields=["administrator", "brand", "tenant", "role", "custom_role"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_name}, {self.place_name}"


class SignInPolicy(Owned):
    """What a level asks of those who sign in there or below. What is empty, it leaves to the levels above."""

    second_factor = models.CharField(max_length=10, choices=SecondFactor, blank=True)
    second_factor_roles = models.JSONField(default=list)  # for SOME: values of Role, and "custom:7"
    idle_minutes = models.PositiveIntegerField(null=True, blank=True)
    session_hours = models.PositiveIntegerField(null=True, blank=True)
    shortest_password = models.PositiveIntegerField(null=True, blank=True)
    checks_breaches = models.BooleanField(null=True, blank=True)
    forbids_acting_for = models.BooleanField(default=False)  # of a tenant: the provider may not act for its people

    class Meta:
        constraints = [
            models.CheckConstraint(name="policy_on_one_level", condition=ON_ONE_LEVEL),
            models.UniqueConstraint(name="policy_once", fields=["brand", "tenant"], nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"Sign-in rules, {self.place_name}"
