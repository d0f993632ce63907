"""What tests of the offer share: the brand's offer, and how App Suite calls it."""

import re
from html import unescape
from typing import Any

from django.test import Client
from tests.cast import Cast

from oxherd.brands.commands import change_brand
from oxherd.brands.models import Upsell
from oxherd.brands.upsell_commands import change_upsell

WEBMAIL = "https://webmail.sunrise.test"


def open_offer(cast: Cast, **settings: Any) -> Upsell:
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url=f"{WEBMAIL}/appsuite/", colour="#ffcc00")
    return change_upsell(actor=cast.system, brand=cast.brand, **settings)


class Visitor:
    """A user's browser inside the webmail: it has no cookies of ours."""

    def __init__(self, upsell: Upsell, **headers: str) -> None:
        self.url = f"/upsell/{upsell.key}/"
        self.client = Client(enforce_csrf_checks=True, headers=headers)

    def get(self, **claims: Any) -> Any:
        return self.client.get(self.url, claims)

    def send(self, page: Any, **fields: Any) -> Any:
        """Fill in the form of a page and send it; the first profile if nothing else is said."""
        text = page.content.decode()
        sent = dict(re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', text))
        profiles = re.findall(r'<input type="radio"\s+name="profile"\s+value="(\d+)"', text)
        sent |= {"profile": profiles[0] if profiles else "", "message": ""}
        fields = {name: str(value) for name, value in fields.items()}
        return self.client.post(self.url, {name: unescape(value) for name, value in sent.items()} | fields)


def text_of(page) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def cards(page) -> list[list[str]]:
    """Of each profile on offer what its card says, line by line."""
    found = re.findall(r'<label class="offer-card">(.*?)</label>', page.content.decode(), re.DOTALL)
    return [[line.strip() for line in re.sub(r"<[^>]*>", "\n", card).split("\n") if line.strip()] for card in found]
