"""The drop-down of profiles: what the subscription holds, and how much of it is left."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms

from oxherd.panel.forms.choices import profile_label
from oxherd.profiles.models import Profile
from oxherd.tenants.models import Seats
from oxherd.tenants.rules import all_taken

NOBODY: Mapping[int, int] = MappingProxyType({})


class ProfileSelect(forms.Select):
    """Profiles without enough seats left are shown, and cannot be chosen."""

    full: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.full:
            option["attrs"]["disabled"] = True
        return option


class ProfileField(forms.ChoiceField):
    """Cleans to a Profile, or None where nothing is chosen."""

    widget = ProfileSelect

    def offer(self, seats: Sequence[Seats], *, wanted: int = 1, holders: Mapping[int, int] = NOBODY) -> None:
        """wanted: for how many users. holders: how many of these have a profile (by id) already, and keep the seat."""
        self.seats = {str(row.profile_id): row for row in seats}
        self.choices = [("", "Choose a profile"), *((key, profile_label(row)) for key, row in self.seats.items())]
        self.full = frozenset(
            key
            for key, row in self.seats.items()
            if row.free is not None and wanted - holders.get(row.profile_id, 0) > row.free
        )
        if isinstance(self.widget, ProfileSelect):
            self.widget.full = self.full

    def clean(self, value: Any) -> Profile | None:
        key = str(value or "")
        if not key:
            return None
        if key not in self.seats:
            raise forms.ValidationError("This profile is not part of the subscription. Choose one from the list.")
        if key in self.full:
            raise forms.ValidationError(_too_few(self.seats[key]))
        return self.seats[key].profile


def _too_few(row: Seats) -> str:
    if row.free:
        return f"Only {row.free} of {row.number} seats of the profile {row.profile} are left. Choose fewer users."
    return f"{all_taken(row.number, row.profile)} Choose another profile."
