import secrets
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from oxherd.brands.states import OPEN, Api, InquiryState, MailOfDisabled, PlatformKind


def new_key() -> str:
    """A name that nobody guesses and that tells nothing: it stands in public addresses."""
    return secrets.token_urlsafe(16)


class Brand(models.Model):
    """A provider's or reseller's account on an OX platform."""

    name = models.CharField(max_length=200, unique=True)
    platform = models.CharField(max_length=20, choices=PlatformKind, default=PlatformKind.APP_SUITE)
    api_url = models.URLField(max_length=500)
    api = models.CharField(max_length=20, choices=Api, default=Api.SOAP)  # as the last look at the platform found
    username = models.CharField(max_length=200)
    sealed_password = models.TextField(blank=True)
    service_url = models.URLField(max_length=500, blank=True)
    app_suite_url = models.URLField(max_length=500, blank=True)
    colour = models.CharField(max_length=7, blank=True)  # such as #3457d5; empty: ours
    # At most so many objects on their way to this platform at once, over all workers. Empty: no limit.
    concurrency = models.PositiveIntegerField(null=True, blank=True)
    # The platform refuses a display name that somebody else in the context has (its default).
    unique_display_names = models.BooleanField(default=True)
    # USERNAME_CHANGEABLE of the platform: a user's name there may follow the login. Its default is no.
    username_changeable = models.BooleanField(default=False)
    next_context_id = models.PositiveIntegerField(default=1000)
    # Mail of its customers is routed and kept by Postfix and Dovecot, which read what is saved here.
    carries_mail = models.BooleanField(default=False)
    mail_of_disabled = models.CharField(max_length=10, choices=MailOfDisabled, default=MailOfDisabled.REFUSE)
    # What customers set in the DNS of their domains. What is empty, the provider does not offer.
    mail_hosts = models.JSONField(default=list, blank=True)  # MX: "10 mx1.sunrise.example", the nearest first
    spf_include = models.CharField(max_length=253, blank=True)
    dkim_selector = models.CharField(max_length=63, blank=True)
    dkim_target = models.TextField(blank=True)  # a host for a CNAME, or the text of a TXT record ("v=DKIM1; ...")
    dmarc = models.CharField(max_length=500, blank=True)  # the text of the record ("v=DMARC1; p=...")
    autodiscover_host = models.CharField(max_length=253, blank=True)
    autoconfig_host = models.CharField(max_length=253, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.pk, None


class Inquiry(models.Model):
    """That a worker asks a platform how it is: that of a brand as it stands, or one with settings not saved yet."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="inquiries", null=True)
    # With the settings of this row, which are nobody's yet; else the brand's own count.
    is_trial = models.BooleanField(default=False)
    platform = models.CharField(max_length=20, choices=PlatformKind)
    api_url = models.URLField(max_length=500)
    username = models.CharField(max_length=200)
    sealed_password = models.TextField(blank=True)  # of a trial, until it is over

    state = models.CharField(max_length=20, choices=InquiryState, default=InquiryState.WAITING)
    runs = models.PositiveIntegerField(default=0)  # only the last run writes
    is_well = models.BooleanField(default=False)
    findings = models.JSONField(default=list)  # of each: ok, sentence
    combinations = models.JSONField(default=list)  # access combinations that the platform was found to have
    requested_by = models.CharField(max_length=300)
    administrator_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["brand", "-id"], name="inquiry_newest"),
            models.Index(fields=["id"], name="inquiry_open", condition=Q(state__in=OPEN)),
            models.Index(fields=["created_at"], name="inquiry_trial", condition=Q(is_trial=True)),
        ]

    def __str__(self) -> str:
        return self.api_url

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.brand_id, None


class Logo(models.Model):
    """The picture of a brand: a PNG made by us."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="logo", primary_key=True)
    png = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal


class Upsell(models.Model):
    """How users of a brand's webmail ask for a higher profile, and how App Suite says who they are.

    No row: the brand takes no purchase requests.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="upsell", primary_key=True)
    is_open = models.BooleanField(default=True)
    key = models.CharField(max_length=60, unique=True, default=new_key)  # of the public address of the offer
    # Origins, such as https://webmail.example.com, that may show the offer in a frame; besides App Suite's own.
    webmail_hosts = models.JSONField(default=list)

    # Two ways to verify who asks; either, both or none. The HTTP API redeems login tokens ...
    http_api_url = models.URLField(max_length=500, blank=True)
    sealed_token_secret = models.TextField(blank=True)
    # ... and the internal REST interface knows whose session it is.
    session_api_url = models.URLField(max_length=500, blank=True)
    session_api_login = models.CharField(max_length=200, blank=True)
    sealed_session_api_password = models.TextField(blank=True)

    @property
    def origins(self) -> list[str]:
        """All origins of the brand's webmail, each once."""
        own = origin(self.brand.app_suite_url)
        return list(dict.fromkeys([*self.webmail_hosts, *([own] if own else [])]))

    @property
    def api_url(self) -> str:
        """The HTTP API of App Suite, without a slash at its end; empty where nothing tells it."""
        base = self.brand.app_suite_url
        return (self.http_api_url or (f"{base.rstrip('/')}/api" if base else "")).rstrip("/")


def origin(url: str) -> str:
    """Scheme and host of an address, as browsers compare them; empty for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
