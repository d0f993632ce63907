import pytest
from django.core.cache import cache
from tests.panel.upsell.offer_page import Visitor, open_offer
from tests.purchases.conftest import anna, premium

__all__ = ["anna", "premium"]


@pytest.fixture
def upsell(cast, premium):
    cache.clear()
    return open_offer(cast, webmail_hosts=["https://mail.sunrise.test:8443"])


@pytest.fixture
def visitor(upsell):
    return Visitor(upsell)


@pytest.fixture
def claims(cast, anna):
    """What App Suite says of Anna."""
    return {"cid": cast.acme.context_id, "uid": 3, "lang": "en_US"}
