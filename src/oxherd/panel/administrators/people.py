"""The list of administrators, and the page of one: roles, sign-in, and what is done about them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Permission
from oxherd.administrators import commands, queries
from oxherd.errors import Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.administrators.level import Level, level_of
from oxherd.panel.forms.administrators import RoleForm
from oxherd.panel.forms.refusals import show as show_at
from oxherd.panel.lists import Listing

STATES = [("", "All"), ("invited", "Invited"), ("active", "Active"), ("inactive", "Deactivated")]
ORDERS = {"name": "folded_name", "newest": "-created_at"}
MOST_INVITED = 50


@require_GET
def listed(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    """The list, open invitations first. Search, filters, order and place are in the address."""
    level = level_of(request, tenant_id)
    name = "tenant_administrators" if level.tenant else "administrators"
    filters = {"state": STATES} | ({} if level.tenant else {"brand": [("", ""), *level.choices()]})
    listing = Listing(name, ORDERS, filters, frozenset({"newest"}))
    wish = listing.wish(request)
    found = queries.found(request.actor, level.place, text=wish["q"], state=wish["state"])
    if wish["state"] == "invited":
        found = found.none()
    context = listing.context(request, level.tenant, found, wish) | _shared(level)
    people = context["page"].rows
    roles = queries.roles_of(request.actor, people, level.place)
    secured = queries.with_second_factor(people)
    context |= {
        "rows": [(person, roles.get(person.pk, []), person.pk in secured, _url(level, person)) for person in people],
        "invited": _invited(request, level, wish),
        "states": STATES,
        "list_url": level.url("administrators"),
    }
    address = listing.address(level.tenant, wish | paging.kept(request.GET))
    list_of, rows = "panel/administrators/list.html", "panel/administrators/rows.html"
    return answers.page(request, list_of, rows, context, address=address)


@require_GET
def show(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    person = queries.administrator(request.actor, level.place, pk)
    return render(request, "panel/administrators/person.html", _about(request, level, person))


@require_http_methods(["GET", "POST"])
def change_role(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    """Another role in place of this one, at the same place."""
    level = level_of(request, tenant_id)
    row = queries.membership(request.actor, level.place, pk)
    offered = queries.offered(request.actor, row.tenant or row.brand)
    form = RoleForm(offered, row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = commands.change_role(actor=request.actor, membership=row, role=form.chosen())
        except Refused as refused:
            show_at(form, refused)
        else:
            messages.success(request, f"{row.administrator} is {changed.role_name} of {_of(row.place_name)} now.")
            return answers.done(request, _url(level, row.administrator))
    back = _url(level, row.administrator)
    context = {"form": form, "row": row, "back": back, "action": level.url("administrator_role_change", pk)}
    template = "panel/administrators/change_role.html"
    return answers.dialog(request, template, _shared(level) | context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def take_role(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    row = queries.membership(request.actor, level.place, pk)
    if request.method == "POST":
        person = row.administrator
        commands.take_role(actor=request.actor, membership=row)
        messages.success(request, f"{person} is not {row.role_name} of {_of(row.place_name)} any more.")
        still_here = queries.roles_of(request.actor, [person], level.place)
        return answers.done(request, _url(level, person) if still_here else level.url("administrators"))
    context = {"row": row, "back": _url(level, row.administrator), "action": level.url("administrator_take", pk)}
    return answers.dialog(request, "panel/administrators/take_role.html", _shared(level) | context)


@require_http_methods(["GET", "POST"])
def deactivate(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    person = queries.administrator(request.actor, level.place, pk)
    if request.method == "POST":
        commands.deactivate(actor=request.actor, administrator=person)
        messages.success(request, f"{person} is signed out everywhere and cannot sign in any more.")
        return answers.done(request, _url(level, person))
    context = {"person": person, "back": _url(level, person), "action": level.url("administrator_deactivate", pk)}
    return answers.dialog(request, "panel/administrators/deactivate.html", _shared(level) | context)


@require_POST
def reactivate(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    person = queries.administrator(request.actor, level.place, pk)
    commands.reactivate(actor=request.actor, administrator=person)
    messages.success(request, f"{person} can sign in again.")
    return redirect(_url(level, person))


def _about(request: PanelRequest, level: Level, person: Administrator) -> dict[str, Any]:
    actor = request.actor
    roles = queries.roles_of(actor, [person], level.place).get(person.pk, [])
    urls = [(level.url("administrator_role_change", row.pk), level.url("administrator_take", row.pk)) for row in roles]
    is_other = person.pk not in {actor.administrator_id, actor.acting_for_id}
    return _shared(level) | {
        "person": person,
        "roles": list(zip(roles, urls, strict=True)),
        "secured": person.pk in queries.with_second_factor([person]),
        "is_other": is_other,
        "may_decide": is_other and commands.may_decide_about(actor, person),
        "deactivate_url": level.url("administrator_deactivate", person.pk),
        "reactivate_url": level.url("administrator_reactivate", person.pk),
        "reset_url": level.url("administrator_second_factor", person.pk),
        "act_url": _act_url(request, level, person),
    }


def _act_url(request: PanelRequest, level: Level, person: Administrator) -> str:
    """Where acting for this person begins; empty where that is not offered."""
    actor, tenant = request.actor, level.tenant
    is_other = person.is_active and person.pk != actor.administrator_id and not actor.acting_for_id
    offered = tenant and is_other and actor.may(Permission.ACT_FOR, tenant)
    return level.url("administrator_act", person.pk) if offered else ""


def _invited(request: PanelRequest, level: Level, wish: dict[str, str]) -> list[tuple[Any, str, str]]:
    """The newest invitations, on the first page: what waits for somebody stands above what is settled."""
    if wish["state"] not in {"", "invited"} or paging.kept(request.GET):
        return []
    rows = queries.invitations(request.actor, level.place, text=wish["q"])[:MOST_INVITED]
    return [(row, level.url("invitation_again", row.pk), level.url("invitation_revoke", row.pk)) for row in rows]


def _shared(level: Level) -> dict[str, Any]:
    return {"tenant": level.tenant, "level": level, "pages": level.pages}


def _url(level: Level, person: Administrator) -> str:
    return level.url("administrator", person.pk)


def _of(place: str) -> str:
    return "the provider" if place == "Provider" else place
