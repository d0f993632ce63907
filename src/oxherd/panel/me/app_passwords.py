"""Application passwords of one's own. A new one asks for the present password, as another password does."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.app_passwords import own_commands, queries, rules
from oxherd.errors import Refused
from oxherd.panel.forms.app_password import OwnAppPasswordForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.me import session
from oxherd.panel.me.page import page
from oxherd.panel.me.proving import counted
from oxherd.people.models import ServiceUser


@sensitive_post_parameters("old")
@require_http_methods(["GET", "POST"])
@session.for_signed_in
def add(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    """For one program or device; shown this once."""
    rules.mail_is_carried(me)
    form = OwnAppPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with counted(request, me):
                secret = own_commands.add_own_app_password(
                    actor=session.actor_of(request, me), user=me, **form.cleaned_data
                )
        except Refused as refused:
            show(form, refused)
        else:
            return page(request, me, "app_password_shown", {"secret": secret, "name": form.cleaned_data["name"]})
    return page(request, me, "app_password_add", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@session.for_signed_in
def revoke(request: HttpRequest, me: ServiceUser, pk: int) -> HttpResponse:
    """Says what stops working, then ends it."""
    app_password = queries.own_one(me, pk)
    if request.method == "POST":
        own_commands.revoke_own_app_password(actor=session.actor_of(request, me), app_password=app_password)
        messages.success(request, f"The application password {app_password} was revoked.")
        return HttpResponseRedirect(reverse("me"))
    return page(request, me, "app_password_revoke", {"app_password": app_password})
