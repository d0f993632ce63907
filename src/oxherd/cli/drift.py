"""`oxherd drift`: compares customers with their contexts, tells what differs, and repairs it."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import click
from django.db import OperationalError
from django.db.models import QuerySet

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door
from oxherd.brands import queries as brands
from oxherd.cli.drift_report import JsonReport, Report
from oxherd.drift import queries
from oxherd.drift.commands import begin_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.repairs import repair_all
from oxherd.drift.states import ComparisonState, DifferenceKind, ObjectKind, Way
from oxherd.errors import Refused
from oxherd.sync.drift import run
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

WAYS = {"to-ox": Way.TO_OX, "from-ox": Way.FROM_OX}


class Status(IntEnum):
    """Of the exit."""

    AGREES = 0
    DIFFERS = 1
    TROUBLE = 2


class Trouble(click.ClickException):
    exit_code = Status.TROUBLE


@dataclass(frozen=True, slots=True)
class Wish:
    """What is compared, told and repaired."""

    is_deep: bool
    kinds: Sequence[str]
    only: Sequence[str]
    way: Way | None
    is_dry: bool
    is_sure: bool

    def rows(self, comparison: Comparison) -> QuerySet[Difference]:
        rows = Difference.objects.filter(comparison=comparison)
        rows = rows.filter(object_kind__in=self.kinds) if self.kinds else rows
        return rows.filter(kind__in=self.only) if self.only else rows


def words(_: click.Context, parameter: click.Parameter, text: str | None) -> list[str]:
    """A list with commas of the values that the option takes."""
    offered = {"kind": ObjectKind, "only": DifferenceKind}[parameter.name or ""].values
    wanted = [word.strip() for word in (text or "").split(",") if word.strip()]
    if unknown := [word for word in wanted if word not in offered]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(offered)}.")
    return wanted


@click.command()
@click.option("--tenant", "names", multiple=True, metavar="NAME|ID", help="Only this customer; may be given again.")
@click.option("--brand", metavar="NAME", help="Only customers of this brand.")
@click.option("--deep", is_flag=True, help="Compare modules too, which costs the platform a call for each user.")
@click.option("--kind", callback=words, metavar="KINDS", help="context, user, group, resource: some, with commas.")
@click.option("--only", callback=words, metavar="KINDS", help="different, missing, stranger, gone: some, with commas.")
@click.option("--repair", "way", type=click.Choice(list(WAYS)), help="Repair what is told: to-ox, the panel is right.")
@click.option("--dry-run", is_flag=True, help="Only say what a repair would do.")
@click.option("--yes", is_flag=True, help="Do not ask before a repair.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def drift(
    *,
    names: Sequence[str],
    brand: str | None,
    deep: bool,
    kind: list[str],
    only: list[str],
    way: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Compare customers with their contexts on the platform, and tell what differs.

    Exit status: 0 all agrees (or was repaired), 1 something differs, 2 something could not be compared.
    """
    actor = system("oxherd drift", Door.CLI)
    wish = Wish(deep, kind, only, WAYS[way] if way else None, dry_run, yes)
    report = JsonReport() if as_json else Report()
    worst = Status.AGREES
    try:
        for tenant in chosen(actor, names, brand):
            worst = max(worst, look_at(actor, tenant, wish, report))
    except OperationalError as error:
        raise Trouble("oxherd cannot reach its database.") from error
    sys.exit(worst)


def chosen(actor: Actor, names: Sequence[str], brand: str | None) -> Iterator[Tenant]:
    """The tenants that are meant. Raises Trouble for a name that nobody has."""
    found = tenants.for_actor(actor).order_by("pk")
    if brand is not None:
        if not brands.for_actor(actor).filter(name__iexact=brand).exists():
            raise Trouble(f"There is no brand named {brand}.")
        found = found.filter(brand__name__iexact=brand)
    if not names:
        yield from found.iterator(chunk_size=200)
        return
    for name in names:
        named = found.filter(name__iexact=name) or (found.filter(pk=int(name)) if name.isdecimal() else found.none())
        if not named:
            raise Trouble(f"There is no customer named {name}.")
        yield from named


def look_at(actor: Actor, tenant: Tenant, wish: Wish, report: Report) -> Status:
    try:
        comparison = begin_comparison(actor=actor, tenant=tenant, is_deep=wish.is_deep)
    except Refused as refused:
        report.trouble(tenant, refused.sentence)
        return Status.TROUBLE
    run(comparison.pk)
    comparison = Comparison.objects.select_related("tenant__brand").filter(pk=comparison.pk).first() or comparison
    if comparison.state != ComparisonState.DONE:
        report.trouble(tenant, comparison.sentence or "A worker has taken the comparison over: look at the panel.")
        return Status.TROUBLE
    rows = wish.rows(comparison)
    counts = queries.counted(rows)
    report.found(comparison, counts, rows)
    if not counts:
        return Status.AGREES
    if wish.way is None or not is_wanted(tenant, counts, wish, report):
        return Status.DIFFERS
    return repaired(actor, tenant, rows, wish.way, report)


def is_wanted(tenant: Tenant, counts: queries.Counts, wish: Wish, report: Report) -> bool:
    """Whether the repair is to be carried out, when it was told what it does."""
    assert wish.way  # noqa: S101 - asked for one only
    report.preview(tenant, counts, wish.way)
    if wish.is_dry:
        return False
    return wish.is_sure or click.confirm(f"{wish.way.label}?", err=True)


def repaired(actor: Actor, tenant: Tenant, rows: QuerySet[Difference], way: Way, report: Report) -> Status:
    done = refused = 0
    for difference, sentence in repair_all(actor=actor, rows=rows, way=way):
        if sentence:
            refused += 1
            report.refused(tenant, difference, sentence)
        else:
            done += 1
    report.repaired(tenant, done, refused)
    return Status.DIFFERS if refused else Status.AGREES
