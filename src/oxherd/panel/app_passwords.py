"""What is done about application passwords on a user's page, each in a dialog; without script each is a page."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from oxherd.accounts.states import Permission
from oxherd.app_passwords import commands, queries, rules
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.app_password import AppPasswordForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.user import found
from oxherd.people.models import ServiceUser


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """A password for one program or device, which is shown this once."""
    user = _may(request, tenant_id, pk)
    rules.mail_is_carried(user)
    form = AppPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            secret = commands.add_app_password(actor=request.actor, user=user, name=form.cleaned_data["name"])
        except Refused as refused:
            show(form, refused)
        else:
            return _dialog(request, user, "app_password_shown", {"secret": secret, "name": form.cleaned_data["name"]})
    return _dialog(request, user, "app_password_add", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def revoke(request: PanelRequest, tenant_id: int, pk: int, app_password_pk: int) -> HttpResponse:
    """Says what stops working, then ends it."""
    user = _may(request, tenant_id, pk)
    app_password = queries.one(request.actor, user, app_password_pk)
    if request.method == "POST":
        commands.revoke_app_password(actor=request.actor, app_password=app_password)
        messages.success(request, f"The application password {app_password} was revoked.")
        return answers.done(request, reverse("user", args=[user.tenant_id, user.pk]))
    return _dialog(request, user, "app_password_revoke", {"app_password": app_password})


def _may(request: PanelRequest, tenant_id: int, pk: int) -> ServiceUser:
    tenant, user = found(request, tenant_id, pk)
    request.actor.require(Permission.SET_PASSWORD, tenant)
    return user


def _dialog(
    request: PanelRequest, user: ServiceUser, name: str, context: answers.Context, *, status: int = 200
) -> HttpResponse:
    context |= {"tenant": user.tenant, "user": user, "page_title": str(user)}
    return answers.dialog(request, f"panel/user/{name}.html", context, status=status)
