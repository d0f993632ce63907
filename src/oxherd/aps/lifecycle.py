"""The life cycle of every resource (APS 2.0, endpoint protocol): each call is one transaction, and may come again."""

from typing import Any
from uuid import UUID

from django.db import transaction

from oxherd.aps import bodies, errands, progress
from oxherd.aps.definitions import Type
from oxherd.aps.faults import Fault
from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.progress import Answer
from oxherd.aps.routes import Route
from oxherd.aps.service import Call, Service, Wishes
from oxherd.aps.states import ResourceState
from oxherd.aps.types import BY_SERVICE

BY_TYPE = {one.id: service for service, one in BY_SERVICE.items()}
GONE = "This resource was removed. What is removed does not come back under the same id."


def provision(call: Call, service: Service) -> Answer:
    """Make what a resource stands for, once: a repetition tells how it fares, a changed one changes it."""
    aps_id = bodies.own_id(call.body, service.one)
    with transaction.atomic():
        # The unique row comes first: of two at once, the second waits here for what the first makes of it.
        row, is_new = ApsResource.objects.get_or_create(
            instance=call.instance, aps_id=aps_id, defaults={"service": service.one.service}
        )
        row = ApsResource.objects.select_for_update().get(pk=row.pk)
        if row.service != service.one.service:
            raise Fault(409, f"{aps_id} is a resource of the service {row.service}.")
        if row.state == ResourceState.REMOVED:
            raise Fault(409, GONE, final=True)
        if is_new or progress.was_told_refusal(row):
            _make(call, service, row)
        else:
            _change(call, service, row)
            if row.state == ResourceState.ASKED:  # the controller waits for it: whatever has lost it, it goes on
                errands.bring_back(row.pk)
    return progress.answer(service, row, service.making, status=201)


def retrieve(call: Call, service: Service, route: Route) -> Answer:
    """What is readonly of a resource, the usage of its counters among it."""
    row = _row(call.instance, route)
    if row.object_id is None:
        return Answer(200)
    return Answer(200, progress.telling(service, row))


def configure(call: Call, service: Service, route: Route) -> Answer:
    """Change what differs from what the controller wanted last; the body may be the whole resource, or a part."""
    with transaction.atomic():
        row = _row(call.instance, route, hold=True)
        _change(call, service, row)
    return progress.answer(service, row, service.changing)


def unprovision(call: Call, service: Service, route: Route) -> Answer:
    """Take it away. What is not there (any more) is gone: 204."""
    with transaction.atomic():
        rows = ApsResource.objects.select_for_update().filter(instance=call.instance, aps_id=route.target)
        row = rows.filter(service=service.one.service).first()
        if row is None:
            return Answer(204)
        if row.state == ResourceState.REMOVED:
            _retry_removal(call, service, row)
        else:
            subject = service.remove(call, row) if row.object_id is not None else None
            row.state, row.sealed_password, row.problem = ResourceState.REMOVED, "", ""
            row.tenant = None  # with which the row would go
            row.reported = {progress.LEAVING: list(subject)} if subject else {}
            row.save()
    return progress.answer_removal(row, service.removing)


def unlink(call: Call, service: Service, route: Route) -> Answer:
    """As `link`; of what is not there (any more), nothing has to be unlinked."""
    rows = ApsResource.objects.filter(instance=call.instance, service=route.one.service, aps_id=route.target)
    if not rows.exclude(state=ResourceState.REMOVED).exists():
        return Answer(204)
    return link(call, service, route)


def link(call: Call, service: Service, route: Route) -> Answer:
    """That two resources are linked now, or not any more; most links say nothing that their ends do not say."""
    with transaction.atomic():
        row = _row(call.instance, route, hold=True)
        other = _other(call, service.one, route)
        if row.object_id is not None or row.state == ResourceState.ASKED:
            before, act = row.wanted, service.link if route.act == "link" else service.unlink
            act(call, row, route.name, other)
            if row.wanted != before:
                row.save(update_fields=["wanted", "changed_at"])
    return Answer(200)


def operate(call: Call, service: Service, route: Route) -> Answer:
    """Carry out a custom operation, an event among them; what it answers, or how the resource fares."""
    with transaction.atomic():
        row = _row(call.instance, route, hold=True)
        if row.object_id is None and not route.name.startswith("on"):
            raise Fault(409, "This resource is not ready yet.")
        found = service.operations[route.name](call, row)
        if found or route.name.startswith("on"):
            return Answer(200, found)
        _retry_if_told(call, service, row)
    return progress.answer(service, row, service.changing, tells=False)


def settable(call: Call, service: Service, *, whole: bool) -> Wishes:
    """What the body says of what may be set, and of the links that may move."""
    wishes = bodies.wishes(call.body, service.one, whole=whole)
    for relation in service.movable:
        if (other := bodies.linked(call.body, relation)) is not None:
            wishes[relation] = str(other)
    return wishes


def _make(call: Call, service: Service, row: ApsResource) -> None:
    wishes = settable(call, service, whole=True)
    row.wanted, row.state, row.problem = wishes, ResourceState.DONE, ""
    row.reported = {progress.TOLD: told} if (told := progress.told_of(row)) else {}
    service.make(call, row, wishes)
    row.save()


def _change(call: Call, service: Service, row: ApsResource) -> None:
    known = {**row.wanted, **progress.told_of(row)}
    wishes = settable(call, service, whole=False)
    asked = {name: value for name, value in wishes.items() if name not in known or known[name] != value}
    row.wanted = {**row.wanted, **asked}
    if row.state == ResourceState.FAILED and (asked or progress.was_told_refusal(row)):
        row.state, row.problem = ResourceState.ASKED, ""
        row.reported = {name: value for name, value in row.reported.items() if name != progress.FAILURE}
        errands.ask_to_fetch(row.pk)
        row.save()
    if row.state == ResourceState.DONE:
        if asked or service.with_secrets:
            service.change(call, row, asked)
        _retry_if_told(call, service, row)
    if asked:
        row.save()


def _retry_if_told(call: Call, service: Service, row: ApsResource) -> None:
    """Try again what the platform refused, if the controller has heard of it and calls all the same."""
    if row.object_id is not None and progress.was_told(row, progress.newest(service.subject(row))):
        service.retry(call, row)


def _retry_removal(call: Call, service: Service, row: ApsResource) -> None:
    leaving = row.reported.get(progress.LEAVING)
    if leaving and progress.was_told(row, progress.newest((leaving[0], leaving[1]))):
        service.retry(call, row)


def _row(instance: ApsInstance, route: Route, *, hold: bool = False) -> ApsResource:
    rows = ApsResource.objects.select_for_update() if hold else ApsResource.objects.all()
    rows = rows.filter(instance=instance, service=route.one.service, aps_id=route.target)
    row = rows.exclude(state=ResourceState.REMOVED).first()
    if row is None:
        raise Fault(404, f"There is no {route.one.service.replace('_', ' ')} with this id.")
    return row


def _other(call: Call, one: Type, route: Route) -> ApsResource | None:
    """The resource at the other end, if it is one of ours."""
    service = BY_TYPE.get(one.relations[route.name].type) if route.name in one.relations else None
    other = route.other or _told_id(call.body)
    if service is None or other is None:
        return None
    found = ApsResource.objects.filter(instance=call.instance, service=service, aps_id=other)
    return found.exclude(state=ResourceState.REMOVED).first()


def _told_id(body: Any) -> UUID | None:
    """Who is linked, as the body of a link call tells: the whole resource, or what points to it."""
    meta = body.get("aps")
    return bodies.uuid_of(meta["id"]) if isinstance(meta, dict) and "id" in meta else None
