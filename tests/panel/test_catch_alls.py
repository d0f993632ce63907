"""What OX refused of a catch-all is told at its domain, and tried again from there."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast, make_cast
from tests.rows import last_entry

from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain, change_domain
from oxherd.domains.models import Domain
from oxherd.provisioning.models import SyncJob

HTMX = {"HX-Request": "true"}
SENTENCE = "Another brand shares this domain."


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(kind=PlatformKind.OX_CLOUD)


@pytest.fixture
def domain(cast: Cast) -> Domain:
    """With a catch-all that is on its way."""
    domain = Domain.objects.get(name="acme.test")
    return change_domain(actor=cast.system, domain=domain, catch_all=cast.user(ox=True).login)


def ended(domain: Domain, state: str, *, refusal: str = "", sentence: str = SENTENCE) -> str:
    """The newest job of the catch-alls has come to this; returns the domain's page."""
    SyncJob.objects.filter(subject_kind="catch_alls").update(state=state, sentence=sentence)
    Domain.objects.filter(pk=domain.pk).update(catch_all_refusal=refusal)
    return f"/t/{domain.tenant_id}/ox/domains/{domain.pk}/"


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_while_it_is_on_its_way_the_page_asks_for_it_and_no_longer(cast: Cast, domain: Domain) -> None:
    client, url = cast.client(cast.rita), f"/t/{cast.acme.pk}/ox/domains/{domain.pk}/"
    page = text(client.get(url))
    assert ("On its way to OX" in page, f'hx-get="{url}catch-all/"' in page) == (True, True)
    ended(domain, "done", sentence="")
    part = text(client.get(f"{url}catch-all/", headers=HTMX))
    assert ("anna.becker@acme.test" in part, "On its way" in part, "hx-get" in part) == (True, False, False)


def test_a_refusal_is_told_with_what_to_do_and_tried_again(cast: Cast, domain: Domain) -> None:
    url = ended(domain, "refused", refusal=SENTENCE)
    client = cast.client(cast.dora)
    page = text(client.get(url))
    assert f'<div class="cause">Not in OX: {SENTENCE}</div>' in page
    assert "Change what OX does not accept" in page
    listed = text(client.get(f"/t/{cast.acme.pk}/ox/domains/"))
    assert re.findall(r'<div class="cause">(.*?)</div>', listed) == [f"Catch-all not in OX: {SENTENCE}"]
    assert re.findall(r'aria-label="Retry ([^"]*)"', listed) == ["the catch-all of acme.test"]
    done = client.post(f"{url}catch-all/retry/")
    assert done.headers["Location"] == url
    told = [str(message) for message in get_messages(done.wsgi_request)]
    assert told == ["OX is being tried again for the catch-all of acme.test."]
    assert (SyncJob.objects.filter(subject_kind="catch_alls", state="waiting").count(), last_entry().action) == (
        1,
        "domain:retry",
    )
    assert client.post(f"{url}catch-all/retry/").status_code == 302  # it waits still, and may be hurried
    ended(domain, "done")
    assert client.post(f"{url}catch-all/retry/").status_code == 422


def test_of_a_platform_that_cannot_be_reached_each_domain_with_a_catch_all_tells(cast: Cast, domain: Domain) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="shop.test")
    ended(domain, "stuck", sentence="OX does not answer.")
    listed = text(cast.client(cast.rita).get(f"/t/{cast.acme.pk}/ox/domains/"))
    assert re.findall(r'<div class="cause">(.*?)</div>', listed) == ["Catch-all not in OX: OX does not answer."]
    assert "Retry the catch-all" not in listed


@pytest.mark.parametrize(("who", "status"), [("rita", 403), ("charlie", 404)])
def test_nobody_else_tries_again(cast: Cast, domain: Domain, who: str, status: int) -> None:
    url = ended(domain, "refused", refusal=SENTENCE)
    client = cast.client(getattr(cast, who))
    assert client.post(f"{url}catch-all/retry/").status_code == status
    assert client.get(f"{url}catch-all/").status_code == (404 if who == "charlie" else 200)


def test_the_list_costs_one_query_more_however_many_there_are(cast: Cast, django_assert_num_queries: Any) -> None:
    client = cast.client(cast.bob)
    url = f"/t/{cast.acme.pk}/ox/domains/"
    # Session, administrator, roles; tenant; rows, count; what is in use; the job; outage, tenant's job; requests.
    for names in ((), ("one.test", "two.test", "three.test")):
        for name in names:
            add_domain(actor=cast.system, tenant=cast.acme, name=name)
        with django_assert_num_queries(11):
            client.get(url)
