from django.db import models
from django.db.models import Q

from oxherd.aps.states import ResourceState
from oxherd.aps.types import BY_SERVICE

SERVICES = [(service, one.title) for service, one in BY_SERVICE.items()]


class ApsConsumer(models.Model):
    """A pair of OAuth 1.0a with which a controller signs its calls, and we ours to it."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=100, unique=True)
    sealed_secret = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ApsNonce(models.Model):
    """That a signed call came: the same one is refused when it comes again."""

    consumer = models.ForeignKey(ApsConsumer, on_delete=models.CASCADE, related_name="nonces")
    nonce = models.CharField(max_length=100)
    timestamp = models.BigIntegerField()  # seconds since 1970, as the caller says

    class Meta:
        constraints = [models.UniqueConstraint(name="aps_nonce_once", fields=["consumer", "timestamp", "nonce"])]
        indexes = [models.Index(fields=["timestamp"], name="aps_nonce_by_time")]


class ApsEnrolment(models.Model):
    """A token with which one instance that is told by certificates may be enrolled, once."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, hexadecimal
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ApsInstance(models.Model):
    """An instance of our application in a controller: whose calls are taken, and where we call back."""

    aps_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=100)  # of the controller, for people: Odin
    consumer = models.ForeignKey(ApsConsumer, on_delete=models.PROTECT, related_name="instances", null=True)
    controller_url = models.URLField(max_length=500, blank=True)
    # By certificates: what the controller shows us, and what we show it (with its key, sealed).
    controller_certificate = models.TextField(blank=True)
    sealed_certificate = models.TextField(blank=True)
    panel_hosts = models.JSONField(default=list)  # origins that may show our pages in a frame
    version = models.CharField(max_length=50, blank=True)  # of the package, such as 1-1
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="aps_instance_is_trusted_somehow",
                condition=Q(consumer__isnull=False) | ~Q(controller_certificate=""),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApsResource(models.Model):
    """A resource of a controller, and what it is here. Its row outlives it: a late repetition makes nothing."""

    instance = models.ForeignKey(ApsInstance, on_delete=models.CASCADE, related_name="resources")
    service = models.CharField(max_length=30, choices=SERVICES)
    aps_id = models.UUIDField()
    # What it is here: of the service's model. Empty: not made (yet).
    object_id = models.BigIntegerField(null=True)
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="aps_resources", null=True)
    state = models.CharField(max_length=20, choices=ResourceState, default=ResourceState.ASKED)
    wanted = models.JSONField(default=dict)  # what the controller wants of it, without secrets
    links = models.JSONField(default=dict)  # relation -> APS ids, of those that lead to what is no resource of ours
    sealed_password = models.TextField(blank=True)  # of a user, only until it is carried out
    problem = models.TextField(blank=True)  # a sentence for who asked
    reported = models.JSONField(default=dict)  # what the controller was told last
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="aps_resource_once", fields=["instance", "aps_id"])]
        indexes = [
            models.Index(fields=["service", "object_id"], name="aps_resource_by_object"),
            models.Index(fields=["tenant", "service"], name="aps_resource_by_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.aps_id}"

    @property
    def object_pk(self) -> int:
        """The id of what it is here; 0, which nothing has, while it is not made."""
        return self.object_id or 0


class ApsEntry(models.Model):
    """A ticket with which one person enters the panel inside the controller's frame, once and soon."""

    instance = models.ForeignKey(ApsInstance, on_delete=models.CASCADE, related_name="entries")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="+")
    identity = models.CharField(max_length=100, blank=True)  # APS id of the person in the controller
    page = models.CharField(max_length=30)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the ticket, hexadecimal
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="aps_entry_by_end")]
