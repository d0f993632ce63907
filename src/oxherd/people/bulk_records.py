"""What the commands over many users share: the guarantees are those for one, with a few statements for all."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError, connection, transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains.models import Address, AddressKind
from oxherd.errors import Refused
from oxherd.people import rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.records import index, words, write_addresses
from oxherd.people.search import name_key
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning.commands import request_sync_of_all
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import hold_seats, leave_seat, take_seat
from oxherd.tenants.models import Tenant


def require_all(actor: Actor, users: Iterable[ServiceUser]) -> None:
    """Raises as `Actor.require` does for the customers of these users."""
    for user in {user.tenant_id: user for user in users}.values():
        actor.require(Permission.MANAGE_USERS, user)


def held_all(users: Iterable[ServiceUser]) -> list[ServiceUser]:
    """The users as they are now, whether present or not, without those who are gone.

    Locked in the order of their ids, as everybody does, so that two of these at once cannot wait for each other.
    """
    wanted = [user.pk for user in users]
    rows = ServiceUser.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    fresh = list(rows.select_related("domain").defer("search", "search_text", "password_hash"))
    tenants = Tenant.objects.select_related("brand").in_bulk({user.tenant_id for user in fresh})
    for user in fresh:
        user.tenant = tenants[user.tenant_id]
    return fresh


def locked_all(users: Sequence[ServiceUser]) -> list[ServiceUser]:
    """As `held_all`. Raises Refused where one of them is gone or not present any more."""
    fresh = held_all(users)
    there = {user.pk for user in fresh}
    for user in users:
        if user.pk not in there:
            raise Refused(f"{user} has been deleted meanwhile.")
    for user in fresh:
        rules.is_present(user)
    return fresh


def accounts_of(users: Sequence[ServiceUser]) -> list[OxAccount]:
    """The enabled accounts of users whom the caller has locked. Raises Refused where one of them has none."""
    rows = OxAccount.objects.filter(user__in=[user.pk for user in users], presence=Presence.PRESENT)
    accounts = {account.user_id: account for account in rows.select_related("profile")}
    for user in users:
        if user.pk not in accounts:
            rules.account_of(user)  # says so
        accounts[user.pk].user, accounts[user.pk].tenant = user, user.tenant
    return [accounts[user.pk] for user in users]


def aliases_of(users: Iterable[ServiceUser]) -> dict[int, list[str]]:
    """The stored aliases by user id, sorted; users without are left out."""
    rows = Address.objects.filter(user__in=[user.pk for user in users], kind=AddressKind.ALIAS).order_by("address")
    found: dict[int, list[str]] = {}
    for user_id, address in rows.values_list("user_id", "address"):
        found.setdefault(user_id, []).append(address)
    return found


def move_seats(accounts: Sequence[OxAccount], profile: Profile) -> None:
    """From the seats that these accounts have to as many of the profile. Raises Refused at `profile`."""
    hold_seats({account.tenant_id for account in accounts})
    for tenant_id, count in Counter(account.tenant_id for account in accounts).items():
        take_seat(tenant_id, profile, count)
    leave_seats(accounts)


def leave_seats(accounts: Sequence[OxAccount]) -> None:
    hold_seats({account.tenant_id for account in accounts})
    left = Counter((account.tenant_id, account.profile_id) for account in accounts)
    for (tenant_id, profile_id), count in left.items():
        leave_seat(tenant_id, profile_id, count)


def take_seats(accounts: Sequence[OxAccount]) -> None:
    """One seat for each of them. Raises Refused at `profile` where they do not suffice for all."""
    hold_seats({account.tenant_id for account in accounts})
    for (tenant_id, profile), count in Counter((account.tenant_id, account.profile) for account in accounts).items():
        take_seat(tenant_id, profile, count)


def take_back(accounts: Sequence[OxAccount]) -> None:
    """Bring back accounts that were to be deleted, with name and addresses, in the caller's transaction.

    The addresses are still theirs, but where the user was renamed meanwhile. Raises Refused where a name is taken.
    """
    held = Address.objects.filter(user__in=[account.user_id for account in accounts])
    known = set(held.exclude(kind=AddressKind.LOGIN).values_list("user_id", "address"))
    for account in accounts:
        account.presence, account.delete_after = Presence.PRESENT, None
        unique = account.tenant.brand.unique_display_names
        account.claimed_name = name_key(account.user.display_name) if unique else None
        wanted = {account.primary_address, *account.kept_aliases}
        if not {(account.user_id, address) for address in wanted} <= known:
            write_addresses(account.user, account.primary_address, tuple(account.kept_aliases))
            index(account.user)
    try:
        with transaction.atomic():
            fields = ["presence", "delete_after", "claimed_name"]
            OxAccount.objects.bulk_update(accounts, fields, batch_size=1000)
    except IntegrityError:
        raise Refused("Another user has one of these display names in OX by now.", field="display_name") from None


def push_all(actor: Actor, accounts: Sequence[OxAccount], *, delay: float = 0) -> None:
    """Ask the worker to make OX match for each of them, not before so many seconds."""
    users = ServiceUser.objects.filter(pk__in=[account.user_id for account in accounts])
    users.update(status=UserStatus.IN_PROGRESS)
    by_tenant: dict[int, list[OxAccount]] = {}
    for account in accounts:
        by_tenant.setdefault(account.tenant_id, []).append(account)
    for own in by_tenant.values():
        pks = [account.pk for account in own]
        request_sync_of_all(actor, SubjectKind.ACCOUNT, pks, place=own[0], delay=delay)


def keep_aliases(aliases: Mapping[int, list[str]]) -> None:
    """Write down, by user id, which aliases accounts had: the register lets go of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oxherd_oxaccount account SET kept_aliases = fresh.aliases::jsonb "
            "FROM unnest(%s::bigint[], %s::text[]) AS fresh (user_id, aliases) WHERE account.user_id = fresh.user_id",
            [list(aliases), [json.dumps(each) for each in aliases.values()]],
        )


def index_all(users: Sequence[ServiceUser], addresses: Mapping[int, str]) -> None:
    """Write the words by which users with one address beside the login are found. addresses: by user id."""
    texts = [words(user, [user.login, addresses[user.pk]]) for user in users]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oxherd_serviceuser person SET search_text = fresh.words "
            "FROM unnest(%s::bigint[], %s::text[]) AS fresh (id, words) WHERE person.id = fresh.id",
            [[user.pk for user in users], texts],
        )
