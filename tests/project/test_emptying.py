import pytest
from django.core.cache import cache
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import make_cast

from oxherd.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_that_commits_leaves_nothing_to_the_next(turn: str) -> None:
    assert not Tenant.objects.exists()
    assert cache.get("attempts") is None
    assert not ProcrastinateJob.objects.exists()
    make_cast().user("Anna Becker", ox=True)
    cache.set("attempts", 3)
    assert ProcrastinateJob.objects.exists()


def test_what_migrations_have_put_there_stays() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 10
