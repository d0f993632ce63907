"""A domain in use is removed: all that depends on it moves to another one, at once or not at all."""

import pytest
from tests.cast import make_cast
from tests.rows import everything, refused, waiting
from tests.threads import overlapping

from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain, add_subdomain, change_domain
from oxherd.domains.models import Address, Domain
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.groups.commands import add_group
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases
from oxherd.people.queries import found
from oxherd.people.removal_commands import delete_user, remove_user
from oxherd.people.rename_commands import rename_user
from oxherd.relocation.commands import Moved, move_and_remove
from oxherd.relocation.queries import Dependants, conflicts, counted, with_subdomains
from oxherd.resources.commands import ResourceWish, add_resource


@pytest.fixture
def old(cast):
    return Domain.objects.get(name="acme.test")


@pytest.fixture
def new(cast):
    return add_domain(actor=cast.actor(cast.alice), tenant=cast.acme, name="new.test")


def move(cast, domains, to, *, by="bob"):
    actor = cast.actor(getattr(cast, by))
    return move_and_remove(actor=actor, tenant=cast.acme, domains=domains, to=to)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def told(old, new):
    return {(each.address, each.sentence) for each in conflicts([old], new)[0]}


def test_users_groups_and_resources_move_with_all_their_addresses(cast, old, new):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("sales@acme.test", "ab@new.test"))
    bert = cast.user("Bert Conrad", login="bert")
    team = add_group(actor=cast.system, tenant=cast.acme, display_name="Team", address="team@acme.test")
    room = add_resource(actor=cast.system, tenant=cast.acme, wish=ResourceWish("Room 1", "room@acme.test"))
    elsewhere = cast.user("Zoe Quist", tenant=cast.globex, ox=True)
    assert counted([old]) == Dependants(logins=1, primaries=1, aliases=1, groups=1, resources=1)
    assert move(cast, [old], new) == Moved(users=2, groups=1, resources=1, forwarders=0)
    assert held(anna) == {"ab@new.test": "alias", "anna@new.test": "primary", "sales@new.test": "alias"}
    assert held(bert) == {"bert@new.test": "login"}
    for user, login in ((anna, "anna@new.test"), (bert, "bert@new.test")):
        user.refresh_from_db()
        assert (user.login, user.domain) == (login, new)
    assert OxAccount.objects.get(user=anna).primary_address == "anna@new.test"
    assert list(team.addresses.values_list("address", flat=True)) == ["team@new.test"]
    room.refresh_from_db()
    assert room.address == "room@new.test"
    assert held(elsewhere) == {"zoe.quist@globex.test": "primary"}
    old.refresh_from_db()
    assert (old.presence, old.removed_by) == ("removed", "Bob")


def test_each_of_them_is_recorded_found_and_pushed(cast, old, new):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("sales@acme.test",))
    only = cast.user("Only Alias", login="only", ox=True)
    rename_user(actor=cast.system, user=only, login="only@new.test", primary_address="only@new.test")
    bert = cast.user("Bert Conrad", login="bert")
    room = add_resource(actor=cast.system, tenant=cast.acme, wish=ResourceWish("Room 1", "room@acme.test"))
    last = AuditEntry.objects.latest("id").pk
    move(cast, [old], new)
    entries = AuditEntry.objects.filter(pk__gt=last).order_by("subject_name", "pk")
    assert [(entry.action, entry.subject_name, entry.actor) for entry in entries] == [
        ("user:rename", "Anna Becker", "Bob"),
        ("ox:aliases", "Anna Becker", "Bob"),
        ("user:rename", "Bert Conrad", "Bob"),
        ("ox:aliases", "Only Alias", "Bob"),
        ("resource:change", "Room 1", "Bob"),
        ("domain:remove", "acme.test", "Bob"),
    ]
    assert [(entry.before, entry.after) for entry in entries[:2]] == [
        (
            {"login": "anna@acme.test", "primary_address": "anna@acme.test"},
            {"login": "anna@new.test", "primary_address": "anna@new.test"},
        ),
        ({"aliases": ["sales@acme.test"]}, {"aliases": ["sales@new.test"]}),
    ]
    for text, user in (("sales new", anna), ("bert@new", bert)):
        assert list(found(cast.actor(cast.bob), cast.acme, text=text)) == [user]
    assert not found(cast.actor(cast.bob), cast.acme, text="anna@acme").exists()
    subjects = [f"account:{OxAccount.objects.get(user=user).pk}" for user in (anna, only)]
    assert [len(waiting(subject)) for subject in [*subjects, f"resource:{room.pk}", f"tenant:{cast.acme.pk}"]] == [
        1
    ] * 4
    statuses = dict(ServiceUser.objects.filter(tenant=cast.acme).values_list("display_name", "status"))
    assert statuses == {"Anna Becker": "in_progress", "Only Alias": "in_progress", "Bert Conrad": "disabled"}


def test_what_a_user_has_in_both_domains_is_one_afterwards(cast, old, new):
    """Who prepared the move by an alias of the same name is not in the way."""
    anna = cast.user(
        "Anna Becker", login="anna", ox=True, aliases=("anna@new.test", "sales@acme.test", "sales@new.test")
    )
    assert told(old, new) == set()
    move(cast, [old], new)
    assert held(anna) == {"anna@new.test": "primary", "sales@new.test": "alias"}
    assert OxAccount.objects.get(user=anna).primary_address == "anna@new.test"


def test_a_primary_address_elsewhere_stays_and_the_login_moves(cast, old, new):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    rename_user(actor=cast.system, user=anna, primary_address="a.becker@new.test", keep_old_as_alias=False)
    move(cast, [old], new)
    assert held(anna) == {"a.becker@new.test": "primary", "anna@new.test": "login"}


def test_an_account_that_was_never_made_is_found_under_its_old_name(cast, old, new):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    move(cast, [old], new)
    assert OxAccount.objects.get(user=anna).former_names == ["anna@acme.test"]


def test_catch_alls_follow_the_user(cast, old, new):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    change_domain(actor=cast.system, domain=new, catch_all="anna@acme.test")
    move(cast, [old], new)
    new.refresh_from_db()
    assert new.catch_all == anna


def test_several_domains_go_with_their_subdomains_at_once(cast, old, new):
    mail = add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    deep = add_subdomain(actor=cast.system, tenant=cast.acme, name="deep", parent="mail.acme.test")
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("anna@mail.acme.test", "x@deep.mail.acme.test"))
    domains = with_subdomains(cast.acme, [old])
    assert domains == [old, deep, mail]
    move(cast, domains, new)
    assert held(anna) == {"anna@new.test": "primary", "x@new.test": "alias"}
    assert not Domain.objects.filter(pk__in=[old.pk, mail.pk, deep.pk], presence="present").exists()


def test_a_subdomain_that_would_be_left_behind_stops_it(cast, old, new):
    add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    cast.user("Anna Becker")
    with refused("domain") as caught:
        move(cast, [old], new)
    assert caught.value.sentence == (
        "acme.test has subdomains: mail.acme.test. Remove them first, or together with it."
    )


def test_conflicts_are_listed_and_stop_it(cast, old, new):
    cast.user("Anna Becker", login="anna", ox=True)
    other = cast.user("Other Owner", login="other", ox=True)
    rename_user(actor=cast.system, user=other, login="other@new.test", primary_address="anna@new.test")
    add_group(actor=cast.system, tenant=cast.acme, display_name="Team", address="team@acme.test")
    add_resource(actor=cast.system, tenant=cast.acme, wish=ResourceWish("Room 1", "team@new.test"))
    gone = cast.user("Gone Girl", login="gone", ox=True)
    delete_user(actor=cast.system, user=gone)
    assert told(old, new) == {
        ("anna@acme.test", "anna@new.test is taken already."),
        ("gone@acme.test", "Gone Girl is being deleted. Wait until OX has let go."),
        ("team@acme.test", "team@new.test is taken already."),
    }
    with refused("to") as caught:
        move(cast, [old], new)
    assert caught.value.sentence == (
        "3 of the addresses cannot be moved to new.test: anna@acme.test: anna@new.test is taken already."
    )


def test_two_that_would_become_one_are_a_conflict(cast, old, new):
    mail = add_subdomain(actor=cast.system, tenant=cast.acme, name="mail", parent="acme.test")
    cast.user("Anna Becker", login="anna")
    add_group(actor=cast.system, tenant=cast.acme, display_name="Team", address="anna@mail.acme.test")
    found, more = conflicts([old, mail], new)
    assert [(each.address, each.sentence) for each in found] == [
        ("anna@acme.test", "anna@mail.acme.test would become the same address.")
    ]
    assert not more


def test_names_that_ox_still_holds_are_a_conflict(cast, old, new):
    former = cast.user("Former Anna", login="former", ox=True)
    rename_user(actor=cast.system, user=former, login="anna@new.test", primary_address="anna@new.test")
    remove_user(actor=cast.system, user=former)
    cast.user("Anna Becker", login="anna", ox=True)
    renamed = cast.user("Renamed Bert", login="renamed", ox=True)
    OxAccount.objects.filter(user=renamed).update(ox_name="bert@new.test")
    cast.user("Bert Conrad", login="bert")
    removed = "Former Anna had the login anna@new.test and was removed recently."
    removed += " Restore or delete Former Anna for good first."
    assert told(old, new) == {
        ("anna@acme.test", removed),
        ("bert@acme.test", "In OX, Renamed Bert has the name bert@new.test still."),
    }


def test_many_conflicts_are_listed_in_part(cast, old, new, monkeypatch):
    monkeypatch.setattr("oxherd.relocation.queries.MOST_CONFLICTS", 1)
    for name in ("anna", "bert"):
        cast.user(name.title(), login=name)
        add_group(actor=cast.system, tenant=cast.acme, display_name=f"G {name}", address=f"{name}@new.test")
    found, more = conflicts([old], new)
    assert (len(found), more) == (1, True)
    with refused("to") as caught:
        move(cast, [old], new)
    assert caught.value.sentence.startswith("More than 1 of the addresses cannot be moved to new.test: anna@acme.test")


@pytest.mark.parametrize("to", ["the domain itself", "a claim", "a removed one", "another customer's"])
def test_only_a_verified_domain_that_stays_takes_them(cast, old, to):
    cast.user("Anna Becker")
    target = {
        "the domain itself": lambda: old,
        "a claim": lambda: add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="claim.test"),
        "a removed one": lambda: Domain.objects.create(
            tenant=cast.acme, name="gone.test", verified_at="2026-01-01T00:00Z", proof="txt", presence="removed"
        ),
        "another customer's": lambda: Domain.objects.get(name="globex.test"),
    }[to]()
    with refused("to") as caught:
        move(cast, [old], target)
    assert caught.value.sentence == "Choose a verified domain that stays."


def test_it_is_for_administrators(cast, old, new):
    cast.user("Anna Becker")
    before = everything()
    for who, error in (("dora", NotAllowed), ("rita", NotAllowed), ("charlie", NotYours)):
        with pytest.raises(error):
            move(cast, [old], new, by=who)
    assert everything() == before


@pytest.fixture
def open_cast(transactional_db):
    return make_cast()


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_added_meanwhile_stops_it(open_cast):
    cast, old = open_cast, Domain.objects.get(name="acme.test")
    new = add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    anna = cast.user("Anna Becker", login="anna", ox=True)
    rename_user(
        actor=cast.system, user=anna, login="anna@new.test", primary_address="anna@new.test", keep_old_as_alias=False
    )
    cast.user("Bert Conrad", login="bert")
    _, second = overlapping(
        lambda: change_aliases(actor=cast.system, user=anna, aliases=("late@acme.test",)),
        lambda: move(cast, [old], new),
    )
    assert (type(second), second.field) == (Refused, "domain")
    assert ServiceUser.objects.get(display_name="Bert Conrad").login == "bert@acme.test"


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_taken_meanwhile_stops_it(open_cast):
    cast, old = open_cast, Domain.objects.get(name="acme.test")
    new = add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    third = add_domain(actor=cast.system, tenant=cast.acme, name="third.test")
    cast.user("Bert Conrad", login="bert")
    anna = cast.user("Anna Becker", login="anna", ox=True)
    rename_user(
        actor=cast.system,
        user=anna,
        login="anna@third.test",
        primary_address="anna@third.test",
        keep_old_as_alias=False,
    )
    assert third.pk
    _, second = overlapping(
        lambda: change_aliases(actor=cast.system, user=anna, aliases=("bert@new.test",)),
        lambda: move(cast, [old], new),
    )
    assert (type(second), second.field) == (Refused, "to")
    assert ServiceUser.objects.get(display_name="Bert Conrad").login == "bert@acme.test"


@pytest.mark.django_db(transaction=True)
def test_who_is_added_to_the_old_domain_meanwhile_comes_too_late(open_cast):
    cast, old = open_cast, Domain.objects.get(name="acme.test")
    new = add_domain(actor=cast.system, tenant=cast.acme, name="new.test")
    cast.user("Bert Conrad", login="bert")
    _, second = overlapping(lambda: move(cast, [old], new), lambda: cast.user("Eve Fox", login="eve"))
    assert type(second) is Refused
    assert list(ServiceUser.objects.values_list("login", flat=True)) == ["bert@new.test"]
