"""`oxherd mail`: what the mail servers need, in the form in which they read it."""

import click

from oxherd.cli.mail_dkim import dkim


@click.group()
def mail() -> None:
    """Give the mail servers what they need."""


mail.add_command(dkim)
