"""Who acts in the tests, and what they have: made with the commands, as in life."""

import time
from dataclasses import dataclass

from django.db import transaction
from django.test import Client
from tests.keeping import Kept, keep, put_back

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator
from oxherd.accounts.queries import actor_of
from oxherd.accounts.states import Door, Role
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.forwarders.commands import ForwarderWish, add_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.groups.commands import add_group
from oxherd.groups.models import Group
from oxherd.people.commands import NewUser, add_user
from oxherd.people.models import ServiceUser
from oxherd.people.records import OxWish
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.resources.commands import ResourceWish, add_resource
from oxherd.resources.models import Resource
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant

PASSWORD = "correct horse battery staple"
NOBODY_THERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Cast:
    """Two customers of one brand, and who may do what.

    Alice runs the installation. Bob administers Acme, Dora is its help desk, Rita may only read there.
    Charlie administers Globex: for everything of Acme he is the stranger who must find nothing.
    """

    alice: Administrator
    bob: Administrator
    charlie: Administrator
    dora: Administrator
    rita: Administrator
    brand: Brand
    mail: Profile
    groupware: Profile
    acme: Tenant
    globex: Tenant

    @property
    def system(self) -> Actor:
        return system("Tests", Door.CLI)

    def actor(self, administrator: Administrator) -> Actor:
        return actor_of(administrator, door=Door.PANEL, request_id="test")

    def carry_mail(self) -> None:
        """From now on our own mail servers keep the mail of Acme and Globex."""
        Brand.objects.filter(pk=self.brand.pk).update(carries_mail=True)
        for each in (self.brand, self.acme, self.globex):
            each.refresh_from_db()

    def client(self, administrator: Administrator) -> Client:
        """A browser in which the administrator has just signed in by password; errors are answered as in life."""
        client = Client(raise_request_exception=False)
        client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(administrator.pk)
        session["seen_at"] = time.time()  # the list of sessions need not hear of it
        session["began_at"] = session["active_at"] = int(time.time())
        session.save()
        return client

    def user(
        self,
        name: str = "Anna Becker",
        *,
        login: str = "",
        tenant: Tenant | None = None,
        ox: bool = False,
        aliases: tuple[str, ...] = (),
        photo: bytes | None = None,
    ) -> ServiceUser:
        """A service user, of Acme if nothing else is said; the login is made from the name."""
        tenant = tenant or self.acme
        domain = "acme.test" if tenant == self.acme else "globex.test"
        new = NewUser(
            display_name=name,
            login=login or name.lower().replace(" ", "."),
            domain=domain,
            password=PASSWORD,
            photo=photo,
            ox=OxWish(self.groupware, aliases) if ox else None,
        )
        return add_user(actor=self.system, tenant=tenant, new=new)

    def group(self, name: str = "Sales", *members: ServiceUser, address: str = "") -> Group:
        """A group of Acme."""
        pks = [member.pk for member in members]
        return add_group(actor=self.system, tenant=self.acme, display_name=name, address=address, members=pks)

    def resource(self, name: str = "Blue room", *, address: str = "", manager: ServiceUser | None = None) -> Resource:
        """A resource of Acme; the address is made from the name."""
        address = address or f"{name.lower().replace(' ', '.')}@acme.test"
        wish = ResourceWish(display_name=name, address=address, manager=manager)
        return add_resource(actor=self.system, tenant=self.acme, wish=wish)

    def forwarder(self, address: str = "info@acme.test", *recipients: str) -> Forwarder:
        """A forwarder of Acme, whose platform must be one that has them."""
        wish = ForwarderWish(address, recipients or ("press@agency.test",))
        return add_forwarder(actor=self.system, tenant=self.acme, wish=wish)


# What profiles give on each kind of platform, and who signs in there.
COMBINATIONS = {
    PlatformKind.APP_SUITE: ("webmail", "groupware_standard"),
    PlatformKind.OX_CLOUD: ("cloud_pim", "cloud_productivity"),
}
ACCOUNTS = {PlatformKind.APP_SUITE: ("oxadminmaster", "secret"), PlatformKind.OX_CLOUD: ("north", "north-secret")}


KEPT: dict[PlatformKind, Kept] = {}


def keep_casts() -> None:
    """Make one of each kind for all tests to come."""
    for kind in PlatformKind:
        with transaction.atomic():
            KEPT[kind] = keep(f"kept_{kind}", _make(kind))


def make_cast(api_url: str = NOBODY_THERE, kind: PlatformKind = PlatformKind.APP_SUITE) -> Cast:
    """api_url: of a stand-in, where the test has one; else an address where nobody answers."""
    cast = put_back(KEPT[kind])
    if api_url != NOBODY_THERE:
        Brand.objects.update(api_url=api_url)
        for brand in (cast.brand, cast.mail.brand, cast.groupware.brand, cast.acme.brand, cast.globex.brand):
            brand.api_url = api_url
    return cast


def _make(kind: PlatformKind) -> Cast:
    actor = system("Tests", Door.CLI)
    username, password = ACCOUNTS[kind]
    brand = add_brand(
        actor=actor, name="Sunrise", api_url=NOBODY_THERE, username=username, password=password, platform=kind
    )
    lesser, greater = COMBINATIONS[kind]
    mail = add_profile(actor=actor, brand=brand, name="Mail", access_combination=lesser, rank=1)
    groupware = add_profile(
        actor=actor,
        brand=brand,
        name="Groupware",
        access_combination=greater,
        mail_quota_mb=5000,
        drive_quota_mb=1000,
        rank=2,
    )
    acme, globex = (
        add_tenant(actor=actor, brand=brand, name=name, seats={mail: 10, groupware: None})
        for name in ("Acme", "Globex")
    )
    add_domain(actor=actor, tenant=acme, name="acme.test")
    add_domain(actor=actor, tenant=globex, name="globex.test")
    Domain.objects.update(next_check_at=None)  # only tests that are about it look at the DNS
    alice, bob, charlie, dora, rita = (
        add_administrator(email=f"{name.lower()}@panel.test", name=name, password=PASSWORD)
        for name in ("Alice", "Bob", "Charlie", "Dora", "Rita")
    )
    grant(alice, Role.OPERATOR)
    grant(bob, Role.CUSTOMER_ADMINISTRATOR, tenant=acme)
    grant(charlie, Role.CUSTOMER_ADMINISTRATOR, tenant=globex)
    grant(dora, Role.HELP_DESK, tenant=acme)
    grant(rita, Role.READ_ONLY, tenant=acme)
    return Cast(alice, bob, charlie, dora, rita, brand, mail, groupware, acme, globex)
