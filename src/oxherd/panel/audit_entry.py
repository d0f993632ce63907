"""One entry of the audit: before and after side by side, the rest of the act, and what came of it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from oxherd.accounts.actor import Actor
from oxherd.audit import queries
from oxherd.audit.models import AuditEntry, AuditSeal
from oxherd.audit.states import SUBJECTS
from oxherd.domains import queries as domains
from oxherd.errors import NotYours
from oxherd.forwarders import queries as forwarders
from oxherd.groups import queries as groups
from oxherd.panel import story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.audit import entries, link, names_of_tenants, place_of
from oxherd.people import queries as people
from oxherd.people.models import OxAccount
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import SubjectKind
from oxherd.resources import queries as resources
from oxherd.undo.queries import newer, undoable
from oxherd.undo.subjects import SUBJECTS as UNDOABLE

MOST_OF_AN_ACT = 50
MOST_NEWER = 30
# Where objects have a page: the kind of entry -> the name of its URL, and how to find the row.
PAGES = {
    "serviceuser": ("user", people),
    "group": ("group", groups),
    "resource": ("resource", resources),
    "forwarder": ("forwarder", forwarders),
    "domain": ("domain", domains),
}
# Whose jobs an act upon an object has asked for, where the ids are the same.
JOBS = {
    "group": SubjectKind.GROUP,
    "resource": SubjectKind.RESOURCE,
    "forwarder": SubjectKind.FORWARDER,
    "tenant": SubjectKind.TENANT,
}


@require_GET
def show(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    tenant = place_of(request, tenant_id)
    entry = entries(request, tenant).filter(pk=pk).first()
    if entry is None:
        raise NotYours("There is no such entry.")
    same_act = list(_of_the_act(request, entry)[: MOST_OF_AN_ACT + 1])
    took_back = AuditEntry.objects.filter(pk=entry.undoes).first() if entry.undoes else None
    context = {
        "tenant": tenant,
        "entry": entry,
        "kind": SUBJECTS.get(entry.subject_kind, entry.subject_kind),
        "customer": names_of_tenants([entry]).get(entry.tenant_id or 0, ""),
        "changes": story.compared(entry),
        "object_url": object_url(request.actor, entry),
        "others": [(each, link(each, tenant)) for each in same_act[:MOST_OF_AN_ACT]],
        "more_others": len(same_act) > MOST_OF_AN_ACT,
        "jobs": _jobs(request.actor, entry),
        "undo_url": undo_url(request.actor, entry),
        "was_undone": bool(queries.undone([entry])),
        "took_back": (took_back, link(took_back, tenant)) if took_back else None,
        "seal": AuditSeal.objects.filter(entry_id=entry.pk).first(),
        "back": reverse("tenant_audit", args=[tenant.pk]) if tenant else reverse("audit"),
    }
    return render(request, "panel/audit/entry.html", context)


def object_url(actor: Actor, entry: AuditEntry) -> str:
    """The page of what the entry speaks of, if there is one still; empty where not."""
    if entry.subject_kind == "tenant" and entry.tenant_id:
        return reverse("tenant", args=[entry.tenant_id])
    if entry.subject_kind not in PAGES or not _subject(actor, entry):
        return ""
    return reverse(PAGES[entry.subject_kind][0], args=[entry.tenant_id, entry.subject_id])


def undo_url(actor: Actor, entry: AuditEntry) -> str:
    """Where the entry can be taken back at this moment; empty where it cannot."""
    if entry.subject_kind not in UNDOABLE or entry.tenant_id is None:
        return ""
    subject = _subject(actor, entry)
    later: Sequence[AuditEntry] = list(newer(entry).order_by("-pk")[:MOST_NEWER])
    if subject is None or len(later) == MOST_NEWER:  # so many changes since: it is not as it was left
        return ""
    entries_about = [*later, entry]
    if entry.pk not in undoable(actor, entries_about, subject, queries.undone(entries_about)):
        return ""
    return reverse("undo_entry", args=[entry.tenant_id, entry.pk])


def _subject(actor: Actor, entry: AuditEntry) -> Any:
    rows = PAGES[entry.subject_kind][1].for_actor(actor)
    return rows.filter(pk=entry.subject_id, tenant_id=entry.tenant_id).first()


def _of_the_act(request: PanelRequest, entry: AuditEntry) -> Any:
    """What else the same request did, as far as it may be seen; in its order."""
    if not entry.request_id:
        return AuditEntry.objects.none()
    same = queries.for_auditor(request.actor).filter(request_id=entry.request_id).exclude(pk=entry.pk)
    return same.order_by("pk")


def _jobs(actor: Actor, entry: AuditEntry) -> list[SyncJob]:
    """What was asked of the platform for this object by the same request, and how that went."""
    if not entry.request_id or entry.subject_id is None:
        return []
    kind, pk = JOBS.get(entry.subject_kind), entry.subject_id
    if entry.subject_kind == "serviceuser":
        kind = SubjectKind.ACCOUNT
        pk = OxAccount.objects.filter(user=entry.subject_id).values_list("pk", flat=True).first() or 0
    if kind is None:
        return []
    jobs = provisioning.for_actor(actor).filter(subject_kind=kind, subject_id=pk, request_id=entry.request_id)
    return list(jobs.order_by("-id")[:5])
