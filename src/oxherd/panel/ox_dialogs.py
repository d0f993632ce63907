"""What the dialogs over the list of OX users share."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.selection import EVERYONE
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


def manages(request: PanelRequest, tenant_id: int) -> Tenant:
    """Raises NotYours for a tenant out of sight, NotAllowed for who may not manage its users."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    return tenant


def one(request: PanelRequest, tenant_id: int, pk: int) -> tuple[Tenant, ServiceUser]:
    tenant = manages(request, tenant_id)
    return tenant, queries.one(request.actor, tenant, pk)


def only(request: PanelRequest) -> int:
    """The id of the one user who is ticked. Raises Refused for none and for several."""
    ticked = chosen(request.GET.getlist("user"))
    if len(ticked) != 1 or request.GET.get(EVERYONE):
        raise Refused("Tick one user for this.")
    return ticked[0]


def back(request: PanelRequest, tenant: Tenant) -> HttpResponse:
    """To the page on which the dialog stood, with its search and place; else to the list."""
    return answers.back(request, tenant, reverse("ox_users", args=[tenant.pk]))


def dialog(request: PanelRequest, tenant: Tenant, name: str, context: dict[str, Any]) -> HttpResponse:
    """422 for a form that comes back with errors, except where it was only filled in further."""
    form = context.get("form")
    wrong = bool(context.get("errors")) or (form is not None and form.is_bound and bool(form.errors))
    context |= {"tenant": tenant, "back": reverse("ox_users", args=[tenant.pk])}
    return answers.dialog(request, f"panel/ox/{name}.html", context, status=422 if wrong else 200)
