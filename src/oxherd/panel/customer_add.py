"""Add customer: form, summary, Finish. What was typed is kept in a draft; its key is in the address."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts import mail
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.models import Brand
from oxherd.domains.models import shown
from oxherd.domains.rules import domain_name
from oxherd.errors import NotYours, Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.subscription import CustomerForm
from oxherd.profiles.models import Profile
from oxherd.profiles.queries import of_brand
from oxherd.subscriptions import drafts
from oxherd.subscriptions.commands import rehearse
from oxherd.subscriptions.models import CustomerDraft
from oxherd.subscriptions.queries import brands_of

LONGEST = 500  # of a text that is kept while the form is filled in


@require_GET
def start(request: PanelRequest) -> HttpResponse:
    """`?brand=` chooses one beforehand."""
    brands = _brands(request)
    asked = request.GET.get("brand", "")
    brand = next((each for each in brands if str(each.pk) == asked), brands[0])
    draft = drafts.start(actor=request.actor, fields={"brand": str(brand.pk)})
    return redirect("customer_add_form", draft.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def form(request: PanelRequest, key: UUID) -> HttpResponse:
    """The first page. POST keeps what was typed in any case; `do` names a button other than Next."""
    brands = _brands(request)
    try:
        draft = drafts.load(request.actor, key)
    except NotYours as error:
        return _gone(request, error)
    if draft.made_id:
        return redirect("overview", draft.made_id)
    if request.method == "GET":
        return _page(request, draft, _form(request.actor, brands, draft))
    drafts.save(draft, _typed(request.POST, brands))
    if request.POST.get("do", "next") != "next":
        return _page(request, draft, _form(request.actor, brands, draft))
    checked = _checked(request, brands, draft)
    return _page(request, draft, checked) if checked.errors else redirect("customer_add_summary", key)


@never_cache
@require_http_methods(["GET", "POST"])
def summary(request: PanelRequest, key: UUID) -> HttpResponse:
    """The second page; POST is Finish, and doing it again adds no second customer."""
    brands = _brands(request)
    try:
        draft = drafts.load(request.actor, key)
    except NotYours as error:
        return _gone(request, error)
    if draft.made_id:
        return redirect("overview", draft.made_id)
    checked = _checked(request, brands, draft)
    if checked.errors:
        return _page(request, draft, checked)
    if request.method == "POST":
        return _finish(request, draft, checked)
    return render(request, "panel/customer_add/summary.html", {"draft": draft, "form": checked, **_facts(checked)})


@require_POST
def discard(request: PanelRequest, key: UUID) -> HttpResponse:
    _brands(request)
    try:
        drafts.drop(drafts.load(request.actor, key))
    except NotYours as error:
        return _gone(request, error)
    return redirect("customers")


def _finish(request: PanelRequest, draft: CustomerDraft, checked: CustomerForm) -> HttpResponse:
    new = checked.new_customer
    try:
        made = drafts.finish(actor=request.actor, key=draft.pk, read=lambda _: new)
    except Refused as refused:
        show(checked, refused)
        return _page(request, draft, checked)
    messages.success(request, f"{new.name.strip()} is being set up in OX.{_told(new.administrator_email.strip())}")
    return redirect("overview", made)


def _told(email: str) -> str:
    """What comes of the invitation."""
    if not email:
        return ""
    if mail.is_printed():
        return f" {email} is invited, but no mail server is set up: pass a link on, from Administrators."
    return f" {email} gets an invitation by mail."


def _checked(request: PanelRequest, brands: list[Brand], draft: CustomerDraft) -> CustomerForm:
    """The form with all its errors: those of its fields, or what the commands would refuse."""
    checked = _form(request.actor, brands, draft, complete=True)
    if checked.is_valid():
        try:
            rehearse(actor=request.actor, new=checked.new_customer)
        except Refused as refused:
            show(checked, refused)
    return checked


def _form(actor: Actor, brands: list[Brand], draft: CustomerDraft, *, complete: bool = False) -> CustomerForm:
    fields = {"quota_unit": "GB", **draft.fields}
    form = CustomerForm(brands, _profiles(brands, fields), fields, complete=complete)
    chosen = form.brands.get(fields.get("brand", ""))
    if chosen and not actor.may(Permission.MANAGE_ADMINISTRATORS, chosen):
        del form.fields["administrator_name"], form.fields["administrator_email"]
    return form


def _typed(post: QueryDict, brands: list[Brand]) -> dict[str, Any]:
    """What a draft keeps of a posted form."""
    names = CustomerForm(brands, _profiles(brands, post)).fields
    return {name: post.get(name, "").replace("\x00", "")[:LONGEST] for name in names if name in post}


def _profiles(brands: list[Brand], fields: Any) -> list[Profile]:
    brand = next((each for each in brands if str(each.pk) == fields.get("brand")), None)
    return list(of_brand(brand)) if brand else []


def _facts(checked: CustomerForm) -> dict[str, Any]:
    new = checked.new_customer
    limits = [(field.label, new.limits[field.name]) for field in checked.limit_fields]
    domain = shown(domain_name(new.domain)) if new.domain.strip() else ""  # as it is saved
    return {"new": new, "domain": domain, "seats": new.seats.items(), "limits": limits}


def _page(request: PanelRequest, draft: CustomerDraft, shown: CustomerForm) -> HttpResponse:
    wrong = shown.complete and bool(shown.errors)
    context = {"draft": draft, "form": shown}
    return render(request, "panel/customer_add/form.html", context, status=422 if wrong else 200)


def _brands(request: PanelRequest) -> list[Brand]:
    """Raises NotYours for who may add customers nowhere."""
    brands = brands_of(request.actor)
    if not brands:
        raise NotYours("There is no such page.")
    return brands


def _gone(request: PanelRequest, error: NotYours) -> HttpResponse:
    return render(request, "panel/customer_add/gone.html", {"sentence": error.sentence}, status=404)
