"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, groups)."""

from collections.abc import Collection

from django.db import connection

from oxherd.errors import Refused
from oxherd.groups.models import Group
from oxherd.inputs import one_line
from oxherd.people.object_names import object_name
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import no_room

# The platform's own groups, in every context.
SYSTEM_NAMES = frozenset({"users", "guests"})


def display_name(text: str) -> str:
    """The name without stray blanks. Raises Refused for an empty, too long or unprintable one."""
    return one_line(text, "display_name", missing="Enter a name for the group.")


def name(text: str) -> str:
    """The name as the platform takes it. Raises Refused at `name`."""
    line = object_name(text, missing="Enter the name of the group in OX.")
    if line.casefold() in SYSTEM_NAMES:
        raise Refused(f"{line} is a group of the platform itself. Choose another name.", field="name")
    return line


def name_is_free(tenant: Tenant, wanted: str, *, but_for: int = 0) -> None:
    """The platform compares names of groups without regard to case."""
    present = Group.objects.filter(tenant=tenant, name__iexact=wanted).exclude(presence=Presence.REMOVED)
    if present.exclude(pk=but_for).exists():
        raise Refused(f"There is a group named {wanted} already. Choose another name.", field="name")


def there_is_room(tenant: Tenant) -> None:
    """Whether the subscription has room for one more group. Call it with the tenant's row locked."""
    if tenant.group_limit is None:
        return
    if Group.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED).count() >= tenant.group_limit:
        no_room(tenant, tenant.group_limit, "group")


def is_present(group: Group) -> None:
    if group.presence != Presence.PRESENT:
        raise Refused(f"The group {group} has been removed and takes no more changes.")


def is_removed(group: Group) -> None:
    if group.presence != Presence.REMOVED:
        raise Refused(f"The group {group} is not among the recently removed.")


def are_users_of(tenant: Tenant, user_ids: Collection[int]) -> None:
    """Hold the users against being deleted until the commit. Raises Refused at `members` for any that is not there."""
    with connection.cursor() as cursor:  # Django has no FOR KEY SHARE, and checks foreign keys only at the commit
        cursor.execute(
            "SELECT id FROM oxherd_serviceuser WHERE id = ANY(%s) AND tenant_id = %s AND presence = 'present' "
            "ORDER BY id FOR KEY SHARE",
            [list(user_ids), tenant.pk],
        )
        missing = len(set(user_ids)) - len(cursor.fetchall())
    if missing:
        who = "One of the new members has" if missing == 1 else f"{missing} of the new members have"
        raise Refused(f"{who} been removed meanwhile. Look at the members again.", field="members")
