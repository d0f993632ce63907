"""The form of a brand, for adding and for changing one."""

from collections.abc import Mapping
from typing import Any

from django import forms

from oxherd.brands import dns_rules, rules
from oxherd.brands.models import Brand
from oxherd.brands.states import MailOfDisabled, PlatformKind
from oxherd.errors import Refused
from oxherd.inputs import one_line, whole_number
from oxherd.panel.forms.refusals import ask, show
from oxherd.panel.forms.seen import fingerprint, is_stale

# What it takes to ask a platform, with the fields' labels.
CONNECTION = {
    "platform": "Kind of platform",
    "api_url": "API URL",
    "username": "Username",
    "password": "Password",
}
TEXTS = ("name", "api_url", "username", "service_url", "app_suite_url", "mail_of_disabled", *dns_rules.FIELDS)
SWITCHES = ("unique_display_names", "username_changeable", "carries_mail")
# What OX Cloud leaves no choice in.
OF_APP_SUITE = ("username_changeable", "carries_mail", "mail_of_disabled")
# For a change of these, all work of the brand goes to another place or by another account.
DISRUPTIVE = ("api_url", "username")
LARGEST = 10_000


def _text(label: str, **attributes: str) -> forms.CharField:
    plain = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(required=False, label=label, widget=forms.TextInput(attrs=plain | attributes))


class BrandForm(forms.Form):
    """customers: how many the brand has, who would move with it.

    seen: what the form carries along of the values that it was filled in with.
    """

    name = forms.CharField(required=False, label="Name")
    platform = forms.ChoiceField(
        label=CONNECTION["platform"],
        choices=PlatformKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of the platform.", "invalid_choice": "Choose one of the two."},
    )
    api_url = _text(CONNECTION["api_url"], inputmode="url", placeholder="https://ox.example.com")
    username = _text(CONNECTION["username"])
    password = forms.CharField(
        required=False,
        strip=False,
        label=CONNECTION["password"],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    app_suite_url = _text("App Suite URL", inputmode="url", placeholder="https://webmail.example.com/appsuite/")
    service_url = _text("Service URL", inputmode="url")
    concurrency = forms.IntegerField(
        required=False,
        label="Objects at once",
        widget=forms.NumberInput(attrs={"min": 1, "max": LARGEST, "placeholder": "No limit"}),
        error_messages={"invalid": "Give a whole number, or leave the field empty."},
    )
    unique_display_names = forms.BooleanField(required=False, label="A display name stands once in a context")
    username_changeable = forms.BooleanField(required=False, label="User names can be changed")
    carries_mail = forms.BooleanField(
        required=False, label="Postfix and Dovecot of this installation carry the mail of this brand's customers"
    )
    mail_of_disabled = forms.ChoiceField(
        required=False,
        label="Mail to users without OX",
        choices=MailOfDisabled.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the two."},
    )
    mail_hosts = forms.CharField(
        required=False,
        label="Mail hosts (MX)",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "10 mx1.example.com"}),
    )
    spf_include = _text("SPF include", placeholder="spf.example.com")
    dkim_selector = _text("DKIM selector", placeholder="s1")
    dkim_target = _text("DKIM target", placeholder="s1.dkim.example.com")
    dmarc = _text("DMARC record", placeholder="v=DMARC1; p=quarantine")
    autodiscover_host = _text("Autodiscover host", placeholder="autodiscover.example.com")
    autoconfig_host = _text("Autoconfig host", placeholder="autoconfig.example.com")

    has_moved = forms.BooleanField(required=False, label="The contexts of all customers are there")
    stops_mail = forms.BooleanField(required=False, label="Their mail goes to other mail servers by now")

    def __init__(self, data: Any = None, *, brand: Brand | None = None, customers: int = 0) -> None:
        stored = _stored(brand or Brand()) | ({} if brand else {"platform": PlatformKind.APP_SUITE})
        super().__init__(data, initial=stored)
        self.brand, self.customers = brand, customers
        self.seen = fingerprint(_texts(stored))
        if brand:
            del self.fields["platform"]
            if brand.platform == PlatformKind.OX_CLOUD:
                for name in OF_APP_SUITE:
                    del self.fields[name]
        else:
            self.fields["name"].widget.attrs["autofocus"] = True

    @property
    def kind(self) -> str:
        """Of the platform, as far as it is known by now."""
        return self.brand.platform if self.brand else str(self["platform"].value() or "")

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        cleaned["mail_hosts"] = [line for line in cleaned.get("mail_hosts", "").splitlines() if line.strip()]
        cleaned["username"] = cleaned.get("username", "").strip()
        self._ask_of_the_account(cleaned)
        for field in ("app_suite_url", "service_url"):
            if cleaned.get(field):
                ask(self, rules.url_is_complete, cleaned[field], field)
        if not self.has_error("concurrency"):
            ask(self, whole_number, cleaned.get("concurrency"), "concurrency")
            ask(self, rules.concurrency_in_range, cleaned.get("concurrency"))
        ask(self, dns_rules.records_are_sound, Brand(**{field: cleaned[field] for field in dns_rules.FIELDS}))
        self._ask_of_the_mail(cleaned)
        self._ask_of_a_move(cleaned)
        if self.brand and not self.errors and is_stale(self.data.get("seen", ""), _texts(self.initial)):
            self.add_error(None, "This brand was changed meanwhile. Save again to replace it by what stands here.")
        return cleaned

    def settings(self) -> dict[str, Any]:
        """The valid form as the commands take it: of a new brand all, else what is changed."""
        left_out = OF_APP_SUITE if self.kind == PlatformKind.OX_CLOUD else ()
        names = [name for name in (*TEXTS, "concurrency", *SWITCHES) if name not in left_out]
        values = {name: self.cleaned_data[name] for name in names}
        if self.brand is None:
            return values
        return {name: value for name, value in values.items() if value != getattr(self.brand, name)}

    @property
    def new_password(self) -> str | None:
        """None: as it is."""
        return self.cleaned_data["password"] or None

    def _ask_of_the_mail(self, cleaned: dict[str, Any]) -> None:
        """Which kind of platform takes it, and that all of it stops: that is said, and ticked."""
        carries = bool(cleaned.get("carries_mail"))
        cleaned["mail_of_disabled"] = cleaned.get("mail_of_disabled") or self.initial["mail_of_disabled"]
        ask(self, rules.mail_can_be_carried, Brand(platform=self.kind, carries_mail=carries))
        if self.stops_carrying and not carries and not cleaned.get("stops_mail"):
            self.add_error("stops_mail", "Tick this if it is so. Else mail to all customers is refused from then on.")

    @property
    def stops_carrying(self) -> bool:
        """Whether customers would be without mail if it were carried here no more."""
        return bool(self.brand and self.brand.carries_mail and self.customers)

    def _ask_of_a_move(self, cleaned: dict[str, Any]) -> None:
        """Work of all customers goes to another place or by another account: that is said, and ticked."""
        if self.brand is None or not self.customers or cleaned.get("has_moved"):
            return
        if any(cleaned.get(name) != getattr(self.brand, name) for name in DISRUPTIVE):
            sentence = "Tick this if it is so. Customers who are not found there are made anew, without mail and files."
            self.add_error("has_moved", sentence)

    def _ask_of_the_account(self, cleaned: dict[str, Any]) -> None:
        name = ask(self, one_line, cleaned.get("name", ""), "name", missing="Give the brand a name.")
        if name:
            ask(self, rules.name_is_free, name, but_for=self.brand.pk if self.brand else 0)
        try:
            rules.platform_is_in_reach(cleaned.get("api_url", ""), "api_url")
        except Refused as refused:
            show(self, refused)
        else:
            if not cleaned.get("password"):
                ask(self, rules.password_is_given_again, self.brand, cleaned["api_url"])
        missing = "Enter the login of the account on the platform."
        ask(self, one_line, cleaned["username"], "username", missing=missing)


def _stored(brand: Brand) -> dict[str, Any]:
    values = {name: getattr(brand, name) for name in (*TEXTS, "concurrency", *SWITCHES)}
    return values | {"mail_hosts": "\n".join(brand.mail_hosts)}


def _texts(values: Mapping[str, Any]) -> list[str]:
    return [str(values.get(name) or "") for name in (*TEXTS, "concurrency", *SWITCHES)]
