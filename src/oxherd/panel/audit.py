"""The audit: of a customer, or of all that somebody may look at; and its export."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from oxherd.accounts.states import Permission
from oxherd.audit import queries
from oxherd.audit.commands import record
from oxherd.audit.exporting import TYPES, Form, exported
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import Search
from oxherd.audit.states import SUBJECTS, Action
from oxherd.errors import NotAllowed
from oxherd.panel import answers, paging, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.lists import Listing, Wish
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

ORDERS = {"newest": "-at", "oldest": "at"}
FILTERS: dict[str, Sequence[tuple[str, str]]] = {
    "action": [("", "All acts"), *Action.choices],
    "kind": [("", "All kinds"), *SUBJECTS.items()],
}
TYPED = ("who", "from", "to")
LIST = Listing("audit", ORDERS, FILTERS, frozenset(ORDERS), TYPED)
LIST_OF_TENANT = Listing("tenant_audit", ORDERS, FILTERS, frozenset(ORDERS), TYPED)
MOST_CHANGES = 2


@require_GET
def listed(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    """The newest first. Search, filters and place are in the address."""
    tenant = place_of(request, tenant_id)
    listing = LIST_OF_TENANT if tenant else LIST
    wish = listing.wish(request)
    search = search_of(wish)
    found = queries.found(entries(request, tenant), search, tenant_id=tenant.pk if tenant else None)
    context = listing.context(request, tenant, found, wish)
    page = context["page"]
    context |= {
        "rows": [(entry, story.compared(entry)[:MOST_CHANGES], link(entry, tenant)) for entry in page.rows],
        "places": {} if tenant else names_of_tenants(page.rows),
        "actions": grouped(),
        "kinds": FILTERS["kind"],
        "actors": queries.actors(request.actor, tenant_id=tenant.pk if tenant else None),
        "since": wish["from"] if search.since else "",
        "until": wish["to"] if search.until else "",
        "list_url": listing.address(tenant, {}),
        "exports": [(form.label, _export_url(tenant, form, wish)) for form in Form],
    }
    address = listing.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/audit/list.html", "panel/audit/rows.html", context, address=address)


@require_GET
def export(request: PanelRequest, form: str, tenant_id: int | None = None) -> StreamingHttpResponse:
    """All that the filters of the list leave, as a file. That somebody took it is an entry of its own."""
    tenant = place_of(request, tenant_id)
    if form not in Form.values:
        raise Http404
    search = search_of((LIST_OF_TENANT if tenant else LIST).wish(request))
    found = queries.found(entries(request, tenant), search, tenant_id=tenant.pk if tenant else None)
    record(request.actor, Action.AUDIT_EXPORT, tenant, place=tenant, after=search.described() | {"form": form})
    response = StreamingHttpResponse(_encoded(found, Form(form)), content_type=TYPES[Form(form)])
    name = f"audit-{timezone.now():%Y-%m-%d}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def place_of(request: PanelRequest, tenant_id: int | None) -> Tenant | None:
    """The customer whose audit it is; None: everybody's. Raises NotYours, and NotAllowed without the permission."""
    if tenant_id is not None:
        tenant = tenants.one(request.actor, tenant_id)
        request.actor.require(Permission.VIEW_AUDIT, tenant)
        return tenant
    if not any(Permission.VIEW_AUDIT in grant.permissions for grant in request.actor.grants):
        raise NotAllowed("Your role does not allow this: see and export the audit log.")
    return None


def entries(request: PanelRequest, tenant: Tenant | None) -> QuerySet[AuditEntry]:
    """What may be looked at there."""
    rows = queries.for_auditor(request.actor)
    return rows.filter(tenant_id=tenant.pk) if tenant else rows


def search_of(wish: Wish) -> Search:
    """What the address asks for; a day that is none counts as not asked."""
    since, until = day(wish["from"]), day(wish["to"])
    return Search(wish["q"], wish["who"], wish["action"], wish["kind"], since, until)


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """The acts by what they are done to, for a drop-down: the beginning of an action says it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for value, label in Action.choices:
        noun = value.partition(":")[0]
        groups.setdefault({"ox": "OX service"}.get(noun, noun.capitalize()), []).append((value, str(label)))
    return list(groups.items())


def link(entry: AuditEntry, tenant: Tenant | None) -> str:
    """Where the entry is shown whole."""
    return (
        reverse("tenant_audit_entry", args=[tenant.pk, entry.pk]) if tenant else reverse("audit_entry", args=[entry.pk])
    )


def names_of_tenants(rows: Any) -> dict[int, str]:
    """The customers that entries belong to, by id, as far as they are still there; one query."""
    wanted = {entry.tenant_id for entry in rows if entry.tenant_id is not None}
    return dict(Tenant.objects.filter(pk__in=wanted).values_list("pk", "name"))


def _export_url(tenant: Tenant | None, form: Form, wish: Wish) -> str:
    args = [tenant.pk, form.value] if tenant else [form.value]
    said = {word: value for word, value in wish.items() if value and word != "sort"}
    url = reverse("tenant_audit_export" if tenant else "audit_export", args=args)
    return f"{url}?{urlencode(said)}" if said else url


def _encoded(found: QuerySet[AuditEntry], form: Form) -> Iterator[bytes]:
    for text in exported(found, form):
        yield text.encode()
