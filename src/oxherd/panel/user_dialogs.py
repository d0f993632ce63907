"""What is changed of one user, each in a dialog; without script each is a page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.app_passwords import commands as app_password_commands
from oxherd.app_passwords import queries as app_passwords
from oxherd.errors import Refused
from oxherd.panel import answers, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.person import PERSON, PasswordForm, PersonForm, PhotoForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.user import found
from oxherd.panel.wizard import weighed
from oxherd.people import commands, passwords
from oxherd.people.models import ServiceUser
from oxherd.people.photos import LARGEST_UPLOAD
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


@require_http_methods(["GET", "POST"])
def person(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Name, language, time zone."""
    user = _may(request, tenant_id, pk, Permission.MANAGE_USERS)
    form = PersonForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            commands.change_user(actor=request.actor, user=user, **{name: form.cleaned_data[name] for name in PERSON})
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Saved.")
            return _done(request, user)
    return _dialog(request, user, "person", {"form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
def photo(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Another picture, or none."""
    user = _may(request, tenant_id, pk, Permission.MANAGE_USERS)
    if request.POST.get("do") == "remove":
        commands.change_photo(actor=request.actor, user=user, photo=None)
        messages.success(request, "The photo was removed.")
        return _done(request, user)
    form = PhotoForm(request.POST or None, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_valid():
        try:
            # One byte more than allowed is enough to be refused.
            upload = form.cleaned_data["photo"].read(LARGEST_UPLOAD + 1)
            commands.change_photo(actor=request.actor, user=user, photo=upload)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "The photo was changed.")
            return _done(request, user)
    present = photos.addresses([user]).get(user.pk, "")
    return _dialog(request, user, "photo", {"form": form, "photo": present}, status=_status(form))


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """A new password: one's own, or a generated one, which is shown this once."""
    user = _may(request, tenant_id, pk, Permission.SET_PASSWORD)
    is_ours(user.tenant, request.actor, Mastered.PASSWORDS)
    form = PasswordForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        generated = passwords.generate() if form.cleaned_data["generate"] else ""
        wanted, revoke = generated or form.cleaned_data["password"], form.cleaned_data["revoke"]
        try:
            app_password_commands.change_password(actor=request.actor, user=user, password=wanted, revoke=revoke)
        except Refused as refused:
            show(form, refused)
        else:
            if generated:
                return _dialog(request, user, "password_shown", {"generated": generated, "revoked": revoke})
            messages.success(request, f"The password of {user} was set.")
            return _done(request, user)
    context = {"form": form, **weighed("", ()), "app_passwords": app_passwords.of_user(request.actor, user)}
    return _dialog(request, user, "password", context, status=_status(form))


@require_POST
def strength(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """How strong a password is, while it is typed."""
    user = _may(request, tenant_id, pk, Permission.SET_PASSWORD)
    is_ours(user.tenant, request.actor, Mastered.PASSWORDS)
    typed = request.POST.get("password", "")
    return render(request, "panel/user/strength.html", weighed(typed, (user.display_name, user.login)))


def _may(request: PanelRequest, tenant_id: int, pk: int, permission: Permission) -> ServiceUser:
    tenant, user = found(request, tenant_id, pk)
    request.actor.require(permission, tenant)
    return user


def _done(request: PanelRequest, user: ServiceUser) -> HttpResponse:
    return answers.done(request, reverse("user", args=[user.tenant_id, user.pk]))


def _dialog(
    request: PanelRequest, user: ServiceUser, name: str, context: answers.Context, *, status: int = 200
) -> HttpResponse:
    context |= {"tenant": user.tenant, "user": user, "page_title": str(user)}
    return answers.dialog(request, f"panel/user/{name}.html", context, status=status)


def _status(form: PersonForm | PasswordForm | PhotoForm) -> int:
    return 422 if form.errors else 200
