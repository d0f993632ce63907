"""The form of a resource, for adding and for changing one."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.accounts.actor import Actor
from oxherd.domains.models import Domain
from oxherd.domains.queries import split
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.combobox import Combobox
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people.object_names import object_name_from
from oxherd.resources import rules
from oxherd.resources.commands import ResourceWish
from oxherd.resources.models import Resource
from oxherd.tenants.models import Tenant

NO_MANAGER = "No manager: everybody books directly"
GONE_MANAGER = "OX is not enabled for this user, or not any more. Choose another manager."
TEXTS = ("name", "manager", "display_name", "description", "address", "domain")


class ResourceForm(forms.Form):
    name = forms.CharField(required=False, label="Resource name")
    manager = Combobox("managers", label="Resource manager", none=NO_MANAGER, gone=GONE_MANAGER)
    display_name = forms.CharField(required=False, label="Display name")
    description = forms.CharField(required=False, label="Description", widget=forms.Textarea(attrs={"rows": 3}))
    address = forms.CharField(required=False, label="Resource email")
    domain = forms.ChoiceField(required=False, label="Domain of the email", error_messages=NOT_OFFERED)

    def __init__(
        self,
        actor: Actor,
        tenant: Tenant,
        domains: Sequence[Domain],
        data: Any = None,
        *,
        resource: Resource | None = None,
        complete: bool = True,
    ) -> None:
        """data: what was posted. complete: ask all rules; else the form is still being filled in."""
        super().__init__(data, initial=_stored(resource, domains))
        self.tenant, self.domains, self.resource, self.complete = tenant, domains, resource, complete
        self.seen = fingerprint(self._texts(self.initial))
        if resource is None:
            self.fields["name"].widget.attrs["autofocus"] = True
        drop_down, manager = self.fields["domain"], self.fields["manager"]
        if isinstance(drop_down, forms.ChoiceField) and isinstance(manager, Combobox):
            drop_down.choices = domain_choices(domains)
            manager.look(actor, tenant, data)

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once; whether the address is free, the command says."""
        cleaned = super().clean() or {}
        if not self.complete:
            return cleaned
        display_name = ask(self, rules.display_name, cleaned.get("display_name", ""))
        name = ask(self, rules.name, cleaned.get("name", "") or object_name_from(display_name or ""))
        if name:
            ask(self, rules.name_is_free, self.tenant, name, but_for=self.resource.pk if self.resource else 0)
        ask(self, rules.description, cleaned.get("description", ""))
        if not self.has_error("domain"):
            ask(self, split, self.tenant, self._address(), "address")
        if not self.errors and self.resource and is_stale(self.data.get("seen", ""), self._texts(self.initial)):
            self.add_error(None, "This resource was changed meanwhile. Save again to replace it by what stands here.")
        return cleaned

    def wish(self) -> ResourceWish:
        """The valid form as the command takes it."""
        texts = {name: self.cleaned_data[name] for name in ("name", "manager", "display_name", "description")}
        return ResourceWish(address=self._address(), **texts)

    def _address(self) -> str:
        return f"{self.cleaned_data.get('address', '').strip()}@{self.cleaned_data.get('domain', '')}"

    @staticmethod
    def _texts(values: Any) -> list[str]:
        return [str(values.get(name) or "") for name in TEXTS]


def _stored(resource: Resource | None, domains: Sequence[Domain]) -> dict[str, Any]:
    """What the form begins with."""
    if resource is None:
        return {"domain": domains[0].name if domains else ""}
    local, _, domain = resource.address.rpartition("@")
    return {
        "name": resource.name,
        "manager": resource.manager_id,
        "display_name": resource.display_name,
        "description": resource.description,
        "address": local,
        "domain": domain,
    }
