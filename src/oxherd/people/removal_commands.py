"""Removal with a net: who was removed can be restored for some days, with all that OX holds; then it is for good."""

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains.commands import register
from oxherd.domains.queries import split
from oxherd.domains.rules import login_local_part
from oxherd.people import rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import (
    claim_display_name,
    claim_tenant,
    describe,
    describe_account,
    drop_account,
    held,
    index,
    locked,
    push,
    release_addresses,
    remember_login,
    write_addresses,
)
from oxherd.people.search import name_key
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.tenants.commands import leave_seat, take_seat
from oxherd.tenants.rules import is_ours, takes_users
from oxherd.tenants.states import Mastered


@dataclass(frozen=True, slots=True)
class Mending:
    """What a restored user gets in place of what others have taken meanwhile; None: as it was."""

    login: str | None = None  # with its domain, as typed
    primary_address: str | None = None
    aliases: tuple[str, ...] | None = None
    profile: Profile | None = None
    display_name: str | None = None


@transaction.atomic
def remove_user(*, actor: Actor, user: ServiceUser) -> None:
    """Remove a person such that all can be had back for OXHERD_KEEP_REMOVED_DAYS; with 0 days, delete for good.

    The OX user is locked and keeps mail, calendar and files. Seat, addresses and display name are free for others at
    once. Raises Refused for one who manages resources.
    """
    if settings.KEEP_REMOVED_DAYS <= 0:
        delete_user(actor=actor, user=user)
        return
    actor.require(Permission.MANAGE_USERS, user)
    is_ours(user.tenant, actor, Mastered.USERS)
    user = locked(user)
    rules.manages_nothing(user)
    account = OxAccount.objects.filter(user=user).select_related("profile", "tenant").first()
    record(actor, Action.USER_REMOVE, user, place=user, before={**describe(user), **describe_account(account)})
    if account and account.presence == Presence.PRESENT:
        _set_aside(account)
    register({}, fields={}, user_id=user.pk)
    user.presence, user.removed_at, user.removed_by = Presence.REMOVED, timezone.now(), actor.name
    user.search_text = ""  # found by nobody
    user.save()
    if account and account.presence == Presence.REMOVED:
        push(actor, account)


@transaction.atomic
def restore_user(*, actor: Actor, user: ServiceUser, mending: Mending | None = None) -> ServiceUser:
    """Bring back who was removed, with OX as it was.

    Raises Refused at the field of `Mending` to give, where others have taken what was this user's meanwhile
    (`removal_queries.conflicts_of` tells before).
    """
    actor.require(Permission.MANAGE_USERS, user)
    is_ours(user.tenant, actor, Mastered.USERS)
    mending = mending or Mending()
    tenant = claim_tenant(user.tenant)
    user = held(user)
    rules.is_removed(user)
    takes_users(tenant)
    former_login = user.login
    _mend_person(user, mending)
    user.presence, user.removed_at, user.removed_by = Presence.PRESENT, None, ""
    _save(user)
    if user.login != former_login:
        remember_login(user, former_login)
    account = OxAccount.objects.filter(user=user, presence=Presence.REMOVED).select_related("profile").first()
    if account:
        _bring_back(account, user, mending, former_login)
        index(user)
    else:
        release_addresses(user)
    record(actor, Action.USER_RESTORE, user, place=user, after={**describe(user), **describe_account(account)})
    push(actor, account)
    return user


@transaction.atomic
def delete_user(*, actor: Actor, user: ServiceUser) -> None:
    """Delete a person for good, removed before or not, with mail, calendar and files.

    Where there is an OX account, the row stays until the platform has let go of it. Raises Refused for one who manages
    resources.
    """
    actor.require(Permission.MANAGE_USERS, user)
    is_ours(user.tenant, actor, Mastered.USERS)
    user = held(user)
    rules.is_not_leaving(user)
    rules.manages_nothing(user)
    account = OxAccount.objects.filter(user=user).select_related("profile").first()
    record(actor, Action.USER_DELETE, user, place=user, before={**describe(user), **describe_account(account)})
    if account is None:
        user.delete()
        return
    user.presence = Presence.LEAVING
    user.save(update_fields=["presence"])
    drop_account(account)
    push(actor, account)


def _set_aside(account: OxAccount) -> None:
    """Free what others may take, and keep what a restore needs. A password not yet delivered stays for it, too."""
    account.kept_aliases = account.aliases
    account.presence = Presence.REMOVED
    account.claimed_name = None
    leave_seat(account.tenant_id, account.profile_id)
    account.save(update_fields=["kept_aliases", "presence", "claimed_name"])


def _mend_person(user: ServiceUser, mending: Mending) -> None:
    if mending.display_name is not None:
        user.display_name = rules.display_name(mending.display_name)
        user.sort_name = name_key(user.display_name)
    typed = user.login if mending.login is None else mending.login
    local_part, user.domain = split(user.tenant, typed, "login")
    user.login = f"{login_local_part(local_part)}@{user.domain.name}"
    rules.login_is_free(user.login, user.tenant, but_for=user.pk)


def _save(user: ServiceUser) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody else was quicker by a moment
        rules.login_is_free(user.login, user.tenant, but_for=user.pk)
        raise


def _bring_back(account: OxAccount, user: ServiceUser, mending: Mending, former_login: str) -> None:
    account.profile = mending.profile or account.profile
    take_seat(user.tenant_id, account.profile)
    primary = mending.primary_address
    if primary is None:  # who had the login as address gets the new one, if it is another now
        primary = "" if account.primary_address == former_login else account.primary_address
    aliases = tuple(account.kept_aliases) if mending.aliases is None else mending.aliases
    account.presence = Presence.PRESENT
    account.primary_address = write_addresses(user, primary, aliases)
    account.kept_aliases = []
    claim_display_name(account, user)
