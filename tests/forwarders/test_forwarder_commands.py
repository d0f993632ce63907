"""Forwarders: what is refused at which field, who gets the mail, and how they come back."""

from dataclasses import replace
from typing import Any

import pytest
from tests.cast import Cast, make_cast
from tests.rows import everything, last_entry, refused, waiting

from oxherd.domains.anywhere import typed
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Address
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.forwarders.commands import (
    ForwarderWish,
    add_forwarder,
    as_wish,
    change_forwarder,
    delete_forwarder,
    remove_forwarder,
    restore_forwarder,
    retry_forwarder,
)
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.forwarders.queries import found, leading_to, one, some
from oxherd.forwarders.recipients import recipients_of, typed_of
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import delete_user, remove_user, restore_user

WISH = ForwarderWish("info@acme.test", ("press@agency.test",))


def to(cast: Cast, forwarder: Forwarder, *recipients: str) -> Forwarder:
    wish = ForwarderWish(str(forwarder), recipients)
    return change_forwarder(actor=cast.system, forwarder=forwarder, wish=wish)


def test_a_forwarder_is_added_and_sent_on_its_way(cast: Cast) -> None:
    anna = cast.user(ox=True, aliases=("anna@acme.test",))
    wish = ForwarderWish("Info@ACME.test", ("anna@acme.test", "Press@Bücher.test", "anna.becker@acme.test"))
    forwarder = add_forwarder(actor=cast.actor(cast.bob), tenant=cast.acme, wish=wish)
    assert last_entry().after == {
        "address": "info@acme.test",
        "recipients": ["anna.becker@acme.test", "press@xn--bcher-kva.test"],
        "users": [anna.pk],
        "others": ["press@xn--bcher-kva.test"],
    }
    assert Address.objects.get(forwarder=forwarder).kind == "forwarder"
    assert len(waiting(f"forwarder:{forwarder.pk}")) == 1


@pytest.mark.parametrize(
    ("address", "recipients", "field"),
    [
        ("info", ("a@b.test",), "address"),
        ("info@globex.test", ("a@b.test",), "address"),
        ("in fo@acme.test", ("a@b.test",), "address"),
        ("anna.becker@acme.test", ("a@b.test",), "address"),
        ("blue.room@acme.test", ("a@b.test",), "address"),
        ("all@acme.test", ("a@b.test",), "address"),
        ("info@acme.test", (), "recipients"),
        ("info@acme.test", ("a@b.test", "anna"), "recipients"),
        ("info@acme.test", ("a@b",), "recipients"),
        ("info@acme.test", ("nobody@acme.test",), "recipients"),
        ("info@acme.test", ("blue.room@acme.test",), "recipients"),
        ("info@acme.test", ("info@acme.test",), "recipients"),
        ("info@acme.test", ("carl.without@acme.test",), "recipients"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, address: str, recipients: Any, field: str) -> None:
    cast.user(ox=True)
    cast.user("Carl Without")
    cast.resource()
    cast.forwarder("all@acme.test")
    with refused(field):
        add_forwarder(actor=cast.system, tenant=cast.acme, wish=ForwarderWish(address, recipients))


def test_a_new_forwarder_to_itself_is_told_so(cast: Cast) -> None:
    wish = ForwarderWish("info@acme.test", ("INFO@acme.test", "press@agency.test"))
    with refused("recipients") as caught:
        add_forwarder(actor=cast.system, tenant=cast.acme, wish=wish)
    assert caught.value.sentence == "info@acme.test would pass mail on to itself. Remove it here."


def test_all_that_is_wrong_with_recipients_is_told_at_once(cast: Cast) -> None:
    cast.user("Carl Without")
    wish = ForwarderWish("info@acme.test", ("carl.without@acme.test", "anna", "nobody@acme.test"))
    with refused("recipients") as caught:
        add_forwarder(actor=cast.system, tenant=cast.acme, wish=wish)
    assert caught.value.sentence == (
        "“anna” is not an address. nobody@acme.test is nobody's address. Correct it, or add the user first. "
        "OX is not enabled for Carl Without, who could not get this mail."
    )


def test_no_more_recipients_than_the_platform_takes(cast: Cast, settings: Any) -> None:
    settings.FORWARDER_OUTSIDE, settings.FORWARDER_INSIDE = 2, 1
    anna, bert = cast.user(ox=True), cast.user("Bert Blum", ox=True)
    outside = ("a@b.test", "c@d.test")
    cast.forwarder("info@acme.test", anna.login, *outside)
    for recipients in ((*outside, "e@f.test"), (anna.login, bert.login), (anna.login, "info@acme.test")):
        with refused("recipients"):
            cast.forwarder("all@acme.test", *recipients)


def test_mail_that_would_go_round_in_a_circle_is_refused(cast: Cast) -> None:
    first = cast.forwarder("first@acme.test")
    cast.forwarder("second@acme.test", "first@acme.test")
    cast.forwarder("third@acme.test", "second@acme.test")
    with refused("recipients") as caught:
        to(cast, first, "third@acme.test")
    assert "round in a circle" in caught.value.sentence
    to(cast, first, "elsewhere@agency.test")


def test_app_suite_takes_no_forwarders_and_says_so(transactional_db: None) -> None:
    other = make_cast()
    with pytest.raises(Refused, match="OX App Suite takes no forwarders from here"):
        add_forwarder(actor=other.system, tenant=other.acme, wish=WISH)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@b.test\r\nC@d.test\n\n a@B.test ", ["a@b.test", "C@d.test"]),
        ("Anna Becker <anna@acme.test>, “Bert” <mailto:bert@acme.test>;x@y.test z@y.test", None),
        ("- a@b.test\n• c@d.test\x00", ["a@b.test", "c@d.test"]),
        ("anna", ["anna"]),
    ],
)
def test_a_pasted_list_is_read(text: str, addresses: list[str] | None) -> None:
    assert typed(text) == (addresses or ["anna@acme.test", "bert@acme.test", "x@y.test", "z@y.test"])


def test_only_what_changes_is_told_and_asked(cast: Cast) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login, "press@agency.test")
    before = everything()
    to(cast, forwarder, "press@agency.test", anna.login)
    assert everything()["AuditEntry"] == before["AuditEntry"]
    to(cast, forwarder, "press@agency.test")
    assert (last_entry().before["users"], last_entry().after["users"], "others" in last_entry().after) == (
        [anna.pk],
        [],
        False,
    )
    assert [str(row) for row in Recipient.objects.all()] == ["press@agency.test"]


def test_another_address_is_carried_along_by_forwarders_that_lead_there(cast: Cast) -> None:
    inner = cast.forwarder("inner@acme.test")
    outer = cast.forwarder("outer@acme.test", "inner@acme.test")
    change_forwarder(actor=cast.system, forwarder=inner, wish=replace(as_wish(inner), address="core@acme.test"))
    assert typed_of(outer) == ["core@acme.test"]
    assert len(waiting(f"forwarder:{outer.pk}")) == 2
    assert [row.address for row in Address.objects.filter(forwarder=inner)] == ["core@acme.test"]


def test_recipients_who_lose_ox_or_were_removed_stay_and_come_back(cast: Cast) -> None:
    anna, bert = cast.user(ox=True), cast.user("Bert Blum", ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login, bert.login)
    disable_ox(actor=cast.system, user=bert)
    remove_user(actor=cast.system, user=anna)
    assert typed_of(forwarder) == [bert.login]
    to(cast, forwarder, bert.login, "press@agency.test")
    assert recipients_of(forwarder).users == {anna.pk, bert.pk}
    restore_user(actor=cast.system, user=anna)
    assert typed_of(forwarder) == [anna.login, bert.login, "press@agency.test"]
    delete_user(actor=cast.system, user=anna)
    assert list(leading_to([anna, bert])) == [forwarder]


def test_a_removed_forwarder_frees_its_address_and_can_come_back_under_another(cast: Cast) -> None:
    forwarder = cast.forwarder("info@acme.test")
    remove_forwarder(actor=cast.system, forwarder=forwarder)
    assert list(found(cast.system, cast.acme)) == []
    other = cast.forwarder("info@acme.test")
    with refused("address"):
        restore_forwarder(actor=cast.system, forwarder=forwarder)
    wish = replace(as_wish(forwarder), address="old@acme.test")
    restore_forwarder(actor=cast.system, forwarder=forwarder, wish=wish)
    assert list(found(cast.system, cast.acme, text="press").order_by("sort_name")) == [other, forwarder]


def test_what_was_removed_takes_no_change(cast: Cast) -> None:
    forwarder = cast.forwarder()
    with refused(None):
        restore_forwarder(actor=cast.system, forwarder=forwarder)
    remove_forwarder(actor=cast.system, forwarder=forwarder)
    with refused(None):
        remove_forwarder(actor=cast.system, forwarder=forwarder)
    with refused(None):
        change_forwarder(actor=cast.system, forwarder=forwarder, wish=as_wish(forwarder))
    delete_forwarder(actor=cast.system, forwarder=forwarder)
    assert Forwarder.objects.get().presence == "leaving"


def test_help_desk_and_readers_change_no_forwarder_and_strangers_find_none(cast: Cast) -> None:
    forwarder = cast.forwarder()
    for who, refusal in ((cast.dora, NotAllowed), (cast.rita, NotAllowed), (cast.charlie, NotYours)):
        actor = cast.actor(who)
        with pytest.raises(refusal):
            change_forwarder(actor=actor, forwarder=forwarder, wish=as_wish(forwarder))
        for verb in (remove_forwarder, delete_forwarder, restore_forwarder):
            with pytest.raises(refusal):
                verb(actor=actor, forwarder=forwarder)
        with pytest.raises(refusal):
            add_forwarder(actor=actor, tenant=cast.acme, wish=WISH)
    with pytest.raises(NotYours):
        retry_forwarder(actor=cast.actor(cast.charlie), forwarder=forwarder)
    with pytest.raises(NotYours):
        one(cast.actor(cast.charlie), cast.acme, forwarder.pk)
    assert some(cast.actor(cast.charlie), cast.acme, [forwarder.pk]) == []


def test_another_customers_user_is_no_user_but_an_address_of_elsewhere(cast: Cast) -> None:
    ines = cast.user("Ines Novak", tenant=cast.globex, ox=True)
    forwarder = cast.forwarder("info@acme.test", ines.login)
    assert (recipients_of(forwarder).users, typed_of(forwarder)) == (set(), [ines.login])


def test_domains_in_other_scripts_are_kept_in_one_form_and_shown_in_their_own(cast: Cast) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="bücher.test")
    forwarder = cast.forwarder("Info@BÜCHER.test", "Post@Straße.test")
    assert (forwarder.address, str(forwarder)) == ("info@xn--bcher-kva.test", "info@bücher.test")
    assert typed_of(forwarder) == ["post@straße.test"]
    assert list(found(cast.system, cast.acme, text="bücher")) == [forwarder]
