"""What each administrator sees: queries begin with `for_actor`."""

import pytest

from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.commands import grant
from oxherd.accounts.states import Door, Permission, Role
from oxherd.audit import queries as audit
from oxherd.brands import queries as brands
from oxherd.brands.commands import add_brand
from oxherd.domains import queries as domains
from oxherd.errors import NotYours
from oxherd.people import queries as people
from oxherd.profiles import queries as profiles
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants import queries as tenants
from oxherd.tenants.commands import add_tenant


@pytest.fixture
def staffed(cast):
    """Somebody in each tenant, and another brand with a tenant of its own."""
    cast.user("Anna Becker", ox=True)
    cast.user("Zoe Quist", tenant=cast.globex, ox=True)
    settings = {"api_url": "http://127.0.0.1:9", "username": "x", "password": "y"}
    other = add_brand(actor=cast.system, name="Sunset", **settings)
    add_tenant(actor=cast.system, brand=other, name="Initech")
    return cast


def names(rows):
    return sorted(map(str, rows))


def test_the_operator_sees_all(staffed):
    alice = staffed.actor(staffed.alice)
    assert names(tenants.for_actor(alice)) == ["Acme", "Globex", "Initech"]
    assert names(brands.for_actor(alice)) == ["Sunrise", "Sunset"]
    assert names(people.for_actor(alice)) == ["Anna Becker", "Zoe Quist"]


def test_a_reseller_sees_the_brand_and_what_is_in_it(staffed):
    grant(staffed.bob, Role.RESELLER, brand=staffed.brand)
    bob = staffed.actor(staffed.bob)
    assert names(brands.for_actor(bob)) == ["Sunrise"]
    assert names(profiles.for_actor(bob)) == ["Groupware", "Mail"]
    assert names(tenants.for_actor(bob)) == ["Acme", "Globex"]
    assert names(people.for_actor(bob)) == ["Anna Becker", "Zoe Quist"]


@pytest.mark.parametrize("who", ["bob", "dora", "rita"])
def test_whoever_belongs_to_a_customer_sees_that_customer_alone(staffed, who):
    actor = staffed.actor(getattr(staffed, who))
    assert names(tenants.for_actor(actor)) == ["Acme"]
    assert names(domains.for_actor(actor)) == ["acme.test"]
    assert names(people.for_actor(actor)) == ["Anna Becker"]
    assert names(brands.for_actor(actor)) == names(profiles.for_actor(actor)) == []
    assert {entry.tenant_id for entry in audit.for_actor(actor)} == {staffed.acme.pk}
    assert {job.tenant_id for job in provisioning.for_actor(actor)} == {staffed.acme.pk}


def test_a_person_without_a_role_sees_nothing(staffed):
    nobody = Actor("Eve", Door.PANEL)
    rooms = (tenants, domains, people, brands, profiles, audit, provisioning)
    assert [room.for_actor(nobody).count() for room in rooms] == [0] * len(rooms)


def test_what_is_out_of_sight_does_not_exist(staffed):
    charlie, anna = staffed.actor(staffed.charlie), people.for_actor(staffed.system).get(display_name="Anna Becker")
    assert people.one(staffed.system, staffed.acme, anna.pk) == anna
    with pytest.raises(NotYours, match="no such customer"):
        tenants.one(charlie, staffed.acme.pk)
    for tenant in (staffed.acme, staffed.globex):
        with pytest.raises(NotYours, match="no such user"):
            people.one(charlie, tenant, anna.pk)
    assert people.some(charlie, staffed.acme, [anna.pk]) == []


def test_the_latest_job_is_shown_to_those_who_see_its_subject(staffed):
    account = people.for_actor(staffed.system).get(display_name="Anna Becker").account
    bob, charlie = staffed.actor(staffed.bob), staffed.actor(staffed.charlie)
    assert list(provisioning.latest(bob, SubjectKind.ACCOUNT, [account.pk])) == [account.pk]
    assert provisioning.latest(charlie, SubjectKind.ACCOUNT, [account.pk]) == {}


def test_roles_add_up(staffed):
    actor = Actor(
        "Eve",
        Door.PANEL,
        (Grant(Role.READ_ONLY, tenant_id=staffed.acme.pk), Grant(Role.HELP_DESK, tenant_id=staffed.globex.pk)),
    )
    assert names(tenants.for_actor(actor)) == ["Acme", "Globex"]
    may = [actor.may(Permission.SET_PASSWORD, tenant) for tenant in (staffed.acme, staffed.globex)]
    assert may == [False, True]
