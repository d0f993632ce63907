from django.db.models import Count, Q, QuerySet

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator, CustomRole, Membership
from oxherd.accounts.states import Permission, Role
from oxherd.brands.models import Brand
from oxherd.domains.models import Domain
from oxherd.errors import NotYours
from oxherd.provisioning.states import Presence
from oxherd.single_sign_on.models import Identity, IdentityProvider, MailDomain
from oxherd.single_sign_on.states import Level
from oxherd.tenants.models import Tenant
from oxherd.walls.crossing import verified_elsewhere

# Of several identity providers for one mail domain, this comes first. A customer has proved that the domain is theirs.
ORDER = (Level.TENANT, Level.PROVIDER, Level.BRAND)


def of_place(actor: Actor, owner: Tenant | Brand | None) -> QuerySet[IdentityProvider]:
    """The identity providers of a tenant, of a brand, or (None) of the whole provider, by name.

    Raises NotYours or NotAllowed for who does not manage the administrators there.
    """
    actor.require(Permission.MANAGE_ADMINISTRATORS, owner)
    here = {"tenant": None, "brand": None}
    if owner is not None:
        here["tenant" if isinstance(owner, Tenant) else "brand"] = owner  # type: ignore[assignment]
    return IdentityProvider.objects.filter(**here).select_related("tenant", "brand").order_by("name", "pk")


def one(actor: Actor, owner: Tenant | Brand | None, pk: int) -> IdentityProvider:
    """Raises NotYours for one that is not there, or not of that place."""
    found = of_place(actor, owner).filter(pk=pk).first()
    if found is None:
        raise NotYours("There is no such identity provider.")
    return found


def by_key(key: str) -> IdentityProvider:
    """For those who have not signed in yet; also one that is switched off. Raises NotYours."""
    found = IdentityProvider.objects.select_related("tenant", "brand").filter(key=key).first()
    if found is None:
        raise NotYours("There is no such way to sign in. Ask your administrator for the right address.")
    return found


def buttons() -> list[IdentityProvider]:
    """What the sign-in page offers to everybody: those of the provider. Others would tell who is a customer here."""
    return list(IdentityProvider.objects.filter(is_enabled=True, brand=None, tenant=None).order_by("name", "pk"))


def for_mail(mail: str) -> IdentityProvider | None:
    """Where somebody with this address signs in; None for: here."""
    name = domain_of(mail.replace("\x00", ""))  # no text of the database holds one
    entries = MailDomain.objects.filter(name=name, identity_provider__is_enabled=True)
    found = [
        entry.identity_provider
        for entry in entries.select_related("identity_provider__tenant", "identity_provider__brand")
        if is_theirs(entry.identity_provider, name)
    ]
    return min(found, key=lambda provider: (ORDER.index(provider.level), provider.pk), default=None)


def is_theirs(provider: IdentityProvider, name: str) -> bool:
    """Whether the place may speak for addresses of a mail domain, as things are now.

    A customer: for its own verified domains. A brand: for what no customer of another brand has. The provider: for all.
    """
    if provider.brand_id is None and provider.tenant_id is None:
        return True
    verified = Domain.objects.filter(name=name, verified_at__isnull=False, presence=Presence.PRESENT)
    if provider.tenant_id is not None:
        return verified.filter(tenant_id=provider.tenant_id).exists()
    # Customers of other brands are out of a reseller's sight.
    return verified.filter(tenant__brand=provider.brand).exists() or not verified_elsewhere([name], 0)


def domain_of(mail: str) -> str:
    """The part behind the @ in its stored form."""
    domain = mail.rpartition("@")[2].strip().lower().rstrip(".")
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return domain


def custom_roles(provider: IdentityProvider) -> QuerySet[CustomRole]:
    """The installation's own roles that may be given at the identity provider's place: of there, and of above."""
    brand_id, tenant_id = provider.place
    fitting = Q(brand=None, tenant=None)
    if brand_id is not None:
        fitting |= Q(brand_id=brand_id)
    if tenant_id is not None:
        fitting |= Q(tenant_id=tenant_id)
    return CustomRole.objects.filter(fitting).order_by("name", "pk")


def outside(provider: IdentityProvider, administrator: Administrator) -> QuerySet[Membership]:
    """Those roles of an administrator that are not of the identity provider's place."""
    theirs = Membership.objects.filter(administrator=administrator)
    if provider.tenant_id is not None:
        return theirs.exclude(tenant_id=provider.tenant_id)
    if provider.brand_id is not None:
        return theirs.exclude(Q(brand_id=provider.brand_id) | Q(tenant__brand_id=provider.brand_id))
    return theirs.none()


def required_for(administrator: Administrator) -> IdentityProvider | None:
    """The identity provider that is the administrator's only way in: required, and with all roles in its reach."""
    theirs = list(
        Membership.objects.filter(administrator=administrator).values_list("brand_id", "tenant__brand_id", "tenant_id")
    )
    if not theirs:
        return None
    brands = {brand or tenants_brand for brand, tenants_brand, _ in theirs}
    tenants = {tenant for *_, tenant in theirs}
    above = Q(brand=None, tenant=None)
    if len(brands) == 1 and None not in brands:
        above |= Q(brand_id=brands.pop())
    if len(tenants) == 1 and None not in tenants:
        above |= Q(tenant_id=tenants.pop())
    required = IdentityProvider.objects.filter(above, is_enabled=True, is_required=True)
    return min(required, key=lambda provider: (ORDER.index(provider.level), provider.pk), default=None)


def may_break_glass(administrator: Administrator) -> bool:
    """Operators keep their passwords: somebody must get in when the service is down or set up wrongly."""
    return Membership.objects.filter(administrator=administrator, role=Role.OPERATOR, brand=None, tenant=None).exists()


def still_holds(provider_id: int, administrator: Administrator) -> bool:
    """Whether who has signed in through it may go on: it is enabled, and all roles are in its reach."""
    provider = in_use(provider_id)
    return provider is not None and not outside(provider, administrator).exists()


def in_use(pk: int) -> IdentityProvider | None:
    """Also for those who have not signed in yet; None for one that is switched off, or gone."""
    return IdentityProvider.objects.filter(pk=pk, is_enabled=True).first()


def is_known(provider: IdentityProvider, administrator: Administrator, subject: str) -> bool:
    """Whether the service means this administrator by the subject."""
    return Identity.objects.filter(identity_provider=provider, administrator=administrator, subject=subject).exists()


def with_counts(providers: QuerySet[IdentityProvider]) -> QuerySet[IdentityProvider]:
    """Each with its mail domains, and `people`: how many it knows."""
    return providers.prefetch_related("mail_domains").annotate(people=Count("identities"))


def effects_of_removal(provider: IdentityProvider) -> tuple[int, int]:
    """How many people it knows, and how many roles its groups give."""
    given = Membership.objects.filter(identity_provider=provider).count()
    return Identity.objects.filter(identity_provider=provider).count(), given
