"""`oxherd adopt`: makes customers of contexts that were on a platform before oxherd was."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any, TextIO

import click
from django.db import OperationalError

from oxherd.brands.models import Brand
from oxherd.cli.brands import named, operator
from oxherd.errors import PlatformError, Refused
from oxherd.sync.adoption import Report, Wish, adopt, contexts_of, preview

# So often a long adoption says how far it has come, in seconds.
SAYS_EVERY = 5.0
ORDER = ("domain", "user", "group", "resource", "forwarder", "catch-all")


class Status(IntEnum):
    """Of the exit."""

    ALL = 0
    SOME = 1
    TROUBLE = 2


class Trouble(click.ClickException):
    exit_code = Status.TROUBLE


@click.command("adopt")
@click.argument("brand")
@click.argument("contexts", metavar="[CONTEXT]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All contexts of the platform that no customer here has.")
@click.option("--list", "lists", is_flag=True, help="Only list these contexts.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken over and what refused.")
@click.option("--name", default="", help="Of the customer, for one context.  [default: the context's name]")
@click.option("--admin", default="", metavar="LOGIN", help="App Suite: the administrator of the contexts.")
@click.option("--password-file", type=click.File(), help="App Suite: holds that one's password; - reads it here.")
@click.option("--credentials-file", type=click.File(), help="App Suite, many: lines of context, login, password; tabs.")
@click.option("--make-profiles", is_flag=True, help="Add profiles that fit where none does.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def adopt_command(
    *,
    brand: str,
    contexts: Sequence[str],
    everything: bool,
    lists: bool,
    dry_run: bool,
    name: str,
    admin: str,
    password_file: TextIO | None,
    credentials_file: TextIO | None,
    make_profiles: bool,
    as_json: bool,
) -> None:
    """Take over contexts of the platform of BRAND: users, groups, resources, domains, forwarders, catch-alls.

    CONTEXT is a name or a number on the platform. Everything is only read there. What the rules here do not allow is
    told with its cause; mend it, and adopt again: only what is missing is taken over.

    Exit status: 0 all is there, 1 something was refused, 2 a context could not be taken over.
    """
    found = named(brand)
    keys = _keys(found, contexts, everything=everything or lists)
    if lists:
        for key in keys:
            click.echo(key)
        return
    password = password_file.read().strip("\r\n") if password_file else ""
    logins = _credentials(credentials_file)
    usual = Wish("", name=name, administrator=admin, password=password, make_profiles=make_profiles)
    if name and len(contexts) != 1:
        raise click.UsageError("--name is for one context.")
    say, worst = (_say_json if as_json else _say), Status.ALL
    for key in keys:
        login, secret = logins.get(key, (admin, password))
        worst = max(worst, _one(found, replace(usual, context=key, administrator=login, password=secret), dry_run, say))
    sys.exit(worst)


def _keys(brand: Brand, contexts: Sequence[str], *, everything: bool) -> Iterator[str]:
    if bool(contexts) == everything:
        raise click.UsageError("Name the contexts, or take --all.")
    if not everything:
        yield from contexts
        return
    try:
        yield from sorted(context.name for context in contexts_of(brand))
    except PlatformError as error:
        raise Trouble(error.sentence) from error


def _credentials(file: TextIO | None) -> dict[str, tuple[str, str]]:
    """Login and password by context. Raises UsageError with the line that is wrong, and not with what is in it."""
    logins = {}
    for number, line in enumerate(file or (), start=1):
        parts = line.rstrip("\r\n").split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - as told
            raise click.UsageError(
                f"--credentials-file, line {number}: context, login and password, with tabs between."
            )
        logins[parts[0]] = (parts[1], parts[2])
    return logins


def _one(brand: Brand, wish: Wish, is_dry: bool, say: Any) -> Status:  # noqa: FBT001 - as asked
    tell = _Progress(wish.context)
    try:
        report = (preview if is_dry else adopt)(actor=operator(), brand=brand, wish=wish, tell=tell)
    except Refused as refused:
        click.echo(f"{wish.context}: {refused.sentence}", err=True)
        return Status.TROUBLE
    except PlatformError as error:
        click.echo(f"{wish.context}: {error.sentence}", err=True)
        return Status.TROUBLE
    except OperationalError as error:
        raise Trouble("oxherd cannot reach its database.") from error
    say(report, is_dry=is_dry)
    return Status.SOME if report.refused else Status.ALL


class _Progress:
    """Says how far it has come, where somebody looks on."""

    def __init__(self, context: str) -> None:
        self._context, self._said = context, time.monotonic()

    def __call__(self, report: Report) -> None:
        if sys.stderr.isatty() and time.monotonic() - self._said > SAYS_EVERY:
            self._said = time.monotonic()
            click.echo(f"{self._context}: {_counted(report)} so far", err=True)


def _counted(report: Report) -> str:
    parts = [f"{report.taken[kind]:,} {_plural(kind, report.taken[kind])}" for kind in ORDER if report.taken.get(kind)]
    return ", ".join(parts) or "nothing"


def _plural(kind: str, number: int) -> str:
    return kind if number == 1 else f"{kind}s"


def _say(report: Report, *, is_dry: bool) -> None:
    verb = "would be taken over" if is_dry else "taken over"
    known = f"; {report.known:,} were here before" if report.known else ""
    click.echo(f"{report.context}: {_counted(report)} {verb}{known}")
    for name in report.profiles:
        click.echo(f"  profile {'to be added' if is_dry else 'added'}: {name}")
    for kind, name, sentence in report.refused:
        click.echo(f"  refused, {kind} {name}: {sentence}")


def _say_json(report: Report, *, is_dry: bool) -> None:
    refused = [{"kind": kind, "name": name, "cause": sentence} for kind, name, sentence in report.refused]
    line = {
        "context": report.context,
        "dry_run": is_dry,
        "tenant": report.tenant.pk if report.tenant else None,
        "taken_over": report.taken,
        "known": report.known,
        "profiles": report.profiles,
        "refused": refused,
    }
    click.echo(json.dumps(line, ensure_ascii=False))
