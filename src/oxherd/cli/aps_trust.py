"""`oxherd aps enrol`, `enrolments`, `consumer` and `instances`: which controllers the endpoint trusts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from django.utils import timezone

from oxherd.aps import trust_commands
from oxherd.aps.models import ApsConsumer, ApsEnrolment, ApsInstance
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
    with _told():
        token = trust_commands.begin_enrolment(actor=operator(), name=name, hours=hours)
    click.echo(f"Enrolment token: {token}")
    click.echo(f"For one instance of {name}, within {hours} hours. It is not shown again.")


@click.group("enrolments", invoke_without_command=True)
@click.pass_context
def enrolments(context: click.Context) -> None:
    """List the enrolment tokens by number, or withdraw one. The tokens themselves are kept nowhere."""
    if context.invoked_subcommand is not None:
        return
    rows = ApsEnrolment.objects.order_by("pk")
    for row in rows:
        made, until = _minute(row.created_at), _minute(row.expires_at)
        click.echo(f"{row.pk}  {row.name}  made {made}  until {until}  {_state_of(row)}")
    if not rows:
        click.echo("There are no enrolment tokens. Make one: oxherd aps enrol --name Odin")


@enrolments.command("withdraw")
@click.argument("number", type=int)
def withdraw(number: int) -> None:
    """Let nobody enrol with the token of this NUMBER."""
    with _told():
        row = trust_commands.withdraw_enrolment(actor=operator(), number=number)
    click.echo(f"The enrolment token {number}, made for {row.name}, is good for nothing any more.")


@click.group("consumer")
def consumer() -> None:
    """Pairs of OAuth with which controllers sign their calls."""


@consumer.command("add")
@click.option("--name", required=True, help="The controller, as people call it: Odin.")
def add(name: str) -> None:
    """Make a pair. The secret is printed only now."""
    with _told():
        pair = trust_commands.add_consumer(actor=operator(), name=name)
    _show(pair)
    row = ApsConsumer.objects.get(key=pair.key)
    if ApsConsumer.objects.filter(name=row.name, revoked_at=None).exclude(pk=row.pk).exists():
        click.echo(f"There is another pair named {row.name}. Both are good.")


@consumer.command("list")
def list_consumers() -> None:
    """List the pairs, with the instances that use them."""
    rows = ApsConsumer.objects.prefetch_related("instances").order_by("name", "pk")
    for row in rows:
        number = sum(instance.removed_at is None for instance in row.instances.all())
        state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else _instances(number)
        click.echo(f"{row.key}  {row.name}  since {row.created_at:%Y-%m-%d}  {state}")
    if not rows:
        click.echo("There are no pairs. Make one: oxherd aps consumer add --name Odin")


@consumer.command("renew")
@click.argument("key")
def renew(key: str) -> None:
    """Give a pair another secret.

    The pair of this KEY keeps its instances. From now on it signs with the new secret alone: what its controller
    signs with the old one is refused, until the new one is entered there. A revoked pair is taken again.
    """
    with _told():
        pair = trust_commands.renew_consumer(actor=operator(), key=key)
    _show(pair)
    click.echo("Enter it in the controller: calls that are signed with the old one are refused from now on.")


@consumer.command("revoke")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Also where instances sign with it.")
def revoke(key: str, yes: bool) -> None:  # noqa: FBT001 - click hands it over
    """Refuse what is signed with a pair.

    From now on no call that is signed with the pair of this KEY is taken.
    """
    number = ApsInstance.objects.filter(consumer__key=key, consumer__revoked_at=None, removed_at=None).count()
    if number and not yes:
        who = f"{_instances(number)} sign{'s' if number == 1 else ''} with {key}"
        mend = f"Renew its secret instead (oxherd aps consumer renew {key}), or add --yes."
        raise click.ClickException(f"{who}, and would not be heard any more. {mend}")
    with _told():
        row = trust_commands.revoke_consumer(actor=operator(), key=key)
    click.echo(f"Calls of {row.name} that are signed with {key} are refused from now on.")


@click.command("instances")
def instances() -> None:
    """List the instances of the application in controllers."""
    rows = ApsInstance.objects.select_related("consumer").order_by("name", "pk")
    for row in rows:
        trusted = f"{BY_PAIR} {row.consumer.key}" if row.consumer else BY_CERTIFICATE
        state = row.controller_url or "has not called"
        if row.removed_at:
            state = f"removed {row.removed_at:%Y-%m-%d}"
        elif row.consumer and row.consumer.revoked_at:
            state = f"pair revoked {row.consumer.revoked_at:%Y-%m-%d}"
        click.echo(f"{row.aps_id}  {row.name}  {trusted}  {state}")
    if not rows:
        click.echo("No controller has an instance yet.")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OxherdError as error:
        raise click.ClickException(error.sentence) from error


def _show(pair: trust_commands.Pair) -> None:
    click.echo(f"Key:    {pair.key}")
    click.echo(f"Secret: {pair.secret}")
    click.echo("The secret is not shown again.")


def _instances(number: int) -> str:
    return f"{number} instance{'' if number == 1 else 's'}"


def _state_of(row: ApsEnrolment) -> str:
    if row.used_at:
        return f"used {_minute(row.used_at)}"
    return "expired" if row.expires_at < timezone.now() else "open"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
