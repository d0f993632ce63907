"""Django's own commands, for what needs no command of ours."""

import click

from oxherd.cli.main import set_up_django


@click.command()
def migrate() -> None:
    """Bring the database's tables to this version. Changes nothing when they are."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Call one of Django's management commands: `oxherd manage help` lists them."""
    from django.core.management import execute_from_command_line

    set_up_django()
    execute_from_command_line(["oxherd manage", *arguments])
