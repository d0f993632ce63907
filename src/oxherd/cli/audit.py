"""`oxherd audit`: verifies that nobody has changed the audit, and exports it."""

import json
import sys
from datetime import UTC, datetime, time
from typing import Any, TextIO

import click
from django.db import OperationalError

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.chain import ChainBroken, Head, head_from
from oxherd.audit.commands import record
from oxherd.audit.exporting import Form, exported
from oxherd.audit.queries import Search, for_auditor, found
from oxherd.audit.states import Action
from oxherd.audit.verifying import Finding, Verification
from oxherd.cli.drift import Trouble, chosen
from oxherd.sealing import SealBroken

WRONG = 1


@click.group()
def audit() -> None:
    """Verify that nobody has changed the audit, or export it."""


def beginning(_: click.Context, __: click.Parameter, day: datetime | None) -> datetime | None:
    """The first moment of a day, UTC."""
    return datetime.combine(day.date(), time(), UTC) if day else None


def end_of_chain(_: click.Context, __: click.Parameter, text: str | None) -> Head | None:
    try:
        return head_from(text) if text else None
    except ValueError:
        raise click.BadParameter('give it as the command has printed it, such as "1200:5f3a…".') from None


@audit.command()
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=beginning,
    help="Only what was sealed since this day.",
)
@click.option(
    "--expect", callback=end_of_chain, metavar="END", help="An end of the chain that you have kept elsewhere."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, the last one the summary.")
def verify(*, since: datetime | None, expect: Head | None, as_json: bool) -> None:
    """Walk the chain of seals, and tell each entry that was altered, deleted, inserted or moved.

    Exit status: 0 all is as it was written, 1 something is not, 2 the audit could not be looked at.
    """
    verification = Verification(since=since, noted=expect)
    tell = _as_json if as_json else _as_text
    try:
        for finding in verification.findings():
            tell(finding)
    except OperationalError as error:
        raise Trouble("oxherd cannot reach its database.") from error
    except (ChainBroken, SealBroken) as error:
        raise Trouble(error.sentence) from error
    _sum_up(verification, as_json=as_json)
    sys.exit(WRONG if verification.wrong else 0)


@audit.command()
@click.option(
    "--format", "form", type=click.Choice(Form.values), default=Form.CSV.value, help="csv, if nothing is said."
)
@click.option("--tenant", metavar="NAME|ID", help="Only what was done to this customer.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC).")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day (UTC), which is included.")
@click.option("--who", default="", metavar="NAME", help="Only what this one did.")
@click.option("--action", default="", metavar="ACT", help="Only such acts, as user:change.")
@click.option("--kind", default="", metavar="KIND", help="Only what was done to such, as serviceuser, group, domain.")
@click.option("--text", default="", metavar="WORDS", help="Only what was done to whose name begins with these words.")
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=False), default="-", help="A file; else printed.")
def export(*, form: str, tenant: str | None, output: TextIO, **asked: Any) -> None:
    """Write entries as CSV or JSON lines, the newest first. That somebody did is an entry, too."""
    days = {word: asked[word].date() for word in ("since", "until") if asked[word]}
    search = Search(**asked | {"since": None, "until": None} | days)
    actor = system("oxherd audit", Door.CLI)
    try:
        place = next(chosen(actor, [tenant], None)) if tenant else None
        rows = for_auditor(actor).filter(tenant_id=place.pk) if place else for_auditor(actor)
        record(actor, Action.AUDIT_EXPORT, place, place=place, after=search.described() | {"form": form})
        output.writelines(exported(found(rows, search, tenant_id=place.pk if place else None), Form(form)))
    except OperationalError as error:
        raise Trouble("oxherd cannot reach its database.") from error


def _as_text(finding: Finding) -> None:
    click.echo(str(finding))


def _as_json(finding: Finding) -> None:
    _line(wrong=finding.kind, entry=finding.entry_id, position=finding.position, told=str(finding))


def _sum_up(verification: Verification, *, as_json: bool) -> None:
    checked, wrong, waiting = verification.checked, verification.wrong, verification.waiting
    if as_json:
        _line(checked=checked, wrong=wrong, unsealed=waiting, end=str(verification.head))
        return
    result = f"{wrong:,} {'thing is' if wrong == 1 else 'things are'} wrong" if wrong else "all is as it was written"
    click.echo(f"{checked:,} sealed entries looked at, {waiting:,} not sealed yet: {result}.")
    click.echo(f"The chain ends at {verification.head}")


def _line(**fields: Any) -> None:
    click.echo(json.dumps(fields, ensure_ascii=False, default=str))
