import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.worker import empty_queue

from oxherd.provisioning.queue import QUEUE
from oxherd.sync.command import _queue_connections

WAITING = 3000
TIMES = 10
ENTRIES = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, priority)
SELECT %s, 'oxherd.nothing', 'nothing:' || number, '{}', 0 FROM generate_series(1, %s) AS number
"""


async def fetched(times: int) -> None:
    connector = _queue_connections()
    await connector.open_async()
    row = await connector.execute_query_one_async("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
    for _ in range(times):
        await connector.execute_query_one_async(
            "SELECT id FROM procrastinate_fetch_job_v2(%(queues)s, %(worker)s)", queues=[QUEUE], worker=row["id"]
        )
    await connector.execute_query_async("SELECT pg_stat_force_next_flush()")
    await connector.close_async()


def read_of_the_index() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'procrastinate_jobs'")
        return int(cursor.fetchone()[0])


def read_for(waiting: int) -> int:
    """Entries of the index that are read to fetch some times, while so many wait."""
    with connection.cursor() as cursor:
        # What earlier tests deleted is read on the way to what waits, once for each fetch.
        cursor.execute("VACUUM procrastinate_jobs")
        cursor.execute(ENTRIES, [QUEUE, waiting])
        cursor.execute("SELECT pg_stat_force_next_flush()")
    before = read_of_the_index()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(fetched(TIMES))).result()
    read = read_of_the_index() - before
    empty_queue()
    return read


@pytest.mark.django_db(transaction=True)
def test_the_next_of_thousands_is_fetched_without_reading_them_all() -> None:
    many = read_for(WAITING)
    few = read_for(TIMES)
    assert many < few + TIMES * WAITING / 2
