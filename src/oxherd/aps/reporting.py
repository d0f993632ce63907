"""What was made or changed in our own pages, told to the controller that manages the customer. Runs in the worker.

Told is what differs from what the controller was told last, however it came to differ: a report that is lost, or
broken off, is made up for by the next one. A controller that does not answer is left alone for a while.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from oxherd.aps import controllers, errands, progress
from oxherd.aps.controllers import NOT_FOUND, ControllerError
from oxherd.aps.linking import RELATIONS, tell_links
from oxherd.aps.models import ApsResource
from oxherd.aps.persons import GIVEN_TO
from oxherd.aps.releasing import release
from oxherd.aps.services import SERVICES
from oxherd.aps.states import ResourceState
from oxherd.aps.types import TENANT
from oxherd.audit.models import AuditEntry
from oxherd.domains.models import Domain
from oxherd.errors import NotYours
from oxherd.groups.models import Group
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.states import UserStatus
from oxherd.provisioning.states import Presence, SyncStatus
from oxherd.purchases.models import PurchaseRequest
from oxherd.purchases.states import RequestState
from oxherd.resources.models import Resource

logger = logging.getLogger(__name__)

REST_SECONDS = 60  # of a controller that did not answer
MOST_AT_ONCE = 200  # new ones of a kind in one report; the next goes on
CURSOR, ROUND_BEGAN = "aps:report:cursor", "aps:report:round"
ROUND_SECONDS = 10  # no customer is looked at more often
MOST_ASKED = 20
LOOKED = "looked"  # in a customer's `reported`: the audit's entry up to which all was told, and when all was looked at
NEVER = (-1, 0)
LOOK_ANYWAY_SECONDS = 3600
# An entry about one of these changes no user but the one that it is about; what is about a domain may change any.
ABOUT_ONE = ("serviceuser", "group", "resource", "forwarder", "purchaserequest")
USAGE = "usage"  # in a customer's `reported`: of each counter, as it was told last
OURS = "ours"  # in `reported`: made in our pages, so that the controller has it from us alone
OTHERS = ("group", "resource", "domain", "purchase_request")


def ask_for_reports() -> int:
    """Have the next few customers of controllers looked at, in turn; returns how many."""
    last = cache.get(CURSOR, 0)
    if not last and not cache.add(ROUND_BEGAN, value=True, timeout=ROUND_SECONDS):
        return 0
    rows = ApsResource.objects.filter(service="tenant", state=ResourceState.DONE, instance__removed_at=None)
    pks = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:MOST_ASKED])
    cache.set(CURSOR, pks[-1] if len(pks) == MOST_ASKED else 0, timeout=None)
    return errands.ask_to_report(pks)


def report(resource_id: int) -> None:
    """Tell the controller what it does not know yet of one customer. resource_id: of the customer's own row."""
    above = ApsResource.objects.select_related("instance__consumer").filter(pk=resource_id).first()
    if above is None or above.state != ResourceState.DONE or above.tenant_id is None:
        return
    rests, entry = f"aps:rests:{above.instance_id}", _newest_entry(above.tenant_id)
    told_entry, looked_at = above.reported.get(LOOKED, NEVER)
    is_recent = time.time() - looked_at < LOOK_ANYWAY_SECONDS
    if cache.get(rests) or (is_recent and told_entry == entry):
        return
    is_whole = not is_recent or _any_may_differ(above.tenant_id, told_entry)
    looked_at = int(time.time()) if is_whole else looked_at
    release(above)
    _ask_for_passwords(above.tenant_id)
    try:
        for row in _known(above.tenant_id, OTHERS):
            _tell(row, above)
        for row in _users(above.tenant_id, None if is_whole else told_entry):
            _tell(row, above)
        for row in _unknown(above):
            _tell(row, above)
        _tell_customer(above)
        is_all = all([tell_links(row) for row in _leading(above.tenant_id)])  # noqa: C419 - every one is told
    except ControllerError as error:
        logger.info("aps: %s has not been told of %s: %s", above.instance, above.tenant_id, error.sentence)
        cache.set(rests, value=True, timeout=REST_SECONDS)
        return
    if is_all and not _something_moves(above.tenant_id):
        progress.keep(above, LOOKED, [entry, looked_at])


def _newest_entry(tenant_id: int) -> int:
    """The audit's newest entry of a customer: whatever is changed here leaves one."""
    entries = AuditEntry.objects.filter(tenant_id=tenant_id).order_by("-id")
    return entries.values_list("pk", flat=True).first() or 0


def _any_may_differ(tenant_id: int, told_entry: int) -> bool:
    """Whether something has happened since that may change any user of the customer."""
    entries = AuditEntry.objects.filter(tenant_id=tenant_id, pk__gt=told_entry)
    return entries.exclude(subject_kind__in=ABOUT_ONE).exists()


def _something_moves(tenant_id: int) -> bool:
    """Whether the platform is being asked for something, of which the outcome is to be told."""
    users = ServiceUser.objects.filter(tenant=tenant_id, status=UserStatus.IN_PROGRESS)
    things = (model.objects.filter(tenant=tenant_id, status=SyncStatus.IN_PROGRESS) for model in (Group, Resource))
    return users.exists() or any(rows.exists() for rows in things)


def _known(tenant_id: int, services: tuple[str, ...]) -> Iterable[ApsResource]:
    return _in_turn(ApsResource.objects.filter(tenant=tenant_id, service__in=services, state=ResourceState.DONE))


def _users(tenant_id: int, told_entry: int | None) -> Iterable[ApsResource]:
    """Users of whom something is to be told; of many thousands, most have not changed since an entry of the audit.

    told_entry: that entry; None for all users. How they fare leaves no entry, and is compared with what was told.
    """
    rows = ApsResource.objects.filter(tenant=tenant_id, service="user", state=ResourceState.DONE)
    if told_entry is not None:
        entries = AuditEntry.objects.filter(tenant_id=tenant_id, subject_kind="serviceuser", pk__gt=told_entry)
        told = {name: KeyTextTransform(name, KeyTransform(progress.TOLD, "reported")) for name in ("status", "problem")}
        rows = rows.annotate(
            status=Subquery(ServiceUser.objects.filter(pk=OuterRef("object_id")).values("status")),
            told_status=Coalesce(told["status"], Value(""), output_field=TextField()),
            told_problem=Coalesce(told["problem"], Value(""), output_field=TextField()),
        ).filter(
            Q(object_id__in=entries.values("subject_id"))
            | Q(status=None)
            | ~Q(status=F("told_status"))
            | Q(status=UserStatus.ERROR)
            | ~Q(problem=F("told_problem"))
        )
    return _in_turn(rows)


def _in_turn(rows: QuerySet[ApsResource]) -> Iterable[ApsResource]:
    return rows.select_related("instance__consumer").order_by("pk").iterator(chunk_size=200)


def _ask_for_passwords(tenant_id: int) -> None:
    """Of those for whom OX was enabled here: it has a random one, and the controller knows the real one."""
    account = OxAccount.objects.filter(user=OuterRef("object_id"), presence=Presence.PRESENT).values("pk")[:1]
    rows = ApsResource.objects.filter(tenant=tenant_id, service="user", state=ResourceState.DONE)
    found = rows.annotate(account=Subquery(account)).exclude(account=None)
    for pk, known, account_id in found.values_list("pk", f"reported__{GIVEN_TO}", "account"):
        if known != account_id:
            errands.bring_back(pk)


def _leading(tenant_id: int) -> Iterable[ApsResource]:
    """What leads to users, after all is registered: under the ids that it has by now."""
    return _known(tenant_id, tuple(RELATIONS))


def _unknown(above: ApsResource) -> Iterable[ApsResource]:
    """Rows for what was made in our pages. The id is ours: told twice after a crash, it is the same resource."""
    for service, objects in _objects(above.tenant_id or 0).items():
        told = ApsResource.objects.filter(service=service, object_id=OuterRef("pk"))
        for pk in objects.filter(~Exists(told)).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]:
            yield ApsResource.objects.create(
                instance=above.instance,
                service=service,
                aps_id=uuid4(),
                object_id=pk,
                tenant_id=above.tenant_id,
                state=ResourceState.DONE,
                reported={OURS: True},
            )


def _objects(tenant_id: int) -> dict[str, QuerySet[Any]]:
    """What may be made here of a customer, by service; users and domains of their own are made by the controller."""
    present = {"tenant": tenant_id, "presence": Presence.PRESENT}
    return {
        "group": Group.objects.filter(**present),
        "resource": Resource.objects.filter(**present),
        "domain": Domain.objects.filter(**present, parent__isnull=False),
        "purchase_request": PurchaseRequest.objects.filter(tenant=tenant_id, state=RequestState.OPEN),
    }


def _tell(row: ApsResource, above: ApsResource) -> None:
    """Register, update or unregister one resource, as far as that is due."""
    try:
        now = SERVICES[row.service].tell(row) | _profile(row)
    except NotYours:
        _forget(row)
        return
    known = progress.told_of(row)
    if all({**row.wanted, **known}.get(name) == value for name, value in now.items()):
        return
    if row.reported.get(OURS) and not known:
        _register(row, above, now)
        return
    try:
        controllers.call(row.instance, "PUT", _path(row, row.aps_id), _body(row, now))
    except ControllerError as error:
        if error.status == NOT_FOUND and row.reported.get(OURS):
            _register(row, above, now)
            return
        if not error.is_final:
            raise
        logger.info("aps: %s does not take %s: %s", row.instance, row, error.sentence)
    _told(row, now)


def _tell_customer(row: ApsResource) -> None:
    """State and usage: the controller asks for usage now and then, and for the state only after a change of its own."""
    now = SERVICES["tenant"].tell(row)
    usage = {name: now.pop(name) for name in list(now) if TENANT.properties[name].is_counter}
    if progress.told_of(row) == now and row.reported.get(USAGE) == usage:
        return
    try:
        controllers.call(row.instance, "PUT", _path(row, row.aps_id), _body(row, now | usage))
    except ControllerError as error:
        if not error.is_final:
            raise
        logger.info("aps: %s does not take %s: %s", row.instance, row, error.sentence)
    _told(row, now)
    progress.keep(row, USAGE, usage)


def _register(row: ApsResource, above: ApsResource, now: dict[str, Any]) -> None:
    tenant = {"tenant": {"aps": {"id": str(above.aps_id)}}}
    try:
        answer = controllers.call(row.instance, "POST", _path(row), {**_body(row, now), **tenant})
    except ControllerError as error:
        if not error.is_final:
            raise
        logger.info("aps: %s does not take %s: %s", row.instance, row, error.sentence)
        answer = None
    _told(row, now, _id_in(answer))


def _forget(row: ApsResource) -> None:
    """What is gone here is unregistered there; what is gone there, too, is no trouble."""
    try:
        controllers.call(row.instance, "DELETE", _path(row, row.aps_id))
    except ControllerError as error:
        if not error.is_final:
            raise
    ApsResource.objects.filter(pk=row.pk).update(state=ResourceState.REMOVED)


def _told(row: ApsResource, now: dict[str, Any], aps_id: UUID | None = None) -> None:
    """Keep what was told, beside what others keep at this moment; from now on it is what the controller wants, too."""
    with transaction.atomic():
        held = ApsResource.objects.select_for_update().get(pk=row.pk)
        held.reported = {**held.reported, progress.TOLD: now}
        held.wanted = {**held.wanted, **({"profile": now["profile"]} if "profile" in now else {})}
        held.aps_id = aps_id or held.aps_id
        held.save(update_fields=["reported", "wanted", "aps_id"])


def _body(row: ApsResource, now: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in now.items() if name != "profile"}
    link = {"profile": {"aps": {"id": now["profile"]}}} if "profile" in now else {}
    return {"aps": {"id": str(row.aps_id), "type": SERVICES[row.service].one.id}, **told, **link}


def _profile(row: ApsResource) -> dict[str, str]:
    """The profile that a user has now, where the controller has it, too."""
    if row.service != "user":
        return {}
    accounts = OxAccount.objects.filter(user=row.object_pk, presence=Presence.PRESENT).values("profile")
    rows = ApsResource.objects.filter(instance=row.instance, service="profile", object_id__in=accounts)
    found = rows.values_list("aps_id", flat=True).first()
    return {"profile": str(found)} if found else {}


def _path(row: ApsResource, aps_id: UUID | None = None) -> str:
    return f"aps/2/application/{row.service}" + (f"/{aps_id}" if aps_id else "")


def _id_in(answer: Any) -> UUID | None:
    """The id that a controller has given, where it has not taken ours."""
    meta = answer.get("aps") if isinstance(answer, dict) else None
    try:
        return UUID(meta["id"]) if isinstance(meta, dict) else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
