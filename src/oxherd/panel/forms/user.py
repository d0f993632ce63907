"""The form of the wizard. It is always made from a draft's fields, whether they were just typed or kept."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from oxherd.domains.models import Domain
from oxherd.domains.rules import login_local_part
from oxherd.panel.forms import aliases
from oxherd.panel.forms.choices import LANGUAGES, NOT_OFFERED, domain_choices, time_zones
from oxherd.panel.forms.ox import OxForm
from oxherd.panel.forms.refusals import ask
from oxherd.people import passwords, rules
from oxherd.people.commands import NewUser
from oxherd.tenants.models import Seats, Tenant

TEXTS = ("display_name", "login", "domain", "given_name", "surname", "language", "time_zone")
MORE = ("given_name", "surname", "language", "time_zone")
OX_TEXTS = ("ox", "profile", "primary_address", "primary_domain")


def typed(post: QueryDict) -> dict[str, Any]:
    """What a draft keeps of a posted form: all but the password and the photo."""
    fields: dict[str, Any] = {name: post.get(name, "").replace("\x00", "") for name in (*TEXTS, *OX_TEXTS)}
    rows = aliases.read_rows(post.getlist("alias_local"), post.getlist("alias_domain"))
    return fields | {"aliases": aliases.as_data(rows)}


class UserForm(OxForm):
    display_name = forms.CharField(required=False, label="Display name")
    login = forms.CharField(required=False, label="Login")
    domain = forms.ChoiceField(required=False, label="Domain", error_messages=NOT_OFFERED)
    password = forms.CharField(required=False, strip=False, label="Password", widget=forms.PasswordInput)
    confirm = forms.CharField(required=False, strip=False, label="Confirm password", widget=forms.PasswordInput)
    photo = forms.CharField(required=False, label="User photo")  # the draft holds it; here for its errors
    given_name = forms.CharField(required=False, label="Given name")
    surname = forms.CharField(required=False, label="Surname")
    language = forms.ChoiceField(required=False, label="Language", choices=LANGUAGES, error_messages=NOT_OFFERED)
    time_zone = forms.ChoiceField(required=False, label="Time zone", error_messages=NOT_OFFERED)
    ox = forms.BooleanField(required=False, label="Open-Xchange")

    def __init__(
        self,
        tenant: Tenant,
        domains: Sequence[Domain],
        seats: Sequence[Seats],
        fields: dict[str, Any],
        *,
        complete: bool,
    ) -> None:
        super().__init__(tenant, domains, seats, fields, complete=complete)
        self.drop_down("domain").choices = domain_choices(domains)
        self.drop_down("time_zone").choices = time_zones()

    def check_password(self, password: str, confirm: str) -> bool:
        """Whether a newly typed password may be kept; puts errors at its fields."""
        about = (str(self.data.get("display_name", "")), str(self.data.get("login", "")))
        if password:
            ask(self, passwords.is_good_enough, password, about=about)
        else:
            self.add_error("password", "Enter a password, or generate one.")
        if password != confirm:
            self.add_error("confirm", "The two passwords differ. Enter the same one twice.")
        return not (self.has_error("password") or self.has_error("confirm"))

    def clean(self) -> dict[str, Any]:
        """Ask every rule on its own, so that all that is to be mended shows at once."""
        cleaned = super().clean() or {}
        if self.complete:
            name = ask(self, rules.display_name, cleaned.get("display_name", "")) or ""
            if name:
                ask(self, rules.names, name, cleaned.get("given_name", ""), cleaned.get("surname", ""))
            self._check_login(cleaned)
            if cleaned.get("ox"):
                self.check_ox(cleaned, name)
        return cleaned

    def new_user(self, password: str, photo: bytes | None) -> NewUser:
        """The valid form as the command takes it."""
        told = {field: self.cleaned_data[field] for field in TEXTS}
        return NewUser(**told, password=password, photo=photo, ox=self.wish() if self.cleaned_data["ox"] else None)

    @property
    def names(self) -> tuple[str, str]:
        """Given name and surname as they will be; what was left empty comes from the display name."""
        cleaned = self.cleaned_data
        return rules.names(rules.display_name(cleaned["display_name"]), cleaned["given_name"], cleaned["surname"])

    @property
    def language_label(self) -> str:
        return dict(LANGUAGES).get(self.cleaned_data["language"], "")

    @property
    def more_has_errors(self) -> bool:
        return any(self.has_error(field) for field in MORE)

    @property
    def login_address(self) -> str:
        return f"{self.cleaned_data['login'].strip().lower()}@{self.shown_domain('domain')}"

    @property
    def primary(self) -> str:
        """The primary address as people read it; the login where none was chosen."""
        local = self.cleaned_data["primary_address"].strip().lower()
        return f"{local}@{self.shown_domain('primary_domain')}" if local else self.login_address

    def _check_login(self, cleaned: dict[str, Any]) -> None:
        local = ask(self, login_local_part, cleaned.get("login", ""))
        if not self.domains:
            self.add_error("domain", f"{self.tenant} has no domain yet. Add one first.")
        elif not cleaned.get("domain") and not self.has_error("domain"):
            self.add_error("domain", "Choose a domain.")
        elif local and not self.has_error("domain"):
            ask(self, rules.login_is_free, f"{local}@{cleaned['domain']}", self.tenant)
