"""`oxherd aps enrol`, `consumer` and `instances`: which controllers the endpoint trusts."""

import click

from oxherd.aps import trust_commands
from oxherd.aps.models import ApsConsumer, ApsInstance
from oxherd.cli.brands import operator
from oxherd.errors import OxherdError

BY_PAIR, BY_CERTIFICATE = "OAuth", "certificates"


@click.command("enrol")
@click.option("--name", required=True, help="The controller, as people call it: Odin.")
@click.option(
    "--hours",
    type=click.IntRange(1, 24 * 30),
    default=trust_commands.ENROLMENT_HOURS,
    show_default=True,
    help="For so long the token can be used.",
)
def enrol(name: str, hours: int) -> None:
    """Make a token with which one instance that is told by certificates enrols itself, once. It is printed only now.

    It is entered as *Enrolment token* where the instance is created.
    """
    try:
        token = trust_commands.begin_enrolment(actor=operator(), name=name, hours=hours)
    except OxherdError as error:
        raise click.ClickException(error.sentence) from error
    click.echo(f"Enrolment token: {token}")
    click.echo(f"For one instance of {name}, within {hours} hours. It is not shown again.")


@click.group("consumer")
def consumer() -> None:
    """Pairs of OAuth with which controllers sign their calls."""


@consumer.command("add")
@click.option("--name", required=True, help="The controller, as people call it: Odin.")
def add(name: str) -> None:
    """Make a pair. The secret is printed only now."""
    try:
        pair = trust_commands.add_consumer(actor=operator(), name=name)
    except OxherdError as error:
        raise click.ClickException(error.sentence) from error
    click.echo(f"Key:    {pair.key}")
    click.echo(f"Secret: {pair.secret}")
    click.echo("The secret is not shown again.")


@consumer.command("list")
def list_consumers() -> None:
    """List the pairs, with the instances that use them."""
    rows = ApsConsumer.objects.prefetch_related("instances").order_by("name", "pk")
    for row in rows:
        number = sum(instance.removed_at is None for instance in row.instances.all())
        state = (
            f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else f"{number} instance{'' if number == 1 else 's'}"
        )
        click.echo(f"{row.key}  {row.name}  since {row.created_at:%Y-%m-%d}  {state}")
    if not rows:
        click.echo("There are no pairs. Make one: oxherd aps consumer add --name Odin")


@consumer.command("revoke")
@click.argument("key")
def revoke(key: str) -> None:
    """Take no more calls that are signed with the pair of this KEY, from now on."""
    try:
        row = trust_commands.revoke_consumer(actor=operator(), key=key)
    except OxherdError as error:
        raise click.ClickException(error.sentence) from error
    click.echo(f"Calls of {row.name} that are signed with {key} are refused from now on.")


@click.command("instances")
def instances() -> None:
    """List the instances of the application in controllers."""
    rows = ApsInstance.objects.select_related("consumer").order_by("name", "pk")
    for row in rows:
        trusted = f"{BY_PAIR} {row.consumer.key}" if row.consumer else BY_CERTIFICATE
        state = f"removed {row.removed_at:%Y-%m-%d}" if row.removed_at else row.controller_url or "has not called"
        click.echo(f"{row.aps_id}  {row.name}  {trusted}  {state}")
    if not rows:
        click.echo("No controller has an instance yet.")
