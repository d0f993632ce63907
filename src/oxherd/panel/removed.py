"""Recently removed: what can be had back for some days, and is then deleted for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import MOST_NAMED, act, named, tell_refused
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.mending import MendingForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.removal import ForGoodForm
from oxherd.removals import queries
from oxherd.removals.kinds import KINDS, Kind, kinds_of
from oxherd.removals.queries import Removed
from oxherd.removals.restoring import conflicts_of, restore
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Row:
    """manageable: whether who looks may restore it, or delete it for good."""

    of: Removed
    manageable: bool


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list, the last removed first. Kind and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    word = request.GET.get("kind", "")
    offered = kinds_of(tenant)
    kind = word if word in offered else ""
    kinds = [offered[kind]] if kind else list(offered.values())
    page = _page(request, tenant, kinds, kind)
    rows = [Row(each, _manageable(request, tenant, each)) for each in page.rows]
    context = {
        "tenant": tenant,
        "page": page,
        "rows": rows,
        "can_manage": any(request.actor.may(each.permission, tenant) for each in KINDS.values()),
        "kind": kind,
        "kinds": [("", "All"), *((each.word, f"{each.label}s") for each in offered.values())],
        "days": max(settings.KEEP_REMOVED_DAYS, 0),
    }
    address = _address(tenant, kind=kind, **paging.kept(request.GET))
    return answers.page(request, "panel/removed/list.html", "panel/removed/rows.html", context, address=address)


@require_http_methods(["GET", "POST"])
def bring_back(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Restore the ticked ones at once, but for those of which others have taken something: these are asked about."""
    tenant, ticked = _ticked(request, tenant_id)
    data = request.POST if request.POST.get("do") else None
    forms = _forms(request, tenant, ticked, data)
    if data and not is_search(data):
        done = [form.removed for form in forms if form.is_valid() and _mended(request, form)]
        done += _restore_all(request, [each for each in ticked if each not in {form.removed for form in forms}])
    elif request.method == "POST" and data is None:
        asked = {form.removed for form in forms}
        done = _restore_all(request, [each for each in ticked if each not in asked])
    else:
        done = []
    if done:
        were = "was" if len(done) == 1 else "were"
        messages.success(request, f"{named(done, 'entries')} {were} restored.")
    open_ones = [form for form in forms if form.removed not in done]
    if request.method == "POST" and not open_ones:
        return answers.back(request, tenant, reverse("removed", args=[tenant.pk]))
    context = {
        "tenant": tenant,
        "forms": open_ones,
        "others": [each for each in ticked if each not in done and each not in {form.removed for form in open_ones}],
        "some_done": bool(done),
    }
    wrong = bool(data) and any(form.errors for form in open_ones)
    return answers.dialog(request, "panel/removed/restore.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def for_good(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Delete for good, after the effects were named and the name was typed."""
    tenant, ticked = _ticked(request, tenant_id)
    form = ForGoodForm(ticked, request.POST if request.method == "POST" else None)
    if form.is_valid():
        outcome = act(ticked, lambda each: each.kind.delete(request.actor, each.row))
        if outcome.done:
            were = "is" if len(outcome.done) == 1 else "are"
            messages.success(request, f"{named(outcome.done, 'entries')} {were} being deleted for good.")
        tell_refused(request, outcome)
        return answers.done(request, reverse("removed", args=[tenant.pk]))
    users = [each for each in ticked if each.kind.word == "user"]
    with_ox = [each for each in users if getattr(each.row, "account", None)]
    context = {"tenant": tenant, "form": form, "ticked": ticked, "with_ox": with_ox}
    return answers.dialog(request, "panel/removed/for_good.html", context, status=422 if form.errors else 200)


def _page(request: PanelRequest, tenant: Tenant, kinds: Sequence[Kind], kind: str) -> paging.Page:
    def fetch(cursor: paging.Cursor | None) -> tuple[list[Removed], bool]:
        after, backwards = (cursor.key, cursor.backwards) if cursor else (None, False)
        return queries.page(request.actor, tenant, kinds, after=after, backwards=backwards, size=paging.SIZE)

    return paging.build(
        fetch,
        paging.read(request.GET, dates=True),
        queries.counted(request.actor, tenant, kinds),
        lambda each: each.key,
        lambda **cursor: _address(tenant, kind=kind, **cursor),
    )


def _manageable(request: PanelRequest, tenant: Tenant, removed: Removed) -> bool:
    """What a controller is the master of is restored there."""
    theirs = removed.kind.word == "user" or (removed.kind.word == "domain" and removed.row.parent_id is None)
    return request.actor.may(removed.kind.permission, tenant) and not (tenant.managed_by and theirs)


def _address(tenant: Tenant, **wish: str) -> str:
    said = {key: value for key, value in wish.items() if value}
    return reverse("removed", args=[tenant.pk]) + (f"?{urlencode(said)}" if said else "")


def _ticked(request: PanelRequest, tenant_id: int) -> tuple[Tenant, list[Removed]]:
    """Raises Refused where nothing is ticked that is still there, NotAllowed for what the actor may not manage."""
    tenant = tenants.one(request.actor, tenant_id)
    source = request.POST if request.method == "POST" else request.GET
    ticked = queries.some(request.actor, tenant, source.getlist("item")[: paging.SIZE])
    for each in ticked:
        request.actor.require(each.kind.permission, tenant)
    if not ticked:
        for kind in KINDS.values():
            request.actor.require(kind.permission, tenant)
        raise Refused("Tick what you want first. What was restored or deleted meanwhile is not here any more.")
    return tenant, ticked


def _forms(request: PanelRequest, tenant: Tenant, ticked: Sequence[Removed], data: Any) -> list[MendingForm]:
    """A form for each of those that cannot come back as they were."""
    domains, seats = list(of_tenant(tenant)), list(tenants.seats_of(tenant))
    found = [(each, conflicts_of(each)) for each in ticked]
    forms = [MendingForm(each, conflicts, domains, data) for each, conflicts in found if conflicts]
    for form in forms:
        form.offer(request.actor, tenant, seats, data)
    return forms


def _mended(request: PanelRequest, form: MendingForm) -> bool:
    try:
        restore(actor=request.actor, removed=form.removed, mending=form.mending())
    except Refused as refused:
        show(form, refused)
        return False
    return True


def _restore_all(request: PanelRequest, ticked: Sequence[Removed]) -> list[Removed]:
    outcome = act(ticked, lambda each: restore(actor=request.actor, removed=each))
    for each, sentence in outcome.refused[:MOST_NAMED]:
        messages.error(request, f"{each}: {sentence}")
    return list(outcome.done)
