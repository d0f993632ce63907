"""What a worker writes down before it asks a platform."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def written_ahead() -> Iterator[None]:
    """A transaction that is on the disk when it ends, so that no crash of the database forgets what was begun.

    A worker's other commits need not wait for the disk: what they say can be found out again.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO on")
        yield
