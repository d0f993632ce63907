from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from oxherd.domains.models import AddressKind, readable
from oxherd.people.search import Searchable
from oxherd.people.states import UserStatus
from oxherd.provisioning.models import NOT_REMOVED, REMOVED, Removable
from oxherd.provisioning.states import Presence


class ServiceUser(Searchable, Removable):
    """A person of a tenant."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="users")
    display_name = models.CharField(max_length=200)
    given_name = models.CharField(max_length=100)
    surname = models.CharField(max_length=100)
    login = models.CharField(max_length=320)  # stored form of local part @ domain
    domain = models.ForeignKey("oxherd.Domain", on_delete=models.RESTRICT, related_name="users")
    language = models.CharField(max_length=10, default="en_US")
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    password_hash = models.CharField(max_length=300)  # as Dovecot reads it: {ARGON2ID}$argon2id$...
    status = models.CharField(max_length=20, choices=UserStatus, default=UserStatus.DISABLED)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            # Lists leave out who was removed: without them in the index, a page costs the same however many there are.
            models.Index(fields=["tenant", "sort_name", "id"], name="user_by_name", condition=NOT_REMOVED),
            models.Index(fields=["tenant", "login", "id"], name="user_by_login", condition=NOT_REMOVED),
            models.Index(fields=["tenant", "-created_at", "-id"], name="user_by_age", condition=NOT_REMOVED),
            models.Index(fields=["tenant", "status", "sort_name", "id"], name="user_by_status", condition=NOT_REMOVED),
            models.Index(
                fields=["tenant", "sort_name", "id"],
                name="user_in_error",
                condition=Q(status__in=[UserStatus.ERROR, UserStatus.IN_PROGRESS]) & NOT_REMOVED,
            ),
            GinIndex(fields=["search"], name="user_search"),
            models.Index(fields=["tenant", "-removed_at", "-id"], name="user_removed", condition=REMOVED),
            models.Index(fields=["tenant", "login"], name="user_removed_login", condition=REMOVED),
            models.Index(fields=["removed_at", "id"], name="user_to_purge", condition=REMOVED),
        ]
        constraints = [
            # Who was removed keeps the login for a restore, and until the end; no other customer has to mind.
            models.UniqueConstraint(name="login_once", fields=["login"], condition=Q(presence=Presence.PRESENT))
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def login_name(self) -> str:
        """The login as people write it."""
        return readable(self.login)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


class OxAccount(models.Model):
    """The OX service of a user. There is one while the service is enabled, and until the platform has let go."""

    user = models.OneToOneField(ServiceUser, on_delete=models.CASCADE, related_name="account")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="accounts")
    profile = models.ForeignKey("oxherd.Profile", on_delete=models.PROTECT, related_name="accounts")
    primary_address = models.CharField(max_length=320)
    presence = models.CharField(max_length=20, choices=Presence, default=Presence.PRESENT)
    # The display name, case-folded, where the brand's platform wants it unique in a context; else empty.
    claimed_name = models.CharField(max_length=200, null=True)
    sealed_password = models.TextField(blank=True)  # only until it is delivered
    # Of one who was removed or is being disabled, for the way back; of the removed the register has none.
    kept_aliases = models.JSONField(default=list)
    delete_after = models.DateTimeField(null=True)  # of one who is being disabled: until then it can be undone

    # What the platform knows. `marker` is written into the OX user, so that after a crash we know it for ours.
    marker = models.UUIDField(default=uuid4, unique=True, editable=False)
    ox_id = models.PositiveIntegerField(null=True)
    applied = models.JSONField(default=dict)
    ox_name = models.CharField(max_length=320, blank=True)  # the user's name there, once there is one; may stay behind
    # Logins before the user was known to be there: under one of them a broken-off job may have left it.
    former_names = models.JSONField(default=list)
    # How the user was to look whenever it was about to be made, where the platform keeps no marker; until it is there.
    attempts = models.JSONField(default=list)
    drive_used_mb = models.PositiveIntegerField(null=True)  # as last seen; empty: never
    drive_used_at = models.DateTimeField(null=True)
    mail_used_mb = models.PositiveIntegerField(null=True)  # empty with a time: the mailbox was never opened
    mail_used_at = models.DateTimeField(null=True)
    enabled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="display_name_once", fields=["tenant", "claimed_name"])]
        indexes = [
            models.Index(fields=["tenant", "profile"], name="account_by_profile"),
            models.Index(fields=["tenant", "ox_id"], name="account_by_ox_id"),
            models.Index(fields=["ox_name"], name="account_by_ox_name"),
            models.Index(fields=["profile", "id"], name="account_of_profile"),
        ]

    def __str__(self) -> str:
        return readable(self.primary_address)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id

    @property
    def aliases(self) -> list[str]:
        """Stored aliases without the primary address, sorted; uses prefetched addresses where there are any.

        Of one who was removed, those of before.
        """
        if self.presence == Presence.REMOVED:
            return sorted(self.kept_aliases)
        return sorted(row.address for row in self.user.addresses.all() if row.kind == AddressKind.ALIAS)


class Photo(models.Model):
    """The picture of a user: a JPEG made by us, within the platform's limits."""

    user = models.OneToOneField(ServiceUser, on_delete=models.CASCADE, related_name="photo", primary_key=True)
    jpeg = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal


class Rollout(models.Model):
    """That a changed profile is brought to its users: so many at a time that nobody else's work waits for it."""

    profile = models.ForeignKey("oxherd.Profile", on_delete=models.CASCADE, related_name="rollouts")
    brand = models.ForeignKey("oxherd.Brand", on_delete=models.CASCADE, related_name="+")
    total = models.PositiveIntegerField(default=0)  # users when it began
    reached = models.PositiveIntegerField(default=0)  # users who were asked for so far
    last_account = models.BigIntegerField(default=0)  # the accounts up to this one were asked for
    first_job = models.BigIntegerField(default=0)  # no sync job of it is older
    requested_by = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64, unique=True)  # of its sync jobs
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["profile", "-id"], name="rollout_newest"),
            models.Index(fields=["id"], name="rollout_open", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.profile)

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, None


class ProfileUse(models.Model):
    """What all users of a profile have in use together, as the platform told of each; counted now and then."""

    profile = models.OneToOneField("oxherd.Profile", on_delete=models.CASCADE, related_name="use", primary_key=True)
    told = models.PositiveIntegerField(default=0)  # users of whom the platform has told
    drive_used_mb = models.BigIntegerField(default=0)
    mail_used_mb = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField()


class UserDraft(models.Model):
    """A user whom an administrator is about to add: what Back and a reload must bring back. Kept for a day."""

    key = models.UUIDField(default=uuid4, primary_key=True)
    administrator = models.ForeignKey("oxherd.Administrator", on_delete=models.CASCADE, related_name="drafts")
    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="drafts")
    fields = models.JSONField(default=dict)
    sealed_password = models.TextField(blank=True)
    photo = models.BinaryField(null=True)
    changed_at = models.DateTimeField(auto_now=True)
