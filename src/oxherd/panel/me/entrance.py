"""Signing in to the page of one's own, and out. Whoever cannot sign in gets one and the same answer."""

from allauth.core.internal import ratelimit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.panel.me import session
from oxherd.people import own_commands, own_sign_in
from oxherd.signin.addresses import address_of
from oxherd.walls.sight import EVERYTHING, Sight, seeing

WRONG = "Login and password do not match, or you cannot sign in here."
TOO_MANY = "Too many attempts. Wait a few minutes, then try again."


class SignInForm(forms.Form):
    login = forms.CharField(max_length=400, label="Login or mail address", widget=forms.TextInput)
    password = forms.CharField(max_length=400, strip=False, label="Password", widget=forms.PasswordInput)

    login.error_messages["required"] = "Enter your login or mail address."
    password.error_messages["required"] = "Enter your password."


@sensitive_post_parameters("password")
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """By login or primary address, and the password that also opens the mailbox."""
    with seeing(EVERYTHING) as see:
        if request.method == "GET" and session.who(request):
            return HttpResponseRedirect(reverse("me"))
        form = SignInForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return _page(request, form, 422 if form.errors else 200)
        login = form.cleaned_data["login"]
        usage = ratelimit.consume(request, app="allauth.account", action="self_service", key=f"me:{login.casefold()}")
        if usage is None:
            form.add_error(None, TOO_MANY)
            return _page(request, form, 429)
        user = own_sign_in.named(login)
        right = own_sign_in.proves(user, form.cleaned_data["password"])
        if user is None or not right:
            request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
            own_commands.note_failed_sign_in(user=user, request_id=request_id, ip_address=address_of(request))
            form.add_error(None, WRONG)
            return _page(request, form, 422)
        usage.rollback()
        see(Sight(tenants=frozenset({user.tenant_id})))
        own_commands.note_sign_in(actor=session.actor_of(request, user), user=user)
        session.begin(request, user)
        return HttpResponseRedirect(reverse("me"))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    session.end(request)
    return HttpResponseRedirect(reverse("me_sign_in"))


def _page(request: HttpRequest, form: SignInForm, status: int) -> HttpResponse:
    return render(request, "panel/me/sign_in.html", {"form": form}, status=status)
