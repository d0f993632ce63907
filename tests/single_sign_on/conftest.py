from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.identity_provider.forger import Forger
from tests.single_sign_on.saml_visitor import fabrikam, saml_forger, saml_visitor

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator
from oxherd.accounts.states import Role
from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import Kind

__all__ = ["fabrikam", "saml_forger", "saml_visitor"]

OIDC = {"kind": Kind.OIDC, "client_id": "oxherd", "client_secret": "s3cret", "is_enabled": True}


@pytest.fixture
def forger(settings: Any, db: None) -> Iterator[Forger]:
    settings.OXHERD_OUTGOING_ALLOWED = ["127.0.0.1"]
    with Forger() as forger:
        yield forger


def eve_of(cast: Cast) -> Administrator:
    """She administers Acme, with an address of its domain."""
    eve = add_administrator(email="eve@acme.test", name="Eve", password=PASSWORD)
    grant(eve, Role.CUSTOMER_ADMINISTRATOR, tenant=cast.acme)
    return eve


@pytest.fixture
def eve(cast: Cast) -> Administrator:
    return eve_of(cast)


@pytest.fixture
def contoso(cast: Cast, forger: Forger) -> IdentityProvider:
    """Acme's."""
    return add_provider(
        actor=cast.system, owner=cast.acme, name="Contoso", issuer=forger.url, mail_domains=["acme.test"], **OIDC
    )


@dataclass
class Visitor:
    """A browser that goes to the service and comes back; the test says what the service answers."""

    forger: Forger
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def leave(self, row: IdentityProvider, **sent: str) -> dict[str, str]:
        """Press the button; what the service is asked, by name."""
        answer = self.client.post(f"/sign-in/with/{row.key}/", sent)
        return self.asked(answer)

    def asked(self, answer: Any) -> dict[str, str]:
        assert answer.status_code == 200, answer.content.decode()
        mark = 'http-equiv="refresh" content="0;url='
        page = answer.content.decode()
        self.there = unescape(page[page.index(mark) + len(mark) :].split('"')[0])
        assert self.there.startswith(f"{self.forger.url}/authorize?")
        return {name: values[0] for name, values in parse_qs(urlsplit(self.there).query).items()}

    def come_back(self, row: IdentityProvider, state: str, *, id_token: str = "", **query: str) -> Any:
        if id_token:
            self.forger.answers["the-code"] = {"access_token": "access", "id_token": id_token}
        given = {"state": state, "code": "the-code"} | query
        return self.client.get(f"/sign-in/with/{row.key}/callback/", given)

    def sign_in(self, row: IdentityProvider, *, after: str = "", key: Any = None, **claims: Any) -> Any:
        """All of it; claims: of the ID token, beside a nonce that is right."""
        asked = self.leave(row, next=after)
        said = {"nonce": asked["nonce"], "email": "eve@acme.test", "email_verified": True, "name": "Eve"} | claims
        return self.come_back(row, asked["state"], id_token=self.forger.token(key=key, **said))

    @property
    def is_in(self) -> bool:
        return self.client.get("/").status_code == 302 and "/sign-in/" not in self.client.get("/").url


@pytest.fixture
def visitor(forger: Forger) -> Visitor:
    return Visitor(forger)
