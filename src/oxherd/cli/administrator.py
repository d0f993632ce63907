"""`oxherd administrator`: who may sign in. The way in where nobody can yet, and where nobody can any more."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TextIO, TypeVar

import click

from oxherd.accounts.actor import system
from oxherd.accounts.commands import add_administrator
from oxherd.accounts.models import Administrator, CustomRole
from oxherd.accounts.passwords import is_not_leaked
from oxherd.accounts.states import Door, Role
from oxherd.administrators import commands, invitations
from oxherd.administrators.models import OPEN, Invitation
from oxherd.administrators.queries import custom_roles
from oxherd.administrators.rules import AnyRole
from oxherd.brands.models import Brand
from oxherd.cli.brands import named, operator
from oxherd.errors import OxherdError, Refused
from oxherd.signin.recovery_commands import reset_second_factor
from oxherd.tenants.models import Tenant

P = ParamSpec("P")
T = TypeVar("T")


@click.group()
def administrator() -> None:
    """Invite, add and list those who may sign in, give them roles, and keep them out."""


def _told(act: Callable[P, T]) -> Callable[P, T]:
    """What is refused ends the command with its sentence."""

    @wraps(act)
    def telling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return act(*args, **kwargs)
        except Refused as refused:
            field = f"{refused.field}: " if refused.field else ""
            raise click.ClickException(field + refused.sentence) from refused
        except OxherdError as error:
            raise click.ClickException(error.sentence) from error

    return telling


def _somewhere(command: Callable[P, T]) -> Callable[P, T]:
    """The options that say which role, and where."""
    for option in (
        click.option("--customer", default="", help="Name of the customer."),
        click.option("--brand", default="", help="Name of the brand; neither: the whole installation."),
        click.option("--role", default=Role.OPERATOR.value, show_default=True, help="Ours, or the name of your own."),
    ):
        command = option(command)
    return command


@administrator.command("invite")
@click.argument("email")
@click.option("--name", default="", help="Of the person.")
@_somewhere
@_told
def invite(email: str, *, name: str, role: str, brand: str, customer: str) -> None:
    """Invite EMAIL, and print the link. It works once, and a worker mails it too."""
    on_brand, on_tenant = _place(brand, customer)
    made = invitations.invite(
        actor=operator(),
        email=email,
        name=name,
        role=_role(role, on_brand, on_tenant),
        brand=on_brand,
        tenant=on_tenant,
    )
    click.echo(made.link)


@administrator.command("first")
@click.argument("email")
@_told
def first(email: str) -> None:
    """Print a link for the first operator, where nobody can sign in yet; else say nothing."""
    if Administrator.objects.exists():
        return
    waiting = Invitation.objects.filter(OPEN, role=Role.OPERATOR, brand=None, tenant=None, email=email).first()
    if waiting:
        made = invitations.send_again(actor=operator(), invitation=waiting)
    else:
        made = invitations.invite(actor=operator(), email=email, role=Role.OPERATOR)
    click.echo(made.link)


@administrator.command("add")
@click.argument("email")
@click.option("--name", default="", help="Of the person.")
@click.option("--password-file", type=click.File(), required=True, help="Holds the password; - reads it here.")
@_somewhere
@_told
def add(email: str, *, name: str, password_file: TextIO, role: str, brand: str, customer: str) -> None:
    """Add EMAIL with a password and a role, without an invitation."""
    from django.db import transaction

    on_brand, on_tenant = _place(brand, customer)
    given = _role(role, on_brand, on_tenant)
    password = password_file.read().strip("\r\n")
    is_not_leaked(password)
    with transaction.atomic():
        person = add_administrator(email=email, name=name, password=password)
        commands.give_role(actor=operator(), administrator=person, role=given, brand=on_brand, tenant=on_tenant)
    click.echo(f"{person.email} can sign in.")


@administrator.command("list")
@_told
def listed() -> None:
    """List all administrators: address, state, and roles."""
    people = Administrator.objects.order_by("email").prefetch_related(
        "memberships__brand", "memberships__tenant", "memberships__custom_role"
    )
    for person in people:
        roles = "; ".join(str(held) for held in person.memberships.all()) or "no role"
        click.echo(f"{person.email}\t{'active' if person.is_active else 'deactivated'}\t{roles}")


@administrator.command("grant")
@click.argument("email")
@_somewhere
@_told
def granted(email: str, *, role: str, brand: str, customer: str) -> None:
    """Give EMAIL, who can sign in already, a further role."""
    on_brand, on_tenant = _place(brand, customer)
    given = _role(role, on_brand, on_tenant)
    held = commands.give_role(
        actor=operator(), administrator=_person(email), role=given, brand=on_brand, tenant=on_tenant
    )
    click.echo(f"{email} is {held.role_name} of {held.place_name}.")


@administrator.command("deactivate")
@click.argument("email")
@_told
def deactivate(email: str) -> None:
    """Keep EMAIL out from now on: all sessions end at once."""
    commands.deactivate(actor=operator(), administrator=_person(email))
    click.echo(f"{email} cannot sign in any more.")


@administrator.command("reactivate")
@click.argument("email")
@_told
def reactivate(email: str) -> None:
    """Let EMAIL in again, with the same roles and password."""
    commands.reactivate(actor=operator(), administrator=_person(email))
    click.echo(f"{email} can sign in again.")


@administrator.command("reset-second-factor")
@click.argument("email")
def reset(email: str) -> None:
    """Remove the passkeys, the authenticator app and the recovery codes of EMAIL, and end all their sessions.

    A mail tells that person; password and roles stay.
    """
    person = Administrator.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise click.ClickException(f"Nobody signs in with {email}.")
    try:
        reset_second_factor(actor=system("oxherd administrator", Door.CLI), administrator=person)
    except OxherdError as error:
        raise click.ClickException(error.sentence) from error
    click.echo(f"{person} signs in with the password alone now, and should add a second factor again.")


def _person(email: str) -> Administrator:
    found = Administrator.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise click.ClickException(f"Nobody signs in with {email}.")
    return found


def _place(brand: str, customer: str) -> tuple[Brand | None, Tenant | None]:
    if not customer:
        return (named(brand) if brand else None), None
    found = Tenant.objects.filter(name__iexact=customer.strip()).select_related("brand")
    if brand:
        found = found.filter(brand=named(brand))
    tenants = list(found[:2])
    if len(tenants) != 1:
        said = "more than one customer is" if tenants else "no customer is"
        raise click.ClickException(f"{said.capitalize()} named {customer}{'; say which brand' if tenants else ''}.")
    return None, tenants[0]


def _role(text: str, brand: Brand | None, tenant: Tenant | None) -> AnyRole:
    if text in Role.values:
        return Role(text)
    own: CustomRole | None = custom_roles(tenant or brand).filter(name__iexact=text).first()
    if own is None:
        raise click.ClickException(f"There is no role {text}. Ours are: {', '.join(Role.values)}.")
    return own
