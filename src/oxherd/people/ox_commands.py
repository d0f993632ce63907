"""The verbs of a user's OX service: enable, disable, profile, aliases, retry."""

from collections.abc import Sequence

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import Told, changes, record, record_all
from oxherd.audit.states import Action
from oxherd.errors import Refused
from oxherd.people import passwords, rules
from oxherd.people.bulk_commands import disable_ox_of_all
from oxherd.people.bulk_records import accounts_of, locked_all, move_seats, push_all, require_all
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import (
    OxWish,
    claim_display_name,
    claim_tenant,
    describe_account,
    index,
    locked,
    open_account,
    push,
    write_addresses,
)
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning import commands as provisioning
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import take_seat
from oxherd.tenants.rules import is_ours, takes_users
from oxherd.tenants.states import Mastered


def enable_ox(*, actor: Actor, user: ServiceUser, wish: OxWish, password: str = "") -> OxAccount:
    """Give a service user an OX account.

    password: becomes the user's password everywhere; empty leaves the present one as it is and gives OX a random
    one, since the present one is known by its hash only. Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_USERS, user)
    if password:
        is_ours(user.tenant, actor, Mastered.PASSWORDS)
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
        secret = {"password": "set"} if password else {}
        record(actor, Action.OX_ENABLE, user, place=user, after=describe_account(account) | secret)
        push(actor, account)
    return account


def disable_ox(*, actor: Actor, user: ServiceUser) -> None:
    """Take the OX account away: the platform deletes the OX user with all mail, appointments and files.

    Raises Refused for one who manages resources.
    """
    disable_ox_of_all(actor=actor, users=[user])


@transaction.atomic
def keep_ox(*, actor: Actor, user: ServiceUser) -> OxAccount:
    """Take a `disable_ox` back before the platform is told: the account is as it was.

    Raises Refused where the deletion has begun, or at a field such as `profile` where others have taken what was freed.
    """
    actor.require(Permission.MANAGE_USERS, user)
    user = locked(user)
    account = OxAccount.objects.filter(user=user, presence=Presence.LEAVING).select_related("profile").first()
    if account is None:
        raise Refused(f"OX is not being disabled for {user}: there is nothing to undo.")
    if account.delete_after is None or not provisioning.call_off(SubjectKind.ACCOUNT, [account.pk]):
        raise Refused(f"OX has begun to delete the account of {user}: it cannot be had back.")
    take_seat(user.tenant_id, account.profile)
    account.presence, account.delete_after = Presence.PRESENT, None
    primary = "" if account.primary_address == user.login else account.primary_address
    account.primary_address = write_addresses(user, primary, tuple(account.kept_aliases))
    account.kept_aliases = []
    claim_display_name(account, user)
    index(user)
    record(actor, Action.OX_KEEP, user, place=user, after=describe_account(account))
    push(actor, account)
    return account


@transaction.atomic
def change_profile(*, actor: Actor, users: Sequence[ServiceUser], profile: Profile) -> int:
    """Give users another profile, all or none; returns for how many it is new. Raises Refused at `profile`."""
    require_all(actor, users)
    accounts = accounts_of(locked_all(users))
    moving = [account for account in accounts if account.profile_id != profile.pk]
    move_seats(moving, profile)
    after = {"profile": str(profile)}
    told = [Told(account.user, {"profile": str(account.profile)}, after) for account in moving]
    record_all(actor, Action.OX_PROFILE, told)
    OxAccount.objects.filter(pk__in=[account.pk for account in moving]).update(profile=profile)
    push_all(actor, moving)
    return len(moving)


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


def _hash_of_new(user: ServiceUser, password: str) -> str:
    if not password:
        return ""
    passwords.is_good_enough(password, about=(user.display_name, user.login))
    return passwords.hashed(password)
