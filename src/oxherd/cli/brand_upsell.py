"""`oxherd brand upsell`: how users of a brand's webmail ask for a higher profile."""

from typing import Any, BinaryIO, TextIO

import click
from django.conf import settings
from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.brands.commands import change_brand
from oxherd.brands.models import Brand, Upsell
from oxherd.brands.upsell_commands import change_logo, change_upsell
from oxherd.cli import upsell_address
from oxherd.cli.brands import named, operator
from oxherd.errors import Refused
from oxherd.purchases.rules import can_be_verified
from oxherd.purchases.states import CredentialKind

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
CAPABILITIES = ("webmail", "calendar", "contacts", "tasks", "infostore", "active_sync")


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
    by_token = can_be_verified(upsell, CredentialKind.TOKEN)
    by_session = can_be_verified(upsell, CredentialKind.SESSION)
    ways = [way for way, can in (("login token", by_token), ("session", by_session)) if can]
    base, key = settings.BASE_URL, upsell.key
    facts = [
        f"Purchase requests of {upsell.brand}: {'open' if upsell.is_open else 'closed'}",
        f"Address of the offer: {upsell_address.offer(base, key)}",
        f"May frame it: {', '.join(upsell.origins) or 'nobody; give --webmail-host or --app-suite-url'}",
        f"Who asks is verified by: {' and '.join(ways) or 'nothing; requests are flagged as unverified'}",
    ]
    return "\n".join([*facts, "", *_wizard(base, key, by_session=by_session), *(_token(base, key) if by_token else [])])


def _wizard(base: str, key: str, *, by_session: bool) -> list[str]:
    return [
        "# App Suite 7.10 and 8: a file such as etc/settings/upsell.properties",
        *(f"io.ox/core//upsell/enabled/{capability}=true" for capability in CAPABILITIES),
        f"plugins/upsell/simple-wizard//url={upsell_address.wizard(base, key, session=by_session)}",
        "plugins/upsell/simple-wizard//width=750",
        "plugins/upsell/simple-wizard//height=390",
        "plugins/upsell/simple-wizard//closeButton=true",
        "",
        "# and one such as etc/upsell.properties",
        "com.openexchange.capability.simple-wizard=true",
        "",
        "# OX 6 and App Suite 7 with open-xchange-upsell-multiple, instead of the wizard: etc/upsell.properties",
        "com.openexchange.upsell.multiple.method=static",
        f"com.openexchange.upsell.multiple.method.static.shop_redir_url={upsell_address.static(base, key)}",
        "# Leave com.openexchange.upsell.multiple.rmi.* empty: with them any user can change the whole context.",
    ]


def _token(base: str, key: str) -> list[str]:
    return [
        "",
        "# A page in App Suite's settings, with a login token: etc/settings/upsell.properties",
        f"io.ox/settings/configjump//upgrade/url={upsell_address.embedded(base, key)}",
        "io.ox/settings/configjump//upgrade/title=Upgrade",
        "io.ox/settings/configjump//upgrade/group=tools",
        "# and our secret as a line of etc/tokenlogin-secrets, without accessPassword",
    ]
