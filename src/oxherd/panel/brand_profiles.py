"""Profiles of a brand: what its users get."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.aps.masters import is_nobodys, master_of
from oxherd.audit import queries as audit
from oxherd.brands import queries
from oxherd.brands.abilities import Ability, why_not
from oxherd.brands.models import Brand
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.brand import head_of
from oxherd.panel.forms.combination import matching
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.profile import ProfileForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.profile_rows import Row, rows_of
from oxherd.panel.story import told
from oxherd.people import rollout_commands as rollouts
from oxherd.people.models import Rollout
from oxherd.people.profile_use import Use, customers_of, use_of
from oxherd.profiles.commands import add_profile, remove_profile
from oxherd.profiles.models import Profile, classes_of
from oxherd.profiles.modules import modules_of
from oxherd.profiles.offers import classes_of_service

SEEN = "seen_change"
MOST_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rollout has come, in users."""

    rollout: Rollout
    done: int

    @property
    def is_open(self) -> bool:
        return self.rollout.finished_at is None and self.done < self.rollout.total


@require_GET
def listed(request: PanelRequest, pk: int) -> HttpResponse:
    brand = queries.one(request.actor, pk)
    return render(request, "panel/brands/profiles.html", head_of(brand, "profiles") | {"rows": rows_of(brand)})


@require_GET
def combinations(request: PanelRequest, pk: int) -> HttpResponse:
    """What the feature level of a profile may be, for what is typed."""
    brand = queries.one(request.actor, pk)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    return render(request, "panel/options.html", {"options": matching(brand, text), "more": False})


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, pk: int) -> HttpResponse:
    brand = queries.one(request.actor, pk)
    highest = Profile.objects.filter(brand=brand).order_by("-rank").values_list("rank", flat=True).first() or 0
    form = ProfileForm(brand, _data(request), rank=highest + 1)
    if form.is_valid() and not is_search(request.POST):
        try:
            profile = add_profile(actor=request.actor, brand=brand, **form.settings())
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"The profile {profile} is added.")
            return redirect("brand_profiles", brand.pk)
    return _form(request, brand, form)


@require_GET
def page(request: PanelRequest, pk: int, profile_pk: int) -> HttpResponse:
    """What the profile gives, who has it, and how far its last change has come."""
    brand, profile = _one(request, pk, profile_pk)
    history, use = audit.about(request.actor, "profile", profile.pk)[:MOST_ENTRIES], use_of([profile])[profile.pk]
    context = (
        head_of(brand, "profiles")
        | _progress(profile)
        | {
            "profile": profile,
            "modules": modules_of(profile.package),
            "classes": classes_of(profile.class_of_service, profile.access_combination),
            "use": use,
            "row": Row(profile, use),
            "customers": customers_of(profile),
            "master": master_of("profile", profile.pk),
            "history": [told(entry) for entry in history],
            "no_classes": why_not(brand, Ability.CLASS_OF_SERVICE),
            "no_add_ons": why_not(brand, Ability.ADD_ONS),
        }
    )
    return render(request, "panel/brands/profile.html", context)


@require_GET
def progress(request: PanelRequest, pk: int, profile_pk: int) -> HttpResponse:
    """How far the last change has come; asks again until it is through."""
    brand, profile = _one(request, pk, profile_pk)
    return render(request, "panel/brands/rollout.html", {"brand": brand, "profile": profile} | _progress(profile))


@require_http_methods(["GET", "POST"])
def edit(request: PanelRequest, pk: int, profile_pk: int) -> HttpResponse:
    """What reaches users is told before it is done."""
    brand, profile = _one(request, pk, profile_pk)
    form = ProfileForm(brand, _data(request), profile=profile)
    if not form.is_valid() or is_search(request.POST):
        return _form(request, brand, form)
    users = rollouts.users_of(profile) if form.is_for_users else 0
    if users and request.POST.get(SEEN) != form.print_of_change:
        return _form(request, brand, form, preview=use_of([profile])[profile.pk])
    try:
        profile, rollout = rollouts.change_level(actor=request.actor, profile=profile, **form.settings())
    except Refused as refused:
        show(form, refused)
        return _form(request, brand, form)
    messages.success(request, f"{profile} is saved{' and comes to its users now' if rollout else ''}.")
    return redirect("brand_profile", brand.pk, profile.pk)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, pk: int, profile_pk: int) -> HttpResponse:
    brand, profile = _one(request, pk, profile_pk)
    wrong = ""
    if request.method == "POST":
        try:
            is_nobodys("profile", profile.pk)
            remove_profile(actor=request.actor, profile=profile)
        except Refused as refused:
            wrong = refused.sentence
        else:
            messages.success(request, f"The profile {profile} is removed.")
            return answers.done(request, reverse("brand_profiles", args=[brand.pk]))
    context = {"brand": brand, "profile": profile, "use": use_of([profile])[profile.pk], "wrong": wrong}
    context |= {"customers": customers_of(profile, 5), "in_use": profile.accounts.exists()}
    context["master"] = master_of("profile", profile.pk)
    return answers.dialog(request, "panel/brands/profile_remove.html", context, status=422 if wrong else 200)


def _one(request: PanelRequest, pk: int, profile_pk: int) -> tuple[Brand, Profile]:
    brand = queries.one(request.actor, pk)
    profile = Profile.objects.filter(brand=brand, pk=profile_pk).select_related("brand").first()
    if profile is None:
        raise NotYours("There is no such profile.")
    return brand, profile


def _data(request: PanelRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _progress(profile: Profile) -> dict[str, Any]:
    last = Rollout.objects.filter(profile=profile).order_by("-pk").first()
    return {"progress": Progress(last, max(last.reached - rollouts.under_way(last), 0)) if last else None}


def _form(request: PanelRequest, brand: Brand, form: ProfileForm, *, preview: Use | None = None) -> HttpResponse:
    """Somebody without script who looks for a feature level gets the form as it is, with what was found."""
    is_wrong = form.is_bound and not is_search(request.POST)
    context = head_of(brand, "profiles") | {
        "form": form,
        "profile": form.profile,
        "preview": preview,
        "classes": classes_of_service(brand.platform),
        "no_add_ons": why_not(brand, Ability.ADD_ONS),
        "no_mail_quota": why_not(brand, Ability.MAIL_QUOTA),
    }
    return render(request, "panel/brands/profile_form.html", context, status=422 if is_wrong else 200)
