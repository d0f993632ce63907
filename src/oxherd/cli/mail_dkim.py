"""`oxherd mail dkim`: the keys that sign mail now, as OpenDKIM and rspamd read them."""

import shlex
import signal
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import click
from django.db import Error, close_old_connections

from oxherd.cli.signing_files import Outcome, SigningFolder
from oxherd.dkim.queries import signing

NO_DATABASE = "oxherd cannot reach its database."


class Trouble(click.ClickException):
    """A round that has not done all; the next one may."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--group", metavar="NAME", help="The signer's group, such as opendkim or _rspamd: it may read the folder."
)
@click.option("--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Keep going, and look again so often.")
@click.option("--then", "reload", metavar="COMMAND", help="What to run after a change, to let the signer read it anew.")
def dkim(*, folder: Path, group: str | None, every: float | None, reload: str | None) -> None:
    """Write the keys that sign mail now to a folder, with the tables by which OpenDKIM and rspamd find them.

    Only verified domains of active customers sign. What is as it should be is left alone, and keys that sign no
    more are removed.
    """
    place = SigningFolder(folder.absolute(), group)
    if every is None:
        one_round(place, reload)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    keep_going(place, reload, every, stop)


def keep_going(place: SigningFolder, reload: str | None, every: float, stop: threading.Event) -> None:
    """A round every so many seconds, until told to stop. What goes wrong is told, and tried again with the next one."""
    while not stop.is_set():
        close_old_connections()
        try:
            one_round(place, reload)
        except Trouble as trouble:
            trouble.show()
        stop.wait(every)


def one_round(place: SigningFolder, reload: str | None) -> None:
    """Write what has changed, tell the signer, and then remove the keys that it needs no more. Raises Trouble."""
    try:
        with closing(signing()) as keys:
            outcome = place.write(keys)
    except Error as error:
        raise Trouble(NO_DATABASE) from error
    except KeyError as error:
        raise Trouble(f"There is no group {place.group} on this machine. Name one of /etc/group.") from error
    except OSError as error:
        raise Trouble(f"{place.path} cannot be written: {error}") from error
    for told in outcome.changed:
        click.echo(told)
    if place.is_news:
        _run(reload)
        _remove(outcome)
        place.told()
    if outcome.broken:
        names = ", ".join(outcome.broken)
        raise Trouble(
            f"No key opens the stored DKIM key of {names}. Remove it on the domain's page, and make a new one."
        )


def _run(command: str | None) -> None:
    if command is None:
        return
    try:
        done = subprocess.run(shlex.split(command), check=False)
    except (OSError, ValueError) as error:
        raise Trouble(f"“{command}” cannot be run: {error}. It is tried again with the next run.") from error
    if done.returncode:
        raise Trouble(f"“{command}” ended with status {done.returncode}. It is tried again with the next run.")
    click.echo(f"Ran: {command}")


def _remove(outcome: Outcome) -> None:
    for file in outcome.stale:
        file.unlink(missing_ok=True)
        click.echo(f"The key {file.stem} signs no more and was removed.")
