"""Pages of rows by keyset: a page costs the same wherever it begins."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def page(
    rows: QuerySet[Row], *, order: str, after: tuple[Any, int] | None, backwards: bool = False, size: int = 50
) -> tuple[list[Row], bool]:
    """One page, and whether there is another in the same direction.

    order: a column, with `-` before it for descending; the id decides between equals. after: the column's value and
    the id of the row to go on from; None begins at the end of the direction.
    """
    column = order.lstrip("-")
    descending = order.startswith("-") != backwards
    sign = "-" if descending else ""
    if after is not None:
        value, pk = after
        beyond = "lt" if descending else "gt"
        rows = rows.filter(Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"id__{beyond}": pk}))
    taken = list(rows.order_by(f"{sign}{column}", f"{sign}id")[: size + 1])
    shown = taken[:size]
    return (shown[::-1] if backwards else shown), len(taken) > size


def counted(rows: QuerySet[Any], most: int = 1000) -> tuple[int, bool]:
    """How many there are, and whether the count stopped at `most`: a count must not cost more than the page."""
    number = rows.order_by()[: most + 1].count()
    return min(number, most), number > most
