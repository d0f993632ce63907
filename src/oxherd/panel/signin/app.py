"""One's own authenticator app: its secret as a picture and as text, kept when a code from it is right."""

import base64

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from oxherd.accounts.models import Administrator
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.signin import proofs
from oxherd.panel.signin.codes import shown_once
from oxherd.panel.signin.person import administrator_of, dialog
from oxherd.sealing import seal, unseal
from oxherd.signin import factor_commands as commands
from oxherd.signin.queries import factors_of

SECRET = "app_secret"  # noqa: S105 - in the session, sealed, until a code has shown that the app has it
GROUP = 4


class CodeForm(forms.Form):
    code = forms.CharField(required=False, label="Code that the app shows", max_length=20)


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: PanelRequest) -> HttpResponse:
    """The same secret stays until a code is right, so that a typing error needs no second scan."""
    administrator = administrator_of(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    secret = _secret(request)
    if form.is_valid():
        try:
            _code_is_right(request, administrator, secret, form.cleaned_data["code"])
            codes = commands.add_app(actor=request.actor, administrator=administrator, secret=secret)
        except Refused as refused:
            show(form, refused)
        else:
            request.session.pop(SECRET, None)
            messages.success(request, "The authenticator app was set up.")
            return shown_once(request, codes)
    context = {
        "form": form,
        "picture": _picture(administrator, secret),
        "secret": " ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)),
        "replaces": factors_of(administrator).app,
    }
    return dialog(request, "app", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    context = {"last": factors_of(administrator).number == 1, "refused": ""}
    if request.method == "POST":
        try:
            commands.remove_app(actor=request.actor, administrator=administrator)
        except Refused as refused:
            return dialog(request, "app_remove", context | {"refused": refused.sentence}, status=422)
        messages.success(request, "The authenticator app was removed.")
        return answers.done(request, reverse("own_account"))
    return dialog(request, "app_remove", context)


def _secret(request: PanelRequest) -> str:
    if SECRET not in request.session:
        request.session[SECRET] = seal(generate_totp_secret())
    return unseal(request.session[SECRET])


def _picture(administrator: Administrator, secret: str) -> str:
    """The QR code as an address of its own, which the content security policy lets images have."""
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(administrator, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _code_is_right(request: PanelRequest, administrator: Administrator, secret: str, code: str) -> None:
    with proofs.counted(request, administrator) as give_back:
        if not validate_totp_code(secret, code):
            raise Refused("This code is wrong. Enter the six digits that the app shows now.", field="code")
        give_back()
