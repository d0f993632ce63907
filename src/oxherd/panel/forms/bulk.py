"""The dialogs over users that were ticked in a list."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.panel.forms.profiles import ProfileField
from oxherd.people.models import ServiceUser
from oxherd.tenants.models import Seats


class ProfileForm(forms.Form):
    """Manage Profiles: one profile for all of the users."""

    profile = ProfileField(required=False, label="New profile")

    def __init__(self, users: Sequence[ServiceUser], seats: Sequence[Seats], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["profile"]
        if isinstance(field, ProfileField):
            field.offer(seats, wanted=len(users), holders=Counter(user.account.profile_id for user in users))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("profile") and not self.has_error("profile"):
            self.add_error("profile", "Choose a profile.")
        return cleaned


class DisableForm(forms.Form):
    """What cannot be undone asks for the name; for several users, for their number."""

    typed = forms.CharField(required=False)

    def __init__(self, users: Sequence[ServiceUser], data: Any = None) -> None:
        super().__init__(data)
        self.asked_for = users[0].display_name if len(users) == 1 else str(len(users))
        what = "the name" if len(users) == 1 else "the number of users"
        self.fields["typed"].label = f"To confirm, type {what}: {self.asked_for}"

    def clean_typed(self) -> str:
        typed = " ".join(str(self.cleaned_data["typed"]).split())
        if typed.casefold() != self.asked_for.casefold():
            raise forms.ValidationError(f"Type {self.asked_for} to confirm.")
        return typed
