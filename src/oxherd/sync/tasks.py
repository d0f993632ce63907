from django.db import Error, connection
from procrastinate.contrib.django import app

from oxherd.provisioning.queue import QUEUE, TASK
from oxherd.sync.work import work


@app.task(name=TASK, queue=QUEUE)
def sync(job_id: int) -> None:
    try:
        work(job_id)
    except Error:
        connection.close()  # the thread's next job shall not meet a dead connection
        raise
