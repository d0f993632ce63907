"""Takes over a context that was there before us: reads it, and makes our rows of it. The platform is told nothing.

Each object is taken over by itself, in a transaction of its own: what our rules refuse is told with its cause, and
holds up nothing else. Whoever is killed on the way begins again, and takes over what is missing.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.domains.adoption_commands import adopt_domain
from oxherd.domains.models import Address
from oxherd.domains.queries import of_tenant
from oxherd.errors import NotAllowed, PlatformError, Refused
from oxherd.forwarders.repair_commands import adopt_forwarder
from oxherd.groups.models import Group
from oxherd.groups.repair_commands import adopt_group
from oxherd.ox.interface import ContextAccess, FoundContext, FoundUser, Platform
from oxherd.people.adoption_commands import Newcomer, adopt_catch_all, adopt_users
from oxherd.people.models import OxAccount
from oxherd.people.repair_commands import Stranger
from oxherd.profiles.adoption import Fitting, Gives
from oxherd.resources.models import Resource
from oxherd.resources.repair_commands import adopt_resource
from oxherd.sync.drift_objects import NOUNS
from oxherd.sync.drift_scope import BATCH, Fields, Scope, in_batches, shown
from oxherd.sync.drift_users import combinations_of, held_by, mailboxes_of
from oxherd.sync.forwarders import held_there
from oxherd.sync.motion import Motion
from oxherd.sync.platforms import access, platform_of
from oxherd.sync.tenants import login_mappings, wanted_of
from oxherd.sync.unmarked import Place
from oxherd.tenants.adoption_commands import Context, adopt_tenant, note_context, offer
from oxherd.tenants.models import Tenant

# In every context the platform's own administrator.
ADMINISTRATOR_ID = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    context: name or number on the platform. name: of the customer, the context's if empty. administrator, password: of
    the context; App Suite lets nobody else read its users. make_profiles: add profiles that fit where none does.
    """

    context: str
    name: str = ""
    administrator: str = ""
    password: str = field(default="", repr=False)
    make_profiles: bool = False


@dataclass(slots=True)
class Report:
    """What came of it: numbers by kind of object, and what was refused, with kind, name and the sentence why."""

    context: str
    tenant: Tenant | None = None
    taken: dict[str, int] = field(default_factory=dict)
    known: int = 0
    profiles: list[str] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, kind: str, name: str, sentence: str = "") -> None:
        """One object more that was taken over, or refused for what the sentence says; the same is told once."""
        if not sentence:
            self.taken[kind] = self.taken.get(kind, 0) + 1
        elif (entry := (kind, name, sentence)) not in self.refused:
            self.refused.append(entry)


@dataclass(frozen=True, slots=True)
class Taking:
    """One adoption under way. scope: as for a comparison, which reads the same."""

    actor: Actor
    scope: Scope
    fitting: Fitting
    report: Report
    domains: dict[str, bool] = field(default_factory=dict)  # those that were looked at, and whether they are ours
    offered: set[int] = field(default_factory=set)  # profiles that the customer may have

    @property
    def tenant(self) -> Tenant:
        return self.scope.tenant

    def keeps(self, held: Fields) -> Fields:
        """What the platform holds, without what this release of it has no place for."""
        return {name: value for name, value in held.items() if name not in self.scope.not_kept}


def adopt(*, actor: Actor, brand: Brand, wish: Wish, tell: Callable[[Report], None] = lambda _: None) -> Report:
    """Take over a context with all that our rules allow. tell: hears how far it has come, now and then.

    Raises Refused where there is nothing to take over, or nobody may, and PlatformError where the platform does not
    answer; what was taken over until then stays, and the next try goes on from there.
    """
    platform = platform_of(brand)
    found = _found(platform, wish.context)
    tenant = _tenant(actor, brand, platform, found, wish)
    report = Report(found.name, tenant)
    scope = Scope(
        tenant,
        platform,
        access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password),
        Motion(tenant.pk),
        is_deep=True,
        not_kept=platform.not_kept(),
    )
    taking = Taking(actor, scope, Fitting(actor, brand, make=wish.make_profiles), report)
    _note(taking, found)  # from now on nothing that a worker is asked for the context changes it
    for name in sorted(set(_names_of_domains(found)), key=len):
        _take_domain(taking, name)
    for batch in in_batches(platform.list_users(scope.access)):
        _take_users(taking, [user for user in batch if user.name != tenant.context_admin])
        tell(report)
    for noun in NOUNS:
        adopt_one = adopt_group if noun.model is Group else adopt_resource
        for objects in in_batches(noun.listed(scope), noun.batch):
            _take_objects(taking, noun, adopt_one, objects)
            tell(report)
    _take_forwarders(taking)
    _take_catch_alls(taking)
    _note(taking, found)
    report.profiles = taking.fitting.made
    return report


def preview(*, actor: Actor, brand: Brand, wish: Wish, tell: Callable[[Report], None] = lambda _: None) -> Report:
    """As `adopt`, and afterwards nothing has happened. Raises the same.

    It does happen, in one transaction that is taken back: only so is what is told what would come. Nobody waits for the
    rows that it holds but who adds the same names at this moment.
    """
    with transaction.atomic():
        report = adopt(actor=actor, brand=brand, wish=wish, tell=tell)
        report.tenant = None
        transaction.set_rollback(True)
    return report


def contexts_of(brand: Brand, pattern: str = "*") -> Iterator[FoundContext]:
    """Contexts of the brand's platform that no customer here has, by name or number, read while they arrive."""
    for batch in in_batches(platform_of(brand).list_contexts(pattern), BATCH):
        same = Tenant.objects.filter(brand__api_url=brand.api_url, brand__platform=brand.platform)
        ours = set(same.filter(context_id__in=[each.context_id for each in batch]).values_list("context_id", flat=True))
        yield from (each for each in batch if each.context_id not in ours)


def _found(platform: Platform, key: str) -> FoundContext:
    """By name, else by number."""
    found = platform.find_context(name=key)
    if found is None and key.isascii() and key.isdecimal() and len(key) < 10:  # noqa: PLR2004 - 32 bits
        found = platform.find_context(context_id=int(key))
    if found is None:
        raise Refused(f"The platform has no context {key}. Give its name or its number.", field="context")
    if not found.enabled:
        raise Refused(f"The context {found.name} is disabled in OX. Enable it there first.", field="context")
    return found


def _tenant(actor: Actor, brand: Brand, platform: Platform, found: FoundContext, wish: Wish) -> Tenant:
    """A new tenant, or the one that an earlier adoption has made."""
    present = Tenant.objects.select_related("brand").filter(brand=brand, context_id=found.context_id).first()
    if present is not None and present.is_adopted:
        return present
    administrator, password = wish.administrator, wish.password
    if brand.platform == PlatformKind.OX_CLOUD:
        administrator, password = _administrator(platform, found), secrets.token_urlsafe(24)
    elif not (administrator and password):
        sentence = "Give login and password of the context's administrator: App Suite lets nobody else read its users."
        raise Refused(sentence, field="administrator")
    else:
        _may_enter(platform, ContextAccess(found.context_id, administrator, password))
    context = Context(found.context_id, found.name, found.quota_mb, found.marker, administrator, sealing.seal(password))
    return adopt_tenant(actor=actor, brand=brand, context=context, name=wish.name)


def _administrator(platform: Platform, found: FoundContext) -> str:
    user = platform.find_user(ContextAccess(found.context_id, "", ""), ox_id=ADMINISTRATOR_ID)
    return user.name if user is not None else "oxadmin"


def _may_enter(platform: Platform, administrator: ContextAccess) -> None:
    try:
        user = platform.find_user(administrator, name=administrator.login)
    except PlatformError as error:
        raise Refused(
            f"The context does not take the login or password of its administrator: {error.sentence}", field="password"
        ) from error
    if user is None:
        raise Refused(f"The context has no user {administrator.login}.", field="administrator")


def _names_of_domains(found: FoundContext) -> Iterator[str]:
    """Mappings that may be mail domains; a context's name and number are none."""
    yield from (mapping.lower() for mapping in found.login_mappings if "." in mapping and mapping != found.name)


def _take_domain(taking: Taking, name: str) -> bool:
    """Whether the tenant has the domain afterwards."""
    if name not in taking.domains:
        take = partial(adopt_domain, actor=taking.actor, tenant=taking.tenant, name=name)
        is_there = of_tenant(taking.tenant).filter(name=name).exists()
        taking.domains[name] = is_there or _taken(taking, "domain", shown(name), take)
    return taking.domains[name]


def _take_users(taking: Taking, users: Sequence[FoundUser]) -> None:
    ids = [user.ox_id for user in users]
    ours = OxAccount.objects.filter(tenant=taking.tenant, ox_id__in=ids)
    known = set(ours.values_list("ox_id", flat=True))
    taking.report.known += len(known)
    users = [user for user in users if user.ox_id not in known]
    combinations = combinations_of(taking.scope, [user.ox_id for user in users])
    mailboxes = mailboxes_of(taking.scope, users)
    newcomers = []
    for user in users:
        if user.ox_id in combinations:  # who is gone meanwhile is left out
            held = held_by(user) | mailboxes.get(user.ox_id, {}) | {"access_combination": combinations[user.ox_id]}
            newcomers += _newcomer(taking, user, held)
    for newcomer, sentence in adopt_users(actor=taking.actor, tenant=taking.tenant, newcomers=newcomers):
        told = newcomer.stranger.held
        taking.report.note("user", told["display_name"] or told["name"], sentence)


def _newcomer(taking: Taking, user: FoundUser, held: Fields) -> list[Newcomer]:
    """None where no profile stands for what the user has."""
    for domain in sorted({address.rpartition("@")[2] for address in held["aliases"]}, key=len):
        _take_domain(taking, domain)
    profiles = []

    def choose() -> None:
        profile = taking.fitting.profile(Gives.by(held))
        if profile.pk not in taking.offered:
            offer(taking.tenant, profile)
            taking.offered.add(profile.pk)
        profiles.append(profile)

    _tried(taking, "user", user.display_name or user.name, choose)
    told = taking.keeps(held) | {"access_combination": held["access_combination"], "marker": user.marker}
    return [Newcomer(Stranger(user.ox_id, told, user.photo), profile) for profile in profiles]


def _take_objects(taking: Taking, noun: Any, adopt_one: Callable[..., object], objects: Sequence[Any]) -> None:
    model: type[Group | Resource] = noun.model
    ids = [found.ox_id for found in objects]
    known = set(model.objects.filter(tenant=taking.tenant, ox_id__in=ids).values_list("ox_id", flat=True))
    taking.report.known += len(known)
    for found in objects:
        if found.ox_id in known:
            continue
        holds = taking.keeps(noun.held_by(found))
        if model is Resource:
            holds.setdefault("manager_id", None)
        take = partial(adopt_one, actor=taking.actor, tenant=taking.tenant, ox_id=found.ox_id, holds=holds)
        _taken(taking, noun.object_kind.value, found.display_name or found.name, take)


def _take_forwarders(taking: Taking) -> None:
    mail = taking.scope.platform.mail
    if mail is None:
        return
    known = set(Address.objects.filter(forwarder__tenant=taking.tenant).values_list("address", flat=True))
    there = held_there(mail, Place(taking.scope.platform, taking.scope.access))
    for address, recipients in sorted(there.items()):
        if address in known:
            taking.report.known += 1
            continue
        _take_domain(taking, address.rpartition("@")[2])
        holds = {"recipients": recipients}
        take = partial(adopt_forwarder, actor=taking.actor, tenant=taking.tenant, address=address, holds=holds)
        _taken(taking, "forwarder", shown(address), take)


def _take_catch_alls(taking: Taking) -> None:
    if taking.scope.platform.mail is None:
        return
    for domain, name in sorted(taking.scope.platform.mail.catch_alls(taking.scope.access).items()):
        held = of_tenant(taking.tenant).filter(name=domain, catch_all__account__ox_name=name)
        if held.exists():
            taking.report.known += 1
        elif _take_domain(taking, domain):
            take = partial(adopt_catch_all, actor=taking.actor, tenant=taking.tenant, name=domain, ox_name=name)
            _taken(taking, "catch-all", shown(domain), take)


def _taken(taking: Taking, kind: str, name: str, take: Callable[[], object]) -> bool:
    """Take one object over; whether that went well. What is refused is told once."""
    is_taken = _tried(taking, kind, name, take)
    if is_taken:
        taking.report.note(kind, name)
    return is_taken


def _tried(taking: Taking, kind: str, name: str, take: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            take()
    except (Refused, NotAllowed) as no:
        taking.fitting.look_again()
        taking.report.note(kind, name, no.sentence)
        return False
    return True


def _note(taking: Taking, found: FoundContext) -> None:
    """What the context maps otherwise than its domains say stays so."""
    own = {str(found.context_id), found.name.lower()}
    mapped = {mapping.lower() for mapping in found.login_mappings} - own
    domains = set(of_tenant(taking.tenant).values_list("name", flat=True))
    mappings = {"kept": sorted(mapped - domains), "left_out": sorted(domains - mapped)}
    taking.tenant.mappings = mappings
    applied = {**wanted_of(taking.tenant), "login_mappings": login_mappings(taking.tenant)}
    note_context(actor=taking.actor, tenant=taking.tenant, mappings=mappings, applied=applied)
