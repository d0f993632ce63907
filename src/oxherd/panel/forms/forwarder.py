"""The form of a forwarder, for adding and for changing one."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.accounts.actor import Actor
from oxherd.domains.anywhere import typed
from oxherd.domains.models import Domain, readable
from oxherd.domains.queries import split
from oxherd.forwarders import rules
from oxherd.forwarders.commands import ForwarderWish
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import MOST_TOLD, Recipients, inside, meant, recipients_of, typed_of
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.combobox import Combobox
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people.models import ServiceUser
from oxherd.tenants.models import Tenant

FIELDS = ("address", "domain", "recipients")
ROWS = (4, 14)
LONGEST_TEXT = 100_000


class ForwarderForm(forms.Form):
    address = forms.CharField(required=False, label="Address")
    domain = forms.ChoiceField(required=False, label="Domain of the address", error_messages=NOT_OFFERED)
    recipients = forms.CharField(required=False, label="Passes mail on to", max_length=LONGEST_TEXT)
    user = Combobox("mailboxes", label="Add a user", gone="OX is not enabled for this user, or not any more.")

    def __init__(
        self,
        actor: Actor,
        tenant: Tenant,
        domains: Sequence[Domain],
        data: Any = None,
        *,
        forwarder: Forwarder | None = None,
        complete: bool = True,
    ) -> None:
        """data: what was posted. complete: ask all rules; else the form is still being filled in."""
        super().__init__(data, initial=_stored(forwarder, domains))
        self.tenant, self.domains, self.forwarder, self.complete = tenant, domains, forwarder, complete
        self.seen = fingerprint(self._texts())
        text = str((data or self.initial).get("recipients", ""))
        rows = min(max(text.count("\n") + 2, ROWS[0]), ROWS[1])
        wanted = {"rows": rows, "spellcheck": "false", "autocapitalize": "none"}
        self.fields["recipients"].widget = forms.Textarea(attrs=wanted)
        drop_down, user = self.fields["domain"], self.fields["user"]
        if isinstance(drop_down, forms.ChoiceField) and isinstance(user, Combobox):
            drop_down.choices = domain_choices(domains)
            user.look(actor, tenant, data)

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once; whether the address is free, the command says."""
        cleaned = super().clean() or {}
        if not self.complete:
            return cleaned
        parts = None if self.has_error("domain") else ask(self, split, self.tenant, self._address(), "address")
        if not self.has_error("recipients"):
            self._check_recipients(f"{parts[0]}@{parts[1].name}" if parts else "")
        if not self.errors and self.forwarder and is_stale(self.data.get("seen", ""), self._texts()):
            self.add_error(None, "This forwarder was changed meanwhile. Save again to replace it by what stands here.")
        return cleaned

    def wish(self) -> ForwarderWish:
        """The valid form as the command takes it."""
        return ForwarderWish(self._address(), self._typed())

    def _check_recipients(self, own: str) -> None:
        kept = recipients_of(self.forwarder) if self.forwarder else Recipients()
        wanted, problems = meant(self.tenant, self._typed(), kept=kept.users, own=own)
        for sentence in problems[:MOST_TOLD]:
            self.add_error("recipients", sentence)
        if len(problems) > MOST_TOLD:
            self.add_error("recipients", f"And {len(problems) - MOST_TOLD} more.")
        if problems:
            return
        ask(self, rules.there_are_recipients, wanted.users, wanted.others)
        own_others = inside(self.tenant, wanted.others)
        ask(self, rules.not_too_many, self.tenant, len(wanted.users) + own_others, len(wanted.others) - own_others)
        if own:
            was = self.forwarder.address if self.forwarder else ""
            ask(self, rules.leads_not_back, self.tenant, own, wanted.others, was=was)

    def _typed(self) -> list[str]:
        """With the one who was chosen below: without script, Save adds the user."""
        text = with_user(self.cleaned_data["recipients"], self.cleaned_data.get("user"))
        return typed(text)

    def _address(self) -> str:
        return f"{self.cleaned_data.get('address', '').strip()}@{self.cleaned_data.get('domain', '')}"

    def _texts(self) -> list[str]:
        return [str(self.initial.get(name) or "") for name in FIELDS]


def with_user(text: str, user: ServiceUser | None) -> str:
    """The lines of recipients, and one more for the user's address."""
    return f"{text.rstrip()}\n{readable(user.account.primary_address)}".lstrip() if user else text


def _stored(forwarder: Forwarder | None, domains: Sequence[Domain]) -> dict[str, Any]:
    """What the form begins with."""
    if forwarder is None:
        return {"domain": domains[0].name if domains else ""}
    local, _, domain = forwarder.address.rpartition("@")
    return {"address": local, "domain": domain, "recipients": "\n".join(typed_of(forwarder))}
