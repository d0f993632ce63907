"""`oxherd brand upsell`: how users of a brand's webmail ask for a higher profile."""

from typing import Any, BinaryIO, TextIO

import click
from django.conf import settings
from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.brands.commands import change_brand
from oxherd.brands.models import Brand, Upsell
from oxherd.brands.upsell_commands import change_logo, change_upsell
from oxherd.cli.brands import named, operator
from oxherd.errors import Refused
from oxherd.purchases import addresses
from oxherd.purchases.configuration import blocks, verified_by

OPTIONS = {
    "webmail_hosts": "--webmail-host",
    "app_suite_url": "--app-suite-url",
    "colour": "--colour",
    "logo": "--logo",
    "http_api_url": "--http-api-url",
    "token_secret": "--token-secret-file",
    "session_api_url": "--session-api-url",
    "session_api_login": "--session-api-login",
}
OF_THE_BRAND = ("app_suite_url", "colour")


@click.command("upsell")
@click.argument("name")
@click.option("--on/--off", "is_open", default=None, help="Take requests, or none.")
@click.option("--webmail-host", "webmail_hosts", multiple=True, help="A host that may frame the offer; several times.")
@click.option("--app-suite-url", help="The address of App Suite, such as https://webmail.sunrise.example/appsuite/.")
@click.option("--colour", help="The brand's colour, such as #3457d5.")
@click.option("--logo", type=click.File("rb"), help="A PNG, JPEG or WebP file.")
@click.option("--no-logo", is_flag=True, help="Take the logo away.")
@click.option("--token-secret-file", type=click.File(), help="Holds our line of tokenlogin-secrets; - reads it here.")
@click.option("--http-api-url", help="The HTTP API that redeems tokens.  [default: App Suite's address and /api]")
@click.option("--session-api-url", help="The internal REST interface that knows sessions.")
@click.option("--session-api-login", help="Its login.")
@click.option("--session-api-password-file", type=click.File(), help="Holds its password; - reads it here.")
@click.option("--new-key", is_flag=True, help="A new public address; the old one is unknown then.")
def upsell(name: str, **given: Any) -> None:
    """Set up how users of the brand NAME ask for more, and print what belongs into App Suite's configuration.

    Without options, only print it. An empty text takes a setting back: --webmail-host "", --session-api-url "".
    """
    brand = named(name)
    changes = {key: value for key, value in given.items() if value not in (None, (), False) or key == "is_open"}
    if changes.get("is_open") is None:
        changes.pop("is_open", None)
    if changes:
        try:
            _change(operator(), brand, changes)
        except Refused as refused:
            where = OPTIONS.get(refused.field or "", "")
            raise click.ClickException(f"{where}: {refused.sentence}" if where else refused.sentence) from refused
    present = Upsell.objects.filter(brand=brand).select_related("brand").first()
    if present is None:
        raise click.ClickException(f"{brand} takes no purchase requests. Add --on, and see --help for more.")
    click.echo(described(present))


@transaction.atomic
def _change(actor: Actor, brand: Brand, changes: dict[str, Any]) -> None:
    """All of it, or after a refusal nothing."""
    picture: BinaryIO | None = changes.pop("logo", None)
    if picture or changes.pop("no_logo", False):
        change_logo(actor=actor, brand=brand, picture=picture.read() if picture else None)
    look = {name: changes.pop(name) for name in OF_THE_BRAND if name in changes}
    if look:
        change_brand(actor=actor, brand=brand, **look)
    if "webmail_hosts" in changes:
        changes["webmail_hosts"] = [host for host in changes["webmail_hosts"] if host]
    if changes.pop("new_key", False):
        changes["key"] = ""
    for field, option in (("token_secret", "token_secret_file"), ("session_api_password", "session_api_password_file")):
        file: TextIO | None = changes.pop(option, None)
        if file:
            changes[field] = file.read().strip("\r\n")
    if changes or not Upsell.objects.filter(brand=brand).exists():
        change_upsell(actor=actor, brand=brand, **changes)


def described(upsell: Upsell) -> str:
    """How the brand is set up, and the block to copy into App Suite's configuration."""
    facts = [
        f"Purchase requests of {upsell.brand}: {'open' if upsell.is_open else 'closed'}",
        f"Address of the offer: {addresses.offer(settings.BASE_URL, upsell.key)}",
        f"May frame it: {', '.join(upsell.origins) or 'nobody; give --webmail-host or --app-suite-url'}",
        "Who asks is verified by: "
        + (" and ".join(verified_by(upsell)) or "nothing; requests are flagged as unverified"),
    ]
    parts = [f"# {block.heading}\n{block.text}" for block in blocks(upsell, settings.BASE_URL)]
    return "\n\n".join(["\n".join(facts), *parts])
