"""Remove domains: what depends on them is listed first, all of it, and may move to another domain at once."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from oxherd import keyset
from oxherd.accounts.states import Permission
from oxherd.domains import queries
from oxherd.domains.commands import remove_domains
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.forms.domain import RemovalForm
from oxherd.panel.forms.refusals import show
from oxherd.relocation import queries as relocation
from oxherd.relocation.commands import Moved, move_and_remove
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered

ON_A_PAGE = 20
MOST_NAMED = 8
MOST_AT_ONCE = 500


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Remove domains, the ticked ones or one; `subdomains` takes along what is below them."""
    tenant, domains = _ticked(request, tenant_id)
    form = RemovalForm(tenant, domains, request.POST if request.method == "POST" else None)
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            moved = _remove(request, tenant, domains, to)
        except Refused as refused:
            show(form, refused)
        else:
            _tell(request, domains, to, moved)
            return answers.done(request, reverse("domains", args=[tenant.pk]))
    context = _context(request, tenant, domains, form)
    return answers.dialog(request, "panel/domains/remove.html", context, status=422 if form.errors else 200)


@require_GET
def dependants(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """One page of what depends on the domains."""
    tenant, domains = _ticked(request, tenant_id)
    return render(request, "panel/domains/dependants.html", {"tenant": tenant, "page": _page(request, tenant, domains)})


@require_GET
def conflicts(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """What stands in the way of a move to the chosen domain (`to`)."""
    tenant, domains = _ticked(request, tenant_id)
    to = queries.of_tenant(tenant).filter(name=request.GET.get("to", "")).first()
    return render(request, "panel/domains/conflicts.html", {"tenant": tenant, **_in_the_way(domains, to)})


def _ticked(request: PanelRequest, tenant_id: int) -> tuple[Tenant, list[Domain]]:
    """The tenant and the domains to go. Raises Refused where there are none."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_DOMAINS, tenant)
    asked = _asked(request)
    domains = queries.some(request.actor, tenant, chosen(asked.getlist("domain"))[:MOST_AT_ONCE])
    if not domains:
        raise Refused("Tick the domains that you want to remove first.")
    if any(domain.parent_id is None for domain in domains):
        is_ours(tenant, request.actor, Mastered.DOMAINS)
    return tenant, relocation.with_subdomains(tenant, domains) if asked.get("subdomains") else domains


def _asked(request: PanelRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _remove(request: PanelRequest, tenant: Tenant, domains: list[Domain], to: Domain | None) -> Moved | None:
    if not relocation.counted(domains).total:
        remove_domains(actor=request.actor, tenant=tenant, domains=domains)
        return None
    if to is None:
        raise Refused("Choose where they move, or press Stop.", field="to")
    return move_and_remove(actor=request.actor, tenant=tenant, domains=domains, to=to)


def _tell(request: PanelRequest, domains: list[Domain], to: Domain | None, moved: Moved | None) -> None:
    gone = f"{domains[0]} was removed." if len(domains) == 1 else f"{len(domains)} domains were removed."
    if moved is None:
        messages.success(request, gone)
        return
    counts = {"user": moved.users, "group": moved.groups, "resource": moved.resources, "forwarder": moved.forwarders}
    told = [f"{number:,} {word}{'' if number == 1 else 's'}" for word, number in counts.items() if number]
    messages.success(request, f"{gone} {' and '.join(filter(None, [', '.join(told[:-1]), told[-1]]))} moved to {to}.")


def _context(request: PanelRequest, tenant: Tenant, domains: list[Domain], form: RemovalForm) -> dict[str, Any]:
    below = list(relocation.left_behind(tenant, domains)[: MOST_NAMED + 1])
    found = relocation.counted(domains)
    return {
        "tenant": tenant,
        "domains": domains,
        "form": form,
        "below": below[:MOST_NAMED],
        "more_below": len(below) > MOST_NAMED,
        "with_subdomains": bool(_asked(request).get("subdomains")),
        "found": found,
        "page": _page(request, tenant, domains) if found.total else None,
        "with_them_url": _url(tenant, "domains_remove", domains, subdomains="1"),
        "conflicts_url": reverse("domains_remove_conflicts", args=[tenant.pk]),
        "days": settings.KEEP_REMOVED_DAYS,
        "back": reverse("domains", args=[tenant.pk]),
        "page_title": "Remove domains",
        **_in_the_way(domains, form.chosen),
    }


def _in_the_way(domains: list[Domain], to: Domain | None) -> dict[str, Any]:
    found, more = relocation.conflicts(domains, to) if to and to not in domains else ([], False)
    return {"to": to, "conflicts": found, "more_conflicts": more}


def _page(request: PanelRequest, tenant: Tenant, domains: list[Domain]) -> paging.Page:
    """All that depends on them, by address. Without script, another page of it is the whole dialog again."""
    rows = relocation.dependants(domains)
    name = "domains_remove_dependants" if request.htmx else "domains_remove"

    def fetch(cursor: paging.Cursor | None) -> tuple[list[Any], bool]:
        key, backwards = (cursor.key, cursor.backwards) if cursor else (None, False)
        return keyset.page(rows, order="address", after=key, backwards=backwards, size=ON_A_PAGE)

    return paging.build(
        fetch,
        paging.read(request.GET),
        (rows.count(), False),
        lambda row: (row.address, row.pk),
        lambda **cursor: _url(tenant, name, domains, **cursor),
    )


def _url(tenant: Tenant, name: str, domains: list[Domain], **more: str) -> str:
    query = [("domain", str(domain.pk)) for domain in domains] + list(more.items())
    return f"{reverse(name, args=[tenant.pk])}?{urlencode(query)}"
