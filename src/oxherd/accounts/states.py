from django.db.models import TextChoices


class Role(TextChoices):
    OPERATOR = "operator", "Operator"  # runs the installation
    RESELLER = "reseller", "Reseller"  # sells one or more brands
    CUSTOMER_ADMINISTRATOR = "customer_administrator", "Customer administrator"
    HELP_DESK = "help_desk", "Help desk"  # answers the phone: passwords and retries
    READ_ONLY = "read_only", "Read-only"


class Permission(TextChoices):
    VIEW = "view", "See"
    RETRY = "retry", "Try failed work again"
    SET_PASSWORD = "set_password", "Set passwords"
    MANAGE_USERS = "manage_users", "Manage service users"
    MANAGE_GROUPS = "manage_groups", "Manage groups and resources"
    MANAGE_DOMAINS = "manage_domains", "Manage domains"
    DECIDE_PURCHASES = "decide_purchases", "Decide on purchase requests"
    REPAIR = "repair", "Compare with the platform and repair differences"
    VIEW_AUDIT = "view_audit", "See and export the audit log"
    MANAGE_ADMINISTRATORS = "manage_administrators", "Manage administrators, roles and sign-in rules"
    MANAGE_TENANTS = "manage_tenants", "Manage customers"
    ACT_FOR = "act_for", "Act for a customer's administrator"
    MANAGE_PROFILES = "manage_profiles", "Manage profiles, look and upsell of brands"
    MANAGE_BRANDS = "manage_brands", "Manage brands and their platforms"


class Door(TextChoices):
    PANEL = "panel", "Panel"
    CLI = "cli", "Command line"
    WORKER = "worker", "Worker"
    SELF_SERVICE = "self_service", "Self-service"  # a service user, signed in to the own page
    APS = "aps", "Control panel"  # a controller's endpoint: Odin Service Automation, CloudBlue Commerce
    APP_SUITE = "app_suite", "App Suite"  # a user of the webmail; nobody has signed in here


class SecondFactor(TextChoices):
    """Who has to bring a second factor."""

    ALL = "all", "Everybody"
    SOME = "some", "Those with these roles"


# What is decided above customers.
OF_PROVIDERS = frozenset(
    {Permission.MANAGE_TENANTS, Permission.ACT_FOR, Permission.MANAGE_PROFILES, Permission.MANAGE_BRANDS}
)
MAY: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(Permission),
    Role.RESELLER: frozenset(Permission) - {Permission.MANAGE_BRANDS},
    Role.CUSTOMER_ADMINISTRATOR: frozenset(Permission) - OF_PROVIDERS,
    Role.HELP_DESK: frozenset({Permission.VIEW, Permission.RETRY, Permission.SET_PASSWORD}),
    Role.READ_ONLY: frozenset({Permission.VIEW, Permission.VIEW_AUDIT}),
}
# Where each role can be given; custom roles wherever they belong, and below.
ON_PROVIDER = (Role.OPERATOR, Role.HELP_DESK, Role.READ_ONLY)
ON_BRAND = (Role.RESELLER, Role.HELP_DESK, Role.READ_ONLY)
ON_TENANT = (Role.CUSTOMER_ADMINISTRATOR, Role.HELP_DESK, Role.READ_ONLY)
