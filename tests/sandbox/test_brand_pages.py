"""The pages of brands and of mail, and what tests may read of both."""

import re

import pytest
import requests
from tests.sandbox.rest import newcomer
from tests.sandbox.soap import NORTH

HERE = {"name": "north_acme"}


@pytest.fixture
def furnished(cloud, north):
    """North has a limit, settings, and in its context anna with a mailbox, a catch-all and a forward."""
    restrictions = [{"name": "Subadmin.MaxContext", "value": "5"}]
    north.resellers.change(
        adm={"id": 1, "displayname": "<b>North</b>", "restrictions": restrictions},
        creds={"login": "oxadminmaster", "password": "secret"},
    )
    north.resellers.changeSelf(adm={"name": "north", "taxonomiesToAdd": ["gold"]}, creds=NORTH)
    cloud.post("/users", newcomer("anna", unifiedQuota=2048, classOfService=["cloud_security"]), **HERE)
    cloud.post("/mail/catchall", {"domain": "acme.test", "login": "anna"}, **HERE)
    cloud.post("/mail/forwards", {"address": "info@acme.test", "forwardTo": ["x@where.test", "anna@acme.test"]}, **HERE)
    cloud.post("/mail/shareddomains/shared.test")
    return north


def text(caller, path):
    """Without tags and with single blanks."""
    page = requests.get(f"{caller.url}{path}").text
    return " ".join(re.sub(r"<wbr>", "", page).replace("<br>", " ").split()), page


def words(caller, path):
    return " ".join(re.sub(r"<[^>]+>", " ", text(caller, path)[0]).split())


@pytest.mark.parametrize(
    ("path", "title"), [("/brands", "Brands"), ("/brands/1", "north"), ("/contexts/1/mail", "north_acme")]
)
def test_a_page_is_whole_and_has_nothing_inline(furnished, path, title):
    answer = requests.get(f"{furnished.url}{path}")
    assert (answer.status_code, re.findall("<title>(.*?)</title>", answer.text)) == (200, [f"{title} · OX stand-in"])
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text) == []
    assert "<b>North" not in answer.text


def test_brands_are_listed_with_limits_and_counts(furnished):
    assert "1 north &lt;b&gt;North&lt;/b&gt; \N{EN DASH} Subadmin.MaxContext: 5 1 2" in words(furnished, "/brands")
    assert "south" not in words(furnished, "/brands?search=NOR")
    assert "No brand matches “zzz”" in words(furnished, "/brands?search=zzz")


def test_no_brands_yet_says_where_they_come_from(caller):
    assert "The first one comes with OXResellerService.create" in words(caller, "/brands")


def test_the_page_of_a_brand_tells_how_much_of_its_limits_is_used(furnished):
    told = words(furnished, "/brands/1")
    assert "Subadmin.MaxContext 1 of 5" in told
    assert "Shared domains shared.test Capabilities \N{EN DASH} Taxonomies gold" in told
    assert "1 north_acme 2" in told
    assert "None as many contexts and users as it likes" in words(furnished, "/brands/2")


def test_a_brand_below_another_says_so(furnished):
    furnished.add_brand("east", Subadmin__CanCreateSubadmin="true")
    furnished.add_brand("shop", by={"login": "east", "password": "east-secret"})
    assert "Brands / east shop Shop" in words(furnished, "/brands/4")


def test_the_mail_of_a_context_is_shown(furnished):
    told = words(furnished, "/contexts/1/mail")
    assert "Domain Goes to acme.test anna" in told
    assert "info@acme.test x@where.test, anna@acme.test high" in told
    assert "No forward matches “zzz”" in words(furnished, "/contexts/1/mail?search=zzz")
    assert "info@acme.test" in words(furnished, "/contexts/1/mail?search=WHERE.test")


def test_a_context_without_mail_says_so(furnished):
    furnished.add_brand_context("beta")
    told = words(furnished, "/contexts/2/mail")
    assert "Mail to unknown addresses goes to nobody. Forwards 0 No address forwards to others." in told


def test_a_context_shows_its_brand(furnished):
    assert "Brand north" in words(furnished, "/contexts/1")
    assert "1 north_acme north 1, north_acme" in words(furnished, "/")


def test_a_user_shows_the_mailbox(furnished, cloud):
    cloud.put("/users/anna/permissions", {"send": False}, **HERE)
    told = words(furnished, "/contexts/1/users/3")
    quota = "Mail quota 2\N{NARROW NO-BREAK SPACE}048 MB Mail used 0 KiB".replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "Class of service cloud_security" in told
    assert quota in told.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "send: no receive: yes" in told
    assert "Mailbox" not in words(furnished, "/contexts/1/users/2")


@pytest.mark.parametrize(
    "path", ["/brands/9", "/contexts/9/mail", "/sandbox/api/brands/9", "/sandbox/api/contexts/9/mail"]
)
def test_what_is_not_there_is_not_found(furnished, path):
    assert requests.get(f"{furnished.url}{path}").status_code == 404


def test_tests_read_brands_and_mail(furnished):
    def get(path):
        return requests.get(f"{furnished.url}/sandbox/api/{path}").json()

    assert [(brand["name"], brand["contexts"], brand["users"]) for brand in get("brands")["brands"]] == [
        ("north", 1, 2),
        ("south", 0, 0),
    ]
    brand = get("brands/1")
    assert (brand["limits"], brand["used"]["Subadmin.MaxContext"]) == ({"Subadmin.MaxContext": "5"}, 1)
    assert brand["shared_domains"] == ["shared.test"]
    mail = get("contexts/1/mail?search=info")
    assert (mail["total"], mail["catchalls"]) == (1, [{"domain": "acme.test", "user": "anna"}])
    assert mail["forwards"][0]["recipients"] == ["x@where.test", "anna@acme.test"]
    context = get("contexts/1")
    assert (context["brand"], context["limits"], context["forwards"]) == ({"id": 1, "name": "north"}, {}, 1)
    mailbox = get("contexts/1/users/3")["mailbox"]
    assert (mailbox["quota"], mailbox["class_of_service"], mailbox["permissions"]["send"]) == (
        2048,
        ["cloud_security"],
        True,
    )


@pytest.mark.parametrize("body", [[], {"mail": 1}, {"mail_kib": "1"}, {"files_mb": True}])
def test_usage_must_be_numbers(furnished, body):
    answer = requests.put(f"{furnished.url}/sandbox/api/contexts/1/users/3/usage", json=body)
    assert answer.json()["error"] == "Give an object with any of mail_kib and files_mb, each a number."
    assert requests.put(f"{furnished.url}/sandbox/api/contexts/1/users/9/usage", json={}).status_code == 404
