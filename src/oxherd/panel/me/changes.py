"""What one changes of oneself: password and photo; and asking for more."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from oxherd.app_passwords import own_commands as app_password_commands
from oxherd.app_passwords import queries as app_passwords
from oxherd.errors import Refused
from oxherd.panel.forms.person import PhotoForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.me import session
from oxherd.panel.me.page import offered_to, page
from oxherd.panel.me.proving import counted
from oxherd.panel.signin.person import PasswordForm
from oxherd.people import own_commands, passwords
from oxherd.people.models import ServiceUser
from oxherd.people.photos import LARGEST_UPLOAD
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import Module, gained
from oxherd.purchases.commands import Wish, ask
from oxherd.purchases.models import LONGEST_MESSAGE
from oxherd.tenants.rules import is_ours
from oxherd.tenants.states import Mastered


@dataclass(frozen=True, slots=True)
class Offer:
    """A profile as the page shows it. gained: what it has more than the present one, as far as that is known."""

    profile: Profile
    gained: list[Module]


class OwnPasswordForm(PasswordForm):
    revoke = forms.BooleanField(required=False, label="Revoke my application passwords too")


class UpgradeForm(forms.Form):
    profile = forms.ChoiceField(label="Profile", error_messages={"required": "Choose one of the profiles."})
    message = forms.CharField(
        required=False,
        label="Message to your administrator",
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_MESSAGE}),
    )

    def __init__(self, offers: list[Offer], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a form's data
        self.offers = {str(offer.profile.pk): offer.profile for offer in offers}
        field = self.fields["profile"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(key, profile.name) for key, profile in self.offers.items()]
            field.error_messages["invalid_choice"] = "This is not on offer. Choose one of those shown."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@session.for_signed_in
def password(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    """Ends all other sessions of the user here; this one goes on."""
    is_ours(me.tenant, session.actor_of(request, me), Mastered.PASSWORDS)
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            changed = _changed_password(request, me, form)
        except Refused as refused:
            show(form, refused)
        else:
            session.begin(request, changed)
            messages.success(request, "Your password was changed. Use it for webmail and mail programs from now on.")
            return HttpResponseRedirect(reverse("me"))
    context = {"form": form, "shortest": passwords.SHORTEST, "app_passwords": app_passwords.own(me)}
    return page(request, me, "password", context, status=_status(form))


@require_http_methods(["GET", "POST"])
@session.for_signed_in
def photo(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    """Another picture, or none."""
    actor = session.actor_of(request, me)
    if request.POST.get("do") == "remove":
        own_commands.change_own_photo(actor=actor, user=me, photo=None)
        messages.success(request, "Your photo was removed.")
        return HttpResponseRedirect(reverse("me"))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_valid():
        try:
            # One byte more than allowed is enough to be refused.
            upload = form.cleaned_data["photo"].read(LARGEST_UPLOAD + 1)
            own_commands.change_own_photo(actor=actor, user=me, photo=upload)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Your photo was changed.")
            return HttpResponseRedirect(reverse("me"))
    return page(request, me, "photo", {"form": form}, status=_status(form))


@require_http_methods(["GET", "POST"])
@session.for_signed_in
def upgrade(request: HttpRequest, me: ServiceUser) -> HttpResponse:
    """Ask for a higher profile: an administrator decides."""
    present = me.account.profile
    offers = [Offer(each, [m for m in gained(present.package, each.package) if m.main]) for each in offered_to(me)]
    form = UpgradeForm(offers, request.POST if request.method == "POST" else None)
    if form.is_valid():
        wish = Wish(
            form.offers[form.cleaned_data["profile"]], trigger="self-service", message=form.cleaned_data["message"]
        )
        try:
            ask(actor=session.actor_of(request, me), account=me.account, wish=wish)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, "Your request was sent. Your administrator decides, and you are told by mail.")
            return HttpResponseRedirect(reverse("me"))
    return page(request, me, "upgrade", {"form": form, "offers": offers, "present": present}, status=_status(form))


def _changed_password(request: HttpRequest, me: ServiceUser, form: PasswordForm) -> ServiceUser:
    """Raises Refused as the command, and for too many wrong passwords."""
    old, new, revoke = (form.cleaned_data[name] for name in ("old", "new", "revoke"))
    with counted(request, me):
        return app_password_commands.change_own_password(
            actor=session.actor_of(request, me), user=me, old=old, new=new, revoke=revoke
        )


def _status(form: forms.Form) -> int:
    return 422 if form.errors else 200
