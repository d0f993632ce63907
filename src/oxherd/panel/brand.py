"""The page of a brand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.models import Membership
from oxherd.accounts.states import Permission
from oxherd.aps.masters import is_nobodys, master_of
from oxherd.audit import queries as audit
from oxherd.brands import queries
from oxherd.brands.commands import remove_brand
from oxherd.brands.models import Brand, Logo
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.brand_connection import connection_of
from oxherd.panel.brands import look_of
from oxherd.panel.forms.bulk import TypedForm
from oxherd.panel.forms.refusals import show as show_at
from oxherd.panel.profile_rows import rows_of
from oxherd.panel.story import told
from oxherd.provisioning.queries import outage
from oxherd.tenants.queries import count_by_brand

MOST_ENTRIES = 20
A_YEAR = 365 * 24 * 3600


@require_GET
def show(request: PanelRequest, pk: int) -> HttpResponse:
    """Overview: how the platform stands, what the brand is, and what was done to it."""
    brand = queries.one(request.actor, pk)
    last = queries.last_inquiries([brand]).get(brand.pk)
    customers = count_by_brand([brand]).get(brand.pk, 0)
    rows = rows_of(brand)
    history = audit.about(request.actor, "brand", brand.pk)[:MOST_ENTRIES]
    context: dict[str, Any] = connection_of(brand, last) | {
        "tab": "overview",
        "logo": queries.logo_digest(brand),
        "customers": customers,
        "master": master_of("brand", brand.pk),
        "rows": rows,
        "users": sum(row.use.users for row in rows),
        "counted_at": max((row.use.counted_at for row in rows if row.use.counted_at), default=None),
        "steps": _steps(brand, is_well=bool(last and last.is_well), profiles=len(rows), customers=customers),
        "history": [told(entry) for entry in history],
    }
    return render(request, "panel/brands/page.html", context)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, pk: int) -> HttpResponse:
    """For good: the name is typed."""
    brand = queries.one(request.actor, pk)
    request.actor.require(Permission.MANAGE_BRANDS, brand)
    form = TypedForm(brand.name, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            is_nobodys("brand", brand.pk)
            remove_brand(actor=request.actor, brand=brand)
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, f"{brand} is removed.")
            return answers.done(request, reverse("brands"))
    context: dict[str, Any] = {"brand": brand, "form": form, "master": master_of("brand", brand.pk)}
    context |= {"customers": count_by_brand([brand]).get(brand.pk, 0)}
    context |= {"profiles": brand.profiles.count(), "roles": Membership.objects.filter(brand=brand).count()}
    return answers.dialog(request, "panel/brands/remove.html", context, status=422 if form.errors else 200)


@require_GET
def logo(request: PanelRequest, pk: int, digest: str) -> HttpResponse:
    """The digest is in the address, so that a browser may keep the picture."""
    brand = queries.one(request.actor, pk)
    found = Logo.objects.filter(brand=brand, digest=digest).first()
    if found is None:
        raise NotYours("There is no such picture.")
    answer = HttpResponse(bytes(found.png), content_type="image/png")
    answer.headers["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    return answer


def head_of(brand: Brand, tab: str) -> dict[str, Any]:
    """What the head of all tabs shows."""
    last = queries.last_inquiries([brand]).get(brand.pk)
    return {
        "brand": brand,
        "tab": tab,
        "look": look_of(outage(brand.pk), last),
        "logo": queries.logo_digest(brand),
    }


def _steps(brand: Brand, *, is_well: bool, profiles: int, customers: int) -> list[dict[str, Any]]:
    """What is left to be done until the first customer can be served; none after that."""
    if customers:
        return []
    edit, own = reverse("brand_edit", args=[brand.pk]), reverse("brand_profiles", args=[brand.pk])
    return [
        {"is_done": is_well, "word": "Connect the platform", "url": edit, "hint": "The test below says what works."},
        {
            "is_done": profiles > 0,
            "word": "Add a profile",
            "url": own,
            "hint": "What users get: modules, quotas, add-ons.",
        },
        {"is_done": False, "word": "Add a customer", "url": reverse("customers"), "hint": "Each is a context in OX."},
    ]
