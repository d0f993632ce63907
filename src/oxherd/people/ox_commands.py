"""The verbs of a user's OX service: enable, disable, profile, aliases, retry."""

from collections.abc import Sequence

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people import passwords, rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import (
    OxWish,
    claim_tenant,
    describe_account,
    drop_account,
    index,
    locked,
    open_account,
    push,
    write_addresses,
)
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning import commands as provisioning
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants.commands import hold_seats, leave_seat, take_seat
from oxherd.tenants.rules import takes_users


def enable_ox(*, actor: Actor, user: ServiceUser, wish: OxWish, password: str = "") -> OxAccount:
    """Give a service user an OX account.

    password: becomes the user's password everywhere; empty leaves the present one as it is and gives OX a random
    one, since the present one is known by its hash only. Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_USERS, user)
    password_hash = _hash_of_new(user, password)
    with transaction.atomic():
        tenant = claim_tenant(user.tenant)
        user = locked(user)
        takes_users(tenant)
        rules.has_no_account(user)
        if password_hash:
            user.password_hash = password_hash
            user.save(update_fields=["password_hash", "changed_at"])
        account = open_account(user, wish, password=password or passwords.generate())
        record(actor, Action.OX_ENABLE, user, place=user, after=describe_account(account))
        push(actor, account)
    return account


@transaction.atomic
def disable_ox(*, actor: Actor, user: ServiceUser) -> None:
    """Take the OX account away: the platform deletes the OX user with all mail, appointments and files."""
    actor.require(Permission.MANAGE_USERS, user)
    user = locked(user)
    account = rules.account_of(user)
    record(actor, Action.OX_DISABLE, user, place=user, before=describe_account(account))
    drop_account(account)
    push(actor, account)


@transaction.atomic
def change_profile(*, actor: Actor, users: Sequence[ServiceUser], profile: Profile) -> int:
    """Give users another profile, all or none; returns for how many it is new. Raises Refused at `profile`."""
    for user in users:
        actor.require(Permission.MANAGE_USERS, user)
    # Users before seats, each in one order for everybody, so that two of these at once cannot wait for each other.
    held = [locked(user) for user in sorted(users, key=lambda each: each.pk)]
    hold_seats({user.tenant_id for user in held})
    return sum(_change_profile(actor, user, profile) for user in held)


@transaction.atomic
def change_aliases(*, actor: Actor, user: ServiceUser, aliases: tuple[str, ...]) -> None:
    """Set the aliases, as typed, beside the primary address. Raises Refused at `aliases`."""
    actor.require(Permission.MANAGE_USERS, user)
    user = locked(user)
    account = rules.account_of(user)
    before = describe_account(account)
    write_addresses(user, account.primary_address, aliases)
    old, new = changes(before, describe_account(account))
    if not new:
        return
    index(user)
    record(actor, Action.OX_ALIASES, user, place=user, before=old, after=new)
    push(actor, account)


@transaction.atomic
def retry_ox(*, actor: Actor, user: ServiceUser) -> None:
    """Try again what OX refused or what got stuck. Raises Refused where there is nothing to try again."""
    actor.require(Permission.RETRY, user)
    ServiceUser.objects.select_for_update().filter(pk=user.pk).first()  # two clicks at once are two clicks
    account = OxAccount.objects.filter(user=user).first()
    if account is None:
        raise Refused(f"OX is not enabled for {user}. There is nothing to try again.")
    provisioning.retry(actor, SubjectKind.ACCOUNT, account.pk, place=account)
    ServiceUser.objects.filter(pk=user.pk).update(status=UserStatus.IN_PROGRESS)
    record(actor, Action.OX_RETRY, user, place=user)


def _change_profile(actor: Actor, user: ServiceUser, profile: Profile) -> bool:
    account = rules.account_of(user)
    if account.profile_id == profile.pk:
        return False
    take_seat(user.tenant_id, profile)
    leave_seat(user.tenant_id, account.profile_id)
    before, account.profile = str(account.profile), profile
    account.save(update_fields=["profile"])
    record(actor, Action.OX_PROFILE, user, place=user, before={"profile": before}, after={"profile": str(profile)})
    push(actor, account)
    return True


def _hash_of_new(user: ServiceUser, password: str) -> str:
    if not password:
        return ""
    passwords.is_good_enough(password, about=(user.display_name, user.login))
    return passwords.hashed(password)
