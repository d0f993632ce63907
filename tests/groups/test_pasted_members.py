"""Pasted lists: whom they mean, who is a member already, and what is nobody's."""

import pytest
from tests.cast import Cast
from tests.rows import refused

from oxherd.domains.commands import add_domain
from oxherd.groups import drafts, pasted
from oxherd.groups.pasted import Meant, words
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.de, b@x.de;c@x.de\td@x.de\r\ne@x.de f@x.de|g@x.de", [f"{letter}@x.de" for letter in "abcdefg"]),
        ("Anna Becker <a@x.de>, 'Blum, Bert' <b@x.de>", ["a@x.de", "b@x.de"]),
        ('"Becker, Anna" <A@x.de>; a@x.de', ["A@x.de"]),
        ("Becker, Anna <a@x.de>; Dr. Blum, Bert J. <b@x.de>", ["a@x.de", "b@x.de"]),
        ("Anna\tBecker\ta@x.de\nBert\tBlum\tb@x.de", ["a@x.de", "b@x.de"]),
        ("mailto:a@x.de (a@x.de), „b@x.de“.", ["a@x.de", "b@x.de"]),
        ("anna bert,carl.c\n- dora", ["anna", "bert", "carl.c", "dora"]),
        ("anna.b a@x.de user0005", ["anna.b", "a@x.de", "user0005"]),
        (" \n;,<>\x00\t()", []),
    ],
)
def test_addresses_and_logins_are_found_in_any_text(text: str, found: list[str]) -> None:
    assert words(text)[0] == found


def test_users_are_found_by_login_primary_address_and_alias(cast: Cast, django_assert_num_queries) -> None:
    anna = cast.user(ox=True, aliases=("sales@acme.test",))
    bert, carl = cast.user("Bert Blum"), cast.user("Carl C")
    draft = drafts.of_group(cast.actor(cast.bob), cast.group("Sales", bert))
    text = "Sales@ACME.test; BERT.blum@acme.test; carl.c, sales, nobody@acme.test ,no one"
    with django_assert_num_queries(2):  # domains; the register with users and members
        found = pasted.meant(draft, text)
    assert found == Meant({anna.pk, carl.pk}, 1, unknown=["nobody@acme.test"], names=["sales", "no", "one"])


def test_an_alias_is_meant_by_its_whole_address_only(cast: Cast) -> None:
    cast.user(ox=True, aliases=("sales@acme.test",))
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    assert pasted.meant(draft, "sales") == Meant(unknown=["sales"])


def test_what_is_in_the_draft_counts(cast: Cast) -> None:
    anna, bert = cast.user(), cast.user("Bert Blum")
    draft = drafts.of_group(cast.actor(cast.bob), cast.group("Sales", bert))
    drafts.bring_in(draft, ServiceUser.objects.filter(pk=anna.pk))
    drafts.take_out(draft, ServiceUser.objects.filter(pk=bert.pk))
    assert pasted.meant(draft, "anna.becker bert.blum") == Meant({bert.pk}, 1)


def test_another_customers_address_is_like_one_that_does_not_exist(cast: Cast) -> None:
    cast.user("Ines Novak", tenant=cast.globex, ox=True, aliases=("ceo@globex.test",))
    gone = cast.user("Gone Girl", ox=True)
    remove_user(actor=cast.system, user=gone)
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    typed = ["ines.novak@globex.test", "ceo@globex.test", "no@globex.test", "ines.novak", "gone.girl@acme.test"]
    assert pasted.meant(draft, "\n".join(typed)) == Meant(unknown=typed)


def test_a_login_of_several_domains_is_told_and_not_guessed(cast: Cast) -> None:
    add_domain(actor=cast.system, tenant=cast.acme, name="bücher.test")
    anna, other = cast.user(login="anna"), cast.user("Anna Other", login="anna.other")
    ServiceUser.objects.filter(pk=other.pk).update(login="anna@xn--bcher-kva.test")
    other.addresses.update(address="anna@xn--bcher-kva.test")
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    assert pasted.meant(draft, "Anna") == Meant(several=["Anna"])
    assert pasted.meant(draft, "anna@acme.test, anna@BÜCHER.test") == Meant({anna.pk, other.pk})


def test_garbage_is_nobodys(cast: Cast) -> None:
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    for text in ("a@b@c", "@", "x@..", "😀@😀", "' OR 1=1 --", "x" * 5000 + "@acme.test", "%@acme.test"):
        found = pasted.meant(draft, text)
        assert (found.new, found.members, found.several) == (set(), 0, [])


def test_far_too_much_is_refused(cast: Cast) -> None:
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    for text in ("x" * 1_000_001, "\n".join(f"u{number}" for number in range(20_001))):
        with refused("pasted"):
            pasted.meant(draft, text)
