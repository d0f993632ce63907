"""The verbs of service users. Each checks, writes, records and asks the worker in one transaction."""

from dataclasses import dataclass, field

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.domains.queries import domain_of
from oxherd.domains.rules import login_local_part
from oxherd.people import passwords, rules
from oxherd.people.models import Photo, ServiceUser
from oxherd.people.photos import as_it_is, digest, make_photo
from oxherd.people.records import (
    OxWish,
    claim_display_name,
    claim_tenant,
    describe,
    describe_account,
    index,
    insert,
    locked,
    move_addresses,
    open_account,
    present_account,
    push,
    write_password,
    write_photo,
)
from oxherd.people.search import name_key
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours, takes_users
from oxherd.tenants.states import Mastered

NAMES = frozenset({"display_name", "given_name", "surname"})


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a door knows of a person to be added; every text as it was typed."""

    display_name: str
    login: str  # the part before the @
    domain: str
    password: str = field(repr=False)
    given_name: str = ""
    surname: str = ""
    language: str = "en_US"
    time_zone: str = "Europe/Berlin"
    photo: bytes | None = field(default=None, repr=False)
    ox: OxWish | None = None


def add_user(*, actor: Actor, tenant: Tenant, new: NewUser) -> ServiceUser:
    """Add a service user, with an OX account if `new.ox` is given.

    Raises Refused with the field to mend (display_name, login, domain, password, photo, profile, aliases, ...);
    nothing is left behind then, and no platform has been asked.
    """
    actor.require(Permission.MANAGE_USERS, tenant)
    is_ours(tenant, actor, Mastered.USERS)
    user, jpeg = check_user(tenant, new)
    password_hash = passwords.hashed(new.password)
    with transaction.atomic():
        user.tenant = claim_tenant(tenant)
        takes_users(user.tenant)
        user.password_hash = password_hash
        insert(user)
        if jpeg:
            Photo.objects.create(user=user, jpeg=jpeg, digest=digest(jpeg))
        account = open_account(user, new.ox, password=new.password) if new.ox else None
        picture = {"photo": True} if jpeg else {}
        after = {**describe(user), **describe_account(account), **picture}
        record(actor, Action.USER_ADD, user, place=tenant, after=after)
        if account:
            push(actor, account)
    return user


def check_user(tenant: Tenant, new: NewUser) -> tuple[ServiceUser, bytes | None]:
    """Everything about a new user that can be checked without writing: the user to be saved, and the photo.

    Raises Refused with the field to mend.
    """
    user = check_person(tenant, new)
    passwords.is_good_enough(new.password, about=(user.display_name, user.login))
    jpeg = make_photo(new.photo) if new.photo is not None else None
    return user, jpeg


def check_person(tenant: Tenant, new: NewUser) -> ServiceUser:
    """As `check_user`, of everything but password and photo."""
    takes_users(tenant)
    name = rules.display_name(new.display_name)
    given_name, surname = rules.names(name, new.given_name, new.surname)
    domain = domain_of(tenant, new.domain)
    login = f"{login_local_part(new.login)}@{domain.name}"
    rules.login_is_free(login, tenant)
    rules.language_is_known(new.language)
    rules.time_zone_is_known(new.time_zone)
    return ServiceUser(
        tenant=tenant,
        display_name=name,
        sort_name=name_key(name),
        given_name=given_name,
        surname=surname,
        login=login,
        domain=domain,
        language=new.language,
        time_zone=new.time_zone,
    )


def change_user(
    *,
    actor: Actor,
    user: ServiceUser,
    aliases: tuple[str, ...] | None = None,
    primary_address: str = "",
    **fields: str,
) -> ServiceUser:
    """Change display_name, given_name, surname, language or time_zone; with OX, aliases and primary address too.

    All of it is one change. aliases: all there are then, as typed, without the primary address; None leaves them.
    primary_address: as typed; empty leaves it, and the one that was is kept only as one of the aliases.
    Raises Refused with the field to mend, and for names whose master is a controller.
    """
    actor.require(Permission.MANAGE_USERS, user)
    if unknown := set(fields) - {*NAMES, "language", "time_zone"}:
        raise TypeError(f"a service user has no {', '.join(sorted(unknown))} to change")
    with transaction.atomic():
        user = locked(user)
        account = present_account(user)
        before = {**describe(user), **describe_account(account)}
        _assign(user, fields)
        if aliases is not None or primary_address:
            account = account or rules.account_of(user)  # says that there is none
            move_addresses(user, account, primary_address, before["aliases"] if aliases is None else aliases)
        old, new = changes(before, {**describe(user), **describe_account(account)})
        if not new:
            return user
        if NAMES & new.keys():
            is_ours(user.tenant, actor, Mastered.USERS)
        if account and "display_name" in new:
            claim_display_name(account, user)
        user.save()
        index(user)
        record(actor, Action.USER_CHANGE, user, place=user, before=old, after=new)
        push(actor, account)
    return user


def change_photo(*, actor: Actor, user: ServiceUser, photo: bytes | None, as_is: bool = False) -> None:
    """Set the photo (JPEG, PNG, WebP or HEIC, up to 10 MB), or take it away with None. Raises Refused at `photo`.

    as_is: a JPEG of the platform stays the same to the byte.
    """
    actor.require(Permission.MANAGE_USERS, user)
    jpeg = (as_it_is if as_is else make_photo)(photo) if photo is not None else None
    with transaction.atomic():
        write_photo(actor, locked(user), jpeg)


def change_password(*, actor: Actor, user: ServiceUser, password: str) -> None:
    """Set a password: at once for mail, and on its way to OX sealed until it is delivered.

    Raises Refused at `password` for a weak one.
    """
    actor.require(Permission.SET_PASSWORD, user)
    is_ours(user.tenant, actor, Mastered.PASSWORDS)
    passwords.is_good_enough(password, about=(user.display_name, user.login))
    password_hash = passwords.hashed(password)
    with transaction.atomic():
        write_password(actor, locked(user), password, password_hash)


def _assign(user: ServiceUser, fields: dict[str, str]) -> None:
    if "display_name" in fields:
        user.display_name = rules.display_name(fields["display_name"])
        user.sort_name = name_key(user.display_name)
    user.given_name, user.surname = rules.names(
        user.display_name, fields.get("given_name", user.given_name), fields.get("surname", user.surname)
    )
    user.language = fields.get("language", user.language)
    user.time_zone = fields.get("time_zone", user.time_zone)
    rules.language_is_known(user.language)
    rules.time_zone_is_known(user.time_zone)
