"""`oxherd aps build`, `check` and `types`: the package itself. None of them needs a database."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from oxherd.aps.documentation import markdown


@click.command("build")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Folder for the package.  [default: this folder]",
)
@click.option(
    "--release",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Tells builds of one version apart. A controller upgrades to a higher one only: give each build that you"
    " import after another one a higher number.",
)
def build(out: Path, release: int) -> None:
    """Make the package that a control panel imports. The same release gives the same bytes."""
    from oxherd.aps.package import build as build_package

    try:
        place = build_package(out, release)
    except OSError as error:
        raise click.ClickException(
            f"{out} cannot be written: {error.strerror}. Choose another folder with --out."
        ) from error
    click.echo(place)


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(file: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands it over
    """Tell what is wrong with a package, by the rules of APS 2.0. Exit status 1 if anything is.

    Anybody's package: nothing but the file is read.
    """
    from oxherd.aps.checks import check as findings_of

    try:
        findings = findings_of(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error
    errors = [one for one in findings if one.is_error]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        for one in findings:
            click.echo(str(one) if one.is_error else f"{one} (advice)")
        click.echo(f"{file.name}: {_count(len(errors))}.")
    if errors:
        raise SystemExit(1)


def _count(errors: int) -> str:
    if not errors:
        return "nothing is wrong with it"
    return "one error" if errors == 1 else f"{errors} errors"


@click.command("types")
def types() -> None:
    """Print the types of the package as Markdown (docs/aps-types.md)."""
    click.echo(markdown(), nl=False)
