"""The page of one group, which is the form to add or to change it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.abilities import Ability, why_not
from oxherd.domains.queries import of_tenant
from oxherd.errors import NotYours, Refused
from oxherd.groups import drafts, rules
from oxherd.groups.models import Group, GroupDraft
from oxherd.groups.outside import outside_of
from oxherd.groups.queries import address_of
from oxherd.panel import answers, nouns
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.group import GroupForm, typed
from oxherd.panel.forms.refusals import show as show_at
from oxherd.panel.groups import GROUPS
from oxherd.panel.picker import SIDES, Picker, size
from oxherd.panel.undo import history
from oxherd.provisioning.states import Presence
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of a new group (by its draft's key) or of one that is there. here: its address."""

    tenant: Tenant
    draft: GroupDraft
    group: Group | None
    here: str
    may_change: bool = True

    def picker(self, actor: Actor) -> Picker:
        return Picker(actor, self.draft, self.here)


@require_GET
def start(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Add new group."""
    tenant = tenants.one(request.actor, tenant_id)
    draft = drafts.start(actor=request.actor, tenant=tenant)
    return redirect("group", tenant_id=tenant_id, key=draft.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: PanelRequest, tenant_id: int, pk: int | None = None, key: UUID | None = None) -> HttpResponse:
    """The group with its members and its history. POST keeps what was typed in any case; `do` names the button."""
    try:
        sheet = opened(request, tenant_id, pk, key)
    except NotYours as error:
        if key is None:
            raise
        tenant = tenants.one(request.actor, tenant_id)
        return render(request, "panel/groups/gone.html", {"tenant": tenant, "sentence": error.sentence}, status=404)
    if made := drafts.made(sheet.draft):
        return redirect("group", tenant_id=tenant_id, pk=made)
    if request.method == "GET":
        return _page(request, sheet, _form(sheet))
    must_change(request, sheet)
    if request.POST.get("do") == "discard":
        drafts.drop(sheet.draft)
        messages.success(request, "Your changes were discarded.")
        return redirect(reverse("groups", args=[tenant_id]) if sheet.group is None else sheet.here)
    drafts.keep(sheet.draft, fields=typed(request.POST))
    if request.POST.get("do") == "save":
        return _save(request, sheet)
    return _acted(request, sheet)


@require_POST
def keep(request: PanelRequest, tenant_id: int, pk: int | None = None, key: UUID | None = None) -> HttpResponse:
    """Keep what was typed, while somebody is typing."""
    sheet = opened(request, tenant_id, pk, key)
    must_change(request, sheet)
    drafts.keep(sheet.draft, fields=typed(request.POST))
    return HttpResponse(status=204)


@never_cache
@require_GET
def members(request: PanelRequest, tenant_id: int, pk: int | None = None, key: UUID | None = None) -> HttpResponse:
    """A side of the picker for what is searched, or its next rows (`after`); without a side the whole picker."""
    sheet = opened(request, tenant_id, pk, key)
    side = request.GET.get("side", "")
    if side not in SIDES:
        return _part(request, sheet, request.GET)
    pane = sheet.picker(request.actor).pane(side, request.GET)
    name = "pane_rows" if "after" in request.GET else "found"
    context = {"tenant": sheet.tenant, "pane": pane, "here": sheet.here, "may_change": sheet.may_change}
    return render(request, f"panel/groups/{name}.html", context)


def opened(request: PanelRequest, tenant_id: int, pk: int | None, key: UUID | None) -> Sheet:
    """Raises NotYours for what is out of sight, for a group that was removed, and for an expired or another's draft."""
    if pk is None or key is not None:
        tenant = tenants.one(request.actor, tenant_id)
        draft = drafts.load(request.actor, tenant, key or UUID(int=0))
        here = reverse("group", kwargs={"tenant_id": tenant.pk, "key": draft.pk})
        return Sheet(tenant, draft, None, here)
    tenant, group = nouns.present_one(request, tenant_id, pk, GROUPS)
    may = request.actor.may(Permission.MANAGE_GROUPS, tenant) and group.presence == Presence.PRESENT
    draft = drafts.of_group(request.actor, group) if may else drafts.blank(group)
    here = reverse("group", kwargs={"tenant_id": tenant.pk, "pk": group.pk})
    return Sheet(tenant, draft, group, here, may)


def must_change(request: PanelRequest, sheet: Sheet) -> None:
    """Raises NotAllowed for those who only read, Refused for a group that is leaving."""
    request.actor.require(Permission.MANAGE_GROUPS, sheet.tenant)
    if sheet.group:
        rules.is_present(sheet.group)


def _save(request: PanelRequest, sheet: Sheet) -> HttpResponse:
    form = _form(sheet, complete=True)
    if form.is_valid():
        try:
            saved = drafts.finish(actor=request.actor, draft=sheet.draft, read=lambda _: form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, _said(saved, is_new=sheet.group is None))
            if saved.left_out:
                messages.error(request, f"{saved.left_out} of those to come or go were removed meanwhile.")
            return redirect("group", tenant_id=sheet.tenant.pk, pk=saved.group.pk)
    drafts.keep(sheet.draft, fields=typed(request.POST) | {"seen": form.seen})
    return _page(request, sheet, form)


def _said(saved: drafts.Saved, *, is_new: bool) -> str:
    if is_new:
        return f"{saved.group} is being set up in OX."
    parts = [f"{number:,} {word}" for number, word in ((saved.coming, "added"), (saved.going, "removed")) if number]
    return f"Saved. Members: {', '.join(parts)}." if parts else "Saved."


def _acted(request: PanelRequest, sheet: Sheet) -> HttpResponse:
    """Do what a button of the picker says; without script the page comes back as it was."""
    with transaction.atomic():
        drafts.hold(sheet.draft)  # two quick clicks: the second answer shows what the first has done
        said = sheet.picker(request.actor).act(request.POST)
        if request.htmx:
            return _part(request, sheet, request.POST, said)
    do = request.POST.get("do", "")
    if do in {"changes", "paste"}:
        return redirect(f"{sheet.here}{do}/")
    place = {f"{side}_q": request.POST.get(f"{side}_q", "") for side in SIDES}
    place |= {f"{side}_size": str(size(request.POST, side)) for side in SIDES}
    return redirect(f"{sheet.here}?{urlencode({key: value for key, value in place.items() if value})}#picker")


def _form(sheet: Sheet, *, complete: bool = False) -> GroupForm:
    domains = list(of_tenant(sheet.tenant))
    return GroupForm(sheet.tenant, domains, sheet.draft.fields, group=sheet.group, complete=complete)


def _part(request: PanelRequest, sheet: Sheet, query: QueryDict, said: str = "") -> HttpResponse:
    return render(request, "panel/groups/picker.html", _picker(request, sheet, query) | {"said": said})


def _picker(request: PanelRequest, sheet: Sheet, query: QueryDict) -> answers.Context:
    picker = sheet.picker(request.actor)
    why = why_not(sheet.tenant.brand, Ability.EXTERNAL_MEMBERS)
    shared = {"tenant": sheet.tenant, "here": sheet.here, "may_change": sheet.may_change, "no_external_members": why}
    return {**shared, **picker.panes(query), "strip": picker.strip()}


def _page(request: PanelRequest, sheet: Sheet, form: GroupForm) -> HttpResponse:
    query = request.POST if request.method == "POST" else request.GET
    context = {**_picker(request, sheet, query), "form": form, "group": sheet.group, "draft": sheet.draft}
    if sheet.group:
        context |= nouns.state(request.actor, sheet.tenant, GROUPS, sheet.group)
        context |= {
            "history": history(request.actor, sheet.tenant, "group", sheet.group),
            "address": address_of(sheet.group),
            "outside_addresses": outside_of(sheet.group)
            if sheet.tenant.brand.carries_mail and not sheet.may_change
            else [],
        }
    return render(request, "panel/groups/page.html", context, status=422 if form.errors else 200)
