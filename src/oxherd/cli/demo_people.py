"""People of the demo, and their painted photos."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

from oxherd.accounts.actor import Actor
from oxherd.brands.models import Brand
from oxherd.people import passwords
from oxherd.people.commands import NewUser, add_user
from oxherd.people.records import OxWish
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    login: str
    profile: str = ""  # empty: without OX
    aliases: tuple[str, ...] = ()
    colour: str = ""  # of a painted photo; empty: no photo
    domain: str = ""


def add_profiles(
    actor: Actor, brand: Brand, *rows: tuple[str, str, int, int, str], **classes: str
) -> dict[str, Profile]:
    """Profiles by name, lowest first: name, access combination, mail and Drive quota in MB, price.

    classes: the class of service by access combination, where it is not called like that.
    """
    return {
        name: add_profile(
            actor=actor,
            brand=brand,
            name=name,
            access_combination=combination,
            class_of_service=classes.get(combination, ""),
            mail_quota_mb=mail,
            drive_quota_mb=drive,
            rank=rank,
            price_label=price,
        )
        for rank, (name, combination, mail, drive, price) in enumerate(rows, start=1)
    }


def add_person(actor: Actor, tenant: Tenant, person: Person, profiles: Mapping[str, Profile], domain: str) -> None:
    """A service user with a generated password. domain: where the person names none."""
    wish = OxWish(profiles[person.profile], person.aliases) if person.profile else None
    new = NewUser(
        display_name=person.name,
        login=person.login,
        domain=person.domain or domain,
        password=passwords.generate(),
        photo=painted(person.name, person.colour) if person.colour else None,
        ox=wish,
    )
    add_user(actor=actor, tenant=tenant, new=new)


def painted(name: str, colour: str) -> bytes:
    """A picture of a head and shoulders before a coloured wall, as PNG: the demo ships no photos of people."""
    picture = Image.new("RGB", (256, 256), colour)
    draw = ImageDraw.Draw(picture)
    tint = 190 + sum(name.encode()) % 50
    draw.ellipse((78, 44, 178, 156), fill=(tint, tint - 30, tint - 60))
    draw.ellipse((34, 164, 222, 400), fill=(tint - 90, tint - 80, tint - 60))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
