"""Edit, in OX Service > Users: aliases and, as additional settings, what else is often changed of a user."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.domains.models import Domain, readable
from oxherd.panel.forms.aliases import addresses_of, check_rows, read_rows, rearrange, rows_of
from oxherd.panel.forms.choices import LANGUAGES, NOT_OFFERED, time_zones
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people import rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.search import name_key
from oxherd.tenants.rules import mastery
from oxherd.tenants.states import Mastered

SETTINGS = ("display_name", "language", "time_zone")
MAKE_PRIMARY = "make_primary"


class EditForm(forms.Form):
    display_name = forms.CharField(required=False, label="Display name")
    language = forms.ChoiceField(required=False, label="Language", choices=LANGUAGES, error_messages=NOT_OFFERED)
    time_zone = forms.CharField(
        required=False, label="Time zone", widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})
    )
    primary_address = forms.CharField(required=False, label="Primary address", widget=forms.HiddenInput)
    aliases = forms.CharField(required=False, label="Aliases")  # rows of their own; here for the errors of all

    def __init__(
        self, user: ServiceUser, account: OxAccount | None, domains: Sequence[Domain], post: Any = None
    ) -> None:
        """account: the enabled one; without it there are no addresses to edit. post: the posted form."""
        self.user, self.account, self.domains = user, account, domains
        self.stored = {name: getattr(user, name) for name in SETTINGS}
        self.addresses = [account.primary_address, *account.aliases] if account else []
        self.act = post.get("do", "") if post else ""
        self.complete, self.told = True, ""
        fields = {name: post.get(name, "") for name in (*SETTINGS, "primary_address")} if post else None
        super().__init__(fields, initial=self.stored | {"primary_address": self.addresses[0] if account else ""})
        language = self.fields["language"]
        if isinstance(language, forms.ChoiceField) and user.language not in dict(LANGUAGES):
            language.choices = [(user.language, user.language), *LANGUAGES]
        self.elsewhere = mastery(user.tenant, Mastered.USERS)
        self.fields["display_name"].disabled = bool(self.elsewhere)
        self.zones = [value for value, _ in time_zones()]
        self.primary = str(self["primary_address"].value() or "")
        self.alias_rows = rows_of(self.addresses[1:])
        if post:
            self.alias_rows = read_rows(post.getlist("alias_local"), post.getlist("alias_domain"))
        self.carried = post.get("seen", "") if post else ""
        self.seen = self.carried or fingerprint(self._stored())

    def rearranged(self) -> bool:
        """Do what a button of the rows asks for; False for Save."""
        act, _, address = self.act.partition(":")
        if act == MAKE_PRIMARY:
            self._make_primary(address)
        elif not rearrange(self.alias_rows, self.act):
            return False
        self.complete = False
        return True

    def clean_time_zone(self) -> str:
        return str(self.cleaned_data["time_zone"]).strip().replace(" ", "_")

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        if not self.complete:
            return cleaned
        name = ask(self, rules.display_name, cleaned.get("display_name", ""))
        if name and self.account and self.user.tenant.brand.unique_display_names:
            ask(self, rules.display_name_is_free, self.user.tenant, name_key(name), but_for=self.user.pk)
        ask(self, rules.time_zone_is_known, cleaned.get("time_zone", ""))
        if self.account:
            self._check_addresses()
        if not self.errors and is_stale(self.carried, self._stored()):
            self.add_error(None, self._what_others_did(cleaned))
            self.seen = fingerprint(self._stored())
        return cleaned

    def wish(self) -> dict[str, Any]:
        """The valid form as `change_user` takes it."""
        wish: dict[str, Any] = {name: self.cleaned_data[name] for name in SETTINGS}
        if self.account:
            wish |= {"primary_address": self.primary, "aliases": addresses_of(self.alias_rows)}
        return wish

    @property
    def changes_something(self) -> bool:
        """Whether the valid form holds anything else than what is stored."""
        settings = {name: self.cleaned_data[name] for name in SETTINGS}
        typed = [self.primary, *sorted(addresses_of(self.alias_rows))] if self.account else []
        return settings != self.stored or typed != [*self.addresses[:1], *sorted(self.addresses[1:])]

    @property
    def settings_have_errors(self) -> bool:
        return any(self.has_error(name) for name in SETTINGS)

    def _make_primary(self, address: str) -> None:
        """Let primary address and alias change places; what was typed over since is not what the button spoke of."""
        numbers = [number for number, row in enumerate(self.alias_rows) if row.address == address]
        if not numbers:
            self.told = f"Save first: {readable(address)} is not among the aliases as they stand here."
            return
        (former,) = rows_of([self.primary])
        self.primary, self.alias_rows[numbers[0]] = address, former

    def _check_addresses(self) -> None:
        (primary,) = rows_of([self.primary])
        for sentence in check_rows([primary, *self.alias_rows], self.domains, user_id=self.user.pk):
            self.add_error("aliases", sentence)
        if primary.error:
            self.add_error("primary_address", primary.error)
        if any(row.error for row in self.alias_rows):
            self.add_error("aliases", "Mend the marked aliases, or remove them.")

    def _stored(self) -> list[str]:
        return [*self.stored.values(), *self.addresses]

    def _what_others_did(self, cleaned: dict[str, Any]) -> str:
        others = [f"{self.fields[name].label} {was}" for name, was in self.stored.items() if was != cleaned.get(name)]
        typed = [self.primary, *sorted(addresses_of(self.alias_rows))]
        if typed != self.addresses and self.account:
            aliases = ", ".join(map(readable, self.addresses[1:])) or "none"
            others += [f"Primary address {readable(self.addresses[0])}", f"Aliases {aliases}"]
        told = f" Stored now: {'; '.join(others)}." if others else ""
        return f"This user was changed meanwhile.{told} Save again to replace it by what stands here."
