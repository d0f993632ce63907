"""What was removed goes for good after its days: in batches, by housekeeping, and never what was just restored."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import make_cast
from tests.rows import waiting
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain, add_subdomain, remove_domains
from oxherd.domains.models import Domain
from oxherd.errors import Refused
from oxherd.groups.commands import remove_group
from oxherd.groups.models import Group
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import delete_user, remove_user, restore_user
from oxherd.removals.purge import purge
from oxherd.resources.commands import remove_resource
from oxherd.resources.models import Resource
from oxherd.sync.housekeeping import one_round

ME = system("Tests", Door.CLI)


def grow_old(row, days):
    type(row).objects.filter(pk=row.pk).update(removed_at=timezone.now() - timedelta(days=days))


@pytest.fixture
def removed(cast):
    """Users without OX who were removed, by the number of days since."""

    def make(*days):
        users = [cast.user(f"User {number}", login=f"u{number}") for number in days]
        for user, number in zip(users, days, strict=True):
            remove_user(actor=ME, user=user)
            grow_old(user, number)
        return users

    return make


def test_the_oldest_go_first_and_so_many_at_a_time(removed):
    users = removed(29, 31, 33, 32)
    assert purge(actor=ME, most=2) == [users[2], users[3]]
    assert purge(actor=ME, most=2) == [users[1]]
    assert purge(actor=ME, most=2) == []
    assert list(ServiceUser.objects.all()) == [users[0]]
    assert AuditEntry.objects.filter(action="user:delete", actor="Tests").count() == 3


def test_a_setting_says_for_how_long_they_stay(removed, settings):
    users = removed(3, 5)
    settings.KEEP_REMOVED_DAYS = 4
    assert purge(actor=ME, most=9) == [users[1]]


def test_groups_and_resources_go_too_when_the_platform_has_let_go(cast):
    group, resource = cast.group("Sales"), cast.resource("Blue room")
    remove_group(actor=ME, group=group)
    remove_resource(actor=ME, resource=resource)
    for row in (group, resource):
        grow_old(row, 31)
    assert purge(actor=ME, most=9) == [group, resource]
    assert (Group.objects.get().presence, Resource.objects.get().presence) == ("leaving", "leaving")
    assert len(waiting(f"group:{group.pk}")) == len(waiting(f"resource:{resource.pk}")) == 1


def test_one_who_cannot_go_keeps_nobody_else(cast, removed):
    anna, bert = removed(41, 40)
    resource = cast.resource("Blue room")
    type(resource).objects.update(manager=anna)  # which no command allows
    assert purge(actor=ME, most=5) == [bert]
    assert ServiceUser.objects.get().presence == "removed"


@pytest.mark.django_db(transaction=True)
def test_housekeeping_purges_in_its_round(transactional_db):
    bert = make_cast().user("Bert Conrad")
    remove_user(actor=ME, user=bert)
    one_round()
    assert ServiceUser.objects.count() == 1
    grow_old(bert, 31)
    one_round()
    assert ServiceUser.objects.count() == 0
    assert AuditEntry.objects.get(action="user:delete").actor == "Housekeeping"


@pytest.mark.django_db(transaction=True)
def test_of_a_restore_and_a_purge_at_once_one_wins(transactional_db):
    cast = make_cast()
    anna = cast.user("Anna Becker", login="anna", ox=True)
    remove_user(actor=ME, user=anna)
    grow_old(anna, 40)
    _, purged = overlapping(lambda: restore_user(actor=ME, user=anna), lambda: purge(actor=ME, most=5))
    assert (purged, ServiceUser.objects.get().presence) == ([], "present")
    remove_user(actor=ME, user=anna)
    _, late = overlapping(lambda: delete_user(actor=ME, user=anna), lambda: restore_user(actor=ME, user=anna))
    assert (type(late), late.sentence) == (Refused, "Anna Becker is being deleted and takes no more changes.")


def test_looking_for_what_is_due_costs_one_query_of_each_kind(cast, removed, django_assert_num_queries):
    removed(1, 2, 3)
    with django_assert_num_queries(5):
        purge(actor=ME, most=50)


def test_domains_go_too_and_subdomains_with_them(cast):
    bob = cast.actor(cast.bob)
    new = add_domain(actor=ME, tenant=cast.acme, name="new.test")
    below = add_subdomain(actor=bob, tenant=cast.acme, name="mail", parent="new.test")
    remove_domains(actor=bob, tenant=cast.acme, domains=[new, below])
    for domain in (new, below):
        grow_old(domain, 31)
    assert [str(row) for row in purge(actor=ME, most=50)] == ["new.test"]  # it took the other one along
    assert not Domain.objects.filter(pk__in=[new.pk, below.pk]).exists()
