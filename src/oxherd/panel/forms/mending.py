"""What is given to restore something of which others have taken a part: a field for each conflict."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from oxherd.accounts.actor import Actor
from oxherd.domains.models import Domain
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.combobox import Combobox
from oxherd.panel.forms.profiles import ProfileField
from oxherd.panel.forms.resource import GONE_MANAGER, NO_MANAGER
from oxherd.people.removal_queries import Conflict
from oxherd.removals.queries import Removed
from oxherd.tenants.models import Seats, Tenant

ADDRESSES = {"login": "Login", "primary_address": "Primary address", "address": "Mail address"}
TEXTS = {"display_name": "Display name", "name": "Name in OX"}


class MendingForm(forms.Form):
    """why: by field, the sentence that says what somebody else has taken."""

    def __init__(
        self, removed: Removed, conflicts: Sequence[Conflict], domains: Sequence[Domain], data: Any = None
    ) -> None:
        super().__init__(data, prefix=removed.item.replace(":", "-"))
        self.removed, self.domains = removed, domains
        self.why = {conflict.field: conflict.sentence for conflict in conflicts}
        self.lost = next((conflict.values for conflict in conflicts if conflict.field == "aliases"), ())
        for conflict in conflicts:
            self._ask(conflict)

    def offer(self, actor: Actor, tenant: Tenant, seats: Sequence[Seats], data: Any) -> None:
        """What drop-downs hold."""
        for field in self.fields.values():
            if isinstance(field, ProfileField):
                field.offer(seats)
            elif isinstance(field, Combobox):
                field.look(actor, tenant, data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.fields:
            empty = not cleaned.get(name) and not self.has_error(name)
            if empty and name in (*ADDRESSES, *TEXTS, "profile"):
                self.add_error(name, "Choose a profile." if name == "profile" else "Fill this in.")
        return cleaned

    def mending(self) -> dict[str, Any]:
        """The valid form, as `removals.restoring.restore` takes it."""
        cleaned = self.cleaned_data
        given = {name: cleaned[name] for name in self.fields if name in self.why and name not in ADDRESSES}
        for name in ADDRESSES:
            if name in self.why:
                given[name] = f"{cleaned[name].strip()}@{cleaned[f'{name}_domain']}"
        if self.lost:
            kept = self.removed.row.account.kept_aliases
            given["aliases"] = tuple(alias for alias in kept if alias not in self.lost)
        return given

    @property
    def addresses(self) -> Iterable[tuple[Any, Any, str]]:
        """Local part, domain and sentence of each address that is asked for."""
        return [(self[name], self[f"{name}_domain"], self.why[name]) for name in ADDRESSES if name in self.why]

    @property
    def others(self) -> Iterable[tuple[Any, str]]:
        return [(self[name], self.why[name]) for name in (*TEXTS, "profile") if name in self.why]

    @property
    def manager(self) -> Any:
        return self["manager"] if "manager" in self.why else None

    def _ask(self, conflict: Conflict) -> None:
        name = conflict.field
        if name in ADDRESSES:
            local, _, domain = conflict.values[0].rpartition("@")
            self.fields[name] = forms.CharField(required=False, label=ADDRESSES[name], initial=local)
            self.fields[f"{name}_domain"] = forms.ChoiceField(
                choices=domain_choices(self.domains),
                label=f"Domain: {ADDRESSES[name]}",
                initial=domain,
                error_messages=NOT_OFFERED,
            )
        elif name in TEXTS:
            self.fields[name] = forms.CharField(required=False, label=TEXTS[name], initial=conflict.values[0])
        elif name == "profile":
            self.fields[name] = ProfileField(required=False, label="Profile")
        elif name == "manager":
            self.fields[name] = Combobox("managers", label="Resource manager", none=NO_MANAGER, gone=GONE_MANAGER)
