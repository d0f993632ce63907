"""Set up an identity provider. What its fields may hold is the rules' affair."""

import re
from typing import Any

from django import forms
from django.http import QueryDict

from oxherd.accounts.actor import Actor
from oxherd.panel.forms.choices import Choices
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.commands import CHANGEABLE, describe
from oxherd.single_sign_on.models import IdentityProvider, new_key
from oxherd.single_sign_on.states import CLAIMS, ROLES, SCOPES, Kind

EMPTY_ROWS = 3
MOST_ROWS = 300
KEY = re.compile(r"[A-Za-z0-9_-]{16}")
LONG = 2000


class IdentityProviderForm(forms.Form):
    """provider: what is changed, or a new one that is not saved yet, and says kind and place."""

    name = forms.CharField(required=False, label="Name", max_length=LONG)
    issuer = forms.CharField(required=False, label="Issuer", max_length=LONG)
    client_id = forms.CharField(required=False, label="Client ID", max_length=LONG)
    client_secret = forms.CharField(
        required=False,
        max_length=LONG,
        label="Client secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.CharField(required=False, label="Scopes", max_length=LONG)
    metadata_url = forms.CharField(required=False, label="Address of the metadata", max_length=LONG)
    metadata = forms.CharField(
        required=False, label="Metadata", max_length=600_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    allows_unasked = forms.BooleanField(required=False, label="Allow sign-ins that begin at the identity provider")
    mail_domains = forms.CharField(
        required=False, label="Mail domains", max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    mail_claim = forms.CharField(required=False, label="Mail address", max_length=LONG)
    name_claim = forms.CharField(required=False, label="Name", max_length=LONG)
    groups_claim = forms.CharField(required=False, label="Groups", max_length=LONG)
    vouches_for_mail = forms.BooleanField(required=False, label="Mail addresses from there are verified")
    checks_second_factor = forms.BooleanField(required=False, label="The identity provider checks the second factor")
    group_roles = forms.CharField(required=False, label="Groups and roles")  # the rows' errors stand here
    creates_administrators = forms.BooleanField(required=False, label="Add administrators at their first sign-in")
    is_enabled = forms.BooleanField(required=False, label="Switched on")
    is_required = forms.BooleanField(required=False, label="Required")

    def __init__(self, actor: Actor, provider: IdentityProvider, data: Any = None) -> None:
        self.provider, self.kind = provider, Kind(provider.kind)
        self.is_new = provider.pk is None
        stored = {} if self.is_new else describe(provider)
        super().__init__(data, initial=self._initial(stored))
        self.stored = [f"{name}: {stored[name]}" for name in sorted(stored)]
        self.seen = fingerprint(self.stored)
        self.roles = self._roles(actor)
        for name in self._foreign():
            del self.fields[name]

    @property
    def key(self) -> str:
        """Of a new one: made with the form, since the address with it is entered at the service first."""
        sent = self.data.get("key", "")
        return sent if KEY.fullmatch(sent) else self.provider.key

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Groups and the roles that they give, with some that are empty."""
        rows = self._sent() if self.is_bound else self._kept()
        return [*rows, *[("", "")] * EMPTY_ROWS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.is_new and not self.errors and is_stale(self.data.get("seen", ""), self.stored):
            self.add_error(None, "This was changed meanwhile. Save again to replace it by what stands here.")
        if len(self._all("group")) > MOST_ROWS:
            self.add_error(None, f"{MOST_ROWS} groups are enough.")
        return cleaned

    def settings(self) -> dict[str, Any]:
        """What the commands take, but for metadata that is to be fetched."""
        cleaned = self.cleaned_data
        fields = [name for name in CHANGEABLE[self.kind] if name in cleaned]
        return {
            **{name: cleaned[name] for name in fields},
            "client_secret": cleaned.get("client_secret", ""),
            "mail_domains": re.split(r"[\s,;]+", cleaned["mail_domains"]),
            "group_roles": self._sent(),
        }

    def _sent(self) -> list[tuple[str, str]]:
        pairs = zip(self._all("group"), self._all("role"), strict=False)
        return [(group.strip(), role) for group, role in pairs if group.strip()][:MOST_ROWS]

    def _all(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def _kept(self) -> list[tuple[str, str]]:
        return [] if self.is_new else [(row.group, row.chosen) for row in self.provider.group_roles.all()]

    def _initial(self, stored: dict[str, Any]) -> dict[str, Any]:
        if self.is_new:
            vouches = {"vouches_for_mail": self.kind == Kind.SAML}
            return {**CLAIMS[self.kind], "scopes": SCOPES, **vouches}
        kept = {**stored, "mail_domains": "\n".join(stored["mail_domains"])}
        return kept if self.provider.metadata_url else {**kept, "metadata": self.provider.metadata}

    def _roles(self, actor: Actor) -> Choices:
        """Those that may be given there, by who has no fewer permissions."""
        own = [(role.value, str(role.label)) for role in ROLES[self.provider.level]]
        held = actor.held(self.provider)
        custom = [
            (f"custom:{role.pk}", role.name) for role in queries.custom_roles(self.provider) if role.gives <= held
        ]
        kept = [(row.chosen, row.role_name) for row in self.provider.group_roles.all()] if not self.is_new else []
        return list({**dict(own), **dict(custom), **dict(kept)}.items())

    def _foreign(self) -> list[str]:
        others = set(CHANGEABLE[Kind.OIDC]) ^ set(CHANGEABLE[Kind.SAML])
        mine = set(CHANGEABLE[self.kind])
        names = [name for name in others if name not in mine]
        return names + (["client_secret"] if self.kind == Kind.SAML else [])


def blank(kind: Kind, owner: Any, level: str) -> IdentityProvider:
    """A new one, not saved. level: the name of its owner's field."""
    return IdentityProvider(kind=kind, key=new_key(), **{level: owner} if owner else {})
