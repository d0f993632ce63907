"""Cloud API: catch-alls, forwards, shared domains and aliases."""

import pytest
from tests.sandbox.rest import Rest, newcomer
from tests.sandbox.soap import NORTH, SOUTH

HERE = {"name": "north_acme"}
INFO = {"address": "info@acme.test", "forwardTo": ["anna@acme.test", "else@where.test"]}
NO_FORWARD = (404, "22", 'Forward or recipient "no@acme.test" not found')


@pytest.fixture
def mail(cloud):
    """Anna in north_acme, and a forward info@acme.test to her and to somebody else."""
    cloud.post("/users", newcomer("anna"), **HERE)
    cloud.post("/mail/forwards", INFO, **HERE)
    return cloud


@pytest.fixture
def south(mail, north):
    """With anna's domain in no context of its own, and a user sue."""
    north.add_brand_context("acme", by=SOUTH)
    rest = Rest(north.url, "south")
    rest.post("/users", newcomer("sue", mail="sue@south.test"), name="south_acme")
    return rest


def test_a_catch_all_is_the_same_for_both_interfaces(mail, north):
    mail.post("/mail/catchall", {"domain": "acme.test", "login": "anna"}, **HERE)
    assert mail.get("/mail/catchall", **HERE) == [{"domain": "acme.test", "login": "anna"}]
    (soap,) = north.oxaas.listDomainCatchalls(ctxid=1, creds=NORTH)
    assert (soap.domain, soap.user) == ("acme.test", "anna")
    mail.delete("/mail/catchall/domain/acme.test/login/anna", **HERE)
    assert mail.get("/mail/catchall", **HERE) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"domain": "new.test", "login": "bert"}, (404, "29", 'No such catchall user "bert"')),
        ({"domain": "new.test", "login": "oxadmin"}, (404, "29", 'No such catchall user "oxadmin"')),
        ({"domain": "blue.test", "login": "anna"}, (409, "31", 'Catchall domain "blue.test" already exists')),
        ({"domain": "south.test", "login": "anna"}, (409, "14", "The mail domain is already in use")),
        ({"domain": "a b", "login": "anna"}, (409, "15", 'A parameter contains invalid characters "a b"')),
        ({"domain": "new.test"}, (409, "7", "Mandatory parameters missing: login")),
    ],
)
def test_a_catch_all_that_breaks_a_rule_is_refused(mail, south, body, error):
    mail.post("/mail/catchall", {"domain": "blue.test", "login": "anna"}, **HERE)
    assert mail.refused("POST", "/mail/catchall", body, **HERE) == error


def test_a_catch_all_that_is_not_there_is_told(mail):
    error = (404, "30", 'Catchall domain "acme.test" not found assigned to user "anna"')
    assert mail.refused("DELETE", "/mail/catchall/domain/acme.test/login/anna", **HERE) == error
    assert mail.refused("DELETE", "/mail/catchall/domain/acme.test/login/x", **HERE)[1] == "29"


def test_forwards_are_listed_with_their_recipients(mail):
    assert mail.get("/mail/forwards", **HERE) == [{**INFO, "spamLevel": "high"}]


NOT_CREATED = {
    "exists": ({}, (409, "41", 'Forward "info@acme.test" already exists')),
    "is an alias": ({"address": "ANNA@acme.test"}, (409, "43", "Alias already exists")),
    "domain of another": ({"address": "x@south.test"}, (409, "14", "The mail domain is already in use")),
    "malformed": ({"address": "x"}, (400, "24", 'Invalid mail address: "x"')),
    "recipient malformed": (
        {"address": "x@acme.test", "forwardTo": ["anna@acme.test", "y"]},
        (400, "24", 'Invalid mail address: "y"'),
    ),
    "no recipients": (
        {"address": "x@acme.test", "forwardTo": []},
        (409, "7", "Mandatory parameters missing: forwardTo"),
    ),
    "spam level": ({"address": "x@acme.test", "spamLevel": "x"}, (400, "36", 'Invalid spamlevel "x"')),
    "too many": (
        {"address": "x@acme.test", "forwardTo": [f"{number}@where.test" for number in range(21)]},
        (409, "25", "Maximum amount of external forward recipients exceeded"),
    ),
}


@pytest.mark.parametrize(("changes", "error"), NOT_CREATED.values(), ids=NOT_CREATED)
def test_a_forward_that_breaks_a_rule_is_refused(mail, south, changes, error):
    assert mail.refused("POST", "/mail/forwards", {**INFO, **changes}, **HERE) == error
    assert [each["address"] for each in mail.get("/mail/forwards", **HERE)] == ["info@acme.test"]


def test_no_user_gets_the_address_of_a_forward(mail):
    error = (409, "33", 'Mail address "info@acme.test" already in use')
    assert mail.refused("POST", "/users", newcomer("bert", mail="info@acme.test"), **HERE) == error


@pytest.mark.parametrize("path", ["/mail/forwards/info@acme.test", "/mail/forwards/INFO@acme.test/recipients"])
def test_recipients_are_added_and_go_one_by_one(mail, path):
    mail.put(path, ["anna@acme.test", "third@where.test"], **HERE)
    assert mail.get(path, **HERE) == [*INFO["forwardTo"], "third@where.test"]
    for recipient in ("anna@acme.test", "ELSE@where.test", "third@where.test"):
        assert mail.head(f"/mail/forwards/info@acme.test/{recipient}/exists", **HERE) == 200
        mail.delete(f"/mail/forwards/info@acme.test/{recipient}", **HERE)
    assert mail.head("/mail/forwards/info@acme.test/exists", **HERE) == 404


def test_recipients_that_are_none_are_refused(mail):
    path = "/mail/forwards/info@acme.test"
    assert mail.refused("PUT", path, [], **HERE) == (409, "18", 'At least one of "recipients" must be specified')
    assert mail.refused("PUT", path, [1], **HERE)[:2] == (400, "5")
    error = (404, "23", 'Forward recipient "x@y.test" not found')
    assert mail.refused("DELETE", f"{path}/x@y.test", **HERE) == error
    assert mail.head(f"{path}/x@y.test/exists", **HERE) == 404


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PUT", "", ["x@y.test"]),
        ("DELETE", "", None),
        ("GET", "/spamlevel", None),
        ("PUT", "/spamlevel/low", None),
        ("DELETE", "/anna@acme.test", None),
    ],
)
def test_a_forward_that_is_not_there_is_told(mail, south, method, tail, body):
    assert mail.refused(method, f"/mail/forwards/no@acme.test{tail}", body, **HERE) == NO_FORWARD
    error = (404, "22", 'Forward or recipient "info@acme.test" not found')
    assert south.refused(method, f"/mail/forwards/info@acme.test{tail}", body, name="acme") == error


def test_a_forward_has_a_spam_level(mail):
    path = "/mail/forwards/info@acme.test/spamlevel"
    mail.put(f"{path}/low", **HERE)
    assert mail.get(path, **HERE) == {"spamlevel": "low"}
    assert mail.refused("PUT", f"{path}/none", **HERE) == (400, "36", 'Invalid spamlevel "none"')


def test_all_forwards_go_at_once(mail, south):
    south.post("/mail/forwards", {"address": "x@south.test", "forwardTo": ["sue@south.test"]}, name="acme")
    mail.delete("/mail/forwards", **HERE)
    assert (mail.get("/mail/forwards", **HERE), len(south.get("/mail/forwards", name="acme"))) == ([], 1)


def test_an_alias_is_looked_for_in_all_contexts(mail, south):
    paths = [f"/mail/alias/{address}/exists" for address in ("ANNA@acme.test", "info@acme.test", "no@acme.test")]
    assert [mail.head(path) for path in paths] == [200, 200, 404]
    assert [south.head(path) for path in paths] == [200, 200, 404]


def test_shared_domains_are_a_brands_own(mail, south, north):
    mail.post("/mail/shareddomains/shop.test")
    north.oxaas.createSharedDomain(domainname="acme.test", creds=NORTH)
    assert (mail.get("/mail/shareddomains"), south.get("/mail/shareddomains")) == (["acme.test", "shop.test"], [])
    assert (mail.head("/mail/shareddomains/shop.test"), south.head("/mail/shareddomains/shop.test")) == (200, 404)
    error = (404, "27", 'Shared domain "shop.test" not found')
    assert south.refused("DELETE", "/mail/shareddomains/shop.test") == error
    mail.delete("/mail/shareddomains/shop.test")
    assert mail.get("/mail/shareddomains") == ["acme.test"]


@pytest.mark.parametrize(
    ("domain", "error"),
    [
        ("shop.test", (409, "28", 'Shared domain "shop.test" already exists')),
        ("acme.test", (409, "40", "The shared mail domain is already in use")),
        ("a b", (409, "15", 'A parameter contains invalid characters "a b"')),
    ],
)
def test_a_domain_that_is_taken_is_not_shared(mail, south, domain, error):
    mail.post("/mail/shareddomains/shop.test")
    assert south.refused("POST", f"/mail/shareddomains/{domain}") == error


def test_a_shared_domain_is_for_the_brands_contexts_alone(mail, south):
    mail.post("/mail/shareddomains/acme.test")
    mail.post("/contexts", {"name": "beta"})
    mail.post("/users", newcomer("bert"), name="beta")
    error = (409, "40", "The shared mail domain is already in use")
    assert south.refused("POST", "/users", newcomer("carl"), name="acme") == error
