"""From a user's page into a group, and out of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.groups import queries
from oxherd.groups.commands import change_group
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.forms.combobox import is_search
from oxherd.panel.forms.membership import JoinForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.user import found
from oxherd.people.models import ServiceUser


@require_http_methods(["GET", "POST"])
def join(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Add to group."""
    user = _may(request, tenant_id, pk)
    searched = is_search(request.POST)
    form = JoinForm(request.actor, user, request.POST if request.method == "POST" else None, complete=not searched)
    if not searched and form.is_valid():
        group = form.cleaned_data["group"]
        try:
            change_group(actor=request.actor, group=group, add=[user.pk])
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{user} is a member of {group} now.")
            return _done(request, user)
    context = {"tenant": user.tenant, "user": user, "form": form, "page_title": str(user)}
    return answers.dialog(request, "panel/user/join.html", context, status=422 if form.errors else 200)


@require_POST
def leave(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Out of a group, at once: to come in again is as easy."""
    user = _may(request, tenant_id, pk)
    for group in queries.some(request.actor, user.tenant, chosen(request.POST.getlist("group"))):
        change_group(actor=request.actor, group=group, remove=[user.pk])
        messages.success(request, f"{user} is no member of {group} any more.")
    return _done(request, user)


def _may(request: PanelRequest, tenant_id: int, pk: int) -> ServiceUser:
    tenant, user = found(request, tenant_id, pk)
    request.actor.require(Permission.MANAGE_GROUPS, tenant)
    return user


def _done(request: PanelRequest, user: ServiceUser) -> HttpResponse:
    return answers.done(request, reverse("user", args=[user.tenant_id, user.pk]))
