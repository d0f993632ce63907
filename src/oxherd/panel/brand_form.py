"""Add a brand, and change one: on a page of its own, since there is much to say of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.brands import queries
from oxherd.brands.commands import add_brand, change_brand
from oxherd.brands.inquiries import ask_platform
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.errors import NotYours, Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.brand import DISRUPTIVE, BrandForm
from oxherd.panel.forms.refusals import show
from oxherd.tenants.queries import count_by_brand


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest) -> HttpResponse:
    if not request.actor.may(Permission.MANAGE_BRANDS):
        raise NotYours("There is no such page.")
    form = BrandForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            brand = add_brand(
                actor=request.actor,
                platform=PlatformKind(form.cleaned_data["platform"]),
                password=form.cleaned_data["password"],
                **form.settings(),
            )
        except Refused as refused:
            show(form, refused)
        else:
            ask_platform(actor=request.actor, brand=brand)
            messages.success(request, f"{brand} is added. Its platform is being asked.")
            return redirect("brand", brand.pk)
    return _page(request, form)


@require_http_methods(["GET", "POST"])
def edit(request: PanelRequest, pk: int) -> HttpResponse:
    """What moves all customers to another server or account is named first, and wants a tick."""
    brand = queries.one(request.actor, pk)
    request.actor.require(Permission.MANAGE_BRANDS, brand)
    customers = count_by_brand([brand]).get(brand.pk, 0)
    form = BrandForm(request.POST if request.method == "POST" else None, brand=brand, customers=customers)
    if not form.is_valid():
        return _page(request, form)
    return _saved(request, form, brand)


def _saved(request: PanelRequest, form: BrandForm, brand: Brand) -> HttpResponse:
    settings, password = form.settings(), form.new_password
    try:
        if settings or password:
            change_brand(actor=request.actor, brand=brand, password=password, **settings)
    except Refused as refused:
        show(form, refused)
        return _page(request, form)
    if password or set(DISRUPTIVE) & settings.keys():
        ask_platform(actor=request.actor, brand=brand)
    messages.success(request, f"{form.cleaned_data['name']} is saved.")
    return redirect("brand", brand.pk)


def _page(request: PanelRequest, form: BrandForm) -> HttpResponse:
    context = {"form": form, "brand": form.brand, "password_is_gone": bool(form.is_bound and form.data.get("password"))}
    return render(request, "panel/brands/form.html", context, status=422 if form.is_bound else 200)
