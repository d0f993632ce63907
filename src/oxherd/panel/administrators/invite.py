"""Inviting administrators; the link is shown once to whoever invites."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts import mail
from oxherd.administrators import invitations, queries
from oxherd.administrators.invitations import Invited
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.administrators.level import Level, level_of
from oxherd.panel.forms.administrators import InviteForm
from oxherd.panel.forms.refusals import show as show_at


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: PanelRequest, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    data = request.POST if request.method == "POST" else None
    form = InviteForm(queries.offered(request.actor, level.place), data)
    if data is not None and form.is_valid():
        try:
            made = invitations.invite(actor=request.actor, **form.wish(), **level.where)
        except Refused as refused:
            show_at(form, refused)
        else:
            return _shown(request, level, made)
    context = {"form": form, "action": level.url("administrators_invite"), "back": level.url("administrators")}
    template = "panel/administrators/invite.html"
    return answers.dialog(request, template, _shared(level) | context, status=422 if form.errors else 200)


@never_cache
@require_POST
def again(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    """A new link, from now on the only valid one."""
    level = level_of(request, tenant_id)
    invitation = queries.invitation(request.actor, level.place, pk)
    return _shown(request, level, invitations.send_again(actor=request.actor, invitation=invitation))


@require_http_methods(["GET", "POST"])
def revoke(request: PanelRequest, pk: int, tenant_id: int | None = None) -> HttpResponse:
    level = level_of(request, tenant_id)
    invitation = queries.invitation(request.actor, level.place, pk)
    back = level.url("administrators")
    if request.method == "POST":
        invitations.revoke(actor=request.actor, invitation=invitation)
        messages.success(request, f"The invitation of {invitation} is withdrawn.")
        return answers.done(request, back)
    context = {"invitation": invitation, "action": level.url("invitation_revoke", pk), "back": back}
    return answers.dialog(request, "panel/administrators/revoke.html", _shared(level) | context)


def _shown(request: PanelRequest, level: Level, made: Invited) -> HttpResponse:
    context: dict[str, Any] = {"invitation": made.invitation, "link": made.link, "back": level.url("administrators")}
    context["is_mailed"] = not mail.is_printed()
    return answers.dialog(request, "panel/administrators/link.html", _shared(level) | context)


def _shared(level: Level) -> dict[str, Any]:
    return {"tenant": level.tenant, "level": level, "pages": level.pages}
