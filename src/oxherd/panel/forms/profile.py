"""The form of a profile, for adding and for changing one."""

from typing import Any

from django import forms

from oxherd.brands.abilities import Ability, can
from oxherd.brands.models import Brand
from oxherd.inputs import LARGEST_NUMBER, one_line
from oxherd.panel.forms.combination import CombinationField
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.panel.forms.sizes import SizeField, written
from oxherd.profiles import rules
from oxherd.profiles.commands import CHANGEABLE, OF_THE_PLATFORM
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import ADD_ONS

SAID = {"": None, "on": True, "off": False}
SWITCH = [("", "As the feature level says"), ("on", "On"), ("off", "Off")]


def _add_on(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, label=label, choices=SWITCH)


class ProfileForm(forms.Form):
    """seen: what the form carries along of the values that it was filled in with."""

    name = forms.CharField(required=False, label="Name")
    access_combination = CombinationField(label="Feature level")
    class_of_service = forms.CharField(required=False, label="Class of service")
    mail_quota_mb = SizeField(label="Mail quota")
    drive_quota_mb = SizeField(label="Drive quota")
    documents = _add_on("Documents")
    guard = _add_on("Guard")
    rank = forms.IntegerField(
        required=False,
        label="Rank",
        min_value=0,
        max_value=LARGEST_NUMBER,
        error_messages={"invalid": "Give a whole number.", "min_value": "Give 0 or more."},
        widget=forms.NumberInput(attrs={"min": 0}),
    )
    price_label = forms.CharField(required=False, label="Price")

    def __init__(self, brand: Brand, data: Any = None, *, profile: Profile | None = None, rank: int = 1) -> None:
        stored = _stored(profile) if profile else {"rank": rank}
        super().__init__(data, initial=stored)
        self.brand, self.profile = brand, profile
        self.seen = fingerprint(_texts(stored))
        picker = self.fields["access_combination"]
        if isinstance(picker, CombinationField):
            picker.look_at(brand, data)
        if not can(brand, Ability.ADD_ONS):
            for name in ADD_ONS:
                del self.fields[name]
        if not can(brand, Ability.CLASS_OF_SERVICE):
            del self.fields["class_of_service"]
        if profile is None:
            self.fields["name"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        for name in ADD_ONS:
            if name in self.fields:
                cleaned[name] = SAID.get(cleaned.get(name, ""))
        named = ask(self, one_line, cleaned.get("name", ""), "name", most=100, missing="Give the profile a name.")
        if named:
            ask(self, rules.name_is_free, self.brand, named, but_for=self.profile.pk if self.profile else 0)
        if not self.has_error("access_combination"):
            ask(self, rules.combination_is_named, cleaned.get("access_combination", ""))
        ask(self, one_line, cleaned.get("price_label", ""), "price_label", most=100)
        if self.profile and not self.errors and is_stale(self.data.get("seen", ""), _texts(self.initial)):
            self.add_error(None, "This profile was changed meanwhile. Save again to replace it by what stands here.")
        return cleaned

    def settings(self) -> dict[str, Any]:
        """The valid form as the commands take it."""
        return {name: self.cleaned_data[name] for name in CHANGEABLE if name in self.fields}

    @property
    def is_for_users(self) -> bool:
        """Whether something of the platform changes, which all users of the profile get."""
        before, now = self.profile, self.settings()
        return before is not None and any(now[name] != getattr(before, name) for name in OF_THE_PLATFORM if name in now)

    @property
    def print_of_change(self) -> str:
        """Of what was shown before it is brought to users: other values are shown again."""
        return fingerprint(str(value) for value in self.settings().values())


def _stored(profile: Profile) -> dict[str, Any]:
    values = {name: getattr(profile, name) for name in CHANGEABLE}
    words = {value: word for word, value in SAID.items()}
    values |= {name: words[values[name]] for name in ADD_ONS}
    return values | {name: written(values[name]) for name in ("mail_quota_mb", "drive_quota_mb")}


def _texts(values: Any) -> list[str]:
    return [str(values.get(name) or "") for name in CHANGEABLE]
