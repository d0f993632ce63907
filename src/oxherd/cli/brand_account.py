"""`oxherd brand add`, `check` and `profile`: accounts on platforms, and what their users get."""

from typing import Any, TextIO

import click

from oxherd.brands.abilities import CANNOT, why_not
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.cli.brands import named, operator
from oxherd.errors import PlatformError, Refused
from oxherd.people.rollout_commands import change_level
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import ADD_ONS
from oxherd.sync.inquiries import inquire

# How an add-on is given, and what that stands for.
SAID = {"on": True, "off": False, "default": None}


@click.command("add")
@click.argument("name")
@click.option(
    "--platform",
    "kind",
    type=click.Choice(PlatformKind.values),
    default=PlatformKind.APP_SUITE.value,
    show_default=True,
)
@click.option("--api-url", required=True, help="The address before /webservices, such as https://ox.example.com.")
@click.option("--username", required=True, help="App Suite: the master administrator. OX Cloud: the brand's login.")
@click.option("--password-file", type=click.File(), required=True, help="Holds its password; - reads it here.")
@click.option("--app-suite-url", default="", help="The address of App Suite for users.")
@click.option(
    "--carries-mail", is_flag=True, help="Postfix and Dovecot of this installation carry the mail. OX App Suite only."
)
def add(name: str, kind: str, password_file: TextIO, **settings: Any) -> None:
    """Add the brand NAME: an account on a platform. Then asks the platform, as `check` does."""
    password = password_file.read().strip("\r\n")
    try:
        made = add_brand(actor=operator(), name=name, platform=PlatformKind(kind), password=password, **settings)
    except Refused as refused:
        raise click.ClickException(_told(refused)) from refused
    click.echo(f"{made} is there.")
    _ask(made)


@click.command("check")
@click.argument("name")
def check(name: str) -> None:
    """Ask the platform of the brand NAME whether all is well, and say what it can do. Exit status 1 where it is not."""
    found = named(name)
    well = _ask(found)
    for sentence in filter(None, (why_not(found, ability) for ability in CANNOT[PlatformKind(found.platform)])):
        click.echo(f"note  {sentence}")
    if not well:
        raise SystemExit(1)


@click.command("profile")
@click.argument("brand")
@click.argument("name")
@click.option("--access-combination", help="Such as groupware_standard or cloud_productivity.")
@click.option("--class-of-service", help="OX Cloud, several with commas.  [default: called like the combination]")
@click.option("--mail-quota", "mail_quota_mb", type=int, help="MB; 0 for no limit. On OX Cloud the platform keeps it.")
@click.option("--drive-quota", "drive_quota_mb", type=int, help="MB; 0 for no limit. Equal to the other: one for both.")
@click.option("--documents", type=click.Choice(list(SAID)), help="OX Documents, on App Suite.")
@click.option("--guard", type=click.Choice(list(SAID)), help="OX Guard, on App Suite.")
@click.option("--rank", type=int, help="Users upgrade from a lower rank to a higher one.")
@click.option("--price", "price_label", help='Shown with upgrades, such as "5.00 EUR a month".')
def profile(brand: str, name: str, **given: Any) -> None:
    """Add the profile NAME to a brand, or change what is given of it, for all users who have it."""
    owner, rollout = named(brand), None
    settings = {field: value for field, value in given.items() if value is not None}
    settings |= {field: SAID[settings[field]] for field in ADD_ONS if field in settings}
    settings |= {field: None for field in ("mail_quota_mb", "drive_quota_mb") if settings.get(field) == 0}
    found = Profile.objects.filter(brand=owner, name__iexact=name.strip()).first()
    try:
        if found is None:
            settings.setdefault("access_combination", "")
            found = add_profile(actor=operator(), brand=owner, name=name, **settings)
        elif settings:
            found, rollout = change_level(actor=operator(), profile=found, **settings)
    except Refused as refused:
        raise click.ClickException(_told(refused)) from refused
    mail, drive = (
        f"{size} MB" if size is not None else "no limit" for size in (found.mail_quota_mb, found.drive_quota_mb)
    )
    said = "".join(f", {name} {'on' if on else 'off'}" for name in ADD_ONS if (on := getattr(found, name)) is not None)
    click.echo(f"{found}: {found.access_combination}, mail {mail}, drive {drive}{said}")
    if rollout:
        click.echo(f"It comes to its {rollout.total} users now.")


def _ask(brand: Brand) -> bool:
    """What the platform answers, a line for each finding; whether all is well."""
    try:
        report = inquire(actor=operator(), brand=brand)
    except PlatformError as error:
        click.echo(f"fail  {error.sentence}")
        return False
    for finding in report.findings:
        click.echo(f"{'ok' if finding.ok else 'fail':5} {finding.sentence}")
    return report.ok


def _told(refused: Refused) -> str:
    field = (refused.field or "").replace("_", "-")
    return f"--{field}: {refused.sentence}" if field not in {"", "name"} else refused.sentence
