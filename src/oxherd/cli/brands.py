"""What the commands about brands share."""

import click

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door
from oxherd.brands.models import Brand


def named(name: str) -> Brand:
    """The brand of this name, whatever its case. Raises ClickException with the names that there are."""
    found = Brand.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        names = ", ".join(Brand.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise click.ClickException(f"There is no brand named {name}. Brands: {names}.")
    return found


def operator() -> Actor:
    return system("Operator", Door.CLI)
