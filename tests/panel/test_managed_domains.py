"""Domains of a customer that is managed in a controller: which are ours to remove, and which records they need."""

import pytest
from django.test import Client
from tests.cast import Cast
from tests.panel.frame import managed

from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain


@pytest.fixture
def lab(cast: Cast) -> Domain:
    """A subdomain of Acme, which Odin manages."""
    add_domain(actor=cast.system, tenant=cast.acme, name="lab.acme.test")
    managed(cast.acme)
    return Domain.objects.get(name="lab.acme.test")


def text(client: Client, cast: Cast, path: str) -> str:
    return " ".join(client.get(f"/t/{cast.acme.pk}/{path}").content.decode().split())


def test_a_domain_says_where_it_is_removed(cast: Cast, lab: Domain) -> None:
    bob, said = cast.client(cast.bob), "Managed in Odin. Remove it there."
    assert said in text(bob, cast, f"ox/domains/{Domain.objects.get(name='acme.test').pk}/")
    assert said not in text(bob, cast, f"ox/domains/{lab.pk}/")
    page = text(bob, cast, "ox/domains/")
    assert "Domains are managed in Odin. Remove them there; subdomains are removed here." in page
    assert "data-select-all" in page
    remove_domain(actor=cast.system, domain=lab)
    page = text(bob, cast, "ox/domains/")
    assert "Domains are managed in Odin. Remove them there." in page
    assert ("cell-select" in page, "data-select-all" in page) == (False, False)


def test_no_record_is_asked_for_where_somebody_else_vouches(cast: Cast, lab: Domain) -> None:
    bob, acme = cast.client(cast.bob), Domain.objects.get(name="acme.test")
    for name in ("acme.test", "lab.acme.test"):
        page = text(bob, cast, f"ox/domains/{Domain.objects.get(name=name).pk}/")
        assert "Proves that the domain is yours" not in page
        assert "Not configured by your provider: MX, SPF, DKIM, DMARC, Autodiscover, Autoconfig." in page
    Domain.objects.filter(pk=acme.pk).update(proof="txt")
    assert "Proves that the domain is yours" in text(bob, cast, f"ox/domains/{acme.pk}/")
