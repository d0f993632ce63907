from collections.abc import Callable

from django.db import Error, connection
from procrastinate.contrib.django import app

from oxherd.administrators.errands import TELL as TELL_INVITED
from oxherd.adoption.commands import TASK as ADOPT
from oxherd.brands.inquiries import TASK as INQUIRE
from oxherd.domains import checks
from oxherd.drift.orders import carry_out_order
from oxherd.drift.queue import COMPARE, REPAIR
from oxherd.people.usage import LOOK
from oxherd.provisioning.queue import QUEUE, TASK
from oxherd.purchases.errands import TELL, VERIFY
from oxherd.signin.letters import SEND
from oxherd.sync import adopting, inquiries, inviting
from oxherd.sync.domains import check_domain
from oxherd.sync.drift import run
from oxherd.sync.letters import send
from oxherd.sync.telling import tell
from oxherd.sync.usage import look
from oxherd.sync.verifying import verify
from oxherd.sync.work import work


@app.task(name=TASK, queue=QUEUE)
def sync(job_id: int) -> None:
    _do(work, job_id)


@app.task(name=VERIFY, queue=QUEUE)
def verify_requester(request_id: int) -> None:
    _do(verify, request_id)


@app.task(name=TELL, queue=QUEUE)
def tell_requester(request_id: int) -> None:
    _do(tell, request_id)


@app.task(name=TELL_INVITED, queue=QUEUE)
def tell_invited(invitation_id: int) -> None:
    _do(inviting.tell, invitation_id)


@app.task(name=SEND, queue=QUEUE)
def send_letter(letter_id: int) -> None:
    _do(send, letter_id)


@app.task(name=ADOPT, queue=QUEUE)
def adopt(adoption_id: int) -> None:
    _do(adopting.run, adoption_id)


@app.task(name=INQUIRE, queue=QUEUE)
def inquire(inquiry_id: int) -> None:
    _do(inquiries.run, inquiry_id)


@app.task(name=LOOK, queue=QUEUE)
def look_at_usage(account_id: int) -> None:
    _do(look, account_id)


@app.task(name=COMPARE, queue=QUEUE)
def compare(pk: int) -> None:
    _do(run, pk)


@app.task(name=REPAIR, queue=QUEUE)
def repair(pk: int) -> None:
    _do(carry_out_order, pk)


@app.task(name=checks.TASK, queue=checks.QUEUE)
def check(domain_id: int) -> None:
    _do(check_domain, domain_id)


def _do(errand: Callable[[int], None], number: int) -> None:
    try:
        errand(number)
    except Error:
        connection.close()
        raise
