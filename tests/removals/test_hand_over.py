"""Users who manage resources or get stray mail hand over before they leave, in the same transaction."""

from dataclasses import replace

import pytest
from tests.cast import make_cast
from tests.rows import refused, waiting
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain, change_domain
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.removals.commands import Heirs, disable_users, remove_users
from oxherd.removals.ties import ties_of
from oxherd.resources.commands import as_wish, change_resource
from oxherd.resources.models import Resource

ME = system("Tests", Door.CLI)


@pytest.fixture
def anna(cast):
    """Somebody who manages a room and gets the stray mail of acme.test."""
    anna = cast.user("Anna Becker", login="anna", ox=True)
    cast.resource("Blue room", manager=anna)
    change_domain(actor=ME, domain=Domain.objects.get(name="acme.test"), catch_all="anna@acme.test")
    return anna


@pytest.fixture
def bert(cast):
    return cast.user("Bert Conrad", login="bert", ox=True)


def fresh(room):
    return Resource.objects.get(pk=room.pk)


def kept():
    """Who looks after the room and the stray mail."""
    return Resource.objects.get().manager, Domain.objects.get(name="acme.test").catch_all


def presences():
    return dict(ServiceUser.objects.values_list("display_name", "presence"))


@pytest.mark.parametrize("act", [remove_users, disable_users])
def test_both_go_to_heirs(anna, bert, act):
    act(actor=ME, users=[anna], heirs=Heirs(bert, bert))
    assert kept() == (bert, bert)
    assert presences()["Anna Becker"] == ("removed" if act is remove_users else "present")
    actions = list(AuditEntry.objects.order_by("-id").values_list("action", flat=True)[:3])
    assert actions == ["user:remove" if act is remove_users else "ox:disable", "domain:change", "resource:change"]


@pytest.mark.parametrize("act", [remove_users, disable_users])
def test_nobody_is_a_choice_too(anna, act):
    act(actor=ME, users=[anna], heirs=Heirs())
    assert kept() == (None, None)


@pytest.mark.parametrize("act", [remove_users, disable_users])
def test_without_a_choice_it_is_refused(anna, bert, act):
    with refused("manager"):
        act(actor=ME, users=[bert, anna])
    Resource.objects.update(manager=None)
    with refused("catch_all"):
        act(actor=ME, users=[bert, anna])


def test_each_resource_and_domain_may_have_an_heir_of_its_own(cast, anna, bert):
    eve, shop = cast.user("Eve Fox", ox=True), add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    change_domain(actor=ME, domain=shop, catch_all="anna@acme.test")
    red, van = cast.resource("Red room", manager=anna), cast.resource("Van", manager=anna)
    heirs = Heirs(bert, bert, managers={red.pk: eve, van.pk: None}, catch_alls={shop.pk: None})
    disable_users(actor=ME, users=[anna], heirs=heirs)
    managers = {str(each): each.manager for each in Resource.objects.select_related("manager")}
    assert managers == {"Blue room": bert, "Red room": eve, "Van": None}
    assert dict(Domain.objects.filter(tenant=cast.acme).values_list("name", "catch_all")) == {
        "acme.test": bert.pk,
        "shop.test": None,
    }
    for wrong in (Heirs(bert, bert, managers={red.pk: bert}), Heirs(bert, bert, catch_alls={shop.pk: bert})):
        change_resource(actor=ME, resource=red, wish=replace(as_wish(fresh(red)), manager=eve))
        change_domain(actor=ME, domain=shop, catch_all="eve.fox@acme.test")
        with refused(f"manager_{red.pk}" if wrong.managers else f"catch_all_{shop.pk}"):
            remove_users(actor=ME, users=[eve, bert], heirs=replace(wrong, manager=None, catch_all=None))


def test_many_resources_are_handed_over_in_a_few_statements(cast, bert, django_assert_max_num_queries):
    managers = [cast.user(f"Manager {number}", ox=True) for number in range(3)]
    for number in range(24):
        cast.resource(f"Desk {number:02}", manager=managers[number % 3])
    with django_assert_max_num_queries(45):
        disable_users(actor=ME, users=managers, heirs=Heirs(bert))
    assert set(Resource.objects.values_list("manager", "status")) == {(bert.pk, "in_progress")}
    assert AuditEntry.objects.filter(action="resource:change").count() == 24
    assert all(len(waiting(f"resource:{room.pk}")) == 1 for room in Resource.objects.all())


def test_who_has_no_ox_gets_no_stray_mail_to_hand_over(anna):
    Resource.objects.update(manager=None)
    disable_users(actor=ME, users=[anna], heirs=Heirs(None, None))
    Domain.objects.update(catch_all=anna)
    remove_users(actor=ME, users=[anna])
    assert presences() == {"Anna Becker": "removed"}


def test_who_looks_after_nothing_just_goes(cast, bert):
    remove_users(actor=ME, users=[bert, cast.user("Eve Fox")])
    assert presences() == {"Bert Conrad": "removed", "Eve Fox": "removed"}


def test_nobody_hands_over_to_one_who_leaves_too(cast, anna, bert):
    with refused("manager"):
        remove_users(actor=ME, users=[anna, bert], heirs=Heirs(bert, None))
    with refused("catch_all"):
        remove_users(actor=ME, users=[anna, bert], heirs=Heirs(None, bert))
    eve = cast.user("Eve Fox")
    with refused("manager"):
        remove_users(actor=ME, users=[anna], heirs=Heirs(eve, None))  # without OX
    with refused("catch_all"):
        remove_users(actor=ME, users=[anna], heirs=Heirs(bert, eve))


def test_all_or_none(cast, anna, bert):
    eve = cast.user("Eve Fox")
    remove_user(actor=ME, user=eve)
    with refused(None):
        remove_users(actor=ME, users=[anna, ServiceUser.objects.get(pk=eve.pk)], heirs=Heirs(bert, bert))
    assert kept() == (anna, anna)


def test_a_dialog_is_told_the_first_few_and_how_many_more(cast, anna, bert):
    for number in range(11):
        cast.resource(f"Desk {number:02}", manager=bert)
    ties = ties_of([anna, bert])
    assert [str(each) for each in ties.resources] == ["Blue room", *(f"Desk {number:02}" for number in range(9))]
    assert (ties.more_resources, [str(each) for each in ties.domains], ties.more_domains) == (2, ["acme.test"], 0)
    everybody = ServiceUser.objects.order_by("sort_name")
    assert ties_of(everybody).more_resources == 2
    assert ties_of([]).resources == []


@pytest.mark.django_db(transaction=True)
def test_a_resource_that_is_given_to_somebody_who_leaves_is_refused(transactional_db):
    cast = make_cast()
    anna, bert = cast.user("Anna Becker", ox=True), cast.user("Bert Conrad", ox=True)
    room = cast.resource("Blue room", manager=bert)
    wish = as_wish(Resource.objects.get(pk=room.pk))
    _, late = overlapping(
        lambda: remove_users(actor=ME, users=[anna]),
        lambda: change_resource(actor=ME, resource=room, wish=replace(wish, manager=anna)),
    )
    assert (type(late), late.field) == (Refused, "manager")
    assert Resource.objects.get().manager == bert
