from django.db import models
from django.utils import timezone

from oxherd.accounts.models import Administrator
from oxherd.signin.states import LetterKind, LinkKind


class OneTimeLink(models.Model):
    """What a link in a mail opens, once and for a while. The link itself is not kept: only what it is known by."""

    kind = models.CharField(max_length=20, choices=LinkKind)
    administrator = models.ForeignKey(Administrator, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()  # the address that the mail went to
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of what stands in the link
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.email}"

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()


class Letter(models.Model):
    """A mail to an administrator about the own account, and whether it is out.

    Whoever says to have forgotten the password gets a row whatever address is typed, without an administrator: the
    worker looks for one, so that the answer takes as long for an address that nobody has.
    """

    kind = models.CharField(max_length=20, choices=LetterKind)
    administrator = models.ForeignKey(Administrator, on_delete=models.CASCADE, null=True, related_name="+")
    to = models.EmailField()
    words = models.JSONField(default=dict)  # what the mail speaks of; no secret
    link = models.ForeignKey(OneTimeLink, on_delete=models.CASCADE, null=True, related_name="+")
    sealed_token = models.TextField(blank=True)  # of the link, only until the mail is out
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # tell_after: not before that time, after a mail server could not be reached.
    told_at = models.DateTimeField(null=True)
    tell_after = models.DateTimeField(null=True)
    tell_tries = models.PositiveIntegerField(default=0)
    tell_error = models.TextField(blank=True)  # a sentence: it is not tried again

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="letter_untold", condition=models.Q(told_at__isnull=True, tell_error=""))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.to}"
