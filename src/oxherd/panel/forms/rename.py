"""Change login and address: what a user is called by, here and by mail."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oxherd.domains.models import Domain, readable
from oxherd.domains.rules import login_local_part
from oxherd.panel.forms.aliases import AliasRow, check_rows
from oxherd.panel.forms.choices import NOT_OFFERED, domain_choices
from oxherd.panel.forms.refusals import ask
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people import rules
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.tenants.rules import mastery
from oxherd.tenants.states import Mastered


class RenameForm(forms.Form):
    login = forms.CharField(required=False, label="Login")
    login_domain = forms.ChoiceField(required=False, label="Domain of the login", error_messages=NOT_OFFERED)
    same = forms.BooleanField(required=False, label="The primary address is the same")
    primary_address = forms.CharField(required=False, label="Primary address")
    primary_domain = forms.ChoiceField(
        required=False, label="Domain of the primary address", error_messages=NOT_OFFERED
    )
    keep = forms.BooleanField(required=False)

    def __init__(
        self, user: ServiceUser, account: OxAccount | None, domains: Sequence[Domain], data: Any = None
    ) -> None:
        """account: the enabled one; without it there is a login only."""
        self.user, self.account, self.domains = user, account, domains
        self.primary_before = account.primary_address if account else ""
        login, _, login_domain = user.login.rpartition("@")
        primary, _, primary_domain = (self.primary_before or user.login).rpartition("@")
        initial = {"login": login, "login_domain": login_domain, "keep": True}
        initial |= {"primary_address": primary, "primary_domain": primary_domain}
        super().__init__(data, initial=initial | {"same": self.primary_before in {"", user.login}})
        for name in ("login_domain", "primary_domain"):
            drop_down = self.fields[name]
            if isinstance(drop_down, forms.ChoiceField):
                drop_down.choices = domain_choices(domains)
        self.elsewhere = mastery(user.tenant, Mastered.USERS)
        for name in ("login", "login_domain") if self.elsewhere else ():
            self.fields[name].disabled = True  # as it is, whatever is sent
        if self.elsewhere:  # the address alone is asked for, also where it is that of the login so far
            del self.fields["same"]
        self.fields["keep"].label = f"Keep {readable(self.primary_before)} as an alias"
        self.carried = self.data.get("seen", "")
        self.seen = self.carried or fingerprint(self._stored())

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        local = ask(self, login_local_part, cleaned.get("login", ""))
        if local and cleaned.get("login_domain"):
            login = f"{local}@{cleaned['login_domain']}"
            ask(self, rules.login_is_free, login, self.user.tenant, but_for=self.user.pk)
            cleaned["new_login"] = "" if self.has_error("login") else login
        if self.account:
            cleaned["new_primary"] = self._primary(cleaned)
        if not self.errors and is_stale(self.carried, self._stored()):
            stored = readable(self.user.login)
            if self.account:
                stored += f", primary address {readable(self.primary_before)}"
            told = f"This user was changed meanwhile. Stored now: login {stored}."
            self.add_error(None, f"{told} Save again to replace it by what stands here.")
            self.seen = fingerprint(self._stored())
        return cleaned

    def wish(self) -> dict[str, Any]:
        """The valid form as `rename_user` takes it."""
        cleaned = self.cleaned_data
        return {
            "login": cleaned["new_login"],
            "primary_address": cleaned.get("new_primary", ""),
            "keep_old_as_alias": cleaned["keep"],
        }

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What is to change, as people read it: what, before, after; of a bound form, as far as it is valid."""
        if not self.is_bound:
            return []
        self.is_valid()  # cleans, unless that is done
        cleaned = self.cleaned_data
        wanted = (
            ("Login", self.user.login, cleaned.get("new_login", "")),
            ("Primary address", self.primary_before, cleaned.get("new_primary", "")),
        )
        return [(what, readable(old), readable(new)) for what, old, new in wanted if new and new != old]

    @property
    def moves_primary(self) -> bool:
        return any(what == "Primary address" for what, _, _ in self.changes)

    def _primary(self, cleaned: dict[str, Any]) -> str:
        """The primary address to be, in its stored form; empty while it cannot be told."""
        if cleaned.get("same"):
            return str(cleaned.get("new_login", ""))
        row = AliasRow(cleaned.get("primary_address", "").strip(), cleaned.get("primary_domain", ""))
        check_rows([row], self.domains, user_id=self.user.pk)
        if row.error:
            self.add_error("primary_address", row.error)
            return ""
        return row.address.lower()

    def _stored(self) -> list[str]:
        return [self.user.login, self.primary_before, *(self.account.aliases if self.account else [])]
