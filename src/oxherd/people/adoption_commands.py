"""The verbs by which users and the catch-all of an adopted context become ours. The platform hears nothing of it.

Users come in batches, since a context may have thousands. Whoever is not plainly in order is taken over alone, by the
verb that knows every rule and its sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import Told, changes, record, record_all
from oxherd.audit.states import Action
from oxherd.domains.commands import describe, hold_domains
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.domains.queries import of_tenant
from oxherd.domains.rules import is_no_tag, local_part, login_local_part
from oxherd.errors import Refused
from oxherd.people import passwords, records, rules
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.photos import as_it_is, digest
from oxherd.people.repair_commands import PERSON, Stranger, adopt_user
from oxherd.people.search import name_key
from oxherd.people.states import UserStatus
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.tenants.commands import held, take_seat
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours, takes_users
from oxherd.tenants.states import Mastered


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A user of the platform, and the profile that stands for what the user has."""

    stranger: Stranger
    profile: Profile


@dataclass(slots=True)
class _Rows:
    """What one newcomer becomes."""

    user: ServiceUser
    account: OxAccount
    addresses: dict[str, tuple[Domain, AddressKind]]
    photo: bytes | None = field(repr=False)


@dataclass(slots=True)
class _Taken:
    """What a batch may not use any more: everybody's addresses, and names within the context."""

    addresses: set[str]
    logins: set[str]
    names: set[str]
    claimed: set[str | None]
    markers: set[str]


def adopt_users(*, actor: Actor, tenant: Tenant, newcomers: Sequence[Newcomer]) -> Iterator[tuple[Newcomer, str]]:
    """Make users of the platform service users with OX accounts; each with the sentence of a refusal, if any."""
    alone = list(newcomers)
    try:
        with transaction.atomic():
            alone = _adopt_plain(actor, tenant, newcomers)
    except (IntegrityError, Refused):  # somebody was quicker by a moment, or nobody comes in at all
        alone = list(newcomers)
    waiting = {id(newcomer) for newcomer in alone}
    for newcomer in newcomers:
        sentence = ""
        if id(newcomer) in waiting:
            try:
                adopt_user(actor=actor, tenant=tenant, stranger=newcomer.stranger, profile=newcomer.profile)
            except Refused as refused:
                sentence = refused.sentence
        yield newcomer, sentence


def _adopt_plain(actor: Actor, tenant: Tenant, newcomers: Sequence[Newcomer]) -> list[Newcomer]:
    """Take over in a few statements all who are plainly in order; returns the others."""
    actor.require(Permission.MANAGE_USERS, tenant)
    is_ours(tenant, actor, Mastered.USERS)
    tenant = records.claim_tenant(tenant)
    takes_users(tenant)
    domains = {domain.name: domain for domain in of_tenant(tenant)}
    taken = _taken(tenant, newcomers)
    plain: list[_Rows] = []
    left, by_profile = [], dict[Profile, int]()
    for newcomer in newcomers:
        rows = _rows(tenant, newcomer, domains, taken)
        if rows is None:
            left.append(newcomer)
        else:
            plain.append(rows)
            by_profile[newcomer.profile] = by_profile.get(newcomer.profile, 0) + 1
    for profile, count in sorted(by_profile.items(), key=lambda each: each[0].pk):
        take_seat(tenant.pk, profile, count)
    _write(actor, plain)
    return left


def _taken(tenant: Tenant, newcomers: Sequence[Newcomer]) -> _Taken:
    held = [newcomer.stranger.held for newcomer in newcomers]
    addresses = {address for each in held for address in (*each["aliases"], each["primary_address"], each["name"])}
    names = [each["name"] for each in held]
    accounts = OxAccount.objects.filter(tenant=tenant)
    claimed = [name_key(each["display_name"]) for each in held]
    markers = [marker for each in held if (marker := records.marker_of(each.get("marker")))]
    return _Taken(
        set(Address.objects.filter(address__in=addresses).values_list("address", flat=True)),
        set(ServiceUser.objects.filter(tenant=tenant, login__in=addresses).values_list("login", flat=True)),
        set(accounts.filter(ox_name__in=[*names, *addresses]).values_list("ox_name", flat=True)),
        set(accounts.filter(claimed_name__in=claimed).values_list("claimed_name", flat=True)),
        set(map(str, OxAccount.objects.filter(marker__in=markers).values_list("marker", flat=True))),
    )


def _rows(tenant: Tenant, newcomer: Newcomer, domains: dict[str, Domain], taken: _Taken) -> _Rows | None:
    """None for whom anything is in doubt."""
    stranger, held = newcomer.stranger, newcomer.stranger.held
    try:
        rows = _made(tenant, newcomer, domains)
        photo = as_it_is(stranger.photo) if stranger.photo else None
    except (Refused, KeyError):
        return None
    if photo != (stranger.photo or None) or not _claim(rows, held, taken):
        return None
    rows.photo = photo
    return rows


def _claim(rows: _Rows, held: Mapping[str, Any], taken: _Taken) -> bool:
    """Whether nobody has any of it; from then on this newcomer has."""
    user, account = rows.user, rows.account
    marker = str(account.marker)
    claims: tuple[tuple[set[Any], set[Any]], ...] = (
        (taken.addresses, set(rows.addresses)),
        (taken.logins, {user.login}),
        (taken.names, {held["name"], user.login}),
        (taken.claimed, {account.claimed_name} - {None}),
        (taken.markers, {marker}),
    )
    if any(theirs & ours for theirs, ours in claims):
        return False
    for theirs, ours in claims:
        theirs.update(ours)
    return True


def _made(tenant: Tenant, newcomer: Newcomer, domains: dict[str, Domain]) -> _Rows:
    """Raises Refused, and KeyError for an address in no domain of the tenant."""
    stranger, held = newcomer.stranger, newcomer.stranger.held
    if not held["mail_enabled"]:
        raise Refused("This user is locked.")
    login = held["name"] if held["name"].rpartition("@")[2] in domains else held["primary_address"]
    person = {ours: held[theirs] for theirs, ours in PERSON.items()}
    name = rules.display_name(person["display_name"])
    given_name, surname = rules.names(name, person["given_name"], person["surname"])
    rules.language_is_known(person["language"])
    rules.time_zone_is_known(person["time_zone"])
    addresses = _addresses(login, held, domains)
    user = ServiceUser(
        tenant=tenant, display_name=name, sort_name=name_key(name), given_name=given_name, surname=surname,
        login=login, domain=domains[login.rpartition("@")[2]], language=person["language"],
        time_zone=person["time_zone"], password_hash=passwords.NONE, status=UserStatus.ENABLED,
    )  # fmt: skip
    user.search_text = records.words(user, [login, *addresses])
    account = OxAccount(
        user=user, tenant=tenant, profile=newcomer.profile, primary_address=held["primary_address"],
        claimed_name=name_key(name) if tenant.brand.unique_display_names else None,
        ox_id=stranger.ox_id, ox_name=held["name"], applied={key: held[key] for key in held if key != "marker"},
    )  # fmt: skip
    if marker := records.marker_of(held.get("marker")):
        account.marker = marker
    return _Rows(user, account, addresses, None)


def _addresses(
    login: str, held: Mapping[str, Any], domains: dict[str, Domain]
) -> dict[str, tuple[Domain, AddressKind]]:
    """What the register shall hold, all of it in its stored form."""
    primary = held["primary_address"]
    kinds = dict.fromkeys([login], AddressKind.LOGIN) | dict.fromkeys(held["aliases"], AddressKind.ALIAS)
    kinds[primary] = AddressKind.PRIMARY
    rules.not_too_many([address for address, kind in kinds.items() if kind == AddressKind.ALIAS])
    wanted = {}
    for address, kind in kinds.items():
        before, _, domain = address.rpartition("@")
        stored = login_local_part(before) if address == login else local_part(before, "aliases")
        if stored != before:
            raise Refused("This address is not as it would be stored.")
        is_no_tag(address, domains[domain].tenant, "aliases")
        wanted[address] = (domains[domain], kind)
    return wanted


def _write(actor: Actor, plain: Sequence[_Rows]) -> None:
    hold_domains({address: wish for rows in plain for address, wish in rows.addresses.items()}, {})
    ServiceUser.objects.bulk_create([rows.user for rows in plain])
    OxAccount.objects.bulk_create([rows.account for rows in plain])
    addresses = [
        Address(address=address, domain=domain, kind=kind, user=rows.user)
        for rows in plain
        for address, (domain, kind) in rows.addresses.items()
    ]
    Address.objects.bulk_create(sorted(addresses, key=lambda row: row.address), batch_size=1000)
    photos = [Photo(user=rows.user, jpeg=rows.photo, digest=digest(rows.photo)) for rows in plain if rows.photo]
    Photo.objects.bulk_create(photos, batch_size=20)
    record_all(actor, Action.USER_ADOPT, [Told(rows.user, after=_described(rows)) for rows in plain])


def _described(rows: _Rows) -> dict[str, Any]:
    aliases = sorted(address for address, (_, kind) in rows.addresses.items() if kind == AddressKind.ALIAS)
    account = {
        "profile": str(rows.account.profile),
        "primary_address": rows.account.primary_address,
        "aliases": aliases,
    }
    return {**records.describe(rows.user), **account}


@transaction.atomic
def adopt_catch_all(*, actor: Actor, tenant: Tenant, name: str, ox_name: str) -> None:
    """Write down who gets what is addressed to nobody. name: of the domain. ox_name: of the user on the platform.

    Raises Refused where the user is none of ours.
    """
    actor.require(Permission.MANAGE_DOMAINS, tenant)
    tenant = held(tenant)
    domain = of_tenant(tenant).select_for_update(of=("self",), no_key=True).get(name=name)
    account = OxAccount.objects.filter(tenant=tenant, ox_name=ox_name, presence=Presence.PRESENT).first()
    if account is None:
        raise Refused(f"{ox_name}, who gets it in OX, is not in the panel.", field="catch_all")
    before = describe(domain)
    domain.catch_all_id = account.user_id
    domain.save(update_fields=["catch_all"])
    tenant.catch_alls = sorted({*tenant.catch_alls, name})
    tenant.save(update_fields=["catch_alls"])
    old, new = changes(before, describe(domain))
    record(actor, Action.DOMAIN_CHANGE, domain, place=tenant, before=old, after=new)
