"""`oxherd administrator`: helps those who can no longer sign in, where nobody in the panel can."""

import click

from oxherd.accounts.actor import system
from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Door
from oxherd.errors import OxherdError
from oxherd.signin.recovery_commands import reset_second_factor


@click.group()
def administrator() -> None:
    """Help administrators who can no longer sign in."""


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
