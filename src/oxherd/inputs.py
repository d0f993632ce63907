"""What people type, checked before it meets the width of a column."""

from oxherd.errors import Refused

LARGEST_NUMBER = 2_147_483_647  # of PostgreSQL's integer


def one_line(text: str, field: str, *, most: int = 200, missing: str = "") -> str:
    """The text without stray blanks and line ends.

    missing: the sentence for an empty text; without one it may be empty. Raises Refused at `field` for one that is
    empty, longer than `most` characters or holds what cannot be shown.
    """
    line = " ".join(text.split())
    if missing and not line:
        raise Refused(missing, field=field)
    if len(line) > most:
        raise Refused(f"This is longer than {most} characters.", field=field)
    if not line.isprintable():
        raise Refused("This holds a character that cannot be shown.", field=field)
    return line


def whole_number(number: int | None, field: str) -> None:
    """Raise Refused at `field` for a number below 0 or too large to be kept; None stands for no limit."""
    if number is not None and not 0 <= number <= LARGEST_NUMBER:
        raise Refused(f"Give a number from 0 to {LARGEST_NUMBER}, or none.", field=field)
