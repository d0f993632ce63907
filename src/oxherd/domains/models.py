import secrets

import idna
from django.db import models
from django.db.models import Q
from django.utils import timezone

from oxherd.domains.states import PATIENCE, Proof
from oxherd.folding import folded
from oxherd.provisioning.models import Removable
from oxherd.provisioning.states import Presence

# The one form of the record that proves ownership, wherever it is told, looked for or written.
PROOF_LABEL = "_oxherd-verify"
PROOF_PREFIX = "oxherd-verify="


def new_token() -> str:
    return secrets.token_hex(16)


class Domain(Removable):
    """A mail domain of a tenant. `name` is the one stored form: lower-case A-labels (RFC 5890).

    Until its ownership is proved it is a claim, which carries no mail, and which others may make too.
    """

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)
    sort_name = models.CharField(max_length=300)  # as people write it, without accents: for lists and their search
    parent = models.ForeignKey(
        "self", on_delete=models.RESTRICT, related_name="subdomains", null=True, blank=True
    )  # nearest domain of the tenant above this one
    # Gets what goes to unknown addresses, while the user has OX and the domain is verified. Empty: that is refused.
    catch_all = models.ForeignKey(
        "oxherd.ServiceUser", on_delete=models.SET_NULL, related_name="catch_all_of", null=True, blank=True
    )
    catch_all_refusal = models.TextField(blank=True)  # why the platform does not deliver it so
    created_at = models.DateTimeField(auto_now_add=True)

    token = models.CharField(max_length=64, default=new_token, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=20, choices=Proof, blank=True)
    approved_by = models.CharField(max_length=300, blank=True)

    # What the DNS was found to hold: kind of record -> {"values": [...], "problem": sentence}.
    found = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, blank=True)
    checking_since = models.DateTimeField(null=True, blank=True)  # a check is on its way
    checks_since = models.DateTimeField(default=timezone.now)  # a claim is given up so long after
    next_check_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="domain_once",
                fields=["name"],
                condition=Q(verified_at__isnull=False) & ~Q(presence=Presence.REMOVED),
            ),
            models.UniqueConstraint(
                name="domain_once_in_a_tenant", fields=["tenant", "name"], condition=~Q(presence=Presence.REMOVED)
            ),
            models.CheckConstraint(
                name="domain_verified_somehow",
                condition=Q(verified_at=None, proof="") | (Q(verified_at__isnull=False) & ~Q(proof="")),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "sort_name", "id"], name="domain_by_name"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="domain_by_age"),
            models.Index(fields=["name"], name="domain_by_its_name"),
            models.Index(fields=["next_check_at"], name="domain_to_check", condition=Q(presence=Presence.PRESENT)),
            models.Index(
                fields=["tenant", "-removed_at", "-id"], name="domain_removed", condition=Q(presence=Presence.REMOVED)
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """As people write it, with letters of all scripts."""
        return shown(self.name)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def checks_ended(self) -> bool:
        """A claim that was looked at for long enough; a person may begin anew."""
        return not self.is_verified and self.next_check_at is None

    @property
    def is_being_checked(self) -> bool:
        return self.checking_since is not None and timezone.now() - self.checking_since < PATIENCE

    @property
    def proof_name(self) -> str:
        """The name of the TXT record that proves ownership, without a final dot."""
        return f"{PROOF_LABEL}.{self.name}"

    @property
    def proof_value(self) -> str:
        return f"{PROOF_PREFIX}{self.token}"

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


# Who may hold an address, by the register's columns.
OWNERS = ("user", "group", "resource", "forwarder")


class AddressKind(models.TextChoices):
    LOGIN = "login", "Login"  # held for its user, carries no mail of OX yet
    PRIMARY = "primary", "Primary address"
    ALIAS = "alias", "Alias"
    GROUP = "group", "Group"
    RESOURCE = "resource", "Resource"
    FORWARDER = "forwarder", "Forwarder"


class Address(models.Model):
    """The one register of all addresses: an address has one owner in the whole installation."""

    address = models.CharField(max_length=320, unique=True)
    domain = models.ForeignKey(Domain, on_delete=models.RESTRICT, related_name="addresses")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="addresses", null=True)
    group = models.ForeignKey("oxherd.Group", on_delete=models.CASCADE, related_name="addresses", null=True)
    resource = models.ForeignKey("oxherd.Resource", on_delete=models.CASCADE, related_name="addresses", null=True)
    forwarder = models.ForeignKey("oxherd.Forwarder", on_delete=models.CASCADE, related_name="addresses", null=True)
    kind = models.CharField(max_length=20, choices=AddressKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_primary_address", fields=["user"], condition=Q(kind=AddressKind.PRIMARY)),
            models.UniqueConstraint(name="one_address_of_a_group", fields=["group"]),
            models.UniqueConstraint(name="one_address_of_a_resource", fields=["resource"]),
            models.UniqueConstraint(name="one_address_of_a_forwarder", fields=["forwarder"]),
            models.CheckConstraint(
                name="address_has_one_owner",
                condition=Q(kind=AddressKind.GROUP, group__isnull=False, user=None, resource=None, forwarder=None)
                | Q(kind=AddressKind.RESOURCE, resource__isnull=False, user=None, group=None, forwarder=None)
                | Q(kind=AddressKind.FORWARDER, forwarder__isnull=False, user=None, group=None, resource=None)
                | Q(user__isnull=False, group=None, resource=None, forwarder=None),
            ),
        ]

    def __str__(self) -> str:
        return readable(self.address)

    @property
    def owner(self) -> models.Model | None:
        """Whose it is; `OWNERS` says what to fetch along."""
        return self.user or self.group or self.resource or self.forwarder


def readable(address: str) -> str:
    """A stored address as people write it."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part}@{shown(domain)}" if "xn--" in domain else address


def shown(name: str) -> str:
    """A stored domain name as people write it; what is none, as a form may send it, stays as it is."""
    if "xn--" not in name:
        return name
    try:
        return str(idna.decode(name))
    except idna.IDNAError:
        return name


def sort_name(name: str) -> str:
    """What lists of domains are sorted and searched by."""
    return folded(shown(name))[:300]
