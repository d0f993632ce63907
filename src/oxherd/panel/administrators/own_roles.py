"""Roles of one's own making."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.models import CustomRole
from oxherd.accounts.states import OF_PROVIDERS, Permission
from oxherd.administrators import queries, roles
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.administrators.level import Level, level_of
from oxherd.panel.forms.administrators import OwnRoleForm
from oxherd.panel.forms.refusals import show as show_at

MOST_HOLDERS = 20


@require_GET
def listed(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    """The roles that belong here, and those of the levels above that can be given here too."""
    level = level_of(request, tenant_id)
    owned = list(queries.owned_roles(level.place))
    others = [role for role in queries.custom_roles(level.place) if role not in owned]
    context = {
        "rows": [(role, _words(role), level.url("administrator_role", role.pk)) for role in owned],
        "others": [(role, _words(role)) for role in others],
        "place_choices": level.choices(),
    }
    return render(request, "panel/administrators/roles.html", _shared(level) | context)


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    form = OwnRoleForm(_offered(request, level), None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            role = roles.add_role(actor=request.actor, **form.wish(), **level.where)
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, f"The role {role} can be given now.")
            return answers.done(request, level.url("administrator_roles"))
    context = {"form": form, "role": None, "action": level.url("administrator_role_add")}
    return _form(request, level, context, form)


@require_http_methods(["GET", "POST"])
def change(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    """What a role gives, and to whom."""
    level = level_of(request, tenant_id)
    role = queries.owned_role(request.actor, level.place, pk)
    form = OwnRoleForm(_offered(request, level), role, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            roles.change_role(actor=request.actor, role=role, **form.wish())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, "Saved. It holds for all who have the role, at once.")
            return answers.done(request, level.url("administrator_roles"))
    rows = list(queries.holders(role)[: MOST_HOLDERS + 1])
    context = {
        "form": form,
        "role": role,
        "holders": rows[:MOST_HOLDERS],
        "more": len(rows) > MOST_HOLDERS,
        "action": level.url("administrator_role", pk),
        "remove_url": level.url("administrator_role_remove", pk),
    }
    return _form(request, level, context, form)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    role = queries.owned_role(request.actor, level.place, pk)
    back = level.url("administrator_role", pk)
    sentence = ""
    if request.method == "POST":
        try:
            roles.remove_role(actor=request.actor, role=role)
        except Refused as refused:
            sentence = refused.sentence
        else:
            messages.success(request, f"The role {role} is deleted.")
            return answers.done(request, level.url("administrator_roles"))
    context = {"role": role, "back": back, "sentence": sentence, "action": level.url("administrator_role_remove", pk)}
    template = "panel/administrators/remove_role.html"
    return answers.dialog(request, template, _shared(level) | context, status=422 if sentence else 200)


def _form(request: PanelRequest, level: Level, context: dict[str, Any], form: OwnRoleForm) -> HttpResponse:
    whole = _shared(level) | context
    return render(request, "panel/administrators/role.html", whole, status=422 if form.errors else 200)


def _words(role: CustomRole) -> str:
    return ", ".join(str(permission.label) for permission in Permission if permission in role.gives)


def _offered(request: PanelRequest, level: Level) -> frozenset[Permission]:
    """What a role may give there: at a customer nothing of what is decided above customers."""
    return request.actor.held(level.place) - (OF_PROVIDERS if level.tenant else frozenset())


def _shared(level: Level) -> dict[str, Any]:
    return {"tenant": level.tenant, "level": level, "pages": level.pages}
