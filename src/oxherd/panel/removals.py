"""Removing users: the effects are named first, and for some days all can be had back."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, chosen, has_ox, tell_deleted
from oxherd.panel.forms.removal import RemovalForm
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@require_http_methods(["GET", "POST"])
def remove_ticked(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Remove the ticked users."""
    tenant = _tenant(request, tenant_id)
    ticked = chosen((request.POST if request.method == "POST" else request.GET).getlist("user"))
    users = queries.some(request.actor, tenant, ticked[: paging.SIZE])
    if not users:
        raise Refused("Tick the users that you want to remove first.")
    return _remove(request, tenant, users)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Remove one user, from the user's page."""
    tenant = _tenant(request, tenant_id)
    return _remove(request, tenant, [queries.one(request.actor, tenant, pk)])


def _remove(request: PanelRequest, tenant: Tenant, users: Sequence[ServiceUser]) -> HttpResponse:
    form = RemovalForm(users, request.POST if request.method == "POST" else None)
    if form.is_valid():
        outcome = act(users, lambda user: remove_user(actor=request.actor, user=user))
        if outcome.done:
            tell_deleted(request, outcome)
            return answers.done(request, reverse("users", args=[tenant.pk]))
        for _, sentence in outcome.refused:
            form.add_error(None, sentence)
    context = {
        "tenant": tenant,
        "form": form,
        "users": users,
        "with_ox": [user for user in users if has_ox(user)],
        "days": form.days,
        "back": reverse("users", args=[tenant.pk]),
    }
    return answers.dialog(request, "panel/users/remove.html", context, status=422 if form.errors else 200)


def _tenant(request: PanelRequest, tenant_id: int) -> Tenant:
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    return tenant
