from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast
from tests.identity_provider.saml_forger import SamlForger, new_pair, read_request, sent

from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.states import Kind

PAIR = new_pair()


@dataclass
class SamlVisitor:
    """A browser that goes to the service and comes back; answers come from another site, and so without cookies."""

    forger: SamlForger
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def leave(self, row: IdentityProvider, **said: str) -> dict[str, str]:
        """Press the button; what stands in the request."""
        return self.asked(self.client.post(f"/sign-in/with/{row.key}/", said))

    def asked(self, page: Any) -> dict[str, str]:
        assert page.status_code == 200, page.content.decode()
        mark = 'http-equiv="refresh" content="0;url='
        text = page.content.decode()
        self.there = unescape(text[text.index(mark) + len(mark) :].split('"')[0])
        return self.read()

    def read(self) -> dict[str, str]:
        self.request = request = read_request(self.there)
        return {
            "id": request.get("ID"),
            "acs": request.get("AssertionConsumerServiceURL"),
            "audience": request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer"),
        }

    def answer(self, row: IdentityProvider, response: Any, **more: str) -> Any:
        """From the service's page to our address, and on from there with the cookie."""
        page = self.post(row, response, **more)
        self.onward = page.get("Location", "")
        return self.client.get(self.onward) if page.status_code == 303 else page

    def post(self, row: IdentityProvider, response: Any, **more: str) -> Any:
        posted = {"SAMLResponse": response if isinstance(response, str) else sent(response)} | more
        page = Client(enforce_csrf_checks=True).post(f"/sign-in/with/{row.key}/answer/", posted)
        assert not [name for name in page.cookies if "session" in name]
        return page

    def sign_in(self, row: IdentityProvider, *, after: str = "", **said: Any) -> Any:
        return self.answer(row, self.forger.signed(self.leave(row, next=after), **said))

    @property
    def is_in(self) -> bool:
        home = self.client.get("/")
        return home.status_code == 302 and "/sign-in/" not in home.url


@pytest.fixture
def saml_forger(settings: Any, db: None) -> SamlForger:
    settings.BASE_URL = "https://panel.oxherd.test"
    return SamlForger(pair=PAIR)


@pytest.fixture
def fabrikam(cast: Cast, saml_forger: SamlForger) -> IdentityProvider:
    """Acme's."""
    return add_provider(
        actor=cast.system,
        owner=cast.acme,
        kind=Kind.SAML,
        name="Fabrikam",
        metadata=saml_forger.metadata(),
        mail_domains=["acme.test"],
        vouches_for_mail=True,
        is_enabled=True,
    )


@pytest.fixture
def saml_visitor(saml_forger: SamlForger) -> SamlVisitor:
    return SamlVisitor(saml_forger)
