"""Recently removed: one list over all kinds, its pages, and the way back with what others have taken meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rows import refused

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain
from oxherd.groups.commands import remove_group
from oxherd.groups.models import Group
from oxherd.groups.queries import address_of
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import remove_user
from oxherd.removals.kinds import KINDS
from oxherd.removals.purge import purge
from oxherd.removals.queries import Removed, counted, page, some
from oxherd.removals.restoring import conflicts_of, restore
from oxherd.resources.commands import remove_resource
from oxherd.resources.models import Resource

ME = system("Tests", Door.CLI)
ALL = list(KINDS.values())


@pytest.fixture
def mixed(cast):
    """One of each kind, removed a minute apart, the user first."""
    anna = cast.user("Anna Becker", login="anna", ox=True)
    group, room = cast.group("Sales", address="sales@acme.test"), cast.resource("Blue room")
    shop = add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    remove_user(actor=ME, user=anna)
    remove_group(actor=ME, group=group)
    remove_resource(actor=ME, resource=room)
    remove_domain(actor=ME, domain=shop)
    for minutes, row in enumerate((shop, room, group, anna)):
        type(row).objects.filter(pk=row.pk).update(removed_at=timezone.now() - timedelta(minutes=minutes))
    return cast


def pages(cast, size, kinds=ALL):
    """All pages from the first to the last, and back again."""
    forth, back, key, more = [], [], None, True
    while more:
        rows, more = page(ME, cast.acme, kinds, after=key, backwards=False, size=size)
        forth.append([str(row) for row in rows])
        key = rows[-1].key
    more = True
    while more:
        rows, more = page(ME, cast.acme, kinds, after=key, backwards=True, size=size)
        if rows:
            back.insert(0, [str(row) for row in rows])
            key = rows[0].key
    return forth, back


def found(cast, word, kind=None):
    (removed,) = page(ME, cast.acme, [KINDS[word]], after=None, backwards=False, size=5)[0]
    return removed


def test_all_kinds_stand_in_one_list_the_last_removed_first(mixed):
    forth, back = pages(mixed, 3)
    assert forth == [["shop.test", "Blue room", "Sales"], ["Anna Becker"]]
    assert [name for rows in back for name in rows] == ["shop.test", "Blue room", "Sales"]
    assert counted(ME, mixed.acme, ALL) == (4, False)
    assert pages(mixed, 3, [KINDS["group"]])[0] == [["Sales"]]


def test_what_was_removed_at_the_same_moment_is_on_one_page_each(mixed):
    for model in (ServiceUser, Group, Resource, Domain):
        model.objects.filter(presence="removed").update(removed_at=timezone.now())
    for size in (1, 2, 3):
        forth, _ = pages(mixed, size)
        assert sorted(name for rows in forth for name in rows) == ["Anna Becker", "Blue room", "Sales", "shop.test"]


def test_days_are_told_until_the_end(mixed, settings):
    settings.KEEP_REMOVED_DAYS = 30
    anna = found(mixed, "user")
    assert anna.days_left == 30
    for days, left in ((29, 1), (30, 0), (31, 0)):
        anna.row.removed_at = timezone.now() - timedelta(days=days)
        assert anna.days_left == left


def test_forms_name_what_is_there_and_in_sight(mixed):
    anna = found(mixed, "user")
    items = [anna.item, "group:999999", "user:x", "what:1", f"user:{'9' * 30}"]
    assert [str(each) for each in some(ME, mixed.acme, items)] == ["Anna Becker"]
    assert some(mixed.actor(mixed.charlie), mixed.acme, items) == []
    assert some(ME, mixed.globex, items) == []


def test_a_page_costs_one_query_of_each_kind(mixed, django_assert_num_queries):
    with django_assert_num_queries(5):
        page(ME, mixed.acme, ALL, after=None, backwards=False, size=50)


@pytest.mark.parametrize("word", sorted(set(KINDS) - {"forwarder"}))  # which need another platform
def test_each_kind_comes_back(mixed, word):
    removed = found(mixed, word)
    assert conflicts_of(removed) == []
    restore(actor=ME, removed=removed)
    removed.row.refresh_from_db()
    assert removed.row.presence == "present"
    if word == "group":
        assert address_of(removed.row) == "sales@acme.test"


def test_a_groups_name_and_address_that_others_took_are_given_anew(mixed):
    mixed.group("sales")
    mixed.user("Bert Conrad", login="sales")
    removed = found(mixed, "group")
    assert [(conflict.field, conflict.sentence) for conflict in conflicts_of(removed)] == [
        ("name", "There is a group named Sales already. Choose another name."),
        ("address", "sales@acme.test belongs to Bert Conrad now."),
    ]
    with refused("name"):
        restore(actor=ME, removed=found(mixed, "group"))
    restore(actor=ME, removed=found(mixed, "group"), mending={"name": "Sales 2", "address": "sales2@acme.test"})
    group = Group.objects.get(name="Sales 2")
    assert (group.presence, address_of(group)) == ("present", "sales2@acme.test")


def test_a_resources_name_address_and_manager_are_given_anew(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    room = cast.resource("Blue room", manager=anna)
    remove_resource(actor=ME, resource=room)
    disable_ox(actor=ME, user=anna)
    other = cast.resource("Blue room")
    removed = found(cast, "resource")
    assert [conflict.field for conflict in conflicts_of(removed)] == ["name", "address", "manager"]
    with refused("name"):
        restore(actor=ME, removed=found(cast, "resource"))
    mending = {"name": "Blue 2", "address": "blue2@acme.test", "manager": None}
    restore(actor=ME, removed=found(cast, "resource"), mending=mending)
    room.refresh_from_db()
    assert (room.presence, room.name, room.address, room.manager) == ("present", "Blue 2", "blue2@acme.test", None)
    assert other.presence == "present"


def test_addresses_of_a_removed_domain_are_in_the_way(cast):
    shop = add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    room = cast.resource("Blue room", address="blue@shop.test")
    remove_resource(actor=ME, resource=room)
    remove_domain(actor=ME, domain=shop)
    (conflict,) = conflicts_of(found(cast, "resource"))
    assert (conflict.field, conflict.sentence) == ("address", "The domain of blue@shop.test was removed.")


def test_a_domain_goes_for_good_after_its_users(cast, settings):
    shop = add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    anna = cast.user("Anna Becker", login="anna")
    ServiceUser.objects.filter(pk=anna.pk).update(domain=shop)
    remove_user(actor=ME, user=ServiceUser.objects.get(pk=anna.pk))
    remove_domain(actor=ME, domain=shop)
    old = timezone.now() - timedelta(days=40)
    Domain.objects.filter(pk=shop.pk).update(removed_at=old)
    assert purge(actor=ME, most=5) == []
    ServiceUser.objects.filter(pk=anna.pk).update(removed_at=old)
    assert purge(actor=ME, most=5) == [anna]
    assert purge(actor=ME, most=5) == [shop]
    assert not Domain.objects.filter(name="shop.test").exists()


def test_what_is_restored_twice_is_told(mixed):
    removed = found(mixed, "group")
    restore(actor=ME, removed=removed)
    with refused(None):
        restore(actor=ME, removed=Removed(removed.kind, removed.row))
