"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, resources)."""

from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.object_names import object_name
from oxherd.provisioning.states import Presence
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import no_room

LONGEST_DESCRIPTION = 2000


def display_name(text: str) -> str:
    """The name without stray blanks. Raises Refused for an empty, too long or unprintable one."""
    return one_line(text, "display_name", missing="Enter a display name.")


def name(text: str) -> str:
    """The name as the platform takes it. Raises Refused at `name`."""
    return object_name(text, missing="Enter a resource name.")


def description(text: str) -> str:
    """Several lines of text. Raises Refused for one that is too long or holds what cannot be shown."""
    text = text.strip().replace("\r\n", "\n")
    if len(text) > LONGEST_DESCRIPTION:
        raise Refused(f"This is longer than {LONGEST_DESCRIPTION} characters.", field="description")
    if not all(line.isprintable() for line in text.replace("\t", " ").split("\n")):
        raise Refused("This holds a character that cannot be shown.", field="description")
    return text


def name_is_free(tenant: Tenant, wanted: str, *, but_for: int = 0) -> None:
    """The platform compares names of resources without regard to case."""
    present = Resource.objects.filter(tenant=tenant, name__iexact=wanted).exclude(presence=Presence.REMOVED)
    if present.exclude(pk=but_for).exists():
        raise Refused(f"There is a resource named {wanted} already. Choose another name.", field="name")


def there_is_room(tenant: Tenant) -> None:
    """Whether the subscription has room for one more resource. Call it with the tenant's row locked."""
    if tenant.resource_limit is None:
        return
    if Resource.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED).count() >= tenant.resource_limit:
        no_room(tenant, tenant.resource_limit, "resource")


def manages(tenant: Tenant, manager: ServiceUser | None) -> None:
    """A manager decides on bookings in OX, and so needs OX. Raises Refused at `manager`."""
    if manager is None:
        return
    if manager.tenant_id != tenant.pk or manager.presence != Presence.PRESENT:
        raise Refused("This user is not there any more. Choose another manager.", field="manager")
    if not OxAccount.objects.filter(user=manager, presence=Presence.PRESENT).exists():
        raise Refused(f"OX is not enabled for {manager}, who could not decide on bookings.", field="manager")


def is_present(resource: Resource) -> None:
    if resource.presence != Presence.PRESENT:
        raise Refused(f"The resource {resource} has been removed and takes no more changes.")


def is_removed(resource: Resource) -> None:
    if resource.presence != Presence.REMOVED:
        raise Refused(f"The resource {resource} is not among the recently removed.")
