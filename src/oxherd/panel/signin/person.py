"""Name and password of who is signed in, and who that is."""

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.accounts import passwords
from oxherd.accounts.models import Administrator
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.refusals import show
from oxherd.panel.signin import proofs
from oxherd.panel.signin.activity import note_activity
from oxherd.signin import commands


class NameForm(forms.Form):
    name = forms.CharField(required=False, label="Name")


class PasswordForm(forms.Form):
    old = forms.CharField(required=False, strip=False, label="Present password", widget=forms.PasswordInput)
    new = forms.CharField(required=False, strip=False, label="New password", widget=forms.PasswordInput)
    again = forms.CharField(required=False, strip=False, label="New password once more", widget=forms.PasswordInput)

    def clean(self) -> dict[str, str]:
        cleaned = super().clean() or {}
        if not cleaned.get("new"):
            self.add_error("new", "Enter a new password.")
        elif cleaned["new"] != cleaned.get("again"):
            self.add_error("again", "The two passwords differ. Enter the same one twice.")
        return cleaned


def administrator_of(request: PanelRequest) -> Administrator:
    """Who is signed in; ActorMiddleware lets nobody else in."""
    if not isinstance(request.user, Administrator):
        raise TypeError(request.user)
    return request.user


@require_http_methods(["GET", "POST"])
def name(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": administrator.name})
    if form.is_valid():
        try:
            commands.change_name(actor=request.actor, administrator=administrator, name=form.cleaned_data["name"])
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Saved.")
            return answers.done(request, reverse("own_account"))
    return dialog(request, "name", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: PanelRequest) -> HttpResponse:
    """The present password is asked for in any case, however fresh the last proof."""
    administrator = administrator_of(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _change(request, administrator, form.cleaned_data["old"], form.cleaned_data["new"])
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Your password was changed. You are signed out everywhere else.")
            return answers.done(request, reverse("own_account"))
    context = {"form": form, "shortest": request.policy.shortest_password}
    return dialog(request, "password", context, status=422 if form.errors else 200)


def _change(request: PanelRequest, administrator: Administrator, old: str, new: str) -> None:
    try:
        proofs.by_password(request, administrator, old)
    except Refused as refused:
        raise Refused(refused.sentence, field="old") from None
    passwords.is_not_leaked(new, policy=request.policy, field="new")
    key = request.session.session_key or ""
    commands.change_password(actor=request.actor, administrator=administrator, new=new, session_key=key)
    update_session_auth_hash(request, administrator)
    note_activity(request)


def dialog(request: PanelRequest, template: str, context: answers.Context, *, status: int = 200) -> HttpResponse:
    context = {"page_title": "Your account", **context}
    return answers.dialog(request, f"panel/signin/{template}.html", context, status=status)
