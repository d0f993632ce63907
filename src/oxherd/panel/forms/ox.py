"""The OX service of one user, as the wizard and Enable OX App Suite ask for it: profile, primary address, aliases."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.domains.models import Domain
from oxherd.folding import folded
from oxherd.panel.forms import aliases
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.profiles import ProfileField
from oxherd.panel.forms.refusals import ask
from oxherd.people import rules
from oxherd.people.models import ServiceUser
from oxherd.people.passwords import is_good_enough
from oxherd.people.records import OxWish
from oxherd.tenants.models import Seats, Tenant


class OxForm(forms.Form):
    profile = ProfileField(required=False, label="Profile")
    primary_address = forms.CharField(required=False, label="Primary address")
    primary_domain = forms.ChoiceField(
        required=False, label="Domain of the primary address", error_messages=NOT_OFFERED
    )
    aliases = forms.CharField(required=False, label="Aliases")  # rows of their own; here for the errors of all

    def __init__(
        self,
        tenant: Tenant,
        domains: Sequence[Domain],
        seats: Sequence[Seats],
        fields: dict[str, Any],
        *,
        complete: bool,
    ) -> None:
        """complete: ask all rules; else the form is still being filled in."""
        super().__init__(fields)
        self.tenant, self.domains, self.complete = tenant, domains, complete
        self.alias_rows = aliases.from_data(fields.get("aliases"))
        self.user_id: int | None = None
        self.drop_down("primary_domain").choices = domain_choices(domains)
        field = self.fields["profile"]
        if isinstance(field, ProfileField):
            field.offer(seats)

    def check_ox(self, cleaned: dict[str, Any], display_name: str) -> None:
        """Ask each rule of an OX account on its own, so that all that is to be mended shows at once."""
        if not cleaned.get("profile") and not self.has_error("profile"):
            self.add_error("profile", "Choose a profile.")
        if display_name and self.tenant.brand.unique_display_names:
            ask(self, rules.display_name_is_free, self.tenant, folded(display_name), but_for=self.user_id)
        primary = cleaned.get("primary_address", "").strip()
        if primary:
            self._check_primary(primary, cleaned.get("primary_domain", ""))
        for sentence in aliases.check_rows(self.alias_rows, self.domains, user_id=self.user_id):
            self.add_error("aliases", sentence)
        if any(row.error for row in self.alias_rows):
            self.add_error("aliases", "Mend the marked aliases, or remove them.")

    def wish(self) -> OxWish:
        """The valid form as the command takes it."""
        local = self.cleaned_data["primary_address"].strip()
        return OxWish(
            profile=self.cleaned_data["profile"],
            aliases=aliases.addresses_of(self.alias_rows),
            primary_address=f"{local}@{self.cleaned_data['primary_domain']}" if local else "",
        )

    def drop_down(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

    def shown_domain(self, name: str) -> str:
        """The chosen domain as people write it."""
        chosen: str = self.cleaned_data[name]
        return dict(domain_choices(self.domains)).get(chosen, chosen)

    def _check_primary(self, local: str, domain: str) -> None:
        row = aliases.AliasRow(local, domain)
        aliases.check_rows([row], self.domains, user_id=self.user_id)
        if row.error:
            self.add_error("primary_address", row.error)


class EnableForm(OxForm):
    password = forms.CharField(required=False, strip=False, label="New password", widget=forms.PasswordInput)

    def __init__(self, user: ServiceUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["primary_address"].label = "Email"
        self.user, self.user_id = user, user.pk
        if user.tenant.managed_by:
            self.fields["password"].disabled = True  # none, whatever is sent

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.complete:
            if not cleaned.setdefault("primary_address", "") and "primary_address" not in self.errors:
                self.add_error("primary_address", "Enter the address.")
            self.check_ox(cleaned, self.user.display_name)
            if password := cleaned.get("password"):
                ask(self, is_good_enough, password, about=(self.user.display_name, self.user.login))
        return cleaned
