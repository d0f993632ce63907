from django.db.models import TextChoices


class TenantState(TextChoices):
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"  # the context is disabled: nobody can sign in
    LEAVING = "leaving", "Being removed"  # the row stays until the platform has let go
