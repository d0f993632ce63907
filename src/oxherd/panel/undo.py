"""Undo: of what a message has just told, and of the entries of a history."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from oxherd.accounts.actor import Actor
from oxherd.audit import queries as audit
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import MOST_NAMED, named
from oxherd.people import queries as people
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.undo.commands import undo, undo_act
from oxherd.undo.queries import undoable
from oxherd.undo.together import Undone

MOST_ENTRIES = 30
REMOVALS: dict[str, str] = {
    Action.USER_REMOVE: "user",
    Action.GROUP_REMOVE: "group",
    Action.RESOURCE_REMOVE: "resource",
    Action.FORWARDER_REMOVE: "forwarder",
}


@require_POST
def act(request: PanelRequest, tenant_id: int, request_id: str) -> HttpResponse:
    """Take back all that one click did."""
    tenant = tenants.one(request.actor, tenant_id)
    return _tell(request, tenant, undo_act(actor=request.actor, tenant_id=tenant.pk, request_id=request_id))


@require_POST
def entry(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Take back one entry of a history."""
    tenant = tenants.one(request.actor, tenant_id)
    found = audit.for_actor(request.actor).filter(tenant_id=tenant.pk, pk=pk).first()
    if found is None:
        raise NotYours("There is nothing to undo.")
    outcome = Undone()
    try:
        undo(actor=request.actor, entry=found)
    except Refused as refused:
        outcome.refused.append((found, refused))
    else:
        outcome.done.append(found)
    return _tell(request, tenant, outcome)


@require_POST
def disable(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Have an OX account back that is about to be deleted, from the user's page."""
    tenant = tenants.one(request.actor, tenant_id)
    user = people.one(request.actor, tenant, pk)
    entries = audit.about(request.actor, "serviceuser", user.pk).filter(action=Action.OX_DISABLE)
    return entry(request, tenant_id, entries.values_list("pk", flat=True).first() or 0)


def history(actor: Actor, tenant: Tenant, kind: str, subject: Any) -> list[story.Entry]:
    """What was done to one object, newest first, with the way to take back what can be taken back now."""
    entries = list(audit.about(actor, kind, subject.pk)[:MOST_ENTRIES])
    gone = audit.undone(entries)
    open_ones = undoable(actor, entries, subject, gone)
    acts = {each.pk: each.what for each in entries}
    return [
        story.told(
            each,
            undo_url=reverse("undo_entry", args=[tenant.pk, each.pk]) if each.pk in open_ones else "",
            was_undone=each.pk in gone,
            undoes=acts.get(each.undoes, "an earlier change") if each.undoes else "",
        )
        for each in entries
    ]


def _tell(request: PanelRequest, tenant: Tenant, outcome: Undone) -> HttpResponse:
    if outcome.done:
        messages.success(request, f"Undone for {named(_subjects(outcome.done), 'entries')}.")
    for _, refused in outcome.refused[:MOST_NAMED]:
        messages.error(request, f"Not undone. {refused.sentence}")
    if len(outcome.refused) > MOST_NAMED:
        messages.error(request, f"{len(outcome.refused) - MOST_NAMED} more were not undone.")
    return answers.done(request, _to_mend(tenant, outcome) or _came_from(request, tenant))


def _to_mend(tenant: Tenant, outcome: Undone) -> str:
    """Where a removal is undone of which others have taken something: in the dialog that asks what to give instead."""
    for refused_entry, refused in outcome.refused:
        word = REMOVALS.get(refused_entry.action)
        if word and refused.field:
            return reverse("removed_restore", args=[tenant.pk]) + f"?item={word}:{refused_entry.subject_id}"
    return ""


def _subjects(entries: Sequence[AuditEntry]) -> list[str]:
    """The names of what was changed, each once."""
    return list(dict.fromkeys(entry.subject_name for entry in entries))


def _came_from(request: PanelRequest, tenant: Tenant) -> str:
    """The page on which Undo was clicked, if it is one of the tenant's."""
    referrer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        path = "/" + referrer.split("://", 1)[-1].partition("/")[2]
        if path.startswith(reverse("tenant", args=[tenant.pk])):
            return path
    return reverse("users", args=[tenant.pk])
