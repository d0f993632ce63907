from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from oxherd.panel.bulk import has_ox
from oxherd.panel.forms.bulk import DisableForm, confirmed
from oxherd.people.models import ServiceUser


class RemovalForm(DisableForm):
    """What can be had back for some `days` asks for nothing; what is for good asks for the name, or for the number.

    A single user without OX loses nothing and goes without.
    """

    def __init__(
        self, users: Sequence[ServiceUser], data: Any = None, *, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(users, data, initial=initial)
        self.days = max(settings.KEEP_REMOVED_DAYS, 0)
        if self.days or (len(users) == 1 and not has_ox(users[0])):
            del self.fields["typed"]


class ForGoodForm(forms.Form):
    """Asks for the name of what is to be deleted for good, or for the number of several."""

    typed = forms.CharField(required=False)

    def __init__(self, ticked: Sequence[object], data: Any = None) -> None:
        super().__init__(data)
        self.asked_for = str(ticked[0]) if len(ticked) == 1 else str(len(ticked))
        what = "the name" if len(ticked) == 1 else "the number of entries"
        self.fields["typed"].label = f"To confirm, type {what}: {self.asked_for}"

    def clean_typed(self) -> str:
        return confirmed(str(self.cleaned_data["typed"]), self.asked_for)
