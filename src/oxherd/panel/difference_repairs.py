"""OX Service > Differences: repairing one, the ticked ones, or all that match, after it was said what happens."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.drift import queries, wording
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.orders import order_repairs
from oxherd.drift.repairs import repair_all, try_again
from oxherd.drift.states import DifferenceKind, Way
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import Outcome, chosen, tell
from oxherd.panel.selection import EVERYONE
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

FINAL = {Way.TO_OX: DifferenceKind.STRANGER, Way.FROM_OX: DifferenceKind.GONE}  # what nobody can bring back
DONE = {Way.TO_OX: "The panel's state is on its way to OX", Way.FROM_OX: "The state of OX was taken over"}
WISHES = ("q", "object", "kind")


class RepairForm(forms.Form):
    """What cannot be undone asks for the name; for several, for their number."""

    typed = forms.CharField(required=False)

    def __init__(self, asked_for: str, data: Any = None) -> None:
        super().__init__(data)
        self.asked_for = asked_for
        if asked_for:
            self.fields["typed"].label = f"To confirm, type {asked_for}"
        else:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        typed = " ".join(str(self.cleaned_data["typed"]).split())
        if typed.casefold() != self.asked_for.casefold():
            raise forms.ValidationError(f"Type {self.asked_for} to confirm.")
        return typed


@dataclass(frozen=True, slots=True)
class Selection:
    """rows: all that is to be repaired. hidden: the form fields that bring the selection along."""

    comparison: Comparison
    rows: QuerySet[Difference]
    hidden: tuple[tuple[str, str], ...]
    is_all: bool


@require_http_methods(["GET", "POST"])
def repair(request: PanelRequest, tenant_id: int, way: str) -> HttpResponse:
    """Say what a repair does, counted; and do it, where nothing is lost for good or the name was typed."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.REPAIR, tenant)
    wanted = _way(way)
    selection = _selection(request, tenant)
    counts = queries.counted(selection.rows)
    form = RepairForm(_asked_for(selection, counts, wanted), request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _carry_out(request, tenant, selection, wanted)
    context = {
        "tenant": tenant,
        "form": form,
        "way": wanted,
        "hidden": selection.hidden,
        "total": wording.total(counts),
        "effects": wording.effects(counts, wanted),
        "way_back": wording.way_back(counts, wanted),
        "names": [str(row) for row in queries.light(selection.rows).order_by("sort_name", "id")[: paging.SIZE]],
        "more": max(sum(counts.values()) - paging.SIZE, 0),
        "back": reverse("ox_differences", args=[tenant.pk]),
    }
    status = 422 if form.is_bound else 200
    return answers.dialog(request, "panel/differences/repair.html", context, status=status)


@require_POST
def retry(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Try again what OX refused of a repair."""
    tenant = tenants.one(request.actor, tenant_id)
    difference = queries.one(request.actor, tenant, pk)
    try_again(actor=request.actor, difference=difference)
    messages.success(request, f"OX is being tried again for {difference}.")
    return answers.back(request, tenant, reverse("ox_differences", args=[tenant.pk]))


@require_GET
def photo(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The picture that OX holds, where it differs."""
    tenant = tenants.one(request.actor, tenant_id)
    difference = queries.one(request.actor, tenant, pk)
    if not difference.photo:
        raise NotYours("There is no such picture.")
    return HttpResponse(bytes(difference.photo), content_type="image/jpeg")


def _carry_out(request: PanelRequest, tenant: Tenant, selection: Selection, way: Way) -> HttpResponse:
    address = reverse("ox_differences", args=[tenant.pk])
    if selection.is_all:
        number = order_repairs(actor=request.actor, comparison=selection.comparison, rows=selection.rows, way=way)
        messages.success(request, f"{number:,} differences are being repaired. The list shows how far that is.")
        return answers.back(request, tenant, address)
    outcome = Outcome()
    for difference, sentence in repair_all(actor=request.actor, rows=selection.rows, way=way):
        if sentence:
            outcome.refused.append((difference, sentence))
        else:
            outcome.done.append(difference)
    tell(request, outcome, DONE[way], "differences")
    return answers.back(request, tenant, address)


def _way(text: str) -> Way:
    if text not in Way.values:
        raise NotYours("There is nothing at this address.")
    return Way(text)


def _selection(request: PanelRequest, tenant: Tenant) -> Selection:
    """Raises Refused where nothing is chosen, or where a new comparison has taken the place of what was shown."""
    source: QueryDict = request.POST if request.method == "POST" else request.GET
    shown = queries.shown(request.actor, tenant)
    if shown is None or source.get("comparison", str(shown.pk)) != str(shown.pk):
        raise Refused("There was a new comparison meanwhile. Look at the list again.")
    shown.tenant = tenant
    hidden = [("comparison", str(shown.pk))]
    if source.get(EVERYONE):
        wish = {name: source.get(name, "").replace("\x00", "").strip()[:200] for name in WISHES}
        rows = queries.found(request.actor, shown, text=wish["q"], object_kind=wish["object"], kind=wish["kind"])
        hidden += [(EVERYONE, "yes"), *((name, text) for name, text in wish.items() if text)]
    else:
        ticked = chosen(source.getlist("difference"))[: paging.SIZE]
        rows = queries.found(request.actor, shown).filter(pk__in=ticked)
        hidden += [("difference", str(pk)) for pk in ticked]
    rows = queries.to_be_repaired(rows)
    if not rows.exists():
        raise Refused("Tick the differences for this first. What is repaired already does not count.")
    return Selection(shown, rows, tuple(hidden), is_all=bool(source.get(EVERYONE)))


def _asked_for(selection: Selection, counts: queries.Counts, way: Way) -> str:
    """What is to be typed before anything is lost for good; empty where nothing is."""
    lost = sum(number for (_, kind), number in counts.items() if kind == FINAL[way])
    if lost == 1:
        return str(selection.rows.filter(kind=FINAL[way])[0])
    return str(lost) if lost else ""
