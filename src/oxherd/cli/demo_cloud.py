"""The demo's second brand: the same provider on OX Cloud, so that a first look shows what differs there."""

import os

from oxherd.accounts.actor import Actor
from oxherd.brands.commands import add_brand, note_api
from oxherd.brands.models import Brand
from oxherd.brands.states import Api, PlatformKind
from oxherd.cli.demo_people import Person, add_person, add_profiles
from oxherd.domains.commands import add_domain, change_domain
from oxherd.forwarders.commands import ForwarderWish, add_forwarder
from oxherd.profiles.models import Profile
from oxherd.tenants.commands import add_tenant

BRAND, COLOUR = "Polaris Cloud", "#1f6f8b"
# As in demo_brands.yaml, which is for `oxherd sandbox --seed`.
ACCOUNT = "polaris"
PEOPLE = (
    Person("Maja Lindqvist", "maja.lindqvist", "Productivity", ("maja@initrode.example",), "#1f5f5a"),
    Person("Nils Berg", "nils.berg", "Mail"),
    Person("Oda Solheim", "oda.solheim", "Productivity with encryption"),
    Person("Per Halvorsen", "per.halvorsen"),
)
FORWARDERS = {
    "info": ("maja@initrode.example", "nils.berg@initrode.example", "office@agency.example"),
    "jobs": ("oda.solheim@initrode.example",),
}


def add_cloud(actor: Actor, url: str) -> None:
    """A brand, a customer with a catch-all and forwarders, and its users. url: of the stand-in."""
    brand = add_brand(
        actor=actor,
        name=BRAND,
        api_url=url,
        username=ACCOUNT,
        password=os.environ.get("OXHERD_DEMO_CLOUD_PASSWORD", "secret"),
        app_suite_url=f"{url}/appsuite/",
        colour=COLOUR,
        platform=PlatformKind.OX_CLOUD,
    )
    note_api(actor=actor, brand=brand, api=Api.CLOUD_API)  # which the stand-in has; it may not be up yet
    profiles = _profiles(actor, brand)
    seats: dict[Profile, int | None] = dict(zip(profiles.values(), (20, 10, 2), strict=True))
    tenant = add_tenant(actor=actor, brand=brand, name="Initrode AB", seats=seats)
    domain = add_domain(actor=actor, tenant=tenant, name="initrode.example")
    for person in PEOPLE:
        add_person(actor, tenant, person, profiles, "initrode.example")
    change_domain(actor=actor, domain=domain, catch_all="maja.lindqvist@initrode.example")
    for address, recipients in FORWARDERS.items():
        wish = ForwarderWish(f"{address}@initrode.example", recipients)
        add_forwarder(actor=actor, tenant=tenant, wish=wish)


def _profiles(actor: Actor, brand: Brand) -> dict[str, Profile]:
    """Equal quotas are one that mail and files share."""
    return add_profiles(
        actor,
        brand,
        ("Mail", "cloud_pim", 5_120, 1_024, "2.00 EUR a month"),
        ("Productivity", "cloud_productivity", 51_200, 51_200, "6.00 EUR a month"),
        ("Productivity with encryption", "cloud_productivity_security", 51_200, 51_200, "8.00 EUR a month"),
        cloud_productivity_security="cloud_productivity,cloud_security",
    )
