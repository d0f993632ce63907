"""Where mail is carried here, the + in an address begins a tag: such an address is nobody's own."""

import pytest
from tests.rows import refused

from oxherd.brands.commands import change_brand
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.people.commands import change_user
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import enable_ox
from oxherd.people.records import OxWish
from oxherd.people.rename_commands import rename_user


@pytest.fixture
def carried(cast):
    cast.carry_mail()
    return cast


def held_before(user: ServiceUser, address: str) -> None:
    """An alias of a user who had it before tags were known."""
    domain = Domain.objects.get(name=address.rpartition("@")[2])
    Address.objects.create(address=address, domain=domain, user=user, kind=AddressKind.ALIAS)


def test_no_new_address_has_a_tag_where_mail_is_carried_here(carried):
    anna, fay = carried.user("Anna Becker", ox=True), carried.user("Fay Gold")
    acts = {
        "login": lambda: carried.user("Eve Fox", login="anna.becker+x"),
        "aliases": lambda: carried.user("Eve Fox", ox=True, aliases=("anna.becker+x@acme.test",)),
        "primary_address": lambda: change_user(
            actor=carried.system, user=anna, aliases=(), primary_address="anna+x@acme.test"
        ),
        "address": lambda: carried.group("Team", anna, address="anna.becker+x@acme.test"),
    }
    for field, act in acts.items():
        with refused(field) as told:
            act()
        assert "takes no + here" in told.value.sentence
    with refused("address"):
        carried.resource("Room", address="anna.becker+x@acme.test")
    with refused("address"):
        carried.forwarder("anna.becker+x@acme.test")
    with refused("login"):
        rename_user(actor=carried.system, user=anna, login="anna+x@acme.test")
    with refused("primary_address"):
        enable_ox(
            actor=carried.system,
            user=fay,
            wish=OxWish(carried.groupware, (), "fay+x@acme.test"),
        )
    assert not Address.objects.filter(address__contains="+").exists()


def test_they_are_as_before_where_mail_is_carried_elsewhere(cast):
    user = cast.user("Eve Fox", login="eve+x", ox=True, aliases=("fox+x@acme.test",))

    assert set(user.addresses.values_list("address", flat=True)) == {"eve+x@acme.test", "fox+x@acme.test"}


def test_who_has_such_an_address_from_before_keeps_it_and_is_changed_like_anybody(carried):
    anna = carried.user("Anna Becker", ox=True)
    held_before(anna, "anna+x@acme.test")

    change_user(
        actor=carried.system, user=anna, display_name="Anna Beck", aliases=("anna+x@acme.test", "beck@acme.test")
    )

    assert anna.addresses.filter(address="anna+x@acme.test").exists()


def test_mail_is_not_carried_here_before_such_addresses_are_gone(cast):
    cast.user("Eve Fox", login="eve+x")
    cast.user("Gus Grey", login="gus+y", tenant=cast.globex)

    with refused("carries_mail") as told:
        change_brand(actor=cast.system, brand=cast.brand, carries_mail=True)

    assert told.value.sentence.startswith("2 addresses hold a +: eve+x@acme.test (Acme), gus+y@globex.test (Globex).")
    Address.objects.filter(address__contains="+").delete()
    change_brand(actor=cast.system, brand=cast.brand, carries_mail=True)


def test_a_brand_that_carries_mail_already_is_changed_in_spite_of_such_addresses(carried):
    held_before(carried.user("Anna Becker", ox=True), "anna+x@acme.test")

    change_brand(actor=carried.system, brand=carried.brand, carries_mail=True, mail_of_disabled="hold")
