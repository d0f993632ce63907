"""Another mail address to sign in with: it counts once a link that was sent there has been opened."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.signin.person import administrator_of, dialog
from oxherd.signin import links
from oxherd.signin import recovery_commands as commands
from oxherd.signin.states import LinkKind

KNOWN_BY = "address_link"


class AddressForm(forms.Form):
    email = forms.CharField(required=False, label="New mail address")


@require_http_methods(["GET", "POST"])
def change(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["email"]
        try:
            commands.ask_for_other_address(actor=request.actor, administrator=administrator, address=address)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"A link was sent to {address.strip()}. The new address counts once you open it.")
            return answers.done(request, reverse("own_account"))
    context = {"form": form, "administrator": administrator}
    return dialog(request, "address", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail, maybe in another browser than the one that asked."""
    request.session[KNOWN_BY] = links.digest(token)
    return HttpResponseRedirect(reverse("own_address_confirm"))


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Nothing changes by looking at a link: programs that check mails do that too."""
    link = links.opened(LinkKind.CONFIRM_EMAIL, request.session.get(KNOWN_BY, ""))
    if link is None:
        return render(request, "panel/signin/link_gone.html", {"of_address": True}, status=410)
    if request.method == "POST":
        try:
            commands.confirm_address(link=link, request_id=request.request_id)  # type: ignore[attr-defined]
        except Refused as refused:
            return render(
                request, "panel/signin/address_confirm.html", {"link": link, "refused": refused.sentence}, status=422
            )
        messages.success(request, f"You sign in with {link.email} from now on.")
        return HttpResponseRedirect(reverse("own_account"))
    return render(request, "panel/signin/address_confirm.html", {"link": link})
