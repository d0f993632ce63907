"""The forms of customers: seats per profile, limits, and a new customer as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from oxherd.accounts.commands import mail_address
from oxherd.brands.models import Brand
from oxherd.domains.rules import domain_name
from oxherd.errors import Refused
from oxherd.inputs import LARGEST_NUMBER, one_line
from oxherd.panel.forms.bulk import TypedForm
from oxherd.panel.forms.choices import NOT_OFFERED
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.profiles.models import Profile
from oxherd.subscriptions.commands import NewCustomer
from oxherd.tenants import rules
from oxherd.tenants.commands import LIMITS
from oxherd.tenants.models import Seats, Tenant

LABELS = {
    "domain_limit": "Domains",
    "subdomain_limit": "Subdomains",
    "group_limit": "Groups",
    "resource_limit": "Resources",
}
MB_OF_A_GB = 1024
UNITS = [("GB", "GB"), ("MB", "MB")]
WHOLE = "Give a whole number from 0 on, or leave it empty for no limit."
STALE = "This was changed meanwhile. Save again to replace it by what stands here."


def limit_field(label: str) -> forms.IntegerField:
    too_many = f"Give {LARGEST_NUMBER:,} at most, or leave it empty."
    sentences = {"invalid": WHOLE, "min_value": WHOLE, "max_value": too_many}
    field = forms.IntegerField(
        required=False, min_value=0, max_value=LARGEST_NUMBER, label=label, error_messages=sentences
    )
    field.widget.attrs = {"min": "0", "inputmode": "numeric", "placeholder": "No limit", "autocomplete": "off"}
    return field


@dataclass(frozen=True, slots=True)
class SeatRow:
    profile: Profile
    offered: forms.BoundField
    number: forms.BoundField
    used: int


class SeatsForm(forms.Form):
    """Which profiles a customer may use, and how many users may have each; an empty number is no limit."""

    def __init__(self, profiles: Sequence[Profile], held: Iterable[Seats] = (), data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.profiles = list(profiles)
        self.held = {row.profile_id: row for row in held}
        for profile in self.profiles:
            row = self.held.get(profile.pk)
            offered = forms.BooleanField(required=False, label=str(profile), initial=row is not None)
            number = limit_field(f"Seats of {profile}")
            number.initial, number.widget.attrs["placeholder"] = row.number if row else None, "Unlimited"
            self.fields[f"offer_{profile.pk}"], self.fields[f"seats_{profile.pk}"] = offered, number

    @property
    def seat_rows(self) -> list[SeatRow]:
        return [
            SeatRow(profile, self[f"offer_{profile.pk}"], self[f"seats_{profile.pk}"], self._used(profile))
            for profile in self.profiles
        ]

    @property
    def seats(self) -> dict[Profile, int | None]:
        """The valid form: the offered profiles with their seats, None for unlimited."""
        offered = [profile for profile in self.profiles if self.cleaned_data[f"offer_{profile.pk}"]]
        return {profile: self.cleaned_data[f"seats_{profile.pk}"] for profile in offered}

    @property
    def without(self) -> list[Profile]:
        """Profiles that the customer has, and shall not have any more."""
        return [row.profile for row in self.held.values() if row.profile not in self.seats]

    def clean(self) -> dict[str, Any]:
        """What is in use stays: each refusal at its profile."""
        cleaned = super().clean() or {}
        for profile in self.profiles:
            used, field = self._used(profile), f"seats_{profile.pk}"
            try:
                if cleaned.get(f"offer_{profile.pk}"):
                    rules.seats_cover_use(profile, cleaned.get(field), used)
                else:
                    rules.profile_is_unused(profile, used)
            except Refused as refused:
                self.add_error(field, refused.sentence)
        return cleaned

    def _used(self, profile: Profile) -> int:
        row = self.held.get(profile.pk)
        return row.used if row else 0


class SeatsDialog(SeatsForm):
    """The seats of a customer that is there; tells where others have changed them meanwhile."""

    def __init__(self, profiles: Sequence[Profile], held: Sequence[Seats], data: Any = None) -> None:
        super().__init__(profiles, held, data)
        self.stored = [f"{row.profile_id}:{row.number}" for row in held]
        self.seen = fingerprint(self.stored)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and is_stale(self.data.get("seen", ""), self.stored):
            self.add_error(None, STALE)
        return cleaned


class LimitsForm(forms.Form):
    """The limits of a subscription, and the quota of its context."""

    quota = forms.IntegerField(
        required=False,
        min_value=0,
        label="Storage of the whole customer",
        error_messages={"invalid": WHOLE, "min_value": WHOLE},
        widget=forms.NumberInput(attrs={"min": "0", "placeholder": "Unlimited", "autocomplete": "off"}),
    )
    quota_unit = forms.ChoiceField(choices=UNITS, initial="GB", label="Unit", required=False)

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(data, initial=dict(initial or {}), **more)
        for limit in LIMITS:
            self.fields[limit] = limit_field(LABELS[limit])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (self.quota_mb or 0) > LARGEST_NUMBER:
            self.add_error("quota", f"Give {LARGEST_NUMBER // MB_OF_A_GB:,} GB at most, or leave it empty.")
        return cleaned

    @property
    def quota_mb(self) -> int | None:
        number: int | None = self.cleaned_data.get("quota")
        if number is None:
            return None
        return number if self.cleaned_data.get("quota_unit") == "MB" else number * MB_OF_A_GB

    @property
    def limits(self) -> dict[str, int | None]:
        return {limit: self.cleaned_data.get(limit) for limit in LIMITS}

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        return [self[limit] for limit in LIMITS]


class LimitsDialog(LimitsForm):
    """Of a customer that is there."""

    def __init__(self, tenant: Tenant, data: Any = None) -> None:
        quota = tenant.quota_mb
        in_mb = quota is not None and quota % MB_OF_A_GB > 0
        initial: dict[str, Any] = {limit: getattr(tenant, limit) for limit in LIMITS}
        initial["quota"] = quota if in_mb or quota is None else quota // MB_OF_A_GB
        initial["quota_unit"] = "MB" if in_mb else "GB"
        super().__init__(data, initial=initial)
        self.stored = [str(quota), *(str(getattr(tenant, limit)) for limit in LIMITS)]
        self.seen = fingerprint(self.stored)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and is_stale(self.data.get("seen", ""), self.stored):
            self.add_error(None, STALE)
        return cleaned


class CustomerForm(SeatsForm, LimitsForm):
    """A new customer in one go. complete: ask all rules; else the form is still being filled in."""

    name = forms.CharField(required=False, label="Name", max_length=500)
    brand = forms.ChoiceField(required=False, label="Brand", error_messages=NOT_OFFERED)
    domain = forms.CharField(required=False, label="First domain", max_length=500)
    context_name = forms.CharField(required=False, label="Name of the context", max_length=500)
    administrator_name = forms.CharField(required=False, label="Name of the administrator", max_length=500)
    administrator_email = forms.CharField(required=False, label="Mail address", max_length=500)

    def __init__(
        self, brands: Sequence[Brand], profiles: Sequence[Profile], data: Any = None, *, complete: bool = False
    ) -> None:
        super().__init__(profiles, (), data)
        self.brands, self.complete = {str(brand.pk): brand for brand in brands}, complete
        drop_down = self.fields["brand"]
        if isinstance(drop_down, forms.ChoiceField):
            drop_down.choices = [(pk, str(brand)) for pk, brand in self.brands.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.complete:
            return cleaned
        ask(self, one_line, cleaned.get("name", ""), "name", missing="Give the customer a name.")
        brand = self.brands.get(cleaned.get("brand", ""))
        if brand is None and not self.has_error("brand"):
            self.add_error("brand", "Choose a brand.")
        if brand and cleaned.get("context_name"):
            ask(self, rules.context_name_is_allowed, brand, cleaned["context_name"].strip())
        if cleaned.get("domain"):
            ask(self, domain_name, cleaned["domain"])
        if email := cleaned.get("administrator_email", "").strip():
            self._look_at(email)
        return cleaned

    def _look_at(self, email: str) -> None:
        try:
            mail_address(email)
        except Refused as refused:
            self.add_error("administrator_email", refused.sentence)

    @property
    def new_customer(self) -> NewCustomer:
        """The valid form as commands take it."""
        cleaned = self.cleaned_data
        return NewCustomer(
            brand=self.brands[cleaned["brand"]],
            name=cleaned["name"],
            domain=cleaned["domain"],
            seats=self.seats,
            limits=self.limits,
            context_name=cleaned["context_name"].strip(),
            quota_mb=self.quota_mb,
            administrator_email=cleaned.get("administrator_email", ""),
            administrator_name=cleaned.get("administrator_name", ""),
        )


class NameForm(forms.Form):
    name = forms.CharField(required=False, label="Name", max_length=500)

    def __init__(self, tenant: Tenant, data: Any = None) -> None:
        super().__init__(data, initial={"name": tenant.name})


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, label="Reason", max_length=500)

    def clean_reason(self) -> str:
        try:
            return rules.reason_is_given(str(self.cleaned_data["reason"]))
        except Refused as refused:
            raise forms.ValidationError(refused.sentence) from refused


class RemoveForm(TypedForm):
    """Asks for the customer's name, and for a reason."""

    field_order = ("reason", "typed")
    reason = forms.CharField(required=False, label="Reason", max_length=500)

    def __init__(self, tenant: Tenant, data: Any = None) -> None:
        super().__init__(str(tenant), data)
