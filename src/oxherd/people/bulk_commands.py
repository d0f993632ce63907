"""The verbs for the OX service of many users at once. All or none, with one audit entry and one job for each."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import Told, record_all
from oxherd.audit.states import Action
from oxherd.domains.commands import register_primaries
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.people import passwords, rules
from oxherd.people.bulk_records import (
    accounts_of,
    aliases_of,
    held_all,
    index_all,
    keep_aliases,
    leave_seats,
    locked_all,
    push_all,
    require_all,
    take_back,
    take_seats,
)
from oxherd.people.enabling import Enabling, plan
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import claim_tenant
from oxherd.people.search import name_key
from oxherd.profiles.models import Profile
from oxherd.provisioning.commands import call_off
from oxherd.provisioning.queries import failed_of
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import take_seat
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import takes_users


@transaction.atomic
def disable_ox_of_all(*, actor: Actor, users: Sequence[ServiceUser]) -> int:
    """Take the OX accounts away, all or none: the platform deletes the OX users with all mail, appointments and files.

    That begins only after OXHERD_UNDO_SECONDS; until then `keep_ox` has them back. Returns for how many. Raises Refused
    where one of them has no OX, or manages resources.
    """
    require_all(actor, users)
    fresh = locked_all(users)
    rules.manage_nothing(fresh)
    accounts = accounts_of(fresh)
    aliases = aliases_of(account.user for account in accounts)
    record_all(actor, Action.OX_DISABLE, [Told(a.user, _described(a, aliases)) for a in accounts])
    leave_seats(accounts)
    delay = max(settings.UNDO_SECONDS, 0)
    left: dict[str, Any] = {"presence": Presence.LEAVING, "claimed_name": None, "kept_aliases": []}
    left |= {"delete_after": timezone.now() + timedelta(seconds=delay)} if delay else {"sealed_password": ""}
    OxAccount.objects.filter(pk__in=[account.pk for account in accounts]).update(**left)
    keep_aliases(aliases)
    push_all(actor, accounts, delay=delay)
    return len(accounts)


@transaction.atomic
def keep_ox_of_all(*, actor: Actor, users: Sequence[ServiceUser]) -> list[OxAccount]:
    """Take `disable_ox_of_all` back for those with whose deletion nobody has begun; returns their accounts.

    Raises Refused for all of them, at a field such as `profile`, where others have taken what was freed.
    """
    require_all(actor, users)
    present = {user.pk: user for user in held_all(users) if user.presence == Presence.PRESENT}
    leaving = OxAccount.objects.filter(user__in=list(present), presence=Presence.LEAVING, delete_after__isnull=False)
    accounts = list(leaving.select_related("profile").order_by("pk"))
    called_off = call_off(SubjectKind.ACCOUNT, [account.pk for account in accounts])
    accounts = [account for account in accounts if account.pk in called_off]
    for account in accounts:
        account.user = present[account.user_id]
        account.tenant = account.user.tenant
    take_seats(accounts)
    take_back(accounts)
    aliases = {account.user_id: account.kept_aliases for account in accounts}
    record_all(actor, Action.OX_KEEP, [Told(a.user, {}, _described(a, aliases)) for a in accounts])
    push_all(actor, accounts)
    return accounts


@transaction.atomic
def enable_ox_of_all(
    *, actor: Actor, tenant: Tenant, users: Sequence[ServiceUser], profile: Profile, domain: Domain
) -> Enabling:
    """Give the users of a tenant OX accounts, as far as they can have one; returns who got one and who was left out.

    Each one's address is what stands before the @ of the login, in the domain. OX gets a random password each, since
    the present ones are known by their hashes only. Raises Refused at `profile` where the seats do not suffice for all
    of them, and at `domain`.
    """
    actor.require(Permission.MANAGE_USERS, tenant)
    tenant = claim_tenant(tenant)
    takes_users(tenant)
    own = [user for user in users if user.tenant_id == tenant.pk]
    made = plan(tenant, held_all(own), domain)
    if not made.ready:
        return made
    take_seat(tenant.pk, profile, len(made.ready))
    register_primaries(made.addresses, domain, field="domain")
    accounts = [_account(tenant, user, profile, made.addresses[user.pk]) for user in made.ready]
    try:
        with transaction.atomic():
            OxAccount.objects.bulk_create(accounts, batch_size=1000)
    except IntegrityError:  # somebody else was quicker by a moment
        raise Refused("One of the display names has just been taken in OX. Look at the list again.") from None
    index_all([user for user in made.ready if user.login != made.addresses[user.pk]], made.addresses)
    record_all(actor, Action.OX_ENABLE, [Told(account.user, {}, _described(account, {})) for account in accounts])
    push_all(actor, accounts)
    return made


@transaction.atomic
def retry_ox_of_all(*, actor: Actor, users: Sequence[ServiceUser]) -> int:
    """Try again for those of the users whose last job needs a person; returns for how many."""
    for user in {user.tenant_id: user for user in users}.values():
        actor.require(Permission.RETRY, user)
    present = {user.pk: user for user in held_all(users)}
    accounts = {account.pk: account for account in OxAccount.objects.filter(user__in=list(present))}
    failed = [accounts[pk] for pk in failed_of(SubjectKind.ACCOUNT, list(accounts))]
    for account in failed:
        account.user = present[account.user_id]
        account.tenant = account.user.tenant
    record_all(actor, Action.OX_RETRY, [Told(account.user) for account in failed])
    push_all(actor, failed)
    return len(failed)


def _account(tenant: Tenant, user: ServiceUser, profile: Profile, address: str) -> OxAccount:
    return OxAccount(
        user=user,
        tenant=tenant,
        profile=profile,
        primary_address=address,
        claimed_name=name_key(user.display_name) if tenant.brand.unique_display_names else None,
        sealed_password=sealing.seal(passwords.generate()),
    )


def _described(account: OxAccount, aliases: Mapping[int, list[str]]) -> dict[str, Any]:
    """As `records.describe_account`, with aliases that are known already."""
    return {
        "profile": str(account.profile),
        "primary_address": account.primary_address,
        "aliases": aliases.get(account.user_id, []),
    }
