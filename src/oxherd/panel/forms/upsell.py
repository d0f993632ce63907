"""The forms of a brand's upsell settings and of its look."""

from typing import Any

from django import forms

from oxherd.brands import rules
from oxherd.brands.models import Brand, Upsell
from oxherd.inputs import one_line
from oxherd.panel.forms.refusals import ask

SECRETS = {"token_secret": "sealed_token_secret", "session_api_password": "sealed_session_api_password"}
OF_THE_PLATFORM = ("http_api_url", "session_api_url", "session_api_login")


def _secret(label: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(required=False, strip=False, label=label, widget=widget)


def _text(label: str, **attributes: str) -> forms.CharField:
    plain = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(required=False, label=label, widget=forms.TextInput(attrs=plain | attributes))


class UpsellForm(forms.Form):
    """may_connect: whether secrets and addresses of the platform are this person's affair."""

    is_open = forms.BooleanField(required=False, label="Users can ask for a higher profile")
    webmail_hosts = forms.CharField(
        required=False,
        label="Webmail hosts",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "webmail.example.com"}),
    )
    token_secret = _secret("Token secret")
    forget_token_secret = forms.BooleanField(required=False, label="Take the token secret away")
    http_api_url = _text("HTTP API URL", inputmode="url", placeholder="https://webmail.example.com/appsuite/api")
    session_api_url = _text("Session API URL", inputmode="url", placeholder="https://ox.internal.example.com:8009")
    session_api_login = _text("Session API login")
    session_api_password = _secret("Session API password")

    def __init__(self, upsell: Upsell | None, data: Any = None, *, may_connect: bool = True) -> None:
        super().__init__(data, initial=_stored(upsell))
        self.upsell = upsell
        self.has = {name: bool(upsell and getattr(upsell, sealed)) for name, sealed in SECRETS.items()}
        if not may_connect:
            for name in ("token_secret", "forget_token_secret", "session_api_password", *OF_THE_PLATFORM):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        hosts = [line.strip() for line in cleaned.get("webmail_hosts", "").splitlines() if line.strip()]
        cleaned["webmail_hosts"] = hosts
        ask(self, rules.webmail_hosts, hosts)
        if "token_secret" not in self.fields:
            return cleaned
        ask(self, rules.secret_is_long_enough, cleaned["token_secret"], "token_secret")
        for name in ("http_api_url", "session_api_url"):
            if cleaned[name]:
                ask(self, rules.platform_is_in_reach, cleaned[name], name)
        login = ask(self, one_line, cleaned["session_api_login"], "session_api_login") or ""
        if self.has_error("session_api_url"):
            return cleaned
        has_password = bool(cleaned["session_api_password"]) or self.has["session_api_password"]
        if not self.has_error("session_api_login"):
            ask(self, rules.session_api_is_whole, cleaned["session_api_url"], login, has_password=has_password)
        return cleaned

    def settings(self) -> dict[str, Any]:
        """The valid form as the command takes it; a secret that is not typed stays as it is."""
        names = ("is_open", "webmail_hosts", *OF_THE_PLATFORM)
        found = {name: self.cleaned_data[name] for name in names if name in self.fields}
        found |= {name: self.cleaned_data[name] for name in SECRETS if self.cleaned_data.get(name)}
        if self.cleaned_data.get("forget_token_secret") and "token_secret" not in found:
            found["token_secret"] = ""
        return found


class LookForm(forms.Form):
    colour = forms.CharField(required=False, label="Colour", widget=forms.TextInput(attrs={"type": "color"}))
    is_usual = forms.BooleanField(required=False, label="No colour of its own")
    logo = forms.FileField(
        required=False,
        label="Logo",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={"empty": "This file is empty. Choose another one."},
    )
    remove_logo = forms.BooleanField(required=False, label="Remove the logo")

    def __init__(self, brand: Brand, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"colour": brand.colour or "#3457d5", "is_usual": not brand.colour})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_usual"):
            cleaned["colour"] = ""
        ask(self, rules.colour, cleaned.get("colour", ""))
        return cleaned


def _stored(upsell: Upsell | None) -> dict[str, Any]:
    if upsell is None:
        return {"is_open": False}
    values = {name: getattr(upsell, name) for name in ("is_open", *OF_THE_PLATFORM)}
    hosts = [host.removeprefix("https://") for host in upsell.webmail_hosts]
    return values | {"webmail_hosts": "\n".join(hosts)}
