"""Add an identity provider, and change one: on a page of its own, since there is much to say of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from oxherd.errors import NotYours, Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.identity_provider import IdentityProviderForm, blank
from oxherd.panel.forms.refusals import show
from oxherd.panel.single_sign_on.pages import addresses_of, found
from oxherd.panel.single_sign_on.places import Spot, spot_of
from oxherd.single_sign_on import rules
from oxherd.single_sign_on.commands import add_provider, change_provider
from oxherd.single_sign_on.refreshing import fetched
from oxherd.single_sign_on.states import OFFERED, Kind


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, kind: str, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    spot = spot_of(request, tenant_id, brand_id)
    rules.may_decide(request.actor, spot.owner)
    if kind not in OFFERED:
        raise NotYours("There is no such kind of identity provider.")
    new = blank(Kind(kind), spot.owner, "tenant" if spot.prefix == "tenant_" else "brand")
    form = IdentityProviderForm(request.actor, new, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            settings = _with_metadata(form.settings())
            row = add_provider(actor=request.actor, owner=spot.owner, kind=form.kind, key=form.key, **settings)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{row} is added. Test it before people rely on it.")
            return redirect(spot.url("identity_provider", row.pk))
    return _page(request, spot, form, spot.url("identity_provider_add", kind), spot.url())


@require_http_methods(["GET", "POST"])
def edit(request: PanelRequest, pk: int, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    spot, row = found(request, pk, tenant_id, brand_id)
    rules.may_decide(request.actor, spot.owner)
    form = IdentityProviderForm(request.actor, row, request.POST if request.method == "POST" else None)
    page = spot.url("identity_provider", row.pk)
    if form.is_valid():
        try:
            changed = change_provider(actor=request.actor, provider=row, **_with_metadata(form.settings()))
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{changed} is saved.")
            return redirect(page)
    return _page(request, spot, form, spot.url("identity_provider_edit", row.pk), page)


def _with_metadata(settings: dict[str, Any]) -> dict[str, Any]:
    """SAML: the metadata is read where its address leads, before anything is changed. Raises Refused."""
    if url := settings.get("metadata_url"):
        return {**settings, "metadata": fetched(url)}
    return settings


def _page(request: PanelRequest, spot: Spot, form: IdentityProviderForm, action: str, back: str) -> HttpResponse:
    form.provider.key = form.key
    context = {
        **spot.context,
        "form": form,
        "row": None if form.is_new else form.provider,
        "is_oidc": form.kind == Kind.OIDC,
        "addresses": addresses_of(request, form.provider),
        "action": action,
        "back": back,
        "secret_is_gone": bool(form.is_bound and form.data.get("client_secret")),
    }
    return render(request, "panel/single_sign_on/form.html", context, status=422 if form.errors else 200)
