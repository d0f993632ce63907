"""What is in a controller's frame, and what is not: the customer's own part of OX Service alone."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver, get_script_prefix
from tests.cast import Cast
from tests.panel.frame import a_ticket, an_instance, browser, entered, managed

from oxherd.aps.models import ApsInstance
from oxherd.domains.models import Domain


@pytest.fixture
def odin(cast: Cast) -> ApsInstance:
    managed(cast.acme)
    return an_instance()


@pytest.mark.parametrize(
    "path",
    [
        *("brands/", "customers/", "administrators/", "audit/", "account/", "me/", "me/sign-in/", "upsell/x/"),
        *("sign-in/login/", "sign-in/forgot/", "invitation/", "healthz", "acting/", "sign-in-settings/"),
        *(
            "t/{}/overview/",
            "t/{}/administrators/",
            "t/{}/audit/",
            "t/{}/sign-in/",
            "t/{}/ox/differences/",
            "t/{}/overview/export/",
        ),
    ],
)
def test_the_rest_of_the_panel_is_not_there(cast: Cast, odin, path: str) -> None:
    address = f"/frame/{path.format(cast.acme.pk)}"
    assert entered(odin, cast.acme).get(address).status_code == (404 if path.startswith("t/") else 403)
    assert "Open this from your control panel again" in browser().get(address).content.decode()


def test_of_all_addresses_only_those_of_the_customers_ox_are_there(cast: Cast, odin) -> None:
    client, shut, opened = entered(odin, cast.acme), set(), set()
    for name, address in every_address(cast.acme.pk):
        answer = client.get(f"/frame/{address}")
        assert answer.status_code < 500, address
        (shut if answer.status_code in {403, 404} else opened).add(name)
        theirs = client.get(f"/frame/{address.replace(f't/{cast.acme.pk}/', f't/{cast.globex.pk}/')}")
        assert theirs.status_code == (403 if address.startswith("t/") else answer.status_code)
    assert {"ox_users", "groups", "resources", "domains", "ox_purchases", "removed", "banners", "tenant"} <= opened
    outside = {
        "customers",
        "brands",
        "audit",
        "administrators",
        "own_account",
        "account_login",
        "me",
        "overview",
        "aps",
    }
    assert outside <= shut
    assert not {name for name in opened if name.startswith(("own_", "brand", "sign_in", "tenant_", "me", "aps"))} - {
        "tenant_retry"
    }


def every_address(tenant_id: int) -> Iterator[tuple[str, str]]:
    """All that the panel has, by name, with something in each place."""
    values = {"int": "7", "uuid": str(uuid4()), "str": "x", "slug": "x", "path": "x"}

    def walk(patterns: Any, before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif "(" not in route:
                route = route.replace("<int:tenant_id>", str(tenant_id))
                yield pattern.name, re.sub(r"<(?:(\w+):)?\w+>", lambda found: values[found[1] or "str"], route)

    return walk(get_resolver().url_patterns, "")


def test_links_stay_within_the_frame(cast: Cast, odin) -> None:
    cast.user(ox=True)
    client = entered(odin, cast.acme)
    for path in ("ox/users/", "ox/groups/", "ox/resources/", "ox/domains/", "ox/requests/", "removed/"):
        text = client.get(f"/frame/t/{cast.acme.pk}/{path}").content.decode()
        for word in ("href", "action", "hx-get", "hx-post"):
            for address in text.split(f'{word}="')[1:]:
                assert not address.startswith("/") or address.startswith(("/frame/", "/static/")), address[:80]
    assert get_script_prefix() == "/"
    assert client.get(f"/frame/t/{cast.acme.pk}/")["Location"] == f"/frame/t/{cast.acme.pk}/ox/users/"


def test_a_panel_with_tabs_of_its_own_gets_none_of_ours(cast: Cast, odin) -> None:
    client = browser()
    client.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme), "tabs": "no"})
    address = f"/frame/t/{cast.acme.pk}/ox/users/"
    assert b"framed-tabs" not in client.get(address).content
    assert b"framed-tabs" in entered(odin, cast.acme).get(address).content

    cast.carry_mail()  # forwarders come with it, for which the panel has no tab
    assert b"framed-tabs" in client.get(address).content


def read(client: Any, cast: Cast, path: str) -> str:
    answer = client.get(f"/frame/t/{cast.acme.pk}/{path}")
    assert answer.status_code == 200, path
    return " ".join(re.sub(r"<[^>]*>", "", answer.content.decode()).split())


def test_empty_lists_say_how_somebody_comes_here(cast: Cast, odin) -> None:
    Domain.objects.all().delete()
    within = browser()
    within.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme), "tabs": "no"})
    for client, users, domains in (
        (within, "choose Add New User above.", "Choose Add domain above to bring one here."),
        (entered(odin, cast.acme), "choose Add New User there.", "Choose Add domain in Odin to bring one here."),
    ):
        said = read(client, cast, "ox/users/")
        assert f"Service users of Odin come here when they get Open-Xchange: {users}" in said
        assert domains in read(client, cast, "ox/domains/")


def test_what_was_removed_is_found_from_each_page(cast: Cast, odin) -> None:
    client, link = entered(odin, cast.acme), f'href="/frame/t/{cast.acme.pk}/removed/"'
    for path in ("ox/users/", "ox/groups/", "ox/domains/"):
        assert link in client.get(f"/frame/t/{cast.acme.pk}/{path}").content.decode()
    assert "Recently removed" in read(client, cast, "removed/")
    assert 'class="framed-foot"' not in client.get(f"/frame/t/{cast.acme.pk}/removed/").content.decode()


def test_a_page_in_a_tab_of_its_own_names_the_customer(cast: Cast, odin) -> None:
    assert "Acme \N{EN DASH} Open-Xchange" in read(entered(odin, cast.acme), cast, "ox/users/")
    within = browser()
    within.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme), "tabs": "no"})
    assert "Acme \N{EN DASH} Open-Xchange" not in read(within, cast, "ox/users/")


def test_from_a_user_one_comes_back_to_the_list(cast: Cast, odin) -> None:
    anna = cast.user(ox=True)
    page = entered(odin, cast.acme).get(f"/frame/t/{cast.acme.pk}/users/{anna.pk}/").content.decode()
    assert f'class="back-link" href="/frame/t/{cast.acme.pk}/ox/users/"' in page


def test_the_form_of_a_group_does_not_name_our_product(cast: Cast, odin) -> None:
    page = entered(odin, cast.acme).get(f"/frame/t/{cast.acme.pk}/ox/groups/add/", follow=True).content.decode()
    assert "For mail to all members, where your provider delivers mail by it." in page
    assert "oxherd" not in re.sub(r"<title>.*?</title>", "", page.partition("<main")[2], flags=re.DOTALL)


def test_an_error_leads_back_to_the_customers_pages(cast: Cast, odin) -> None:
    page = entered(odin, cast.acme).get(f"/frame/t/{cast.acme.pk}/users/999/")
    assert page.status_code == 404
    assert page.content.decode().count(f'href="/frame/t/{cast.acme.pk}/ox/users/"') == 2
    assert '/frame/"' not in page.content.decode()
