"""`oxherd aps build`, `check` and `types`: the package itself. None of them needs a database."""

import click

from oxherd.aps.documentation import markdown


@click.command("types")
def types() -> None:
    """Print the types of the package as Markdown (docs/aps-types.md)."""
    click.echo(markdown(), nl=False)
