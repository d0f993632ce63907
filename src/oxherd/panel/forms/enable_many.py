from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.domains.models import Domain
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.profiles import ProfileField
from oxherd.tenants.models import Seats


class EnableManyForm(forms.Form):
    """Enable OX for many: one profile for all, and the domain of their addresses."""

    domain = forms.ChoiceField(required=False, label="Domain of the addresses", error_messages=NOT_OFFERED)
    profile = ProfileField(required=False, label="Profile")

    def __init__(
        self,
        wanted: int,
        domains: Sequence[Domain],
        seats: Sequence[Seats],
        data: Any = None,
        *,
        initial: dict[str, Any],
    ) -> None:
        """wanted: how many seats are needed."""
        super().__init__(data, initial=initial)
        self.domains = domains
        profile, domain = self.fields["profile"], self.fields["domain"]
        if isinstance(profile, ProfileField):
            profile.offer(seats, wanted=wanted)
        if isinstance(domain, forms.ChoiceField):
            domain.choices = domain_choices(domains)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("profile") and not self.has_error("profile"):
            self.add_error("profile", "Choose a profile.")
        if not cleaned.get("domain") and not self.has_error("domain"):
            self.add_error("domain", "Choose a domain.")
        return cleaned

    @property
    def domain_chosen(self) -> Domain:
        """Of the valid form."""
        return next(domain for domain in self.domains if domain.name == self.cleaned_data["domain"])
