"""The identity providers of a place: list, page, and what is done to one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.audit import queries as audit
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.bulk import TypedForm
from oxherd.panel.single_sign_on import saml
from oxherd.panel.single_sign_on.adapter import callback_url
from oxherd.panel.single_sign_on.places import Spot, spot_of
from oxherd.panel.story import told
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.commands import change_provider, forget, remove_provider
from oxherd.single_sign_on.metadata import certificates_of
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import OFFERED

MOST_PEOPLE = 100
MOST_ENTRIES = 20


@require_GET
def listed(request: PanelRequest, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    spot = spot_of(request, tenant_id, brand_id)
    rows = [_described(spot, row) for row in queries.with_counts(queries.of_place(request.actor, spot.owner))]
    adds = [(kind, spot.url("identity_provider_add", kind.value)) for kind in OFFERED]
    return render(request, "panel/single_sign_on/list.html", {**spot.context, "rows": rows, "adds": adds})


@require_GET
def show(request: PanelRequest, pk: int, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    spot, row = found(request, pk, tenant_id, brand_id)
    return render(request, "panel/single_sign_on/page.html", page_context(request, spot, row))


@require_POST
def switch(request: PanelRequest, pk: int, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    """On, or off: then it is not required any more either, and the sessions that were begun there end."""
    spot, row = found(request, pk, tenant_id, brand_id)
    is_on = request.POST.get("on") == "yes"
    try:
        change_provider(actor=request.actor, provider=row, is_enabled=is_on, is_required=row.is_required and is_on)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{row} is switched {'on' if is_on else 'off'}.")
    return answers.done(request, spot.url("identity_provider", row.pk))


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, pk: int, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    """For good: the name is typed."""
    spot, row = found(request, pk, tenant_id, brand_id)
    form = TypedForm(row.name, request.POST if request.method == "POST" else None)
    if form.is_valid():
        remove_provider(actor=request.actor, provider=row)
        messages.success(request, f"{row} is removed.")
        return answers.done(request, spot.url())
    context = {
        **spot.context,
        "row": row,
        "action": spot.url("identity_provider_remove", row.pk),
        "back": spot.url("identity_provider", row.pk),
        "loses": queries.effects_of_removal(row),
        "form": form,
        "page_title": str(row),
    }
    return answers.dialog(request, "panel/single_sign_on/remove.html", context, status=422 if form.errors else 200)


@require_POST
def unbind(
    request: PanelRequest, pk: int, identity: int, tenant_id: int | None = None, brand_id: int | None = None
) -> HttpResponse:
    """Forget whom the service means by a subject."""
    spot, row = found(request, pk, tenant_id, brand_id)
    known = row.identities.select_related("administrator").filter(pk=identity).first()
    if known is None:
        raise NotYours("There is no such person.")
    forget(actor=request.actor, provider=row, identity=known)
    messages.success(request, f"{known.administrator} is bound anew with the next sign-in.")
    return answers.done(request, spot.url("identity_provider", row.pk))


def found(request: PanelRequest, pk: int, tenant_id: int | None, brand_id: int | None) -> tuple[Spot, IdentityProvider]:
    """Raises NotYours for one of elsewhere."""
    spot = spot_of(request, tenant_id, brand_id)
    return spot, queries.one(request.actor, spot.owner, pk)


def page_context(request: PanelRequest, spot: Spot, row: IdentityProvider) -> dict[str, Any]:
    people = row.identities.select_related("administrator").order_by("-seen_at", "-pk")
    number = people.count()
    return {
        **spot.context,
        "row": row,
        "urls": {name: spot.url(f"identity_provider_{name}", row.pk) for name in ("edit", "remove", "switch", "test")},
        "addresses": addresses_of(request, row),
        "domains": list(row.mail_domains.all()),
        "group_roles": list(row.group_roles.select_related("custom_role")),
        "certificates": certificates_of(row),
        "people": [(each, spot.url("identity_forget", row.pk, each.pk)) for each in people[:MOST_PEOPLE]],
        "number": number,
        "history": [told(entry) for entry in audit.about(request.actor, "identityprovider", row.pk)[:MOST_ENTRIES]],
    }


def addresses_of(request: PanelRequest, row: IdentityProvider) -> list[tuple[str, str]]:
    """What is entered at the service, and where people begin: by what services call it."""
    begin = ("Sign-in page", request.build_absolute_uri(f"/sign-in/with/{row.key}/"))
    if not row.is_oidc:
        ours = saml.ours(row)
        consumer = ("Assertion consumer service (ACS)", ours.answer_url)
        return [("Entity ID, and metadata", ours.entity_id), consumer, begin]
    return [("Redirect URL", callback_url(request, row)), begin]


def _described(spot: Spot, row: Any) -> dict[str, Any]:
    return {"row": row, "url": spot.url("identity_provider", row.pk), "domains": list(row.mail_domains.all())}
