"""Test connection: a worker asks the platform, and a part of the page waits for what it finds."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.brands import queries
from oxherd.brands.inquiries import ask_platform, try_settings
from oxherd.brands.models import Brand, Inquiry
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.brands import look_of
from oxherd.panel.forms.brand import CONNECTION
from oxherd.provisioning.queries import outage


@require_POST
def ask(request: PanelRequest, pk: int) -> HttpResponse:
    """Test the connection of a brand as it is saved."""
    brand = queries.one(request.actor, pk)
    inquiry = ask_platform(actor=request.actor, brand=brand)
    if not request.htmx:
        return answers.done(request, reverse("brand", args=[brand.pk]))
    return _connection(request, brand, inquiry)


@require_GET
def state(request: PanelRequest, pk: int) -> HttpResponse:
    """How the connection of a brand stands; asks again while a worker is at it."""
    brand = queries.one(request.actor, pk)
    return _connection(request, brand, queries.last_inquiries([brand]).get(brand.pk))


@require_POST
def test(request: PanelRequest) -> HttpResponse:
    """Test what stands in the form of a brand, before it is saved."""
    if not queries.manages_any(request.actor):
        raise NotYours("There is no such page.")
    post = request.POST
    pk = post.get("brand", "")
    brand = queries.one(request.actor, int(pk)) if pk.isascii() and pk.isdecimal() and len(pk) < 10 else None  # noqa: PLR2004 - 32 bits
    kind = brand.platform if brand else post.get("platform", "")
    try:
        trial = try_settings(
            actor=request.actor,
            brand=brand,
            platform=kind,
            api_url=post.get("api_url", "").strip(),
            username=post.get("username", ""),
            password=post.get("password", ""),
        )
    except Refused as refused:
        return _refused(request, brand, refused)
    if not request.htmx:
        return answers.done(request, reverse("brand_trial", args=[trial.pk]))
    return _trial(request, trial)


@require_GET
def trial(request: PanelRequest, pk: int) -> HttpResponse:
    """What was found with settings that are not saved; without script a page of its own."""
    return _trial(request, queries.one_inquiry(request.actor, pk))


def connection_of(brand: Brand, inquiry: Inquiry | None) -> answers.Context:
    """What the card of a brand's connection shows."""
    down = outage(brand.pk)
    return {"brand": brand, "inquiry": inquiry, "outage": down, "look": look_of(down, inquiry)}


def _connection(request: PanelRequest, brand: Brand, inquiry: Inquiry | None) -> HttpResponse:
    return render(request, "panel/brands/connection.html", connection_of(brand, inquiry) | {"with_state": True})


def _trial(request: PanelRequest, inquiry: Inquiry) -> HttpResponse:
    template = "panel/brands/trial.html" if request.htmx else "panel/brands/trial_page.html"
    return render(request, template, {"inquiry": inquiry, "brand": inquiry.brand})


def _refused(request: PanelRequest, brand: Brand | None, refused: Refused) -> HttpResponse:
    """The field by its name, since the form itself stays as it is."""
    label = CONNECTION.get(refused.field or "", "")
    if request.htmx:
        context = {"label": label, "sentence": refused.sentence}
        return render(request, "panel/brands/trial.html", context, status=422)
    messages.error(request, f"{label}: {refused.sentence}" if label else refused.sentence)
    return answers.done(request, reverse("brand_edit", args=[brand.pk]) if brand else reverse("brand_add"))
