"""What is fetched from a controller: who a user is, and how a customer is called. Runs in the worker.

An event says only that something has changed, and may come often, late or never again: what is fetched is compared
with what is here, and what differs is brought in.
"""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import Error, transaction

from oxherd.accounts.actor import Actor, Place
from oxherd.aps import controllers, errands, progress
from oxherd.aps.arrivals import WHO
from oxherd.aps.controllers import ControllerError
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsResource
from oxherd.aps.persons import Person, bring_in, make, person_from
from oxherd.aps.service import actor_for
from oxherd.aps.services import tenant
from oxherd.aps.states import ResourceState
from oxherd.errors import OxherdError
from oxherd.inputs import one_line
from oxherd.tenants.commands import change_tenant

logger = logging.getLogger(__name__)

CHANGED = "http://aps-standard.org/core/events/changed"
# Of each service: the relation to what is fetched, and the operation that is told of its changes.
SOURCES = {"user": ("user", "onUserChanged"), "tenant": ("account", "onAccountChanged")}
MOST_TRIES = 12  # for what is there already: most of an hour
SUBSCRIBED = "events"  # among the row's links: the id of what tells us of changes


def fetch(resource_id: int, *, tries: int = 0) -> None:
    """Fetch what a resource needs, bring it in, and have its changes told. Tried again while there is no answer."""
    row = _row(resource_id)
    if row is None or row.service not in SOURCES:
        return
    relation, _ = SOURCES[row.service]
    source = row.links.get(relation)
    if source is None:
        return
    try:
        found = controllers.get(row.instance, f"aps/2/resources/{UUID(source)}")
        _bring_in(row.pk, found)
        _subscribe(row, source)
    except ControllerError as error:
        _in_vain(row, error, tries)
    except Error:  # our own database; housekeeping brings the errand back
        raise
    except Exception:
        logger.exception("aps: %s could not be fetched", row)
        _in_vain(row, ControllerError("oxherd has failed; its log tells why. It is tried again."), tries)


def _bring_in(resource_id: int, found: Mapping[str, Any]) -> None:
    """Make what is asked for, or change what differs. A refusal is kept, for the controller's next call."""
    try:
        with transaction.atomic():
            row = _row(resource_id, hold=True)
            if row is None or row.state == ResourceState.FAILED:
                return
            row.problem = ""
            (_user if row.service == "user" else _tenant)(row, found)
            row.save()
            if row.state == ResourceState.ASKED:
                errands.ask_to_fetch(row.pk, tries=1)
    except (OxherdError, Fault) as error:
        sentence = error.sentence if isinstance(error, OxherdError) else error.message
        _refused(resource_id, sentence, found)


def _user(row: ApsResource, found: Mapping[str, Any]) -> None:
    person: Person = person_from(found)
    if row.state == ResourceState.ASKED:
        make(row, person)
    else:
        bring_in(row, person)


def _tenant(row: ApsResource, found: Mapping[str, Any]) -> None:
    told = found.get("companyName")
    name = one_line(told if isinstance(told, str) else "", "name", missing="The account has no company name.")

    def actor(place: Place | None) -> Actor:
        return actor_for(row.instance, place)

    if row.state == ResourceState.ASKED:
        tenant.add(row.instance, row, actor, name)
        return
    customer = tenant.of(row)
    if not row.wanted.get("name") and customer.name != name:
        change_tenant(actor=actor(customer), tenant=customer, name=name)


def _subscribe(row: ApsResource, source: str) -> None:
    """Have the controller tell of changes, once. Told twice after a crash, nothing is lost: we only look again."""
    fresh = _row(row.pk)
    if fresh is None or fresh.state != ResourceState.DONE or SUBSCRIBED in fresh.links:
        return
    body = {"event": CHANGED, "source": {"id": source}, "handler": SOURCES[row.service][1]}
    answer = controllers.call(row.instance, "POST", f"aps/2/resources/{row.aps_id}/aps/subscriptions", body)
    meta = answer.get("aps") if isinstance(answer, dict) else None
    told = (meta.get("id") if isinstance(meta, dict) else None) or (
        answer.get("id") if isinstance(answer, dict) else ""
    )
    with transaction.atomic():
        held = _row(row.pk, hold=True)
        if held is not None:
            held.links = {**held.links, SUBSCRIBED: str(told or "yes")[:100]}
            held.save(update_fields=["links"])


def _in_vain(row: ApsResource, error: ControllerError, tries: int) -> None:
    logger.info("aps: %s %s: %s", row.service, row.aps_id, error.sentence)
    if error.is_final and row.state == ResourceState.ASKED:
        _refused(row.pk, error.sentence)
        return
    made = ApsResource.objects.filter(pk=row.pk, state=ResourceState.DONE).exists()
    if error.is_final or (made and tries >= MOST_TRIES):
        return  # what is gone there tells of itself by another call, and what changes by another event
    with transaction.atomic():
        ApsResource.objects.filter(pk=row.pk, state=ResourceState.ASKED).update(problem=error.sentence)
        errands.ask_to_fetch(row.pk, tries=tries + 1)


def _refused(resource_id: int, sentence: str, found: Mapping[str, Any] | None = None) -> None:
    """Of what is not made yet, the wish has failed; of what is there, the problem is told with it.

    found: who it is about, as far as the controller has said.
    """
    logger.info("aps: resource %s is refused: %s", resource_id, sentence)
    rows = ApsResource.objects.filter(pk=resource_id)
    rows.filter(state=ResourceState.ASKED).update(state=ResourceState.FAILED, problem=sentence)
    rows.filter(state=ResourceState.DONE).update(problem=sentence)
    row = rows.filter(service="user", state=ResourceState.FAILED).first()
    if row is not None and found is not None:
        progress.keep(row, WHO, person_from(found).display_name[:200])


def _row(resource_id: int, *, hold: bool = False) -> ApsResource | None:
    rows = ApsResource.objects.select_related("instance__consumer", "tenant__brand")
    if hold:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(pk=resource_id, instance__removed_at=None).exclude(state=ResourceState.REMOVED).first()
