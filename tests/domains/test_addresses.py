"""The register of addresses: one owner each in the whole installation, one form however they are written."""

import pytest
from django.db import transaction
from tests.cast import make_cast
from tests.rows import everything, refused
from tests.threads import overlapping

from oxherd.domains.commands import add_domain, register
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.domains.queries import owner, split, taken
from oxherd.domains.rules import local_part, login_local_part
from oxherd.errors import Refused

LOGIN, PRIMARY, ALIAS = AddressKind.LOGIN, AddressKind.PRIMARY, AddressKind.ALIAS


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def wish(**kinds):
    domain = Domain.objects.get(name="acme.test")
    return {f"{name}@acme.test": (domain, kind) for name, kind in kinds.items()}


def test_the_register_holds_exactly_what_is_wanted(cast):
    anna = cast.user("Anna Becker", login="anna")
    register(wish(anna=LOGIN, info=PRIMARY, sales=ALIAS), fields={}, user_id=anna.pk)
    assert held(anna) == {"anna@acme.test": "login", "info@acme.test": "primary", "sales@acme.test": "alias"}
    register(wish(anna=PRIMARY, info=ALIAS), fields={}, user_id=anna.pk)
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}


def test_what_is_held_already_is_left_alone(cast):
    anna = cast.user("Anna Becker", login="anna")
    before = everything()
    register(wish(anna=LOGIN), fields={}, user_id=anna.pk)
    assert everything() == before


def test_the_primary_address_may_change_places_with_an_alias(cast):
    anna = cast.user("Anna Becker", login="anna")
    register(wish(anna=PRIMARY, info=ALIAS), fields={}, user_id=anna.pk)
    register(wish(anna=ALIAS, info=PRIMARY), fields={}, user_id=anna.pk)
    assert held(anna) == {"anna@acme.test": "alias", "info@acme.test": "primary"}


def test_an_address_of_somebody_else_is_refused_at_the_field_that_asked_for_it(cast):
    anna, bert = cast.user("Anna Becker", login="anna"), cast.user("Bert Conrad", login="bert")
    for field in ("login", "primary_address", "aliases"):
        with refused(field) as caught:
            register(wish(bert=LOGIN, anna=ALIAS), fields={"anna@acme.test": field}, user_id=bert.pk)
        assert caught.value.sentence == "anna@acme.test is taken. Choose another address."
    assert (held(anna), held(bert)) == ({"anna@acme.test": "login"}, {"bert@acme.test": "login"})


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_an_address_at_once_one_is_told_which_it_was(transactional_db):
    cast = make_cast()
    anna, bert = cast.user("Anna Becker", login="anna"), cast.user("Bert Conrad", login="bert")
    _, second = overlapping(
        lambda: register(wish(anna=LOGIN, info=ALIAS), fields={}, user_id=anna.pk),
        lambda: register(wish(bert=LOGIN, info=PRIMARY), fields={"info@acme.test": "primary_address"}, user_id=bert.pk),
    )
    assert (type(second), second.field) == (Refused, "primary_address")
    assert second.sentence == "info@acme.test is taken. Choose another address."


@pytest.mark.django_db(transaction=True)
def test_two_who_want_what_the_other_holds_do_not_hang(transactional_db):
    """Each has an address the other asks for next: one is refused, the other gets both."""
    cast = make_cast()
    anna, bert = cast.user("Anna Becker", login="anna"), cast.user("Bert Conrad", login="bert")

    @transaction.atomic
    def berts_way():
        register(wish(bert=LOGIN, y=ALIAS), fields={}, user_id=bert.pk)
        register(wish(bert=LOGIN, x=ALIAS, y=ALIAS), fields={}, user_id=bert.pk)

    outcomes = overlapping(
        lambda: register(wish(anna=LOGIN, x=ALIAS), fields={}, user_id=anna.pk),
        berts_way,
        then=lambda: register(wish(anna=LOGIN, x=ALIAS, y=ALIAS), fields={}, user_id=anna.pk),
    )
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [Refused]
    assert Address.objects.filter(kind="alias").count() == 2


def test_addresses_compare_without_regard_to_case_and_script(cast):
    domain = add_domain(actor=cast.system, tenant=cast.acme, name="bücher.example")
    for typed in ("Anna@Bücher.example", " anna@XN--BCHER-KVA.EXAMPLE ", "ANNA@bücher.example."):
        assert split(cast.acme, typed, "aliases") == ("anna", domain)


@pytest.mark.parametrize(
    "typed", ["", "anna", "@acme.test", "anna@", "a b@acme.test", "anna@@acme.test", "anna@nowhere.test", "x" * 100_000]
)
def test_what_is_no_address_of_the_tenant_is_refused_at_the_field(cast, typed):
    with refused("aliases") as caught:
        split(cast.acme, typed, "aliases")
    assert len(caught.value.sentence) < 300


def test_a_domain_of_another_tenant_is_refused(cast):
    with refused("aliases") as caught:
        split(cast.acme, "anna@globex.test", "aliases")
    assert caught.value.sentence == "globex.test is not a domain of Acme. Choose one from the list."


@pytest.mark.parametrize("text", ["anna", "a.b-c_d+e", "ANNA", "o'neil", "a" * 64])
def test_these_may_stand_before_the_at(text):
    assert local_part(text, "login") == text.lower()


@pytest.mark.parametrize(
    "text", ["", " ", ".anna", "anna.", "an..na", "änna", "an na", "a@b", "a\x00", "a\nb", "a" * 65]
)
def test_these_may_not_stand_before_the_at(text):
    with pytest.raises(Refused) as caught:
        local_part(text, "login")
    assert caught.value.field == "login"


@pytest.mark.parametrize("text", ["o'neil", "a&b", "a/b", "a=b", "{a}"])
def test_a_login_takes_only_what_the_platform_takes_in_names(text):
    assert local_part(text, "aliases") == text
    with pytest.raises(Refused) as caught:
        login_local_part(text)
    assert caught.value.field == "login"


def test_the_register_says_who_has_what(cast):
    anna = cast.user("Anna Becker", login="anna")
    assert owner("anna@acme.test").user == anna
    assert owner("bert@acme.test") is None
    asked = ["anna@acme.test", "bert@acme.test"]
    assert (taken(asked), taken(asked, but_for=anna.pk)) == ({"anna@acme.test"}, set())
