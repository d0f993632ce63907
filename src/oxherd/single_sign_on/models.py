import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from oxherd.accounts.models import ON_ONE_LEVEL, CustomRole, Owned
from oxherd.accounts.states import MAY, Permission, Role
from oxherd.single_sign_on.states import Kind, Level


def new_key() -> str:
    """It stands in the addresses that are entered at the service, and tells nothing."""
    return secrets.token_urlsafe(12)


class IdentityProvider(Owned):
    """A service that tells who administrators are: those of the provider, of a brand, or of a tenant."""

    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)  # as the button says it
    is_enabled = models.BooleanField(default=False)
    is_required = models.BooleanField(default=False)  # whom it may sign in, has no other way
    creates_administrators = models.BooleanField(default=False)
    vouches_for_mail = models.BooleanField(default=False)  # its addresses are true even where it does not say so
    checks_second_factor = models.BooleanField(default=False)  # always, even where it does not say so
    # What it calls the parts of what it tells: claims of OpenID Connect, attributes of SAML.
    mail_claim = models.CharField(max_length=200)
    name_claim = models.CharField(max_length=200, blank=True)
    groups_claim = models.CharField(max_length=200, blank=True)

    # OpenID Connect
    issuer = models.URLField(max_length=500, blank=True)
    client_id = models.CharField(max_length=300, blank=True)
    sealed_client_secret = models.TextField(blank=True)
    scopes = models.CharField(max_length=300, blank=True)

    # SAML: what the metadata says
    metadata_url = models.URLField(max_length=500, blank=True)
    metadata = models.TextField(blank=True)
    entity_id = models.CharField(max_length=1024, blank=True)
    sso_url = models.URLField(max_length=500, blank=True)
    certificates = models.JSONField(default=list, blank=True)  # PEM without its first and last line
    allows_unasked = models.BooleanField(default=False)  # sign-ins that were begun there

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="identity_provider_on_one_level", condition=ON_ONE_LEVEL),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def level(self) -> Level:
        if self.tenant_id is not None:
            return Level.TENANT
        return Level.PROVIDER if self.brand_id is None else Level.BRAND

    @property
    def owner(self) -> Any:
        """The tenant or the brand; None for the provider."""
        return self.tenant or self.brand

    @property
    def is_oidc(self) -> bool:
        return self.kind == Kind.OIDC


class MailDomain(models.Model):
    """Who types an address of this domain is led to the identity provider. `name` is in lower-case A-labels."""

    identity_provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="mail_domains")
    name = models.CharField(max_length=253)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="mail_domain_once", fields=["name", "identity_provider"])]


class GroupRole(models.Model):
    """Who is in that group has the role at the identity provider's place."""

    identity_provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="group_roles")
    group = models.CharField(max_length=300)  # as the service tells it: a name, or an id
    role = models.CharField(max_length=30, choices=Role, blank=True)  # empty for a custom role
    custom_role = models.ForeignKey(CustomRole, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="group_role_once",
                fields=["identity_provider", "group", "role", "custom_role"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="group_role_of_one_role",
                condition=Q(role="", custom_role__isnull=False) | (~Q(role="") & Q(custom_role__isnull=True)),
            ),
        ]

    @property
    def chosen(self) -> str:
        """The role as drop-downs name it."""
        return self.role or f"custom:{self.custom_role_id}"

    @property
    def role_name(self) -> str:
        return str(Role(self.role).label) if self.role else str(self.custom_role)

    @property
    def gives(self) -> frozenset[Permission]:
        return self.custom_role.gives if self.custom_role else MAY[Role(self.role)]


class Identity(models.Model):
    """Whom an identity provider means by a subject. Once bound, addresses count for nothing any more."""

    identity_provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="identities")
    administrator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=500)
    mail = models.CharField(max_length=320)  # by which it was bound
    bound_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="identity_once", fields=["identity_provider", "subject"]),
            models.UniqueConstraint(
                name="identity_of_one_administrator", fields=["identity_provider", "administrator"]
            ),
        ]

    def __str__(self) -> str:
        return self.mail


class SpentAssertion(models.Model):
    """What a SAML service has said once, so that nobody says it again."""

    identity_provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE)
    assertion_id = models.CharField(max_length=500)
    valid_until = models.DateTimeField(db_index=True)
    in_response_to = models.CharField(max_length=200, blank=True)  # empty where the service spoke unasked
    authenticated_at = models.DateTimeField(null=True)
    told = models.JSONField(null=True)  # until the browser comes for it, a moment later

    class Meta:
        constraints = [models.UniqueConstraint(name="assertion_once", fields=["identity_provider", "assertion_id"])]
