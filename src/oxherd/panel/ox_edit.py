"""Edit, in OX Service > Users: one dialog, and what is saved is one change."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.edit import EditForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.ox_dialogs import back, dialog, one, only
from oxherd.people import commands
from oxherd.tenants import queries as tenants


@require_http_methods(["GET", "POST"])
def edit(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Aliases, primary address, and as additional settings display name, language and time zone."""
    tenant, user = one(request, tenant_id, pk)
    account = user.account if has_ox(user) else None
    form = EditForm(user, account, list(of_tenant(tenant)), request.POST if request.method == "POST" else None)
    if form.rearranged():
        return dialog(request, tenant, "edit", {"form": form, "user": user})
    if form.is_valid():
        try:
            saved = commands.change_user(actor=request.actor, user=user, **form.wish())
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{saved} was saved." if form.changes_something else "Nothing to change.")
            return back(request, tenant)
    return dialog(request, tenant, "edit", {"form": form, "user": user})


@require_http_methods(["GET", "POST"])
def edit_ticked(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """From the toolbar of the Classic list, where one row is ticked."""
    request.actor.require(Permission.MANAGE_USERS, tenants.one(request.actor, tenant_id))
    return edit(request, tenant_id, only(request))
