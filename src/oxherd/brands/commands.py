from typing import Any

from django.db import IntegrityError, transaction

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands import dns_rules, rules
from oxherd.brands.models import Brand
from oxherd.brands.states import Api, PlatformKind
from oxherd.inputs import one_line, whole_number

CHANGEABLE = (
    *("name", "api_url", "username", "service_url", "app_suite_url", "colour"),
    *("concurrency", "unique_display_names", "username_changeable", "carries_mail", "mail_of_disabled"),
    *dns_rules.FIELDS,
)


@transaction.atomic
def add_brand(
    *,
    actor: Actor,
    name: str,
    api_url: str,
    username: str,
    password: str,
    platform: PlatformKind = PlatformKind.APP_SUITE,
    **settings: Any,
) -> Brand:
    """Add an account on an OX platform.

    settings: any of service_url, app_suite_url, colour (such as #3457d5), concurrency (objects at once, None: no
    limit), unique_display_names, username_changeable, carries_mail (App Suite only), mail_of_disabled (MailOfDisabled),
    and what customers set in the DNS (dns_rules.FIELDS). Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_BRANDS)
    brand = Brand(platform=platform, sealed_password=sealing.seal(password))
    brand.username_changeable = platform == PlatformKind.OX_CLOUD  # always so there; else the platform's default is no
    _assign(brand, {"name": name, "api_url": api_url, "username": username, **settings})
    try:
        with transaction.atomic():
            brand.save(force_insert=True)
    except IntegrityError:  # somebody else was quicker by a moment
        rules.name_is_free(brand.name)
        raise
    record(actor, Action.BRAND_ADD, brand, place=brand, after=describe(brand))
    return brand


@transaction.atomic
def change_brand(*, actor: Actor, brand: Brand, password: str | None = None, **settings: Any) -> Brand:
    """Change the named settings; a password of None stays as it is. Raises Refused with the field to mend."""
    actor.require(Permission.MANAGE_BRANDS, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    before = describe(brand)
    _assign(brand, settings)
    if brand.carries_mail and not before["carries_mail"]:
        rules.no_address_has_a_tag(brand)
    if brand.api_url != before["api_url"]:
        brand.api = Api.SOAP  # which every platform has; what else this one has, the next look at it tells
    if password is not None:
        brand.sealed_password = sealing.seal(password)
    brand.save(update_fields=[*settings, "sealed_password", "api"])
    old, new = changes(before, describe(brand))
    if password is not None:
        new |= {"password": "set"}
    record(actor, Action.BRAND_CHANGE, brand, place=brand, before=old, after=new)
    return brand


@transaction.atomic
def remove_brand(*, actor: Actor, brand: Brand) -> None:
    """Take a brand away, with its profiles, its look and the roles on it. Raises Refused while it has customers."""
    actor.require(Permission.MANAGE_BRANDS, brand)
    brand = Brand.objects.select_for_update().get(pk=brand.pk)
    rules.has_no_customers(brand)
    record(actor, Action.BRAND_REMOVE, brand, place=brand, before=describe(brand))
    brand.delete()


@transaction.atomic
def note_api(*, actor: Actor, brand: Brand, api: Api) -> None:
    """Write down by what a platform's users go, as a look at it has found; not when it has another address by now."""
    actor.require(Permission.MANAGE_BRANDS, brand)
    now = Brand.objects.select_for_update(no_key=True).filter(pk=brand.pk, api_url=brand.api_url).first()
    if now is None or now.api == api:
        return
    record(actor, Action.BRAND_CHANGE, brand, place=brand, before={"api": now.api}, after={"api": api})
    Brand.objects.filter(pk=brand.pk).update(api=api)
    brand.api = api


def describe(brand: Brand) -> dict[str, Any]:
    return {"platform": brand.platform, "api": brand.api, **{field: getattr(brand, field) for field in CHANGEABLE}}


def _assign(brand: Brand, settings: dict[str, Any]) -> None:
    if unknown := set(settings) - set(CHANGEABLE):
        raise TypeError(f"a brand has no {', '.join(sorted(unknown))}")
    for field, value in settings.items():
        setattr(brand, field, value)
    brand.name = one_line(brand.name, "name", missing="Give the brand a name.")
    brand.username = one_line(brand.username, "username")
    rules.name_is_free(brand.name, but_for=brand.pk or 0)
    rules.platform_is_in_reach(brand.api_url, "api_url")
    for field in ("service_url", "app_suite_url"):
        if getattr(brand, field):
            rules.url_is_complete(getattr(brand, field), field)
    brand.colour = rules.colour(brand.colour)
    whole_number(brand.concurrency, "concurrency")
    rules.concurrency_in_range(brand.concurrency)
    rules.mail_can_be_carried(brand)
    brand.mail_of_disabled = rules.mail_of_disabled(brand.mail_of_disabled)
    dns_rules.records_are_sound(brand)
