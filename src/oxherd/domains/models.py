import idna
from django.db import models
from django.db.models import Q

from oxherd.provisioning.models import Removable
from oxherd.provisioning.states import Presence


class Domain(Removable):
    """A mail domain of a tenant. `name` is the one stored form: lower-case A-labels (RFC 5890)."""

    tenant = models.ForeignKey("oxherd.Tenant", on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="domain_once", fields=["name"], condition=~Q(presence=Presence.REMOVED))
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """As people write it, with letters of all scripts."""
        return idna.decode(self.name) if "xn--" in self.name else self.name

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.tenant.brand_id, self.tenant_id


class AddressKind(models.TextChoices):
    LOGIN = "login", "Login"  # held for its user, carries no mail of OX yet
    PRIMARY = "primary", "Primary address"
    ALIAS = "alias", "Alias"
    GROUP = "group", "Group"
    RESOURCE = "resource", "Resource"


class Address(models.Model):
    """The one register of all addresses: an address has one owner in the whole installation."""

    address = models.CharField(max_length=320, unique=True)
    domain = models.ForeignKey(Domain, on_delete=models.RESTRICT, related_name="addresses")
    user = models.ForeignKey("oxherd.ServiceUser", on_delete=models.CASCADE, related_name="addresses", null=True)
    group = models.ForeignKey("oxherd.Group", on_delete=models.CASCADE, related_name="addresses", null=True)
    resource = models.ForeignKey("oxherd.Resource", on_delete=models.CASCADE, related_name="addresses", null=True)
    kind = models.CharField(max_length=20, choices=AddressKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_primary_address", fields=["user"], condition=Q(kind=AddressKind.PRIMARY)),
            models.UniqueConstraint(name="one_address_of_a_group", fields=["group"]),
            models.UniqueConstraint(name="one_address_of_a_resource", fields=["resource"]),
            models.CheckConstraint(
                name="address_has_one_owner",
                condition=Q(kind=AddressKind.GROUP, group__isnull=False, user=None, resource=None)
                | Q(kind=AddressKind.RESOURCE, resource__isnull=False, user=None, group=None)
                | Q(user__isnull=False, group=None, resource=None),
            ),
        ]

    def __str__(self) -> str:
        return readable(self.address)


def readable(address: str) -> str:
    """A stored address as people write it."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part}@{idna.decode(domain)}" if "xn--" in domain else address
