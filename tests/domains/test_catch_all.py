"""Who gets what is addressed to nobody."""

import pytest
from tests.rows import last_entry, refused

from oxherd.domains.commands import add_domain, change_domain
from oxherd.domains.models import Domain
from oxherd.domains.queries import catch_all_addresses
from oxherd.errors import NotAllowed, NotYours
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import remove_user


@pytest.fixture
def acme(cast):
    return Domain.objects.get(name="acme.test")


def gets_it(domain):
    domain.refresh_from_db()
    return list(catch_all_addresses([domain]).values())


def test_a_user_with_ox_is_chosen_by_any_address(cast, acme):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("sales@acme.test",))
    for address in ("anna@acme.test", " Sales@ACME.test "):
        change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all=address)
        acme.refresh_from_db()
        assert (acme.catch_all, gets_it(acme)) == (anna, ["anna@acme.test"])
    assert (last_entry().action, last_entry().before, last_entry().after) == (
        "domain:change",
        {"catch_all": ""},
        {"catch_all": "anna@acme.test"},
    )
    entries = last_entry().pk
    change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all="anna@acme.test")
    assert last_entry().pk == entries  # nothing was changed


def test_with_an_empty_choice_nobody_gets_it(cast, acme):
    cast.user("Anna Becker", login="anna", ox=True)
    change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all="anna@acme.test")
    change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all=" ")
    assert (gets_it(acme), last_entry().after) == ([], {"catch_all": ""})


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nobody@acme.test", "nobody@acme.test is not the address of a user with OX. Choose one from the list."),
        ("bert@acme.test", "bert@acme.test is not the address of a user with OX. Choose one from the list."),
        ("carl@globex.test", "globex.test is not a domain of Acme. Choose one from the list."),
        ("anna", "“anna” is not an address: it has no @."),
    ],
)
def test_only_users_with_ox_of_the_customer_get_it(cast, acme, typed, sentence):
    cast.user("Bert Conrad", login="bert")
    cast.user("Carl Quist", login="carl", tenant=cast.globex, ox=True)
    for act in (
        lambda: change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all=typed),
        lambda: add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="new.test", catch_all=typed),
    ):
        with refused("catch_all") as caught:
            act()
        assert caught.value.sentence == sentence


def test_it_is_chosen_when_the_domain_is_added(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    new = add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="new.test", catch_all="anna@acme.test")
    assert new.catch_all == anna


def test_who_loses_ox_gets_it_no_more(cast, acme):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all="anna@acme.test")
    disable_ox(actor=cast.actor(cast.bob), user=anna)
    assert gets_it(acme) == []


def test_a_user_who_goes_for_ever_leaves_the_domain_without(cast, acme):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all="anna@acme.test")
    remove_user(actor=cast.actor(cast.bob), user=anna)
    assert gets_it(acme) == []
    anna.delete()
    acme.refresh_from_db()
    assert acme.catch_all_id is None


def test_choosing_is_for_administrators(cast, acme):
    for who, error in (("dora", NotAllowed), ("rita", NotAllowed), ("charlie", NotYours)):
        with pytest.raises(error):
            change_domain(actor=cast.actor(getattr(cast, who)), domain=acme, catch_all="")


def test_a_removed_domain_is_not_changed(cast, acme):
    Domain.objects.filter(pk=acme.pk).update(presence="removed")
    with refused(None) as caught:
        change_domain(actor=cast.actor(cast.bob), domain=acme, catch_all="")
    assert caught.value.sentence == "acme.test has been removed meanwhile."
