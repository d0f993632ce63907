"""The form by which an invited person becomes an administrator."""

from typing import Any

from django import forms

from oxherd.accounts.passwords import is_allowed
from oxherd.administrators.invitations import policy_for
from oxherd.administrators.models import Invitation
from oxherd.panel.forms.refusals import ask


def _password(label: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        strip=False,
        label=label,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AcceptForm(forms.Form):
    name = forms.CharField(required=False, label="Your name", max_length=200)
    password = _password("Password")
    confirm = _password("Confirm password")

    def __init__(self, invitation: Invitation, data: Any = None) -> None:
        super().__init__(data, initial={"name": invitation.name})
        self.invitation, self.policy = invitation, policy_for(invitation)

    def clean(self) -> dict[str, Any]:
        """All that is to be mended shows at once."""
        cleaned = super().clean() or {}
        name, password = cleaned.get("name", ""), cleaned.get("password", "")
        if not name:
            self.add_error("name", "Fill in your name, as others will see it.")
        if password:
            ask(self, is_allowed, password, email=self.invitation.email, name=name, policy=self.policy)
        else:
            self.add_error("password", "Choose a password.")
        if password != cleaned.get("confirm", ""):
            self.add_error("confirm", "The two passwords differ. Enter the same one twice.")
        return cleaned
