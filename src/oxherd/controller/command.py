"""`oxherd aps controller`: the controller from the command line."""

import sqlite3
from pathlib import Path

import click

from oxherd.controller.server import serve
from oxherd.controller.settings import Settings

HELP = """Run a stand-in for an APS 2.0 controller, for tests and for demonstration.

It imports packages, keeps accounts, subscriptions, users and domains, calls an application's endpoint as Odin Service
Automation and CloudBlue Commerce do, and answers its calls. Everything is kept in one SQLite file that survives a
restart and a kill at any moment. The bus is at /aps/2/, the XML-RPC of the operations side at /RPC2, pages for the
provider and its customers at /.

There is no sign-in for the pages, and secrets stand in the file as they are: it listens on 127.0.0.1 only.
"""


@click.command("controller", help=HELP)
@click.option("--port", type=click.IntRange(0, 65535), default=8200, show_default=True, help="0 picks a free one.")
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/controller.sqlite"),
    show_default=True,
    help="SQLite file; made when absent.",
)
@click.option("--name", default=Settings.name, show_default=True, help="The provider, as the pages call it.")
@click.option("--rpc-login", default=Settings.rpc_login, show_default=True, help="Login for /RPC2.")
@click.option(
    "--rpc-password",
    envvar="OXHERD_CONTROLLER_RPC_PASSWORD",
    default=Settings.rpc_password,
    show_default=True,
    show_envvar=True,
    help="Its password.",
)
@click.option(
    "--hurry", type=click.FloatRange(1), default=Settings.hurry, show_default=True, help="Divide all waits by this."
)
@click.option("--tls/--no-tls", help="Listen with TLS, for applications that sign in by certificates.")
@click.option("--verify/--no-verify", default=Settings.verify, help="Check the certificates of endpoints.")
def controller(
    *, port: int, data: Path, name: str, rpc_login: str, rpc_password: str, hurry: float, tls: bool, verify: bool
) -> None:
    settings = Settings(name=name, rpc_login=rpc_login, rpc_password=rpc_password, hurry=hurry, tls=tls, verify=verify)
    _check(data)
    try:
        serve(port, data, settings=settings)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on 127.0.0.1:{port}: {error.strerror or error}") from error


def _check(data: Path) -> None:
    """Raises a ClickException for a file that holds, or can hold, no SQLite database."""
    mend = "Choose another file with --data."
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(data)
        try:
            connection.execute("PRAGMA user_version")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"{data} cannot be written ({error}). {mend}") from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{data} is another kind of file, no data of a controller. {mend}") from error
    except OSError as error:
        raise click.ClickException(f"{data} cannot be written ({error.strerror}). {mend}") from error
