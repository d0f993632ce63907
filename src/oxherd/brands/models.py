from django.db import models

from oxherd.brands.states import PlatformKind


class Brand(models.Model):
    """A provider's or reseller's account on an OX platform."""

    name = models.CharField(max_length=200, unique=True)
    platform = models.CharField(max_length=20, choices=PlatformKind, default=PlatformKind.APP_SUITE)
    api_url = models.URLField(max_length=500)
    username = models.CharField(max_length=200)
    sealed_password = models.TextField(blank=True)
    service_url = models.URLField(max_length=500, blank=True)
    app_suite_url = models.URLField(max_length=500, blank=True)
    # At most so many objects on their way to this platform at once, over all workers. Empty: no limit.
    concurrency = models.PositiveIntegerField(null=True, blank=True)
    # The platform refuses a display name that somebody else in the context has (its default).
    unique_display_names = models.BooleanField(default=True)
    # USERNAME_CHANGEABLE of the platform: a user's name there may follow the login. Its default is no.
    username_changeable = models.BooleanField(default=False)
    next_context_id = models.PositiveIntegerField(default=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.pk, None
