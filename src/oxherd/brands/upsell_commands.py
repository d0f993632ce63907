"""How a brand offers more to the users of its webmail: look, hosts, and how it is verified who asks."""

from typing import Any

from django.db import transaction

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands import logos, rules
from oxherd.brands.models import Brand, Logo, Upsell, new_key
from oxherd.inputs import one_line

OF_THE_PLATFORM = {"http_api_url", "session_api_url", "session_api_login"}
CHANGEABLE = ("is_open", "webmail_hosts", "http_api_url", "session_api_url", "session_api_login")


@transaction.atomic
def change_upsell(
    *,
    actor: Actor,
    brand: Brand,
    token_secret: str | None = None,
    session_api_password: str | None = None,
    key: str | None = None,
    **settings: Any,
) -> Upsell:
    """Set up how users ask for a higher profile; what is not given stays as it is.

    settings: any of is_open, webmail_hosts (a list), http_api_url, session_api_url, session_api_login.
    token_secret: the line of App Suite's tokenlogin-secrets that is ours; session_api_password: of the internal REST
    interface; empty takes either away. key: of the public address, "" for a new one, which makes the old one unknown.
    Raises Refused with the field to mend. Secrets, and where they are sent to, are for those who manage the platform.
    """
    actor.require(Permission.MANAGE_PROFILES, brand)
    if token_secret is not None or session_api_password is not None or OF_THE_PLATFORM & settings.keys():
        actor.require(Permission.MANAGE_BRANDS, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    present = Upsell.objects.filter(brand=brand).select_related("brand").first()
    before = describe(present) if present else {}
    upsell = present or Upsell(brand=brand)
    _assign(upsell, settings)
    secrets = _seal(upsell, token_secret, session_api_password)
    if key is not None:
        upsell.key = key or new_key()
    rules.session_api_is_whole(
        upsell.session_api_url, upsell.session_api_login, has_password=bool(upsell.sealed_session_api_password)
    )
    upsell.save()
    old, new = changes(before, describe(upsell))
    record(actor, Action.BRAND_UPSELL, brand, place=brand, before=old, after=new | secrets)
    return upsell


@transaction.atomic
def change_colour(*, actor: Actor, brand: Brand, colour: str) -> None:
    """Change the colour, such as #3457d5; empty stands for ours. Raises Refused at `colour`."""
    actor.require(Permission.MANAGE_PROFILES, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    before, brand.colour = brand.colour, rules.colour(colour)
    if brand.colour != before:
        brand.save(update_fields=["colour"])
        was, now = {"colour": before}, {"colour": brand.colour}
        record(actor, Action.BRAND_CHANGE, brand, place=brand, before=was, after=now)


@transaction.atomic
def change_logo(*, actor: Actor, brand: Brand, picture: bytes | None) -> None:
    """Replace the logo, or take it away with None. Raises Refused at `logo` for what is no picture."""
    actor.require(Permission.MANAGE_PROFILES, brand)
    png = logos.make_logo(picture) if picture is not None else b""
    before = Logo.objects.filter(brand=brand).exists()
    Logo.objects.filter(brand=brand).delete()
    if png:
        Logo.objects.create(brand=brand, png=png, digest=logos.digest(png))
    record(actor, Action.BRAND_CHANGE, brand, place=brand, before={"logo": before}, after={"logo": bool(png)})


def describe(upsell: Upsell) -> dict[str, Any]:
    """For the audit, without the secrets."""
    return {field: getattr(upsell, field) for field in ("key", *CHANGEABLE)}


def _assign(upsell: Upsell, settings: dict[str, Any]) -> None:
    if unknown := set(settings) - set(CHANGEABLE):
        raise TypeError(f"purchase requests have no setting {', '.join(sorted(unknown))}")
    for field, value in settings.items():
        setattr(upsell, field, value)
    upsell.webmail_hosts = rules.webmail_hosts(upsell.webmail_hosts)
    upsell.session_api_login = one_line(upsell.session_api_login, "session_api_login")
    for field in ("http_api_url", "session_api_url"):
        if getattr(upsell, field):
            rules.platform_is_in_reach(getattr(upsell, field), field)


def _seal(upsell: Upsell, token_secret: str | None, session_api_password: str | None) -> dict[str, str]:
    """Keep the secrets that are given; returns what the audit may say of them."""
    said = {}
    if token_secret is not None:
        rules.secret_is_long_enough(token_secret, "token_secret")
        upsell.sealed_token_secret = sealing.seal(token_secret)
        said["token_secret"] = "set" if token_secret else "taken away"
    if session_api_password is not None:
        upsell.sealed_session_api_password = sealing.seal(session_api_password)
        said["session_api_password"] = "set" if session_api_password else "taken away"
    return said
