"""The forms of the user page."""

from typing import Any

from django import forms

from oxherd.panel.forms.choices import LANGUAGES, NOT_OFFERED, time_zones
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people import passwords, rules
from oxherd.people.commands import NAMES
from oxherd.people.models import ServiceUser
from oxherd.tenants.rules import mastery
from oxherd.tenants.states import Mastered

PERSON = ("display_name", "given_name", "surname", "language", "time_zone")


class PersonForm(forms.Form):
    display_name = forms.CharField(required=False, label="Display name")
    given_name = forms.CharField(required=False, label="Given name")
    surname = forms.CharField(required=False, label="Surname")
    language = forms.ChoiceField(required=False, label="Language", choices=LANGUAGES, error_messages=NOT_OFFERED)
    # Typed or chosen from a list that narrows while one types.
    time_zone = forms.CharField(
        required=False, label="Time zone", widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})
    )

    def __init__(self, user: ServiceUser, data: Any = None) -> None:
        super().__init__(data, initial={name: getattr(user, name) for name in PERSON})
        language = self.fields["language"]
        if isinstance(language, forms.ChoiceField) and user.language not in dict(LANGUAGES):
            language.choices = [(user.language, user.language), *LANGUAGES]
        self.zones = [value for value, _ in time_zones()]
        self.elsewhere = mastery(user.tenant, Mastered.USERS)
        for name in NAMES if self.elsewhere else ():
            self.fields[name].disabled = True  # shown, and as they are whatever is sent
        self.user = user
        self.seen = fingerprint(self._stored())

    def clean_time_zone(self) -> str:
        return str(self.cleaned_data["time_zone"]).strip().replace(" ", "_")

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        name = ask(self, rules.display_name, cleaned.get("display_name", ""))
        if name:
            ask(self, rules.names, name, cleaned.get("given_name", ""), cleaned.get("surname", ""))
        ask(self, rules.time_zone_is_known, cleaned.get("time_zone", ""))
        if not self.errors and is_stale(self.data.get("seen", ""), self._stored()):
            self.add_error(None, self._what_others_did(cleaned))
        return cleaned

    def _stored(self) -> list[str]:
        return [getattr(self.user, name) for name in PERSON]

    def _what_others_did(self, cleaned: dict[str, Any]) -> str:
        others = [name for name in PERSON if getattr(self.user, name) != cleaned.get(name)]
        stored = ", ".join(f"{self.fields[name].label} {getattr(self.user, name)}" for name in others)
        told = f" Stored now: {stored}." if stored else ""
        return f"This user was changed meanwhile.{told} Save again to replace it by what stands here."


class PasswordForm(forms.Form):
    """An own password, entered twice, or one that is generated."""

    generate = forms.BooleanField(required=False, label="Generate a password")
    password = forms.CharField(
        required=False,
        strip=False,
        label="New password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    confirm = forms.CharField(
        required=False,
        strip=False,
        label="Confirm password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    revoke = forms.BooleanField(required=False, label="Revoke application passwords too")

    def __init__(self, user: ServiceUser, data: Any = None) -> None:
        super().__init__(data)
        self.about = (user.display_name, user.login)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("generate"):
            return cleaned
        password = cleaned.get("password", "")
        if password:
            ask(self, passwords.is_good_enough, password, about=self.about)
        else:
            self.add_error("password", "Enter a password, or generate one.")
        if password != cleaned.get("confirm", ""):
            self.add_error("confirm", "The two passwords differ. Enter the same one twice.")
        return cleaned


class PhotoForm(forms.Form):
    photo = forms.FileField(
        required=False,
        label="Picture",
        widget=forms.FileInput(
            attrs={
                "accept": "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic",
                "data-preview": "#new-photo",
            }
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("photo") and not self.has_error("photo"):
            self.add_error("photo", "Choose a picture first.")
        return cleaned
