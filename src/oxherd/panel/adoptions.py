"""Customers > Adopt from OX: contexts that are on a platform already become customers."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.adoption import queries
from oxherd.adoption.commands import carry_out, rehearse
from oxherd.adoption.models import Adoption
from oxherd.adoption.states import AdoptionState
from oxherd.brands.models import Brand
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.adoption import AdoptionForm
from oxherd.panel.forms.refusals import show

# Kinds of objects in the order in which they are told, with their words for one and for more.
KINDS = (
    ("domain", "Domain", "Domains"),
    ("user", "User", "Users"),
    ("group", "Group", "Groups"),
    ("resource", "Resource", "Resources"),
    ("forwarder", "Forwarder", "Forwarders"),
    ("catch-all", "Catch-all", "Catch-alls"),
)


@require_GET
def listed(request: PanelRequest) -> HttpResponse:
    """What was adopted and rehearsed last."""
    brands = _brands(request)
    return render(request, "panel/adoption/list.html", {"adoptions": list(queries.latest(brands))})


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest) -> HttpResponse:
    """Choose a context, and let a worker see what would be taken over. `from`: an earlier try that is to be mended."""
    brands = _brands(request)
    if request.method == "GET":
        return _dialog(request, _form(brands, _before(request)))
    form = AdoptionForm(brands, request.POST)
    if form.is_valid():
        wish = {name: value for name, value in form.cleaned_data.items() if name != "brand"}
        try:
            adoption = rehearse(actor=request.actor, brand=form.chosen, **wish)
        except Refused as refused:
            show(form, refused)
        else:
            return answers.done(request, reverse("adoption", args=[adoption.pk]))
    return _dialog(request, form, status=422)


@require_GET
def page(request: PanelRequest, pk: int) -> HttpResponse:
    return render(request, "panel/adoption/page.html", _state(queries.one(request.actor, pk)))


@require_GET
def state(request: PanelRequest, pk: int) -> HttpResponse:
    """How it stands; asks again while a worker is at it."""
    return render(request, "panel/adoption/live.html", _state(queries.one(request.actor, pk)))


@require_POST
def begin(request: PanelRequest, pk: int) -> HttpResponse:
    """Adopt what was rehearsed, or what an earlier adoption has left."""
    adoption = queries.one(request.actor, pk)
    try:
        fresh = carry_out(actor=request.actor, adoption=adoption)
    except Refused as refused:
        context = _state(adoption) | {"refusal": refused.sentence}
        return render(request, "panel/adoption/page.html", context, status=422)
    return redirect("adoption", fresh.pk)


def _brands(request: PanelRequest) -> list[Brand]:
    """Raises NotYours for who may adopt nowhere."""
    brands = queries.brands_of(request.actor)
    if not brands:
        raise NotYours("There is no such page.")
    return brands


def _before(request: PanelRequest) -> Adoption | None:
    pk = request.GET.get("from", "")
    return queries.one(request.actor, int(pk)) if pk.isascii() and pk.isdecimal() and len(pk) < 10 else None  # noqa: PLR2004 - 32 bits


def _form(brands: list[Brand], before: Adoption | None) -> AdoptionForm:
    """As it was filled in before, with what the platform said at its field."""
    if before is None or before.state != AdoptionState.FAILED:
        return AdoptionForm(brands, before=before)
    form = AdoptionForm(brands, AdoptionForm(brands, before=before).initial)
    form.is_valid()
    show(form, Refused(before.sentence, field=before.field))
    return form


def _dialog(request: PanelRequest, form: AdoptionForm, *, status: int = 200) -> HttpResponse:
    return answers.dialog(request, "panel/adoption/add.html", {"form": form}, status=status)


def _state(adoption: Adoption) -> answers.Context:
    counts: list[tuple[str, int]] = [
        (one if number == 1 else more, number) for kind, one, more in KINDS if (number := adoption.counts.get(kind, 0))
    ]
    words: dict[str, Any] = {kind: one for kind, one, _ in KINDS}
    return {
        "adoption": adoption,
        "counts": counts,
        "refused": [(words.get(kind, kind), name, sentence) for kind, name, sentence in adoption.refused],
        "is_done": adoption.state == AdoptionState.DONE,
        "is_failed": adoption.state == AdoptionState.FAILED,
    }
