"""Which acts can be taken back, and by which command: one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from oxherd.accounts.actor import Actor
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.domains import commands as domains
from oxherd.domains.models import Domain, readable
from oxherd.errors import Refused
from oxherd.forwarders import commands as forwarders
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import Recipients, recipients_of
from oxherd.groups import commands as groups
from oxherd.groups.models import Group
from oxherd.people import commands as people
from oxherd.people import ox_commands as ox
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.resources import commands as resources
from oxherd.resources.models import Resource

A_DAY = timedelta(days=1)
# Enabling is undone by deleting the OX user again. Later there may be mail in it: that is left to Disable, which warns.
WHILE_EMPTY = timedelta(minutes=10)
DESCRIBED = ("display_name", "given_name", "surname", "language", "time_zone")


@dataclass(frozen=True, slots=True)
class Inverse:
    """undo: calls the command, with what the entry says was before.

    opposes: acts after which there is nothing to undo. presence: what the object has after the act.
    """

    undo: Callable[[Actor, Any, AuditEntry], object]
    within: timedelta = A_DAY
    opposes: tuple[Action, ...] = ()
    presence: Presence = Presence.PRESENT


def _of_removal(undo: Callable[[Actor, Any, AuditEntry], object], *opposes: Action) -> Inverse:
    return Inverse(undo, opposes=opposes, presence=Presence.REMOVED)


def _user(actor: Actor, user: ServiceUser, entry: AuditEntry) -> object:
    if "photo" in entry.after:
        raise Refused("Former photos are not kept. Choose the picture again.")
    before = {name: entry.before[name] for name in (*DESCRIBED, "primary_address") if name in entry.before}
    aliases = tuple(entry.before["aliases"]) if "aliases" in entry.before else None
    return people.change_user(actor=actor, user=user, aliases=aliases, **before)


def _rename(actor: Actor, user: ServiceUser, entry: AuditEntry) -> object:
    login, primary = entry.before.get("login", ""), entry.before.get("primary_address", "")
    return rename_user(actor=actor, user=user, login=login, primary_address=primary, keep_old_as_alias=False)


def _profile(actor: Actor, user: ServiceUser, entry: AuditEntry) -> object:
    name = entry.before["profile"]
    profile = Profile.objects.filter(brand=user.tenant.brand_id, name=name).first()
    if profile is None:
        raise Refused(f"There is no profile {name} any more.")
    return ox.change_profile(actor=actor, users=[user], profile=profile)


def _aliases(actor: Actor, user: ServiceUser, entry: AuditEntry) -> object:
    return ox.change_aliases(actor=actor, user=user, aliases=tuple(entry.before["aliases"]))


def _group(actor: Actor, group: Group, entry: AuditEntry) -> object:
    fields = ("display_name", "name", "address", "outside", "senders")
    names = {name: entry.before[name] for name in fields if name in entry.before}
    gone = entry.after.get("removed", [])
    present = ServiceUser.objects.filter(pk__in=gone, presence=Presence.PRESENT).values_list("pk", flat=True)
    return groups.change_group(
        actor=actor, group=group, add=list(present), remove=entry.after.get("added", []), **names
    )


def _restore_group(actor: Actor, group: Group, entry: AuditEntry) -> object:
    return groups.restore_group(actor=actor, group=group, address=entry.before.get("address"))


def _resource(actor: Actor, resource: Resource, entry: AuditEntry) -> object:
    names = ("display_name", "name", "description", "address")
    before: dict[str, Any] = {name: entry.before[name] for name in names if name in entry.before}
    if "manager_id" in entry.before:
        before["manager"] = _manager(entry.before["manager_id"])
    wish = replace(resources.as_wish(resource), **before)
    return resources.change_resource(actor=actor, resource=resource, wish=wish)


def _manager(pk: int | None) -> ServiceUser | None:
    manager = ServiceUser.objects.filter(pk=pk).first() if pk else None
    if pk and manager is None:
        raise Refused("The former manager is not there any more. Choose another one.")
    return manager


def _forwarder(actor: Actor, forwarder: Forwarder, entry: AuditEntry) -> object:
    wish = forwarders.as_wish(forwarder)
    if "address" in entry.before:
        wish = replace(wish, address=readable(entry.before["address"]))
    if "recipients" in entry.before:
        kept = recipients_of(forwarder)
        users, others = entry.before.get("users", kept.users), entry.before.get("others", kept.others)
        wish = replace(wish, recipients=Recipients(frozenset(users), frozenset(others)))
    return forwarders.change_forwarder(actor=actor, forwarder=forwarder, wish=wish)


def _domain(actor: Actor, domain: Domain, entry: AuditEntry) -> object:
    return domains.change_domain(actor=actor, domain=domain, catch_all=entry.before.get("catch_all", ""))


SWITCHES = (Action.OX_ENABLE, Action.OX_DISABLE, Action.OX_KEEP)

INVERSES: Mapping[Action, Inverse] = {
    Action.USER_CHANGE: Inverse(_user),
    Action.USER_RENAME: Inverse(_rename),
    Action.USER_REMOVE: _of_removal(
        lambda actor, user, _: restore_user(actor=actor, user=user), Action.USER_REMOVE, Action.USER_RESTORE
    ),
    Action.OX_PROFILE: Inverse(_profile),
    Action.OX_ALIASES: Inverse(_aliases),
    Action.OX_ENABLE: Inverse(lambda actor, user, _: ox.disable_ox(actor=actor, user=user), WHILE_EMPTY, SWITCHES),
    Action.OX_DISABLE: Inverse(lambda actor, user, _: ox.keep_ox(actor=actor, user=user), opposes=SWITCHES),
    Action.GROUP_CHANGE: Inverse(_group),
    Action.GROUP_REMOVE: _of_removal(_restore_group, Action.GROUP_REMOVE, Action.GROUP_RESTORE),
    Action.RESOURCE_CHANGE: Inverse(_resource),
    Action.RESOURCE_REMOVE: _of_removal(
        lambda actor, resource, _: resources.restore_resource(actor=actor, resource=resource),
        Action.RESOURCE_REMOVE,
        Action.RESOURCE_RESTORE,
    ),
    Action.FORWARDER_CHANGE: Inverse(_forwarder),
    Action.FORWARDER_REMOVE: _of_removal(
        lambda actor, forwarder, _: forwarders.restore_forwarder(actor=actor, forwarder=forwarder),
        Action.FORWARDER_REMOVE,
        Action.FORWARDER_RESTORE,
    ),
    Action.DOMAIN_CHANGE: Inverse(_domain),
    Action.DOMAIN_REMOVE: _of_removal(
        lambda actor, domain, _: domains.restore_domain(actor=actor, domain=domain),
        Action.DOMAIN_REMOVE,
        Action.DOMAIN_RESTORE,
    ),
}
