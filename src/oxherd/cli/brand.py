"""`oxherd brand`: what an operator sets of a brand."""

from typing import Any

import click

from oxherd.brands import dns_rules
from oxherd.brands.commands import change_brand
from oxherd.brands.states import Api, MailOfDisabled, PlatformKind
from oxherd.cli.brand_account import add, check, profile
from oxherd.cli.brand_upsell import upsell
from oxherd.cli.brands import named, operator
from oxherd.errors import Refused
from oxherd.tenants.queries import count_by_brand

STOPS = (
    "Mail to {customers} is refused here from then on: addresses are accepted no more, users cannot fetch mail, and "
    "forwarders and outside addresses of groups do nothing. Mailboxes stay on the disk."
)

LABELS = {
    "mail_hosts": "MX",
    "spf_include": "SPF include",
    "dkim_selector": "DKIM selector",
    "dkim_target": "DKIM target",
    "dmarc": "DMARC",
    "autodiscover_host": "Autodiscover",
    "autoconfig_host": "Autoconfig",
}


@click.group()
def brand() -> None:
    """Add brands, and change what they offer."""


@brand.command("dns")
@click.argument("name")
@click.option("--mail-host", "mail_hosts", multiple=True, help='MX, such as "10 mx1.sunrise.example"; several times.')
@click.option("--spf-include", help="The host whose SPF policy customers include.")
@click.option("--dkim-selector", help="The selector of the DKIM key.")
@click.option("--dkim-target", help='A host for a CNAME, or the text of a TXT record ("v=DKIM1; ...").')
@click.option("--dmarc", help='The whole record, such as "v=DMARC1; p=quarantine".')
@click.option("--autodiscover-host", help="Where Outlook and telephones find their settings.")
@click.option("--autoconfig-host", help="Where Thunderbird finds its settings.")
def dns(name: str, mail_hosts: tuple[str, ...], **records: str | None) -> None:
    """Set the DNS records that customers of the brand NAME are asked for; without options, show them.

    An empty text takes a record back: --dmarc "", --mail-host "".
    """
    given: dict[str, Any] = {field: text for field, text in records.items() if text is not None}
    if mail_hosts:
        given["mail_hosts"] = [host for host in mail_hosts if host]
    found = named(name)
    if given:
        try:
            found = change_brand(actor=operator(), brand=found, **given)
        except Refused as refused:
            raise click.ClickException(f"{LABELS.get(refused.field or '', 'DNS')}: {refused.sentence}") from refused
    for field in dns_rules.FIELDS:
        value = getattr(found, field)
        text = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{LABELS[field]:14} {text or '(not set)'}")


@brand.command("platform")
@click.argument("name")
@click.option(
    "--username-changeable/--no-username-changeable",
    default=None,
    help="USERNAME_CHANGEABLE in the platform's AdminUser.properties: a user's name there follows the login.",
)
@click.option(
    "--unique-display-names/--no-unique-display-names",
    default=None,
    help="com.openexchange.user.enforceUniqueDisplayName: a context takes a display name once.",
)
def platform(name: str, **switches: bool | None) -> None:
    """Say how the platform of the brand NAME is set up; without options, show what is said."""
    given: dict[str, Any] = {field: on for field, on in switches.items() if on is not None}
    found = named(name)
    if given:
        found = change_brand(actor=operator(), brand=found, **given)
    for field in switches:
        click.echo(f"{field.replace('_', ' '):21} {'yes' if getattr(found, field) else 'no'}")
    if found.platform == PlatformKind.OX_CLOUD:
        click.echo(f"{'users go by':21} {Api(found.api).label}")


@brand.command("mail")
@click.argument("name")
@click.option(
    "--carried/--not-carried",
    "carries_mail",
    default=None,
    help="Postfix and Dovecot of this installation carry the mail of its customers. OX App Suite only.",
)
@click.option(
    "--of-disabled",
    "mail_of_disabled",
    type=click.Choice(MailOfDisabled.values),
    help="What becomes of mail to users for whom OX is disabled.",
)
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask before customers are left without mail.")
def mail(name: str, *, is_sure: bool, **settings: Any) -> None:
    """Say who carries the mail of the customers of the brand NAME; without options, show it."""
    given = {field: value for field, value in settings.items() if value is not None}
    found = named(name)
    customers = count_by_brand([found]).get(found.pk, 0)
    if found.carries_mail and given.get("carries_mail") is False and customers and not is_sure:
        click.echo(STOPS.format(customers="1 customer" if customers == 1 else f"{customers:,} customers"), err=True)
        click.confirm("Does their mail go to other mail servers by now?", abort=True, err=True)
    if given:
        try:
            found = change_brand(actor=operator(), brand=found, **given)
        except Refused as refused:
            raise click.ClickException(refused.sentence) from refused
    click.echo(f"carried here      {'yes' if found.carries_mail else 'no'}")
    if found.carries_mail:
        click.echo(f"of disabled users {found.mail_of_disabled}")


brand.add_command(upsell)
brand.add_command(add)
brand.add_command(check)
brand.add_command(profile)
