from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.cast import Cast
from tests.dkim import verifying
from tests.little_dns import LittleDns

from oxherd.brands.models import Brand
from oxherd.dkim.models import DkimKey
from oxherd.domains.models import Domain
from oxherd.sync.domains import check_domain


@pytest.fixture
def acme(cast: Cast) -> Domain:
    """Acme's verified domain, whose mail is carried here."""
    Brand.objects.update(carries_mail=True)
    return Domain.objects.select_related("tenant__brand").get(name="acme.test")


@pytest.fixture
def little_dns(little_dns: LittleDns, settings: Any) -> LittleDns:
    """Asked with patience: what is to be found is found on a busy machine too."""
    settings.DNS_TIMEOUT_SECONDS = 5
    return little_dns


@pytest.fixture
def publish(little_dns) -> Callable[[DkimKey], None]:
    return partial(verifying.publish, little_dns)


@pytest.fixture
def signing(acme: Domain, publish) -> DkimKey:
    """The first key of acme.test, whose record was found."""
    check_domain(acme.pk)
    key = acme.dkim_keys.get()
    publish(key)
    check_domain(acme.pk)
    key.refresh_from_db()
    return key
