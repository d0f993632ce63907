"""The verbs of forwarders. Each checks, writes, records and asks the worker in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.domains import circles
from oxherd.domains.commands import register
from oxherd.domains.models import AddressKind, readable
from oxherd.domains.queries import split
from oxherd.errors import NotYours
from oxherd.forwarders import rules
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.forwarders.queries import mailboxes
from oxherd.forwarders.recipients import Recipients, hold_users, inside, recipients_of, resolved, unseen
from oxherd.people.models import ServiceUser
from oxherd.people.records import claim_tenant
from oxherd.people.search import name_key, search_text
from oxherd.provisioning import commands as provisioning
from oxherd.provisioning.states import Presence, SubjectKind, SyncStatus
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_changes


@dataclass(frozen=True, slots=True)
class ForwarderWish:
    """A forwarder as an administrator asks for it; texts as they were typed."""

    address: str  # local part @ domain
    recipients: Sequence[str] | Recipients


@transaction.atomic
def add_forwarder(*, actor: Actor, tenant: Tenant, wish: ForwarderWish) -> Forwarder:
    """Add a forwarder. Raises Refused at address or recipients, and without a field where the platform has none."""
    forwarder = insert_forwarder(actor, tenant, wish)
    ask(actor, forwarder)
    return forwarder


def insert_forwarder(actor: Actor, tenant: Tenant, wish: ForwarderWish, **known: Any) -> Forwarder:
    """As `add_forwarder`, in the caller's transaction, and the platform hears nothing of it. known: what it has."""
    actor.require(Permission.MANAGE_GROUPS, tenant)
    tenant = claim_tenant(tenant)
    takes_changes(tenant)
    rules.platform_forwards(tenant)
    forwarder = Forwarder(tenant=tenant, **known)
    _assign(actor, forwarder, wish)
    record(actor, Action.FORWARDER_ADD, forwarder, place=tenant, after=describe(forwarder))
    return forwarder


@transaction.atomic
def change_forwarder(*, actor: Actor, forwarder: Forwarder, wish: ForwarderWish) -> Forwarder:
    """Make the forwarder as wished. Raises Refused at address or recipients.

    Recipients who were removed, and so have no address to be typed, stay; they get mail again once they are restored.
    """
    actor.require(Permission.MANAGE_GROUPS, forwarder)
    forwarder = held(forwarder)
    rules.is_present(forwarder)
    before = describe(forwarder)
    _assign(actor, forwarder, wish)
    old, new = changes(before, describe(forwarder))
    if new:
        record(actor, Action.FORWARDER_CHANGE, forwarder, place=forwarder, before=old, after=new)
        ask(actor, forwarder)
    return forwarder


@transaction.atomic
def remove_forwarder(*, actor: Actor, forwarder: Forwarder) -> None:
    """Take a forwarder from the platform; it can be restored for some days."""
    actor.require(Permission.MANAGE_GROUPS, forwarder)
    forwarder = held(forwarder)
    rules.is_present(forwarder)
    record(actor, Action.FORWARDER_REMOVE, forwarder, place=forwarder, before=describe(forwarder))
    forwarder.presence, forwarder.removed_at, forwarder.removed_by = Presence.REMOVED, timezone.now(), actor.name
    forwarder.save(update_fields=["presence", "removed_at", "removed_by"])
    register({}, fields={}, forwarder_id=forwarder.pk)
    ask(actor, forwarder)


@transaction.atomic
def restore_forwarder(*, actor: Actor, forwarder: Forwarder, wish: ForwarderWish | None = None) -> Forwarder:
    """Bring a removed forwarder back, as it was or as wished.

    Raises Refused at address or recipients, where somebody has the address or it would lead in a circle now.
    """
    actor.require(Permission.MANAGE_GROUPS, forwarder)
    forwarder = held(forwarder)
    rules.is_removed(forwarder)
    forwarder.presence, forwarder.removed_at, forwarder.removed_by = Presence.PRESENT, None, ""
    _assign(actor, forwarder, wish or as_wish(forwarder))
    record(actor, Action.FORWARDER_RESTORE, forwarder, place=forwarder, after=describe(forwarder))
    ask(actor, forwarder)
    return forwarder


@transaction.atomic
def delete_forwarder(*, actor: Actor, forwarder: Forwarder) -> None:
    """Remove a forwarder for good: the row goes as soon as the platform has let go."""
    actor.require(Permission.MANAGE_GROUPS, forwarder)
    forwarder = held(forwarder)
    record(actor, Action.FORWARDER_DELETE, forwarder, place=forwarder, before=describe(forwarder))
    forwarder.presence = Presence.LEAVING
    forwarder.save(update_fields=["presence"])
    register({}, fields={}, forwarder_id=forwarder.pk)
    ask(actor, forwarder)


@transaction.atomic
def retry_forwarder(*, actor: Actor, forwarder: Forwarder) -> None:
    """Try again what OX refused or what got stuck. Raises Refused where there is nothing to try again."""
    actor.require(Permission.RETRY, forwarder)
    forwarder = held(forwarder)
    provisioning.retry(actor, SubjectKind.FORWARDER, forwarder.pk, place=forwarder)
    Forwarder.objects.filter(pk=forwarder.pk).update(status=SyncStatus.IN_PROGRESS)
    record(actor, Action.FORWARDER_RETRY, forwarder, place=forwarder)


def held(forwarder: Forwarder) -> Forwarder:
    """The forwarder as it is now, locked against other commands. Raises NotYours for one that is gone."""
    rows = Forwarder.objects.select_for_update(of=("self",), no_key=True).select_related("tenant__brand")
    fresh = rows.filter(pk=forwarder.pk).first()
    if fresh is None:
        raise NotYours("There is no such forwarder.")
    return fresh


def as_wish(forwarder: Forwarder) -> ForwarderWish:
    """The forwarder as it is, as a wish to be changed in parts."""
    return ForwarderWish(address=str(forwarder), recipients=recipients_of(forwarder))


def describe(forwarder: Forwarder) -> dict[str, Any]:
    """recipients: the addresses for people to read; users and others: what they stand for."""
    kept = recipients_of(forwarder)
    logins = dict(ServiceUser.objects.filter(pk__in=kept.users).values_list("pk", "login"))
    return {
        "address": forwarder.address,
        "recipients": sorted({*(logins | mailboxes(kept.users)).values(), *kept.others}),
        "users": sorted(kept.users),
        "others": sorted(kept.others),
    }


def words(forwarder: Forwarder) -> str:
    """The words by which a forwarder is found: its own address and those to which mail goes now."""
    kept = recipients_of(forwarder)
    return search_text(forwarder.tenant_id, [], [forwarder.address, *mailboxes(kept.users).values(), *kept.others])


def ask(actor: Actor, forwarder: Forwarder) -> None:
    Forwarder.objects.filter(pk=forwarder.pk).update(status=SyncStatus.IN_PROGRESS)
    forwarder.status = SyncStatus.IN_PROGRESS
    provisioning.request_sync(actor, SubjectKind.FORWARDER, forwarder.pk, place=forwarder)


def _assign(actor: Actor, forwarder: Forwarder, wish: ForwarderWish) -> None:
    """Check and write address, recipients, the register and the words by which the forwarder is found."""
    tenant, was = forwarder.tenant, forwarder.address
    local_part, domain = split(tenant, wish.address, "address")
    forwarder.address = f"{local_part}@{domain.name}"
    forwarder.sort_name = name_key(readable(forwarder.address))
    before = recipients_of(forwarder) if forwarder.pk else Recipients()
    wanted = _wanted(tenant, wish.recipients, before, forwarder.address)
    own = inside(tenant, wanted.others)
    rules.there_are_recipients(wanted.users, wanted.others)
    rules.not_too_many(tenant, len(wanted.users) + own, len(wanted.others) - own)
    if circles.are_ours(tenant):
        circles.hold_routes()
    rules.leads_not_back(tenant, forwarder.address, wanted.others, was=was)
    hold_users(tenant, wanted.users)
    forwarder.save()
    register(
        {forwarder.address: (domain, AddressKind.FORWARDER)},
        fields={forwarder.address: "address"},
        forwarder_id=forwarder.pk,
    )
    _write(forwarder, before, wanted)
    Forwarder.objects.filter(pk=forwarder.pk).update(search_text=words(forwarder))
    if was and was != forwarder.address:
        _carry_along(actor, forwarder, was)


def _wanted(tenant: Tenant, wish: Sequence[str] | Recipients, before: Recipients, own: str) -> Recipients:
    if isinstance(wish, Recipients):
        there = ServiceUser.objects.filter(pk__in=wish.users, tenant=tenant).exclude(presence=Presence.LEAVING)
        return Recipients(frozenset(there.values_list("pk", flat=True)), wish.others)
    wanted = resolved(tenant, wish, kept=before.users, own=own)
    return Recipients(wanted.users | unseen(before.users), wanted.others)


def _write(forwarder: Forwarder, before: Recipients, wanted: Recipients) -> None:
    rows = Recipient.objects.filter(forwarder=forwarder)
    rows.filter(user__in=before.users - wanted.users).delete()
    rows.filter(address__in=before.others - wanted.others).delete()
    fresh = [Recipient(forwarder=forwarder, user_id=pk) for pk in sorted(wanted.users - before.users)]
    fresh += [Recipient(forwarder=forwarder, address=each) for each in sorted(wanted.others - before.others)]
    Recipient.objects.bulk_create(fresh)


def _carry_along(actor: Actor, forwarder: Forwarder, was: str) -> None:
    """Those that pass mail on to this forwarder do so under its new address; takes no locks of them."""
    rows = Recipient.objects.filter(address=was, forwarder__tenant=forwarder.tenant)
    rows.filter(forwarder__recipients__address=forwarder.address).delete()
    others = list(rows.filter(forwarder__presence=Presence.PRESENT).values_list("forwarder", flat=True))
    rows.update(address=forwarder.address)
    provisioning.follow_up(actor, SubjectKind.FORWARDER, others, place=forwarder)
