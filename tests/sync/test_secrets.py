import logging

import pytest
from django.db import connection
from tests.sync.conftest import Stage, account_of
from tests.worker import drain

from oxherd.people.commands import change_password

PLANTED = "Planted-Secret-4711-Zebra"


def everything_stored() -> str:
    """All rows of all tables, as text."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [repr(row) for row in cursor.fetchall()]
    return "\n".join(texts)


def test_a_password_is_nowhere_in_clear(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    anna = stage.cast.user(ox=True)
    drain()
    change_password(actor=stage.cast.system, user=anna, password=PLANTED)
    assert account_of(anna).sealed_password != ""
    assert PLANTED not in everything_stored()
    stage.strikes("storage_exception", times=1)
    drain()
    drain()
    assert account_of(anna).sealed_password == ""
    assert PLANTED not in everything_stored()
    assert PLANTED not in caplog.text
