"""Removing users: the effects are named first, and for some days all can be had back."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import Outcome, chosen, has_ox, tell_deleted
from oxherd.panel.forms.combobox import as_sent
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.removal import RemovalForm
from oxherd.panel.forwarders import leading_to
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.removals.commands import remove_users
from oxherd.removals.ties import ties_of
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


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
    """All or none; who looks after something hands over to those who were chosen in the dialog."""
    data, typed = as_sent(request)
    form = RemovalForm(users, data, initial=typed)
    form.ask_for_heirs(request.actor, tenant, ties_of(users), leaving=[user.pk for user in users], post=request.POST)
    if form.is_valid():
        try:
            remove_users(actor=request.actor, users=users, heirs=form.heirs())
        except Refused as refused:
            show(form, refused)
        else:
            tell_deleted(request, Outcome(done=list(users)))
            return answers.done(request, reverse("users", args=[tenant.pk]))
    context = {
        "tenant": tenant,
        "form": form,
        "users": users,
        "with_ox": [user for user in users if has_ox(user)],
        "days": form.days,
        "back": reverse("users", args=[tenant.pk]),
        **leading_to(tenant, users),
    }
    return answers.dialog(request, "panel/users/remove.html", context, status=422 if form.errors else 200)


def _tenant(request: PanelRequest, tenant_id: int) -> Tenant:
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    is_ours(tenant, request.actor, Mastered.USERS)
    return tenant
