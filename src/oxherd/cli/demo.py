"""`oxherd demo`: a provider with a brand of each kind, so that a first look has something to see."""

import os
from typing import Any

import click

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Door, Role
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand
from oxherd.brands.upsell_commands import change_upsell
from oxherd.cli.demo_cloud import add_cloud
from oxherd.cli.demo_people import Person, add_person, add_profiles
from oxherd.domains.commands import add_domain, add_subdomain, change_domain
from oxherd.domains.queries import present
from oxherd.groups.commands import add_group
from oxherd.people import passwords
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.profiles.models import Profile
from oxherd.purchases.commands import Wish, ask
from oxherd.resources.commands import ResourceWish, add_resource
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant

STAND_IN = "http://127.0.0.1:8100"
BRAND, COLOUR = "Sunrise Hosting", "#b4470f"
# What Sunrise asks its customers to set in the DNS of their domains.
RECORDS: dict[str, Any] = {
    "mail_hosts": ["10 mx1.sunrise.example", "20 mx2.sunrise.example"],
    "spf_include": "spf.sunrise.example",
    "dkim_selector": "sunrise1",
    "dkim_target": "sunrise1.dkim.sunrise.example",
    "dmarc": "v=DMARC1; p=quarantine; rua=mailto:dmarc@sunrise.example",
    "autodiscover_host": "autodiscover.sunrise.example",
    "autoconfig_host": "autoconfig.sunrise.example",
}


ACME = (
    Person("Anna Becker", "anna.becker", "Business", ("anna@acme.example", "sales@acme.example"), "#2f6f4f"),
    Person("Björn Östlund", "bjoern.oestlund", "Business", (), "#6f4a2f"),
    Person("Carla Rossi", "carla.rossi", "Premium", ("carla@bücher.example",), "#2f4a6f"),
    Person("David Okafor", "david.okafor", "Business"),
    Person("Elif Aydoğan", "elif.aydogan", "Mail", ("elif@acme.example",)),
    Person("Finn Jansen", "finn", "Mail", domain="bücher.example"),
    Person("Gloria Mendes", "gloria.mendes"),
    Person("Henrik Dahl", "henrik.dahl"),
    # OX takes a display name once in a context, and its own administrator has this one: an error to mend.
    Person("Context administrator", "postmaster", "Mail"),
)
# Name, address, and the logins of the members.
GROUPS = (
    ("Sales", "vertrieb@acme.example", ("anna.becker", "carla.rossi", "david.okafor")),
    ("Everyone in Hamburg", "", ("anna.becker", "bjoern.oestlund", "elif.aydogan", "finn", "gloria.mendes")),
)
# Name, display name, description, and the manager's login.
RESOURCES = (
    ("Elbe", "Meeting room Elbe", "Second floor, 8 seats, projector", "anna.becker"),
    ("Van", "Delivery van HH-AC 42", "", ""),
)
GLOBEX = (
    Person("Ines Novak", "ines.novak", "Business", (), "#5a2f6f"),
    Person("Jonas Weber", "jonas.weber", "Mail"),
    Person("Keiko Tanaka", "keiko.tanaka", "Premium", ("ceo@globex.example",)),
    Person("Liam Murphy", "liam.murphy"),
)
WISHES = (
    (
        "Finn Jansen",
        "Business",
        "calendar",
        "I cannot see when my colleagues are free.",
    ),
    ("David Okafor", "Premium", "active_sync", ""),
)
ADMINISTRATORS = (
    ("olivia@sunrise.example", "Olivia Operator", Role.OPERATOR, None),
    ("rafael@sunrise.example", "Rafael Reseller", Role.RESELLER, "brand"),
    ("bob@acme.example", "Bob Adler", Role.CUSTOMER_ADMINISTRATOR, "acme"),
    ("charlie@globex.example", "Charlie Quist", Role.CUSTOMER_ADMINISTRATOR, "globex"),
    ("dora@acme.example", "Dora Helpdesk", Role.HELP_DESK, "acme"),
    ("rita@acme.example", "Rita Readonly", Role.READ_ONLY, "acme"),
)


@click.command()
def demo() -> None:
    """Fill an empty installation with two brands on the stand-in, three customers and their users.

    Prints the administrators' sign-ins, which are kept nowhere else. Does nothing where there is a brand already.
    """
    from django.db import transaction

    with transaction.atomic():
        if Brand.objects.exists():
            click.echo("There is a brand already: nothing to do.")
            return
        sign_ins = fill(system("Demo data", Door.CLI))
    width = max(len(email) for _, email, _ in sign_ins)
    for role, email, password in sign_ins:
        click.echo(f"{email:{width}}  {password}  {role}")


def fill(actor: Actor) -> list[tuple[str, str, str]]:
    """Make the demo's rows; returns role, address and password of each administrator."""
    url = os.environ.get("OXHERD_SANDBOX_URL", STAND_IN)
    password = os.environ.get("OXHERD_SANDBOX_MASTER_PASSWORD", "secret")
    brand = add_brand(
        actor=actor,
        name=BRAND,
        api_url=url,
        username="oxadminmaster",
        password=password,
        app_suite_url=f"{url}/appsuite/",
        colour=COLOUR,
        **RECORDS,
    )
    _open_upsell(actor, brand, url)
    profiles = _profiles(actor, brand)
    mail, business, premium = profiles.values()
    acme = add_tenant(actor=actor, brand=brand, name="Acme GmbH", seats={mail: 25, business: 10, premium: 3})
    globex = add_tenant(actor=actor, brand=brand, name="Globex Ltd", seats={mail: 10, business: 5, premium: 1})
    for tenant, domain in ((acme, "acme.example"), (acme, "bücher.example"), (globex, "globex.example")):
        add_domain(actor=actor, tenant=tenant, name=domain)
    for tenant, people, domain in ((acme, ACME, "acme.example"), (globex, GLOBEX, "globex.example")):
        for person in people:
            add_person(actor, tenant, person, profiles, domain)
    _more_domains(actor, acme)
    _add_groups_and_resources(actor, acme)
    _ask(profiles)
    add_cloud(actor, url)
    return _administrators(brand, {"acme": acme, "globex": globex})


def _more_domains(actor: Actor, tenant: Tenant) -> None:
    """A subdomain, somebody who gets what is addressed to nobody, and a claim that waits for its proof."""
    add_subdomain(actor=actor, tenant=tenant, name="news", parent="acme.example")
    first = present(tenant).get(name="acme.example")
    change_domain(actor=actor, domain=first, catch_all="anna.becker@acme.example")
    add_domain(actor=actor, tenant=tenant, name="acme-shop.example", approved=False)


def _open_upsell(actor: Actor, brand: Brand, url: str) -> None:
    """Take requests, and verify them with the stand-in's usual secrets."""
    change_upsell(
        actor=actor,
        brand=brand,
        key=os.environ.get("OXHERD_DEMO_UPSELL_KEY"),
        token_secret="stand-in-token-secret",  # noqa: S106 - of a stand-in that anyone may look into
        session_api_url=url,
        session_api_login="rest",
        session_api_password="secret",  # noqa: S106 - as above
    )


def _ask(profiles: dict[str, Profile]) -> None:
    """Two who have pressed Upgrade already."""
    for name, profile, missing, message in WISHES:
        account = OxAccount.objects.select_related("user__tenant", "profile").get(user__display_name=name)
        wish = Wish(profiles[profile], missing=(missing,), trigger=f"app {missing}", message=message)
        ask(actor=Actor(name, Door.APP_SUITE), account=account, wish=wish)


def _profiles(actor: Actor, brand: Brand) -> dict[str, Profile]:
    return add_profiles(
        actor,
        brand,
        ("Mail", "webmail", 5_120, 100, "2.00 EUR a month"),
        ("Business", "groupware_standard", 20_480, 10_240, "5.00 EUR a month"),
        ("Premium", "groupware_premium", 51_200, 102_400, "9.00 EUR a month"),
    )


def _add_groups_and_resources(actor: Actor, tenant: Tenant) -> None:
    users = {user.login.partition("@")[0]: user for user in ServiceUser.objects.filter(tenant=tenant)}
    for name, address, logins in GROUPS:
        members = [users[login].pk for login in logins]
        add_group(actor=actor, tenant=tenant, display_name=name, address=address, members=members)
    for name, display_name, description, manager in RESOURCES:
        address = f"{name.lower()}@acme.example"
        wish = ResourceWish(display_name, address, name, description, users.get(manager))
        add_resource(actor=actor, tenant=tenant, wish=wish)


def _administrators(brand: Brand, tenants: dict[str, Tenant]) -> list[tuple[str, str, str]]:
    sign_ins = []
    for email, name, role, level in ADMINISTRATORS:
        password = passwords.generate()
        administrator = add_administrator(email=email, name=name, password=password)
        grant(administrator, role, brand=brand if level == "brand" else None, tenant=tenants.get(level or ""))
        sign_ins.append((str(role.label), email, password))
    return sign_ins
