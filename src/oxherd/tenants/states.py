from django.db.models import TextChoices


class TenantState(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"  # the context is disabled: nobody can sign in
    REMOVED = "removed", "Recently removed"  # disabled like a suspended one; can be restored for some days
    LEAVING = "leaving", "Being removed"  # the row stays until the platform has let go


# Nobody of the customer can do anything any more.
GONE = (TenantState.REMOVED, TenantState.LEAVING)
