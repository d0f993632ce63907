"""May this happen? The platform's rules, checked before it is asked (facts: OX provisioning, groups)."""

from collections.abc import Collection

from django.db import connection

from oxherd.brands.abilities import Ability, why_not
from oxherd.errors import Refused
from oxherd.groups.models import Group
from oxherd.groups.states import Senders
from oxherd.inputs import one_line
from oxherd.people.object_names import object_name, object_name_from
from oxherd.provisioning.states import Presence
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import no_room

# The platform's own groups, in every context.
SYSTEM_NAMES = frozenset({"users", "guests"})
MOST_OUTSIDE = 500  # Postfix makes 1,000 addresses of one at most, as it comes (virtual_alias_expansion_limit)


def display_name(text: str) -> str:
    """The name without stray blanks. Raises Refused for an empty, too long or unprintable one."""
    return one_line(text, "display_name", missing="Enter a name for the group.")


def name(text: str) -> str:
    """The name as the platform takes it. Raises Refused at `name`."""
    line = object_name(text, missing="Enter the name of the group in OX.")
    if line.casefold() in SYSTEM_NAMES:
        raise Refused(f"{line} is a group of the platform itself. Choose another name.", field="name")
    return line


def name_is_free(tenant: Tenant, wanted: str, *, but_for: int = 0, display_name: str = "") -> None:
    """The platform compares names of groups without regard to case. display_name: what was typed, if known."""
    present = Group.objects.filter(tenant=tenant, name__iexact=wanted).exclude(presence=Presence.REMOVED)
    if present.exclude(pk=but_for).exists():
        if display_name != wanted == object_name_from(display_name):  # a name that nobody has typed
            raise Refused(
                f"{display_name} is named {wanted} in OX, and there is a group of that name already. Choose another "
                "name.",
                field="name",
            )
        raise Refused(f"There is a group named {wanted} already. Choose another name.", field="name")


def there_is_room(tenant: Tenant) -> None:
    """Whether the subscription has room for one more group. Call it with the tenant's row locked."""
    if tenant.group_limit is None:
        return
    if Group.objects.filter(tenant=tenant).exclude(presence=Presence.REMOVED).count() >= tenant.group_limit:
        no_room(tenant, tenant.group_limit, "group")


def takes_outside(tenant: Tenant) -> None:
    if sentence := why_not(tenant.brand, Ability.EXTERNAL_MEMBERS):
        raise Refused(sentence, field="outside")


def not_too_many_outside(number: int) -> None:
    if number > MOST_OUTSIDE:
        raise Refused(
            f"A group takes {MOST_OUTSIDE} outside addresses at most, and here are {number:,}. Remove some.",
            field="outside",
        )


def senders(tenant: Tenant, choice: str) -> Senders:
    """Who may write to a group. Raises Refused at `senders` where nobody asks who writes, and for no such choice."""
    if choice not in Senders.values:
        raise Refused("Choose who may write to the group.", field="senders")
    if choice != Senders.ANYONE and not tenant.brand.carries_mail:
        raise Refused("The mail servers of this customer do not ask who writes to a group.", field="senders")
    return Senders(choice)


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
