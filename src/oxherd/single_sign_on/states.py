from django.db.models import TextChoices

from oxherd.accounts.states import MAY, OF_PROVIDERS, Permission, Role


class Kind(TextChoices):
    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


# In this order on the page.
OFFERED = (Kind.OIDC, Kind.SAML)


class Level(TextChoices):
    """Of which place the administrators are whom an identity provider may sign in."""

    PROVIDER = "provider", "Provider"
    BRAND = "brand", "Brand"
    TENANT = "tenant", "Customer"


# What groups may give on each level.
ROLES: dict[Level, tuple[Role, ...]] = {
    Level.PROVIDER: (Role.OPERATOR, Role.RESELLER, Role.CUSTOMER_ADMINISTRATOR, Role.HELP_DESK, Role.READ_ONLY),
    Level.BRAND: (Role.RESELLER, Role.CUSTOMER_ADMINISTRATOR, Role.HELP_DESK, Role.READ_ONLY),
    Level.TENANT: (Role.CUSTOMER_ADMINISTRATOR, Role.HELP_DESK, Role.READ_ONLY),
}
# Who decides which service tells who somebody is can be anybody of that place, and so must be allowed all of this.
ALL_THERE: dict[Level, frozenset[Permission]] = {
    Level.PROVIDER: frozenset(Permission),
    Level.BRAND: MAY[Role.RESELLER],
    Level.TENANT: frozenset(Permission) - OF_PROVIDERS,
}
# What each kind of service calls the parts of what it tells, if nothing else is said.
CLAIMS: dict[Kind, dict[str, str]] = {
    Kind.OIDC: {"mail_claim": "email", "name_claim": "name", "groups_claim": "groups"},
    Kind.SAML: {"mail_claim": "email", "name_claim": "displayName", "groups_claim": "groups"},
}
SCOPES = "openid email profile"
