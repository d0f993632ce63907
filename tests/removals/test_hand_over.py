"""Users who manage resources or get stray mail hand over before they leave, in the same transaction."""

import pytest
from tests.cast import make_cast
from tests.rows import refused
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import change_domain
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
    for number in range(6):
        cast.resource(f"Desk {number}", manager=bert)
    ties = ties_of([anna, bert])
    assert [str(each) for each in ties.resources] == ["Blue room", "Desk 0", "Desk 1", "Desk 2", "Desk 3"]
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
    from dataclasses import replace

    _, late = overlapping(
        lambda: remove_users(actor=ME, users=[anna]),
        lambda: change_resource(actor=ME, resource=room, wish=replace(wish, manager=anna)),
    )
    assert (type(late), late.field) == (Refused, "manager")
    assert Resource.objects.get().manager == bert
