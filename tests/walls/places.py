"""Three customers with one of everything each, and everybody who could come to an address of the panel."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.test import Client
from django.utils import timezone
from tests.cast import NOBODY_THERE, PASSWORD, Cast
from tests.pictures import picture

from oxherd.accounts.actor import Actor
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Door, Permission, Role
from oxherd.administrators.invitations import invite
from oxherd.administrators.roles import add_role
from oxherd.adoption.models import Adoption
from oxherd.app_passwords.models import AppPassword
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand, Inquiry, Logo
from oxherd.brands.states import PlatformKind
from oxherd.brands.upsell_commands import change_upsell
from oxherd.domains.commands import add_domain
from oxherd.drift.models import Comparison, Difference
from oxherd.forwarders.commands import ForwarderWish, add_forwarder
from oxherd.groups.commands import add_group
from oxherd.groups.models import GroupDraft
from oxherd.people.commands import NewUser, add_user
from oxherd.people.models import OxAccount, ServiceUser, UserDraft
from oxherd.people.ox_commands import disable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import remove_user
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.purchases.commands import Wish, ask
from oxherd.resources.commands import ResourceWish, add_resource
from oxherd.signin.factor_commands import add_passkey
from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import Kind
from oxherd.subscriptions.models import CustomerDraft
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant

NOTHING = "00000000-0000-0000-0000-000000000000"
# What no answer may hold for somebody who sees nothing of the place.
# Too long to stand in a random token by chance.
SIGNS = {
    "acme": "okapiherd",
    "globex": "zebraherd",
    "initech": "quaggaherd",
    "brand": "bongoherd",
    "other brand": "kuduherd",
}
BRANDS = {"acme": "brand", "initech": "other brand"}  # of which customer, and which sign it bears


@dataclass(frozen=True, slots=True)
class Somebody:
    """administrator: None for a stranger. sees: the places of which something may be in an answer."""

    administrator: Administrator | None
    actor: Actor
    client: Client
    sees: frozenset[str]


class Places:
    """Acme and Globex of the brand Okapi and Zebra share; Initech of another brand."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        by = cast.system
        keys = {"api_url": NOBODY_THERE, "username": "south", "password": PASSWORD, "platform": PlatformKind.OX_CLOUD}
        self.other = add_brand(actor=by, name="Sunset kuduherd", **keys)
        basic = add_profile(actor=by, brand=self.other, name="Basic kuduherd", access_combination="cloud_pim")
        more = add_profile(actor=by, brand=self.other, name="More", access_combination="cloud_productivity", rank=9)
        initech = add_tenant(actor=by, brand=self.other, name="Initech", seats={basic: 9, more: 9})
        add_domain(actor=by, tenant=initech, name="initech.test")
        self.tenants = {"acme": cast.acme, "globex": cast.globex, "initech": initech}
        self.brands: dict[str, Brand] = {"acme": cast.brand, "initech": self.other}
        self.profiles = {"acme": (cast.mail, cast.groupware), "initech": (basic, more)}
        self.people = dict(self._people())
        own = {"administrator": cast.alice, "name": "Key", "credential": {}}
        self.passkey = add_passkey(actor=cast.actor(cast.alice), **own)[0].pk
        self.idp = self._identity_provider(None, "of all").pk
        self.things = {name: self._things(name, tenant) for name, tenant in self.tenants.items()}
        drafts = {who: self._customer_draft(each.administrator) for who, each in self.people.items()}
        for name, brand in self.brands.items():
            change_upsell(actor=by, brand=brand, key=f"offer-{name}")
            Logo.objects.create(brand=brand, png=b"png", digest="0" * 64)
            self.things[name] |= self._managed(brand, "brand_", brand=brand) | {
                "provider_idp": self.idp,
                "customer_drafts": drafts,
                "brand": brand.pk,
                "offer": f"offer-{name}",
                "profile": self.profiles[name][0].pk,
                "adoption": Adoption.objects.create(brand=brand, context=SIGNS[BRANDS[name]], requested_by="Alice").pk,
                "inquiry": Inquiry.objects.create(
                    brand=brand,
                    is_trial=True,
                    platform=brand.platform,
                    api_url=NOBODY_THERE,
                    username=SIGNS[BRANDS[name]],
                ).pk,
            }

    def _people(self) -> Iterator[tuple[str, Somebody]]:
        cast = self.cast
        acme, brand = {"tenant": cast.acme}, {"brand": cast.brand}
        own, beside = {"acme"}, {"acme", "globex", "brand"}
        rows: tuple[tuple[str, Role | None, dict[str, Any], set[str]], ...] = (
            ("operator", Role.OPERATOR, {}, set(SIGNS)),
            ("reseller", Role.RESELLER, brand, beside),
            ("administrator", Role.CUSTOMER_ADMINISTRATOR, acme, own),
            ("help desk", Role.HELP_DESK, acme, own),
            ("reader", Role.READ_ONLY, acme, own),
            ("nobody", None, {}, set()),
        )
        for name, role, level, sees in rows:
            person = add_administrator(email=f"{name.replace(' ', '.')}@people.test", name=name, password=PASSWORD)
            if role:
                grant(person, role, **level)
            yield name, Somebody(person, cast.actor(person), cast.client(person), frozenset(sees))
        yield "own role", self._with_own_role()
        yield (
            "stranger",
            Somebody(None, Actor("stranger", Door.PANEL), Client(raise_request_exception=False), frozenset()),
        )

    def _with_own_role(self) -> Somebody:
        """Who has a role of Acme's own making, unlike all others."""
        person = add_administrator(email="own.role@people.test", name="own role", password=PASSWORD)
        allowed = [Permission.VIEW, Permission.RETRY, Permission.MANAGE_GROUPS, Permission.DECIDE_PURCHASES]
        role = add_role(actor=self.cast.system, name="Desk", permissions=allowed, tenant=self.cast.acme)
        Membership.objects.create(administrator=person, custom_role=role, tenant=self.cast.acme)
        return Somebody(person, self.cast.actor(person), self.cast.client(person), frozenset({"acme"}))

    def _things(self, name: str, tenant: Tenant) -> dict[str, Any]:
        by, sign, domain = self.cast.system, SIGNS[name], f"{name}.test"
        lesser, greater = self.profiles.get(name, self.profiles["acme"])
        user = self._user(tenant, f"Anna {sign}", f"anna.{sign}", domain, lesser)
        disabled = self._user(tenant, f"Bert {sign}", f"bert.{sign}", domain, lesser)
        disable_ox(actor=by, user=disabled)
        gone = self._user(tenant, f"Gus {sign}", f"gus.{sign}", domain, None)
        remove_user(actor=by, user=gone)
        sales = {"display_name": f"Sales {sign}", "address": f"sales@{domain}", "members": [user.pk]}
        group = add_group(actor=by, tenant=tenant, **sales)
        wish = ResourceWish(display_name=f"Room {sign}", address=f"room@{domain}", manager=user)
        resource = add_resource(actor=by, tenant=tenant, wish=wish)
        to = ForwarderWish(f"info@{domain}", (f"press.{sign}@agency.test",))
        account = OxAccount.objects.select_related("user__tenant", "profile").get(user=user)
        done = Comparison.objects.create(tenant=tenant, state="done", finished_at=timezone.now())
        found = {"object_kind": "user", "kind": "different", "name": sign, "sort_name": sign, "photo": picture()}
        entry = AuditEntry.objects.filter(tenant_id=tenant.pk, subject_kind="serviceuser").latest("id")
        return {
            "tenant": tenant.pk,
            "user": user.pk,
            "disabled": disabled.pk,
            "gone": gone.pk,
            "photo": user.photo.digest,
            "app_password": AppPassword.objects.create(user=user, **_app_password(sign)).pk,
            "group": group.pk,
            "resource": resource.pk,
            "forwarder": add_forwarder(actor=by, tenant=tenant, wish=to).pk,
            "domain": tenant.domains.get(name=domain).pk,
            "claim": add_domain(actor=by, tenant=tenant, name=f"{sign}.example", approved=False).pk,
            "request": ask(actor=Actor(sign, Door.APP_SUITE), account=account, wish=Wish(greater)).pk,
            "difference": Difference.objects.create(comparison=done, here={"surname": sign}, **found).pk,
            "entry": entry.pk,
            "act": entry.request_id,
            **self._managed(tenant, "", tenant=tenant),
            "passkey": self.passkey,
            "drafts": {who: self._drafts(each.administrator, tenant) for who, each in self.people.items()},
        }

    def _managed(self, owner: Brand | Tenant, prefix: str, **level: Any) -> dict[str, Any]:
        """Somebody with a role there, somebody invited, a role of its own, and an identity provider."""
        by = self.cast.system
        place = next(name for name in self.tenants if owner in {self.tenants[name], self.brands.get(name)})
        sign = SIGNS[BRANDS[place] if prefix else place]
        email = f"{prefix}{sign}@people.test"
        person = add_administrator(email=f"a.{email}", name=f"Ada {sign}", password=PASSWORD)
        role = Role.RESELLER if "brand" in level else Role.CUSTOMER_ADMINISTRATOR
        held = grant(person, role, **level)
        invited = invite(actor=by, email=f"b.{email}", name=f"Ben {sign}", role=Role.READ_ONLY, **level)
        # Those of a brand can be given to its customers' administrators.
        own = add_role(actor=by, name="Of the brand" if prefix else sign, permissions=[Permission.RETRY], **level)
        trusted = self._identity_provider(owner, sign)
        made = {"person": person, "held": held, "invitation": invited.invitation, "own_role": own, "idp": trusted}
        return {f"{prefix}{what}": each.pk for what, each in made.items()}

    def _identity_provider(self, owner: Brand | Tenant | None, sign: str) -> IdentityProvider:
        settings = {"name": f"Sign-in {sign}", "issuer": "https://idp.example", "client_id": "oxherd"}
        return add_provider(actor=self.cast.system, owner=owner, kind=Kind.OIDC, client_secret="s3cret", **settings)

    def _user(self, tenant: Tenant, name: str, login: str, domain: str, profile: Profile | None) -> ServiceUser:
        new = NewUser(
            display_name=name,
            login=login,
            domain=domain,
            password=PASSWORD,
            photo=picture() if profile else None,
            ox=OxWish(profile) if profile else None,
        )
        return add_user(actor=self.cast.system, tenant=tenant, new=new)

    def _drafts(self, administrator: Administrator | None, tenant: Tenant) -> dict[str, Any]:
        if administrator is None:
            return {"user": NOTHING, "group": NOTHING}
        of = {"administrator": administrator, "tenant": tenant}
        return {"user": UserDraft.objects.create(**of, photo=picture()).pk, "group": GroupDraft.objects.create(**of).pk}

    def _customer_draft(self, administrator: Administrator | None) -> Any:
        return CustomerDraft.objects.create(administrator=administrator).pk if administrator else NOTHING


def _app_password(sign: str) -> dict[str, str]:
    return {"name": f"Telephone {sign}", "digest": sha256(sign.encode()).hexdigest(), "created_by": "Alice"}
