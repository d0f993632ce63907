"""`oxherd mail`: Postfix and Dovecot, set up and shown at work."""

import pwd
import re
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeVar

import click

from oxherd.cli.mail_demo import demo
from oxherd.cli.mail_dkim import dkim
from oxherd.domains.rules import LONGEST_DOMAIN
from oxherd.errors import OxherdError, Refused
from oxherd.mail.configuration import (
    Outcome,
    dovecot_complaints,
    dovecot_files,
    installed_version,
    postfix_complaints,
    postfix_files,
    write,
)
from oxherd.mail.explaining import explained
from oxherd.mail.policy import PolicyServer
from oxherd.mail.roles import let_in
from oxherd.mail.site import DatabasePlace, MailSite

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
Result = TypeVar("Result")
DEFAULT_DOVECOT = "2.3"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*")


def _host_name(_context: click.Context, _parameter: click.Parameter, typed: str) -> str:
    name = typed.strip().rstrip(".").lower()
    if not HOST_NAME.fullmatch(name) or len(name) > LONGEST_DOMAIN or name.rpartition(".")[2].isdigit():
        raise click.BadParameter(f"“{typed}” is not a host name, such as mail.example.com.")
    return name


@click.group()
def mail() -> None:
    """Set up Postfix and Dovecot, which carry the mail of customers (docs/mail.md)."""


@mail.command("config")
@click.option("--postfix", type=FOLDER, required=True, help="Folder of Postfix's configuration, such as /etc/postfix.")
@click.option("--dovecot", type=FOLDER, required=True, help="Folder of Dovecot's configuration, such as /etc/dovecot.")
@click.option(
    "--hostname",
    default=socket.getfqdn,
    callback=_host_name,
    help="As which the server presents itself.  [default: this host]",
)
@click.option("--certificate", type=FILE, help="TLS certificate, PEM.  [default: Let's Encrypt's of the host name]")
@click.option("--certificate-key", type=FILE, help="Its private key, PEM.")
@click.option("--database", help="HOST:PORT where the mail servers find PostgreSQL.  [default: as in DATABASE_URL]")
@click.option("--mail-folder", type=FOLDER, default="/var/vmail", show_default=True, help="Where mailboxes are kept.")
@click.option("--mail-user", default="vmail", show_default=True, help="User and group who own them.")
@click.option(
    "--over-quota",
    type=click.Choice(["refuse", "defer"]),
    default="refuse",
    show_default=True,
    help="What happens to mail for a full mailbox: refused for good, or tried again for some days.",
)
@click.option("--signer", default="", help="Milter that signs outgoing mail, such as inet:127.0.0.1:8891.")
@click.option("--dovecot-version", help="2.3 or 2.4.  [default: of the installed Dovecot, else 2.3]")
@click.option("--no-sieve", is_flag=True, help="Leave out Sieve (rules and vacation notices of users).")
@click.option("--force", is_flag=True, help="Replace files that somebody has changed; the old ones are kept as *.old.")
def config(
    *, database: str | None, over_quota: str, dovecot_version: str | None, no_sieve: bool, force: bool, **given: Any
) -> None:
    """Write the whole configuration of both servers, and have it checked by them where they are installed.

    The database's roles for them get their passwords. Exit status 1 if a file was left alone, or a server complains.
    """
    site = _site(database, over_quota == "defer", has_sieve=not no_sieve, **given)
    _or_say(let_in)
    version = dovecot_version or installed_version("dovecot", "--version") or DEFAULT_DOVECOT
    files = _or_say(lambda: [*postfix_files(site), *dovecot_files(site, version)])
    _tell_what_is_missing(site)
    left_alone = False
    for file in files:
        outcome = _or_say(partial(write, file, force=force))
        left_alone |= outcome is Outcome.KEPT
        click.echo(f"{file.path}: {outcome.value.format(name=file.path.name)}")
    _tell_of_user(site)
    complaints = _tell_complaints("Postfix", postfix_complaints(site))
    complaints |= _tell_complaints("Dovecot", dovecot_complaints(site))
    if left_alone or complaints:
        raise SystemExit(1)
    click.echo("Then: `postfix reload` and `doveadm reload`; and keep `oxherd mail policy` running.")


@mail.command("policy")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=10040, show_default=True, help="Port, as in Postfix's configuration.")
def policy(host: str, port: int) -> None:
    """Tell Postfix who may write to groups that are for users of their own customer. Runs until it is stopped."""
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        server = PolicyServer(port, host)
    except OSError as error:
        raise click.ClickException(f"Nothing can listen on {host}:{port}: {error.strerror}.") from error
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        click.echo(f"Answers Postfix on {host}:{port}.")
        ended.wait()
        server.shutdown()


@mail.command("lookup")
@click.argument("address")
def lookup(address: str) -> None:
    """Tell where mail to an address goes, step by step, as Postfix would find out."""
    for line in _or_say(lambda: explained(address)):
        click.echo(line)


mail.add_command(demo)
mail.add_command(dkim)


def _site(database: str | None, defers_over_quota: bool, **given: Any) -> MailSite:  # noqa: FBT001 - one caller
    hostname, user = given["hostname"], given["mail_user"]
    letsencrypt = Path("/etc/letsencrypt/live") / hostname
    return MailSite(
        hostname=hostname,
        postfix=given["postfix"].resolve(),
        dovecot=given["dovecot"].resolve(),
        certificate=given["certificate"] or letsencrypt / "fullchain.pem",
        certificate_key=given["certificate_key"] or letsencrypt / "privkey.pem",
        database=_place(database),
        mail_folder=given["mail_folder"],
        mail_user=user,
        mail_group=user,
        defers_over_quota=defers_over_quota,
        milter=given["signer"],
        has_sieve=given["has_sieve"],
    )


def _place(typed: str | None) -> DatabasePlace:
    place = DatabasePlace.of_settings()
    if typed is None:
        return place
    host, _, port = typed.rpartition(":") if ":" in typed else (typed, "", "5432")
    if not host or not port.isdigit():
        raise click.BadParameter(f"{typed} is not HOST:PORT, such as db.example:5432.", param_hint="--database")
    return DatabasePlace(host, int(port), place.name)


def _tell_what_is_missing(site: MailSite) -> None:
    for server, folder in (("Postfix", site.postfix), ("Dovecot", site.dovecot)):
        if not folder.is_dir():
            click.echo(f"There was no folder {folder}, so it is made. Does {server} read its configuration there?")
    if not site.mail_folder.is_dir():
        click.echo(f"There is no folder {site.mail_folder} here yet: mailboxes will lie there.")
    for what, option, file in (
        ("certificate", "--certificate", site.certificate),
        ("private key", "--certificate-key", site.certificate_key),
    ):
        if not file.is_file():
            click.echo(f"There is no {what} {file} here yet. Put it there, or name another with {option}.")


def _tell_of_user(site: MailSite) -> None:
    try:
        pwd.getpwnam(site.mail_user)
    except KeyError:
        click.echo(f"There is no user {site.mail_user} here yet: adduser --system --group --home {site.mail_folder} "
                   f"{site.mail_user}")  # fmt: skip


def _tell_complaints(server: str, complaints: list[str] | None) -> bool:
    if complaints is None:
        click.echo(f"{server} is not installed here, so its configuration was not checked.")
        return False
    for line in complaints:
        click.echo(f"{server}: {line}", err=True)
    if not complaints:
        click.echo(f"{server} finds nothing wrong with its configuration.")
    return bool(complaints)


def _or_say(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    except (OxherdError, OSError) as error:
        raise click.ClickException(str(error)) from error
