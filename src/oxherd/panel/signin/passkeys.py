"""One's own passkeys. The browser makes them, so adding one needs script."""

import json
from typing import Any

from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.codes import shown_once
from oxherd.panel.signin.person import administrator_of, dialog
from oxherd.signin import factor_commands as commands
from oxherd.signin.devices import device
from oxherd.signin.queries import factors_of

NOT_MADE = "The passkey could not be checked. Try again."


class PasskeyForm(forms.Form):
    name = forms.CharField(required=False, label="Name of this passkey")
    credential = forms.CharField(required=False, widget=forms.HiddenInput)


class RenameForm(forms.Form):
    name = forms.CharField(required=False, label="Name of this passkey")


@require_POST
def options(request: PanelRequest) -> HttpResponse:
    """What the browser needs to make a passkey: one that is found without an address, and asks for finger or PIN."""
    return JsonResponse(dict(webauthn.begin_registration(administrator_of(request), passwordless=True)))


@require_http_methods(["GET", "POST"])
def add(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    initial = {"name": device(request.headers.get("User-Agent", ""))}
    form = PasskeyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            credential = _checked(form.cleaned_data["credential"])
            _, codes = commands.add_passkey(
                actor=request.actor,
                administrator=administrator,
                name=form.cleaned_data["name"] or initial["name"],
                credential=credential,
            )
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "The passkey was added. You can sign in with it.")
            return shown_once(request, codes)
    context = {"form": form, "no_passkeys": why_no_passkeys(request)}
    return dialog(request, "passkey_add", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def rename(request: PanelRequest, pk: int) -> HttpResponse:
    passkey = commands.own_passkey(factors_of(administrator_of(request)), pk)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": str(passkey)})
    if form.is_valid():
        try:
            commands.rename_passkey(
                actor=request.actor, administrator=administrator_of(request), pk=pk, name=form.cleaned_data["name"]
            )
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Saved.")
            return answers.done(request, reverse("own_account"))
    return dialog(request, "passkey_rename", {"form": form, "passkey": passkey}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, pk: int) -> HttpResponse:
    administrator = administrator_of(request)
    factors = factors_of(administrator)
    passkey = commands.own_passkey(factors, pk)
    context = {"passkey": passkey, "last": factors.number == 1, "refused": ""}
    if request.method == "POST":
        try:
            commands.remove_passkey(actor=request.actor, administrator=administrator, pk=pk)
        except Refused as refused:
            return dialog(request, "passkey_remove", context | {"refused": refused.sentence}, status=422)
        messages.success(request, f"The passkey {passkey} was removed.")
        return answers.done(request, reverse("own_account"))
    return dialog(request, "passkey_remove", context)


def _checked(answer: str) -> dict[str, Any]:
    """The registration, verified against the session's challenge. Raises Refused for anything else."""
    if not answer:
        raise Refused("The browser has not made a passkey yet: press “Make the passkey”.")
    try:
        credential = json.loads(answer)
        made = webauthn.complete_registration(credential)
    except Exception:  # noqa: BLE001 - a forged answer may break the parser anywhere
        raise Refused(NOT_MADE) from None
    if not made.is_user_verified():
        raise Refused("This key does not ask for a finger, a face or a PIN. Set a PIN on it, or use another one.")
    return dict(credential)
