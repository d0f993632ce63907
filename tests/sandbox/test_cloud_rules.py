"""What OX Cloud forbids beyond the core: logins, addresses and domains are nobody else's, in whichever context."""

import pytest
from tests.sandbox.soap import ACME, ADMIN, NORTH, SOUTH, attributes, context_admin, person, refusal

INVALID = "InvalidDataException"
DOMAIN_TAKEN = (INVALID, "The mail domain is already in use")


@pytest.fixture
def two(north):
    """Anna in north_acme; north_beta and south_acme are empty."""
    north.add_to_brand("anna", aliases=["info@acme.test"])
    north.add_brand_context("beta")
    north.add_brand_context("acme", by=SOUTH)
    return north


def add(caller, context_id, name, auth, **changes):
    return caller.brand_users.create(ctx={"id": context_id}, usrdata=person(name, **changes), auth=auth).id


def mail(address, **more):
    return {"primaryEmail": address, "email1": address, **more}


@pytest.mark.parametrize(("context_id", "auth"), [(2, NORTH), (3, SOUTH)])
def test_a_login_is_unique_over_all_contexts(two, context_id, auth):
    fault = (INVALID, 'User "anna" already exists')
    assert refusal(lambda: add(two, context_id, "anna", auth, **mail("anna@beta.test"))) == fault
    assert add(two, context_id, "Anna", auth, **mail("anna@beta.test")) == 3


def test_nobody_is_renamed_to_a_login_of_another_context(two):
    add(two, 2, "bert", NORTH, **mail("bert@beta.test"))
    change = {"ctx": {"id": 2}, "usrdata": {"id": 3, "name": "anna"}, "auth": NORTH}
    assert refusal(lambda: two.brand_users.change(**change)) == (INVALID, 'User "anna" already exists')


def test_users_may_be_renamed(two):
    two.in_brand("change", usrdata={"id": 3, "name": "annika"})
    assert two.in_brand("getData", user={"id": 3}).name == "annika"


def test_an_address_is_nobody_elses_alias(two):
    taken = (INVALID, 'Mail address "INFO@acme.test" already in use')
    assert refusal(lambda: two.add_to_brand("bert", aliases=["INFO@acme.test"])) == taken
    two.add_to_brand("bert")
    addresses = {"aliases": ["bert@acme.test", "INFO@acme.test"]}
    assert refusal(lambda: two.in_brand("change", usrdata={"id": 4, **addresses})) == taken
    two.in_brand("change", usrdata={"id": 3, "aliases": ["anna@acme.test"]})
    two.in_brand("change", usrdata={"id": 4, **addresses})


def test_a_domain_belongs_to_one_context(two):
    assert refusal(lambda: add(two, 2, "bert", NORTH)) == DOMAIN_TAKEN
    assert refusal(lambda: add(two, 3, "bert", SOUTH, **mail("bert@ACME.test"))) == DOMAIN_TAKEN
    two.in_brand("delete", user={"id": 3})
    assert add(two, 3, "bert", SOUTH) == 3


def test_a_shared_domain_is_for_all_contexts_of_its_brand(two):
    two.oxaas.createSharedDomain(domainname="Acme.test", creds=NORTH)
    assert add(two, 2, "bert", NORTH) == 3
    taken = (INVALID, 'Mail address "info@acme.test" already in use')
    assert refusal(lambda: add(two, 2, "carl", NORTH, aliases=["info@acme.test"])) == taken
    fault = (INVALID, "The shared mail domain is already in use")
    assert refusal(lambda: add(two, 3, "carl", SOUTH)) == fault


def test_a_domain_of_other_brands_cannot_be_shared(two):
    fault = (INVALID, "The shared mail domain is already in use")
    assert refusal(lambda: two.oxaas.createSharedDomain(domainname="acme.test", creds=SOUTH)) == fault
    two.oxaas.createSharedDomain(domainname="new.test", creds=SOUTH)
    fault = (INVALID, 'Shared domain "new.test" already exists')
    assert refusal(lambda: two.oxaas.createSharedDomain(domainname="new.test", creds=NORTH)) == fault


def test_context_admins_claim_neither_login_nor_address(two):
    """All three are called oxadmin@acme.test."""
    assert two.brand_users.getContextAdmin(ctx={"id": 3}, auth=SOUTH).primaryEmail == "oxadmin@acme.test"
    assert two.add_to_brand("oxadmin2", aliases=["oxadmin@acme.test"]) == 4


def test_a_class_of_service_must_be_one(two):
    fault = (INVALID, "Invalid CoS values: cloud_nine")
    sent = attributes(cloud__service="cloud_pim, cloud_nine")
    assert refusal(lambda: two.add_to_brand("bert", userAttributes=sent)) == fault
    assert refusal(lambda: two.in_brand("change", usrdata={"id": 3, "userAttributes": sent})) == fault
    two.in_brand("change", usrdata={"id": 3, "userAttributes": attributes(cloud__service="cloud_pim,cloud_security")})


def test_the_core_minds_nothing_of_this(two, acme):
    two.master("create", ctx={"id": 11, "maxQuota": 1}, admin_user=context_admin())
    acme.add("anna", aliases=["info@acme.test"], userAttributes=attributes(cloud__service="cloud_nine"))
    made = acme.users.create(ctx={"id": 11}, usrdata=person("anna", aliases=["info@acme.test"]), auth=ADMIN)
    assert (made.id, len(acme.users.listAll(ctx=ACME, auth=ADMIN))) == (3, 2)
