"""A forgotten password: a link by mail, and then a new one. Nothing tells whether an address is known."""

from allauth.core.internal import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts import passwords
from oxherd.accounts.queries import policy_of
from oxherd.errors import Refused
from oxherd.panel.forms.refusals import show
from oxherd.signin import links
from oxherd.signin import recovery_commands as commands
from oxherd.signin.models import OneTimeLink
from oxherd.signin.states import LinkKind

TOO_MANY = "Too many attempts. Wait an hour, or ask who gave you the access."
KNOWN_BY = "reset_link"  # in the session: the digest of the link, which itself is in no address that we are asked for


class AddressForm(forms.Form):
    email = forms.CharField(required=False, label="Mail address")


class NewPasswordForm(forms.Form):
    new = forms.CharField(required=False, strip=False, label="New password", widget=forms.PasswordInput)
    again = forms.CharField(required=False, strip=False, label="New password once more", widget=forms.PasswordInput)

    def clean(self) -> dict[str, str]:
        cleaned = super().clean() or {}
        if not cleaned.get("new"):
            self.add_error("new", "Enter a new password.")
        elif cleaned["new"] != cleaned.get("again"):
            self.add_error("again", "The two passwords differ. Enter the same one twice.")
        return cleaned


@login_not_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["email"].strip()
        try:
            _ask(request, address)
        except Refused as refused:
            show(form, refused)
        else:
            return render(request, "panel/signin/forgot_sent.html", {"address": address})
    return render(request, "panel/signin/forgot.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail: the link is known to the session from here on, and stands in no further address."""
    request.session[KNOWN_BY] = links.digest(token)
    return HttpResponseRedirect(reverse("sign_in_reset"))


@login_not_required
@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    if not ratelimit.consume(request, app="allauth.account", action="one_time_link"):
        return render(request, "429.html", status=429)
    link = links.opened(LinkKind.RESET_PASSWORD, request.session.get(KNOWN_BY, ""))
    if link is None:
        return render(request, "panel/signin/link_gone.html", status=410)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _set(request, link, form.cleaned_data["new"])
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Your password was changed. Sign in with it.")
            return HttpResponseRedirect(reverse("account_login"))
    shortest = policy_of(link.administrator).shortest_password
    context = {"form": form, "administrator": link.administrator, "shortest": shortest}
    return render(request, "panel/signin/reset.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, address: str) -> None:
    key = f"forgot-{address.lower()}"
    if not ratelimit.consume(request, app="allauth.account", action="forgot_password", key=key):
        raise Refused(TOO_MANY, field="email")
    commands.ask_for_new_password(address=address, request_id=request.request_id)  # type: ignore[attr-defined]


def _set(request: HttpRequest, link: OneTimeLink, password: str) -> None:
    passwords.is_not_leaked(password, policy=policy_of(link.administrator), field="new")
    commands.reset_password(link=link, password=password, request_id=request.request_id)  # type: ignore[attr-defined]
    request.session.flush()  # whoever was signed in here is not any more
