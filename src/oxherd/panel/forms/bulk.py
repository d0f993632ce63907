"""The dialogs over users that were ticked in a list."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from oxherd.panel.forms.heirs import HeirsForm
from oxherd.panel.forms.profiles import ProfileField
from oxherd.panel.selection import Named
from oxherd.people.models import ServiceUser
from oxherd.tenants.models import Seats


class ProfileForm(forms.Form):
    """Manage Profiles: one profile for all of the users."""

    profile = ProfileField(required=False, label="New profile")

    def __init__(
        self, holders: Mapping[int, int], seats: Sequence[Seats], data: Any = None, *, initial: dict[str, Any]
    ) -> None:
        """holders: how many of the users have each profile now, by its id."""
        super().__init__(data, initial=initial)
        field = self.fields["profile"]
        if isinstance(field, ProfileField):
            field.offer(seats, wanted=sum(holders.values()), holders=holders)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("profile") and not self.has_error("profile"):
            self.add_error("profile", "Choose a profile.")
        return cleaned


class DisableForm(HeirsForm):
    """What cannot be undone asks for the name; for several users, for their number."""

    typed = forms.CharField(required=False)

    def __init__(
        self, users: Sequence[ServiceUser] | Named, data: Any = None, *, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.asked_for = next(iter(users)).display_name if len(users) == 1 else str(len(users))
        what = "the name" if len(users) == 1 else "the number of users"
        self.fields["typed"].label = f"To confirm, type {what}: {self.asked_for}"

    def clean_typed(self) -> str:
        return confirmed(str(self.cleaned_data["typed"]), self.asked_for)


class TypedForm(forms.Form):
    """Asks for the name of what goes for good."""

    typed = forms.CharField(required=False)

    def __init__(self, asked_for: str, data: Any = None) -> None:
        super().__init__(data)
        self.asked_for = asked_for
        self.fields["typed"].label = f"To confirm, type the name: {asked_for}"

    def clean_typed(self) -> str:
        return confirmed(str(self.cleaned_data["typed"]), self.asked_for)


def confirmed(text: str, asked_for: str) -> str:
    """What was typed, without stray blanks. Raises ValidationError for anything but what was asked for."""
    typed = " ".join(text.split())
    if typed.casefold() != asked_for.casefold():
        raise forms.ValidationError(f"Type {asked_for} to confirm.")
    return typed
