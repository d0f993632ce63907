"""The rows behind a user: what the commands of this room write together. Always called inside their transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.domains.commands import register
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.domains.queries import split
from oxherd.errors import NotYours, Refused
from oxherd.people import rules
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.photos import digest
from oxherd.people.search import name_key, search_text
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning.commands import request_sync
from oxherd.provisioning.states import Presence, SubjectKind
from oxherd.tenants.commands import leave_seat, take_seat
from oxherd.tenants.models import Tenant

# The columns of an account that commands write. What the worker learnt from the platform is never written over.
OURS = ("profile", "primary_address", "presence", "claimed_name", "sealed_password", "kept_aliases", "delete_after")

Addresses = dict[str, tuple[Domain, AddressKind]]


@dataclass(frozen=True, slots=True)
class OxWish:
    """The OX service as an administrator asks for it; addresses as they were typed."""

    profile: Profile
    aliases: tuple[str, ...] = ()
    primary_address: str = ""  # empty: the login


def locked(user: ServiceUser) -> ServiceUser:
    """The user as it is now, locked against other commands. Raises Refused for one who was removed, or is gone."""
    fresh = held(user)
    rules.is_present(fresh)
    return fresh


def held(user: ServiceUser) -> ServiceUser:
    """As `locked`, whether removed or not. Raises Refused for one who is gone."""
    rows = ServiceUser.objects.select_for_update(of=("self",)).select_related("tenant__brand", "domain")
    fresh = rows.filter(pk=user.pk).first()
    if fresh is None:
        raise Refused(f"{user} has been deleted meanwhile.")
    return fresh


def insert(user: ServiceUser) -> None:
    """Save a new user and hold the login's address. Raises Refused at `login` where somebody was quicker."""
    user.search_text = words(user, [user.login])
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        rules.login_is_free(user.login, user.tenant)
        raise
    rules.name_is_free_in_ox(user.login, user.tenant, but_for=user.pk)  # somebody may have been renamed a moment ago
    register(held_by(user), fields={user.login: "login"}, user_id=user.pk)


def open_account(user: ServiceUser, wish: OxWish, *, password: str) -> OxAccount:
    """Give the user an OX account, or bring back the one that is still leaving.

    Raises Refused at `profile` (not in the subscription, no seat), `aliases`, `primary_address` or `display_name`.
    """
    tenant = user.tenant
    account = OxAccount.objects.filter(user=user).first() or OxAccount(user=user, tenant=tenant)
    take_seat(tenant.pk, wish.profile)
    account.profile = wish.profile
    account.presence, account.delete_after = Presence.PRESENT, None
    account.primary_address = write_addresses(user, wish.primary_address, wish.aliases)
    account.sealed_password = sealing.seal(password)
    claim_display_name(account, user)
    index(user)
    return account


def drop_account(account: OxAccount) -> None:
    """Mark an account as leaving: its seat is free at once, its addresses when the platform has let go."""
    if account.presence == Presence.PRESENT:
        leave_seat(account.tenant_id, account.profile_id)
    account.presence, account.delete_after = Presence.LEAVING, None
    account.claimed_name = None
    account.sealed_password = ""
    account.save(update_fields=OURS)


def write_addresses(user: ServiceUser, primary: str, aliases: tuple[str, ...]) -> str:
    """Register primary address and aliases, as typed; returns the stored primary address.

    The primary address is never kept as an alias too. Raises Refused at `primary_address` or `aliases`.
    """
    wanted = held_by(user)
    fields = {user.login: "login"}
    chosen = user.login
    if primary:
        local_part, domain = split(user.tenant, primary, "primary_address")
        chosen = f"{local_part}@{domain.name}"
        fields.setdefault(chosen, "primary_address")
        wanted[chosen] = (domain, AddressKind.PRIMARY)
    wanted[chosen] = (wanted[chosen][0], AddressKind.PRIMARY)
    for alias in aliases:
        local_part, domain = split(user.tenant, alias, "aliases")
        address = f"{local_part}@{domain.name}"
        if address != chosen:
            wanted[address] = (domain, AddressKind.ALIAS)
            fields.setdefault(address, "aliases")
    rules.not_too_many([address for address, (_, kind) in wanted.items() if kind == AddressKind.ALIAS])
    register(wanted, fields=fields, user_id=user.pk)
    return chosen


def move_addresses(user: ServiceUser, account: OxAccount, primary: str, aliases: Sequence[str]) -> None:
    """Give an account other addresses, as typed; an empty `primary` leaves that one. Raises as `write_addresses`."""
    before = account.primary_address
    account.primary_address = write_addresses(user, primary or before, tuple(aliases))
    if account.primary_address != before:
        account.save(update_fields=["primary_address"])


def release_addresses(user: ServiceUser) -> None:
    """Only the login is held on for a user without OX, and nothing for one who was removed."""
    if user.presence == Presence.REMOVED:
        return
    register(held_by(user), fields={}, user_id=user.pk)
    index(user)


def remember_login(user: ServiceUser, login: str) -> None:
    """Under the old login a job that was broken off may have made the user; the next one looks there too."""
    account = OxAccount.objects.filter(user=user, ox_id=None).first()
    if account:
        account.former_names = [*(name for name in account.former_names if name not in {login, user.login}), login]
        account.save(update_fields=["former_names"])


def claim_display_name(account: OxAccount, user: ServiceUser) -> None:
    """Save the account with its claim on the display name. Raises Refused at `display_name` if it is taken."""
    unique = user.tenant.brand.unique_display_names
    account.claimed_name = name_key(user.display_name) if unique else None
    rules.display_name_is_free(user.tenant, account.claimed_name, but_for=user.pk)
    try:
        with transaction.atomic():
            account.save(update_fields=OURS if account.pk else None)
    except IntegrityError:
        rules.display_name_is_free(user.tenant, account.claimed_name, but_for=user.pk)
        raise


def index(user: ServiceUser) -> None:
    """Write the words by which the user is found."""
    addresses = list(Address.objects.filter(user=user).values_list("address", flat=True))
    ServiceUser.objects.filter(pk=user.pk).update(search_text=words(user, [user.login, *addresses]))


def push(actor: Actor, account: OxAccount | None) -> None:
    """Ask the worker to make OX match; nothing to do for a user without OX."""
    if account is None:
        return
    ServiceUser.objects.filter(pk=account.user_id).update(status=UserStatus.IN_PROGRESS)
    request_sync(actor, SubjectKind.ACCOUNT, account.pk, place=account)


def present_account(user: ServiceUser) -> OxAccount | None:
    accounts = OxAccount.objects.filter(user=user, presence=Presence.PRESENT)
    return accounts.select_related("profile", "tenant").first()


def describe(user: ServiceUser) -> dict[str, Any]:
    fields = ("display_name", "given_name", "surname", "login", "language", "time_zone")
    return {field: getattr(user, field) for field in fields}


def describe_account(account: OxAccount | None) -> dict[str, Any]:
    """Profile and addresses for the audit; empty without an account."""
    if account is None:
        return {}
    aliases = account.kept_aliases
    if account.presence != Presence.REMOVED:
        addresses = Address.objects.filter(user_id=account.user_id, kind=AddressKind.ALIAS).order_by("address")
        aliases = list(addresses.values_list("address", flat=True))
    return {"profile": str(account.profile), "primary_address": account.primary_address, "aliases": aliases}


def claim_tenant(tenant: Tenant, *, alone: bool = False) -> Tenant:
    """The tenant as it is now, held against suspension and removal until the commit; others may add users too.

    alone: others who claim it wait, since something is to be counted against a limit.
    """
    lock = "NO KEY UPDATE" if alone else "SHARE"
    with connection.cursor() as cursor:  # Django has no FOR SHARE
        cursor.execute(f"SELECT 1 FROM oxherd_tenant WHERE id = %s FOR {lock}", [tenant.pk])  # noqa: S608 - ours
        if cursor.fetchone() is None:
            raise NotYours("There is no such customer.")
    return Tenant.objects.select_related("brand").get(pk=tenant.pk)


def write_password(actor: Actor, user: ServiceUser, password: str, password_hash: str) -> None:
    """Of a locked user: the hash counts for mail at once, the password itself is kept sealed until OX has it."""
    user.password_hash = password_hash
    user.save(update_fields=["password_hash", "changed_at"])
    account = present_account(user)
    if account:
        account.sealed_password = sealing.seal(password)
        account.save(update_fields=["sealed_password"])
    record(actor, Action.USER_PASSWORD, user, place=user, after={"password": "set"})
    push(actor, account)


def write_photo(actor: Actor, user: ServiceUser, jpeg: bytes | None) -> None:
    """Of a locked user: this picture, or none."""
    had_one, _ = Photo.objects.filter(user=user).delete()
    if not had_one and not jpeg:
        return
    if jpeg:
        Photo.objects.create(user=user, jpeg=jpeg, digest=digest(jpeg))
    record(actor, Action.USER_CHANGE, user, place=user, before={"photo": bool(had_one)}, after={"photo": bool(jpeg)})
    push(actor, present_account(user))


def held_by(user: ServiceUser) -> Addresses:
    """What the register holds for a user in any case."""
    return {user.login: (user.domain, AddressKind.LOGIN)}


def marker_of(text: str | None) -> UUID | None:
    """The mark that a user of the platform carries, if it can be one of ours."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def words(user: ServiceUser, addresses: list[str]) -> str:
    """By which the user is found."""
    return search_text(user.tenant_id, [user.display_name, user.given_name, user.surname], addresses)
