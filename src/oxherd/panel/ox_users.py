"""OX Service > Users: what can be done to the OX accounts of the ticked users, or of all whom the list finds."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import selection
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, tell
from oxherd.panel.forms.bulk import DisableForm, ProfileForm
from oxherd.panel.forms.combobox import as_sent
from oxherd.panel.forms.refusals import show
from oxherd.panel.forwarders import leading_to
from oxherd.panel.ox_dialogs import back, dialog, manages
from oxherd.panel.selection import Named, Selection, named, whole
from oxherd.people import bulk_commands, ox_commands
from oxherd.people.comparing import compare, holders
from oxherd.people.models import ServiceUser
from oxherd.people.states import UserStatus
from oxherd.removals.commands import disable_users
from oxherd.removals.ties import ties_of
from oxherd.tenants import queries as tenants

MOST_LEFT_OUT = 5


@require_http_methods(["GET", "POST"])
def profile(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Manage Profiles: one profile for one or many, all or none, and what it changes for them before it is applied."""
    tenant = manages(request, tenant_id)
    chosen = selection.read(request, tenant)
    seats = list(tenants.seats_of(tenant))
    asked = request.POST.get("profile", "")
    looks = request.POST.get("do") == "compare"
    data = None if looks or request.method == "GET" else request.POST
    form = ProfileForm(holders(chosen.with_ox), seats, data, initial={"profile": asked})
    context = _whom(chosen, chosen.with_ox) | {"form": form}
    if form.is_valid() and _is_current(request, form, chosen, chosen.with_ox):
        try:
            wanted, users = form.cleaned_data["profile"], whole(chosen.with_ox)
            changed = ox_commands.change_profile(actor=request.actor, users=users, profile=wanted)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, _changed(changed, context["users"], str(wanted)))
            return back(request, tenant)
    target = next((row.profile for row in seats if str(row.profile_id) == asked), None)
    context["comparison"] = compare(chosen.with_ox, seats, target) if target and context["users"] else None
    return dialog(request, tenant, "profile", context)


@require_http_methods(["GET", "POST"])
def disable(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Take the OX accounts away, all or none, after the effects were named and the name was typed.

    Who looks after something hands over to those who were chosen in the dialog.
    """
    tenant = manages(request, tenant_id)
    chosen = selection.read(request, tenant)
    context = _whom(chosen, chosen.with_ox)
    users: Named = context["users"]
    data, typed = as_sent(request)
    form = DisableForm(users, data if users else None, initial=typed)
    form.ask_for_heirs(
        *(request.actor, tenant, ties_of(chosen.with_ox)),
        leaving=selection.first_ids(chosen.with_ox),
        post=request.POST,
    )
    if form.is_valid() and _is_current(request, form, chosen, chosen.with_ox):
        try:
            disable_users(actor=request.actor, users=whole(chosen.with_ox), heirs=form.heirs())
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"OX is being disabled for {users}.")
            return back(request, tenant)
    context |= {"form": form, "undo_seconds": max(settings.UNDO_SECONDS, 0)}
    return dialog(request, tenant, "disable", context | leading_to(tenant, chosen.with_ox))


@require_POST
def retry(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Try again for one or many; of ticked ones, who has nothing to try again is named."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.RETRY, tenant)
    chosen = selection.read(request, tenant)
    if chosen.everyone:
        failed = whole(chosen.users.filter(status=UserStatus.ERROR))
        number = bulk_commands.retry_ox_of_all(actor=request.actor, users=failed)
        if not number:
            raise Refused("There is nothing to try again.")
        messages.success(request, f"OX is being tried again for {failed[0] if number == 1 else f'{number:,} users'}.")
    else:
        outcome = act(whole(chosen.users), lambda user: ox_commands.retry_ox(actor=request.actor, user=user))
        tell(request, outcome, "OX is being tried again")
    return back(request, tenant)


def _whom(chosen: Selection, users: QuerySet[ServiceUser]) -> dict[str, Any]:
    """Whom the dialog is about, who is left out for want of OX, and what brings the selection along."""
    return {
        "users": named(users),
        "left_out": named(chosen.without_ox, MOST_LEFT_OUT),
        "hidden": chosen.hidden,
        "seen": chosen.seen(users),
    }


def _is_current(request: PanelRequest, form: forms.Form, chosen: Selection, users: QuerySet[ServiceUser]) -> bool:
    """Whether the users are those who were looked at; else the form says so."""
    if not chosen.is_stale(request.POST.get("seen", ""), users):
        return True
    now = named(users, 1)
    form.add_error(None, f"Others match now than when you looked: {now}. Look at them, and confirm once more.")
    return False


def _changed(changed: int, users: Named, profile_name: str) -> str:
    if not changed:
        return f"Nothing to change: the profile is {profile_name} already."
    if users.count == 1:
        return f"{users} gets the profile {profile_name}."
    return f"{changed:,} of {users} get the profile {profile_name}."
