from collections.abc import Iterable, Sequence

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator, CustomRole, Membership, SignInPolicy
from oxherd.accounts.states import ON_TENANT, Permission, Role
from oxherd.administrators.models import OPEN, Invitation
from oxherd.administrators.rules import AnyRole, gives, roles_at
from oxherd.brands.models import Brand
from oxherd.errors import NotYours
from oxherd.tenants.models import Tenant

Level = Brand | Tenant | None


def managed(actor: Actor) -> Q:
    """The filter for rows with brand and tenant that leaves places where the actor manages administrators."""
    held = [grant for grant in actor.grants if Permission.MANAGE_ADMINISTRATORS in grant.permissions]
    if any(grant.brand_id is None and grant.tenant_id is None for grant in held):
        return Q()
    brands = [grant.brand_id for grant in held if grant.tenant_id is None]
    tenants = [grant.tenant_id for grant in held if grant.tenant_id is not None]
    return Q(brand__in=brands) | Q(tenant__brand__in=brands) | Q(tenant__in=tenants)


def manages_some(actor: Actor) -> bool:
    """Whether there is a place above customers where the actor manages administrators."""
    return any(Permission.MANAGE_ADMINISTRATORS in grant.permissions and not grant.tenant_id for grant in actor.grants)


def within(level: Level) -> Q:
    """The filter for rows with brand and tenant: on a brand with all its tenants, on a tenant; None: everywhere."""
    if level is None:
        return Q()
    return Q(tenant=level) if isinstance(level, Tenant) else Q(brand=level) | Q(tenant__brand=level)


def found(actor: Actor, level: Level, *, text: str = "", state: str = "") -> QuerySet[Administrator]:
    """The people with roles at a level or below, where the actor manages them, each with `folded_name`.

    text: part of name or address. state: "active" or "inactive". Of the whole provider, those without roles too.
    """
    people = Administrator.objects.annotate(folded_name=Lower("name"))
    limits = managed(actor) & within(level)
    if limits:
        people = people.filter(Exists(Membership.objects.filter(limits, administrator=OuterRef("pk"))))
    if state:
        people = people.filter(is_active=state == "active")
    text = text.replace("\x00", "")
    return people.filter(Q(name__icontains=text) | Q(email__icontains=text)) if text else people


def roles_of(actor: Actor, people: Iterable[Administrator], level: Level) -> dict[int, list[Membership]]:
    """The roles of these people at a level or below that the actor may see, by person."""
    rows = Membership.objects.filter(managed(actor) & within(level), administrator__in=list(people))
    found: dict[int, list[Membership]] = {}
    for row in rows.select_related("brand", "tenant__brand", "custom_role").order_by("pk"):
        found.setdefault(row.administrator_id, []).append(row)
    return found


def with_second_factor(people: Iterable[Administrator]) -> set[int]:
    """The ids of those who have a passkey or an authenticator app."""
    factors = Authenticator.objects.filter(user__in=list(people)).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return set(factors.values_list("user_id", flat=True))


def membership(actor: Actor, level: Level, pk: int) -> Membership:
    """Raises NotYours for a role that does not exist at this level or below, or that the actor does not manage."""
    rows = Membership.objects.filter(managed(actor) & within(level), pk=pk)
    row = rows.select_related("administrator", "brand", "tenant__brand", "custom_role").first()
    if row is None:
        raise NotYours("There is no such role.")
    return row


def administrator(actor: Actor, level: Level, pk: int) -> Administrator:
    """Raises NotYours for somebody without a role there."""
    person = found(actor, level).filter(pk=pk).first()
    if person is None:
        raise NotYours("There is no such administrator.")
    return person


def invitations(actor: Actor, level: Level, *, text: str = "") -> QuerySet[Invitation]:
    """The open and the expired invitations at a level or below."""
    rows = Invitation.objects.filter(OPEN, managed(actor) & within(level))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return rows.select_related("brand", "tenant__brand", "custom_role").order_by("-created_at", "-pk")


def invitation(actor: Actor, level: Level, pk: int) -> Invitation:
    row = invitations(actor, level).filter(pk=pk).first()
    if row is None:
        raise NotYours("There is no such invitation.")
    return row


def custom_roles(level: Level) -> QuerySet[CustomRole]:
    """The roles of one's own making that can be given at a level: its own, and those of the levels above."""
    usable = Q(brand=None, tenant=None)
    if isinstance(level, Tenant):
        usable |= Q(brand=level.brand_id) | Q(tenant=level)
    elif level is not None:
        usable |= Q(brand=level)
    return CustomRole.objects.filter(usable).select_related("brand", "tenant__brand").order_by("name", "pk")


def owned_roles(level: Level) -> QuerySet[CustomRole]:
    """The roles that belong to this very level."""
    own = {"tenant": level} if isinstance(level, Tenant) else {"brand": level, "tenant": None}
    return CustomRole.objects.filter(**own).select_related("brand", "tenant__brand").order_by("name", "pk")


def owned_role(actor: Actor, level: Level, pk: int) -> CustomRole:
    actor.require(Permission.MANAGE_ADMINISTRATORS, level)
    role = owned_roles(level).filter(pk=pk).first()
    if role is None:
        raise NotYours("There is no such role.")
    return role


def offered(actor: Actor, level: Level) -> list[AnyRole]:
    """The roles that the actor may give at a level."""
    held = actor.held(level)
    roles: Sequence[AnyRole] = [*roles_at(level), *custom_roles(level)]
    return [role for role in roles if gives(role) <= held]


def holders(role: CustomRole) -> QuerySet[Membership]:
    """Who has a role of one's own making, wherever."""
    rows = Membership.objects.filter(custom_role=role).select_related("administrator", "brand", "tenant__brand")
    return rows.order_by("administrator__name", "pk")


def policy(level: Level) -> SignInPolicy:
    """The rules of this very level; an empty one, unsaved, where nothing was set."""
    own = {"tenant": level} if isinstance(level, Tenant) else {"brand": level, "tenant": None}
    return SignInPolicy.objects.filter(**own).first() or SignInPolicy(**own)


def named_roles(level: Level) -> list[AnyRole]:
    """All roles that people may have at a level or below it, for rules that name some."""
    ours = dict.fromkeys([*roles_at(level), *(ON_TENANT if not isinstance(level, Tenant) else ())])
    if level is None:
        ours = dict.fromkeys(Role)
    return [*ours, *custom_roles(level)]
