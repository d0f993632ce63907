"""The forms of domains."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.domains import rules
from oxherd.domains.models import Domain
from oxherd.domains.queries import of_tenant
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.combobox import Combobox
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.tenants.models import Tenant

NO_CATCH_ALL = "Nobody: mail to unknown addresses is refused"
GONE_CATCH_ALL = "OX is not enabled for this user, or not any more. Choose somebody else."


class CatchAllForm(forms.Form):
    """complete: ask all rules; else the form is still being filled in."""

    catch_all = Combobox("catch-alls", label="Catch-all", none=NO_CATCH_ALL, gone=GONE_CATCH_ALL)

    def __init__(
        self, actor: Actor, tenant: Tenant, data: Any = None, *, complete: bool = True, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.tenant, self.complete = tenant, complete
        box = self.fields["catch_all"]
        if isinstance(box, Combobox):
            box.look(actor, tenant, data)

    @property
    def catch_all_address(self) -> str:
        """The chosen user's address as commands take it; empty for nobody."""
        chosen = self.cleaned_data["catch_all"]
        return str(chosen.account.primary_address) if chosen else ""


class DomainForm(CatchAllForm):
    name = forms.CharField(required=False, label="Domain")
    approved = forms.BooleanField(required=False, label="Take it for verified")

    def __init__(self, actor: Actor, tenant: Tenant, data: Any = None, *, complete: bool = True) -> None:
        super().__init__(actor, tenant, data, complete=complete, initial={"approved": True})
        if not actor.may(Permission.MANAGE_TENANTS, tenant):
            del self.fields["approved"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.complete:
            ask(self, rules.domain_name, cleaned.get("name", ""), "name")
        return cleaned

    @property
    def is_approved(self) -> bool | None:
        """None where it is not this administrator's to say."""
        return self.cleaned_data.get("approved")


class SubdomainForm(CatchAllForm):
    name = forms.CharField(required=False, label="Subdomain")
    parent = forms.ChoiceField(required=False, label="Domain", error_messages=NOT_OFFERED)

    def __init__(
        self,
        actor: Actor,
        tenant: Tenant,
        domains: Sequence[Domain],
        data: Any = None,
        *,
        complete: bool = True,
        parent: str = "",
    ) -> None:
        parent = parent or next((domain.name for domain in domains if domain.is_verified), "")
        super().__init__(actor, tenant, data, complete=complete, initial={"parent": parent})
        self.domains = {domain.name: domain for domain in domains}
        drop_down = self.fields["parent"]
        if isinstance(drop_down, forms.ChoiceField):
            drop_down.choices = domain_choices(domains)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        above = self.domains.get(cleaned.get("parent", ""))
        if not self.complete or self.has_error("parent"):
            return cleaned
        if above is None:
            self.add_error(
                "parent", f"{self.tenant} has no domain yet. Add one first." if not self.domains else "Choose a domain."
            )
        else:
            ask(self, rules.subdomain_name, cleaned.get("name", ""), above)
        return cleaned


class EditForm(CatchAllForm):
    def __init__(self, actor: Actor, domain: Domain, data: Any = None, *, complete: bool = True) -> None:
        super().__init__(actor, domain.tenant, data, complete=complete, initial={"catch_all": domain.catch_all_id})
        self.stored = [str(domain.catch_all_id or "")]
        self.seen = fingerprint(self.stored)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.complete and not self.errors and is_stale(self.data.get("seen", ""), self.stored):
            self.add_error(None, "This domain was changed meanwhile. Save again to replace it by what stands here.")
        return cleaned


class RemovalForm(forms.Form):
    """Where what depends on the domains moves: one of those that stay."""

    to = forms.ChoiceField(required=False, label="Move them all to", error_messages=NOT_OFFERED)

    def __init__(self, tenant: Tenant, domains: Sequence[Domain], data: Any = None) -> None:
        super().__init__(data)
        pks = [domain.pk for domain in domains]
        self.targets = {domain.name: domain for domain in of_tenant(tenant).exclude(pk__in=pks).order_by("sort_name")}
        drop_down = self.fields["to"]
        if isinstance(drop_down, forms.ChoiceField):
            drop_down.choices = [("", "Choose a domain"), *domain_choices(list(self.targets.values()))]

    @property
    def chosen(self) -> Domain | None:
        return self.targets.get(self.data.get("to", ""))

    def clean_to(self) -> Domain | None:
        return self.targets.get(self.cleaned_data["to"])
