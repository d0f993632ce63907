"""What is about to change in a group: looked through in a dialog, taken back one by one, or pasted as a list."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from oxherd import keyset
from oxherd.errors import Refused
from oxherd.groups import drafts, pasted, picker
from oxherd.groups.pasted import Meant
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.group import Sheet, must_change, opened
from oxherd.people.models import ServiceUser

KINDS = {"coming": picker.coming, "going": picker.going}
CHANGED = "members-changed"  # the picker behind the dialog listens to it


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: PanelRequest, tenant_id: int, pk: int | None = None, key: UUID | None = None) -> HttpResponse:
    """Who will come, or who will go; POST takes some of them back."""
    sheet = _sheet(request, tenant_id, pk, key)
    asked = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if request.method == "POST":
        drafts.take_back(sheet.draft, chosen(request.POST.getlist("user")))
    numbers = {kind: found(sheet.draft).count() for kind, found in KINDS.items()}
    kind = asked if asked in KINDS else next((kind for kind, number in numbers.items() if number), "coming")
    cursor = paging.read(request.GET)
    users = KINDS[kind](sheet.draft).select_related("account").defer("search", "search_text", "password_hash")
    rows, more = keyset.page(users, order="sort_name", after=cursor.key if cursor else None, size=paging.SIZE)
    start = (cursor.start if cursor else 1) + len(rows)
    context = {
        **_shared(sheet),
        "kind": kind,
        "numbers": numbers,
        "rows": rows,
        "next": paging.write((rows[-1].sort_name, rows[-1].pk), start) if more else "",
    }
    if cursor and request.htmx:
        return render(request, "panel/groups/changes_rows.html", context)
    return _changed(request, answers.dialog(request, "panel/groups/changes.html", context))


@never_cache
@require_http_methods(["GET", "POST"])
def paste(request: PanelRequest, tenant_id: int, pk: int | None = None, key: UUID | None = None) -> HttpResponse:
    """Paste addresses: the users found come in, and what is nobody's comes back to be corrected."""
    sheet = _sheet(request, tenant_id, pk, key)
    context = {**_shared(sheet), "text": request.POST.get("pasted", "")}
    if request.method == "GET":
        return answers.dialog(request, "panel/groups/paste.html", context)
    try:
        meant = pasted.meant(sheet.draft, context["text"])
    except Refused as refused:
        context["error"] = refused.sentence
        return answers.dialog(request, "panel/groups/paste.html", context, status=422)
    drafts.bring_in(sheet.draft, ServiceUser.objects.filter(pk__in=meant.new))
    context |= _told(meant)
    status = 422 if context["error"] else 200
    return _changed(request, answers.dialog(request, "panel/groups/paste.html", context, status=status))


def _sheet(request: PanelRequest, tenant_id: int, pk: int | None, key: UUID | None) -> Sheet:
    sheet = opened(request, tenant_id, pk, key)
    must_change(request, sheet)
    return sheet


def _shared(sheet: Sheet) -> answers.Context:
    return {"tenant": sheet.tenant, "here": sheet.here, "page_title": str(sheet.group or "Add new group")}


def _told(meant: Meant) -> answers.Context:
    """The answer to a pasted list. text: what is left to be corrected."""
    wrong = [*meant.unknown, *meant.several]
    nothing = not (wrong or meant.new or meant.members)
    return {
        "meant": meant,
        "unmatched": len(wrong),
        "text": "\n".join(wrong),
        "error": "Paste some addresses or logins first." if nothing else "",
    }


def _changed(request: PanelRequest, response: HttpResponse) -> HttpResponse:
    """Let the picker behind the dialog show what is new."""
    return trigger_client_event(response, CHANGED) if request.method == "POST" else response
