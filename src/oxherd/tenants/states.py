from django.db.models import TextChoices


class TenantState(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"  # the context is disabled: nobody can sign in
    REMOVED = "removed", "Recently removed"  # disabled like a suspended one; can be restored for some days
    LEAVING = "leaving", "Being removed"  # the row stays until the platform has let go


# Nobody of the customer can do anything any more.
GONE = (TenantState.REMOVED, TenantState.LEAVING)


class Mastered(TextChoices):
    """What a controller, such as Odin, is the master of where it manages a customer, and where to change it instead."""

    CUSTOMER = "customer", "{tenant} is managed in {controller}. Change, suspend and remove it there."
    USERS = "users", "Users of {tenant} are managed in {controller}. Add, rename and delete them there."
    PASSWORDS = "passwords", "Passwords of users of {tenant} are managed in {controller}. Set them there."
    DOMAINS = "domains", "Domains of {tenant} are managed in {controller}. Add and remove them there."
