"""The command `oxherd`. Its subcommands are loaded when they are called, so that `oxherd --help` answers at once."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click


class Subcommand(NamedTuple):
    place: str
    help: str
    needs_django: bool = False


SUBCOMMANDS = {
    "run": Subcommand("oxherd.cli.run:run", "Run everything on this machine: database, stand-in, worker, web."),
    "web": Subcommand("oxherd.cli.web:web", "Serve the panel."),
    "worker": Subcommand("oxherd.sync.command:worker", "Bring what is saved to the platforms.", needs_django=True),
    "sandbox": Subcommand("oxherd.sandbox.command:sandbox", "Run the stand-in for an Open-Xchange platform."),
    "migrate": Subcommand("oxherd.cli.manage:migrate", "Bring the tables to this version.", needs_django=True),
    "demo": Subcommand("oxherd.cli.demo:demo", "Fill an empty installation with demo data.", needs_django=True),
    "administrator": Subcommand(
        "oxherd.cli.administrator:administrator", "Invite, add and list those who may sign in.", needs_django=True
    ),
    "brand": Subcommand(
        "oxherd.cli.brand:brand", "Change what a brand offers: DNS records, upgrades.", needs_django=True
    ),
    "adopt": Subcommand(
        "oxherd.cli.adopt:adopt_command", "Make customers of contexts that are there already.", needs_django=True
    ),
    "drift": Subcommand(
        "oxherd.cli.drift:drift", "Tell and repair what differs from the platforms.", needs_django=True
    ),
    "audit": Subcommand(
        "oxherd.cli.audit:audit", "Verify that nobody has changed the audit, or export it.", needs_django=True
    ),
    "mail": Subcommand("oxherd.cli.mail:mail", "Set up Postfix and Dovecot, or try them out.", needs_django=True),
    "aps": Subcommand("oxherd.cli.aps:aps", "Serve control panels by APS 2.0: the package, and who may use it."),
    "keys": Subcommand("oxherd.cli.keys:keys", "Exchange the key that seals stored secrets.", needs_django=True),
    "manage": Subcommand("oxherd.cli.manage:manage", "Call one of Django's management commands."),
}


# Help is given without an installation too.
ENOUGH_FOR_HELP = {
    "OXHERD_SECRET_KEY": "help",
    "OXHERD_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgresql://help@/help?host=/nonexistent",
}
# States of SQL (the PostgreSQL manual, appendix A): exceptions of the connection; a server that shuts down or starts.
OUT_OF_REACH = ("08", "57P")


class LazyGroup(click.Group):
    """A group whose subcommands stand in a table: name -> where it is."""

    def __init__(self, *args: Any, subcommands: Mapping[str, Subcommand], **more: Any) -> None:
        super().__init__(*args, **more)
        self.subcommands = subcommands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.subcommands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        subcommand = self.subcommands.get(cmd_name)
        return load(subcommand) if subcommand else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, subcommand.help) for name, subcommand in self.subcommands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand. Where its database does not answer, a sentence is enough."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not is_out_of_reach(error):
                raise
            mend = "Start it (`oxherd run` brings one of its own), or correct DATABASE_URL."
            raise click.ClickException(f"oxherd cannot reach its database. {mend}") from error


def load(subcommand: Subcommand) -> click.Command:
    """Import the subcommand, after Django where its modules hold models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oxherd.project.settings")
    if subcommand.needs_django:
        if {"--help", "-h"} & set(sys.argv):
            os.environ.update({**ENOUGH_FOR_HELP, **os.environ})
        set_up_django()
    module, _, name = subcommand.place.partition(":")
    command = getattr(import_module(module), name)
    assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
    return command


def set_up_django() -> None:
    """Load settings and models. A wrong setting ends the command with its sentence instead of a traceback."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    from oxherd.cli.folder import DEFAULT_FOLDER, adopt_running_instance

    adopt_running_instance()
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sentence = str(error)
        if "DATABASE_URL" not in os.environ and sentence.startswith("Set "):
            folder = Path(os.environ.get("OXHERD_DATA", DEFAULT_FOLDER)).resolve()
            sentence += f" Or let OXHERD_DATA name the data folder of an `oxherd run`; there is none in {folder}."
        raise click.ClickException(sentence) from error


def is_out_of_reach(error: Exception) -> bool:
    """Whether nobody answers at DATABASE_URL, or nobody any more: what a server itself refuses has a state of SQL."""
    django_db = sys.modules.get("django.db")
    if django_db is None or not isinstance(error, django_db.OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(OUT_OF_REACH)


@click.group(cls=LazyGroup, subcommands=SUBCOMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="oxherd")
def main() -> None:
    """Customer control panel and provisioning service for Open-Xchange."""


if __name__ == "__main__":
    main()
