"""A brand: an account on an Open-Xchange platform."""

from typing import Any

from oxherd import sealing
from oxherd.aps import bodies
from oxherd.aps.models import ApsResource
from oxherd.aps.service import Call, Service, Subject, Wishes
from oxherd.aps.types import BRAND
from oxherd.brands import commands
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.errors import NotYours, Refused

FIELDS = {
    "name": "name",
    "apiUrl": "api_url",
    "username": "username",
    "serviceUrl": "service_url",
    "appSuiteUrl": "app_suite_url",
}


def of(row: ApsResource) -> Brand:
    """Raises NotYours for one that was removed here."""
    brand = Brand.objects.filter(pk=row.object_pk).first()
    if brand is None:
        raise NotYours("There is no such brand any more.")
    return brand


def _make(call: Call, row: ApsResource, wishes: Wishes) -> None:
    brand = commands.add_brand(
        actor=call.actor(),
        password=bodies.secret(call.body, "password", BRAND),
        platform=PlatformKind(wishes.get("platform", PlatformKind.APP_SUITE)),
        **_settings(wishes),
    )
    row.object_id = brand.pk


def _change(call: Call, row: ApsResource, asked: Wishes) -> None:
    brand = of(row)
    if asked.get("platform", brand.platform) != brand.platform:
        raise Refused("A brand stays on the kind of platform that it was made for.", field="platform")
    told = bodies.secret(call.body, "password", BRAND)
    password = told if told and told != sealing.unseal(brand.sealed_password) else None
    settings = _settings(asked)
    if settings or password:
        commands.change_brand(actor=call.actor(brand), brand=brand, password=password, **settings)


def _remove(call: Call, row: ApsResource) -> Subject | None:
    brand = Brand.objects.filter(pk=row.object_pk).first()
    if brand is not None:
        commands.remove_brand(actor=call.actor(brand), brand=brand)
    return None


def _tell(row: ApsResource) -> dict[str, Any]:
    of(row)
    return {}


def _settings(wishes: Wishes) -> dict[str, Any]:
    return {ours: wishes[theirs] for theirs, ours in FIELDS.items() if theirs in wishes}


SERVICE = Service(one=BRAND, make=_make, change=_change, remove=_remove, tell=_tell, with_secrets=True)
