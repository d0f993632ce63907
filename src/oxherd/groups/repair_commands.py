"""The verbs by which a group and the platform's group are brought together again, in either direction.

`holds` is what the platform was found to hold, field by field in the worker's words (`sync.groups.wanted`): members by
the platform's ids.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.groups import rules
from oxherd.groups.commands import ask, change_group, held, insert_group
from oxherd.groups.models import Group, Member
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.tenants.models import Tenant

Held = Mapping[str, Any]


@transaction.atomic
def send_group_again(*, actor: Actor, group: Group, holds: Held) -> None:
    """The panel is right: send to the platform what it holds otherwise, and take out whom it has too many."""
    actor.require(Permission.REPAIR, group)
    group = _present(group)
    _note(group, holds)
    ask(actor, group)


@transaction.atomic
def make_group_again(*, actor: Actor, group: Group) -> None:
    """The panel is right: the platform shall have the group it has not."""
    actor.require(Permission.REPAIR, group)
    group = _present(group)
    forget_groups(group.tenant, group=group)
    ask(actor, group)


@transaction.atomic
def take_group_over(*, actor: Actor, group: Group, holds: Held) -> None:
    """The platform is right: take over what it holds otherwise. Raises Refused at display_name, name or members."""
    actor.require(Permission.REPAIR, group)
    group = _present(group)
    _note(group, holds)
    add: set[int] = set()
    remove: set[int] = set()
    if "members" in holds:
        there = _users(group.tenant, holds["members"])
        here = set(Member.objects.filter(group=group).values_list("user_id", flat=True))
        add, remove = there - here, _in_ox(here - there)
    change_group(
        actor=actor,
        group=group,
        display_name=holds.get("display_name"),
        name=holds.get("name"),
        add=add,
        remove=remove,
    )
    ask(actor, group)


@transaction.atomic
def adopt_group(*, actor: Actor, tenant: Tenant, ox_id: int, holds: Held) -> Group:
    """Make a group of the platform one of ours, without telling the platform anything.

    Raises Refused at display_name, name, or members where one of them is no user of ours.
    """
    if Group.objects.filter(tenant=tenant, ox_id=ox_id).exists():
        raise Refused(f"The group {holds['display_name']} has been taken over already.")
    members = _users(tenant, holds["members"])
    return insert_group(
        actor, tenant, display_name=holds["display_name"], name=holds["name"], address="", members=members,
        ox_id=ox_id, applied=dict(holds), status=SyncStatus.IN_OX,
    )  # fmt: skip


def forget_groups(tenant: Tenant, *, group: Group | None = None) -> None:
    """Of what the platform knew of groups, nothing holds any more: of one of them, or of all of the tenant."""
    groups = Group.objects.filter(tenant=tenant)
    (groups.filter(pk=group.pk) if group else groups).update(ox_id=None, applied={})


def _present(group: Group) -> Group:
    fresh = held(group)
    rules.is_present(fresh)
    return fresh


def _note(group: Group, holds: Held) -> None:
    """Write down what the platform was found to hold: the group's next job sends what differs from it, and no more."""
    Group.objects.filter(pk=group.pk).update(applied=group.applied | dict(holds))


def _users(tenant: Tenant, ox_ids: Collection[int]) -> set[int]:
    """The ids of the users whom the platform knows by these. Raises Refused at `members` where one is none of ours."""
    accounts = OxAccount.objects.filter(tenant=tenant, ox_id__in=ox_ids, presence=Presence.PRESENT)
    users = set(accounts.values_list("user_id", flat=True))
    if unknown := len(set(ox_ids)) - len(users):
        who = "One of its members in OX is" if unknown == 1 else f"{unknown} of its members in OX are"
        raise Refused(f"{who} not in the panel. Take these users from OX first.", field="members")
    return users


def _in_ox(user_ids: Collection[int]) -> set[int]:
    """Those of the users whom the platform could have among the members; the others are members here only for now."""
    accounts = OxAccount.objects.filter(user__in=user_ids, presence=Presence.PRESENT, ox_id__isnull=False)
    return set(accounts.values_list("user_id", flat=True))
