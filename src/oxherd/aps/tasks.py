"""What the worker does for controllers. Registered with the queue by being imported."""

from django.db import Error, connection
from procrastinate.contrib.django import app

from oxherd.aps import fetching, reporting
from oxherd.aps.errands import FETCH, REPORT
from oxherd.provisioning.queue import QUEUE


@app.task(name=FETCH, queue=QUEUE)
def fetch(resource_id: int, tries: int = 0) -> None:
    try:
        fetching.fetch(resource_id, tries=tries)
    except Error:
        connection.close()
        raise


@app.task(name=REPORT, queue=QUEUE)
def report(resource_id: int) -> None:
    try:
        reporting.report(resource_id)
    except Error:
        connection.close()
        raise
