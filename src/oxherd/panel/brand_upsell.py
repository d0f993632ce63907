"""Upsell and Look of a brand: how its users ask for more, and how the pages that they see look."""

from csp.constants import SELF
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.states import Permission
from oxherd.brands import queries
from oxherd.brands.models import Brand, Upsell
from oxherd.brands.upsell_commands import change_colour, change_logo, change_upsell
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.brand import head_of
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.upsell import LookForm, UpsellForm
from oxherd.panel.upsell import pages
from oxherd.panel.upsell.claims import read
from oxherd.purchases import addresses
from oxherd.purchases.configuration import blocks, verified_by


@require_http_methods(["GET", "POST"])
def upsell(request: PanelRequest, pk: int) -> HttpResponse:
    brand = queries.one(request.actor, pk)
    may_connect = request.actor.may(Permission.MANAGE_BRANDS, brand)
    data = request.POST if request.method == "POST" else None
    form = UpsellForm(_upsell(brand), data, may_connect=may_connect)
    if form.is_valid():
        try:
            change_upsell(actor=request.actor, brand=brand, **form.settings())
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "The upsell settings are saved.")
            return redirect("brand_upsell", brand.pk)
    return _framing(request, brand, "upsell", {"form": form} | _configuration(brand), is_wrong=form.is_bound)


@require_http_methods(["GET", "POST"])
def new_address(request: PanelRequest, pk: int) -> HttpResponse:
    """Another public address of the offer; App Suite's configuration has to follow."""
    brand = queries.one(request.actor, pk)
    if _upsell(brand) is None:
        raise NotYours("There is no offer.")
    if request.method == "POST":
        change_upsell(actor=request.actor, brand=brand, key="")
        messages.success(request, "The offer has a new address. Copy the configuration again.")
        return answers.done(request, reverse("brand_upsell", args=[brand.pk]))
    return answers.dialog(request, "panel/brands/new_address.html", {"brand": brand})


@require_GET
@xframe_options_sameorigin
def preview(request: PanelRequest, pk: int) -> HttpResponse:
    """The offer as a user sees it who lacks what `missing` names; only our own pages may frame it."""
    brand = queries.one(request.actor, pk)
    present = _upsell(brand)
    if present is None or not present.is_open:
        raise NotYours("There is no offer.")
    answer = pages.form(request, present, read(request.GET), pages.language_for(request, request.GET.get("lang", "")))
    answer.xframe_options_exempt = False  # of the webmail's page
    answer._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001 - as django-csp's decorators do
    return answer


@require_http_methods(["GET", "POST"])
def look(request: PanelRequest, pk: int) -> HttpResponse:
    brand = queries.one(request.actor, pk)
    form = LookForm(brand, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _save_look(request, brand, form)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "The look is saved.")
            return redirect("brand_look", brand.pk)
    context = {"form": form, "is_open": queries.takes_requests(brand)}
    return _framing(request, brand, "look", context, is_wrong=form.is_bound)


def _save_look(request: PanelRequest, brand: Brand, form: LookForm) -> None:
    picture = form.cleaned_data["logo"]
    if picture:
        change_logo(actor=request.actor, brand=brand, picture=picture.read())
    elif form.cleaned_data["remove_logo"] and queries.logo_digest(brand):
        change_logo(actor=request.actor, brand=brand, picture=None)
    change_colour(actor=request.actor, brand=brand, colour=form.cleaned_data["colour"])


def _upsell(brand: Brand) -> Upsell | None:
    return Upsell.objects.filter(brand=brand).select_related("brand").first()


def _configuration(brand: Brand) -> answers.Context:
    """What belongs into App Suite's configuration; nothing before the brand has an offer."""
    present = _upsell(brand)
    if present is None:
        return {"upsell": None}
    return {
        "upsell": present,
        "address": addresses.offer(settings.BASE_URL, present.key),
        "ways": verified_by(present),
        "blocks": blocks(present, settings.BASE_URL),
    }


def _framing(
    request: PanelRequest, brand: Brand, tab: str, context: answers.Context, *, is_wrong: bool
) -> HttpResponse:
    """A tab that may show the preview of the offer in a frame."""
    values = head_of(brand, tab) | context
    answer = render(request, f"panel/brands/{tab}.html", values, status=422 if is_wrong else 200)
    answer._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # noqa: SLF001 - as django-csp's decorators do
    return answer
