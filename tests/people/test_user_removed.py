"""A removed user frees what others may need, keeps the rest, and comes back as before, or mended."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rows import last_entry, refused, waiting
from tests.threads import at_once, overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Address
from oxherd.errors import Refused
from oxherd.people.commands import add_user, change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases, change_profile, disable_ox, enable_ox
from oxherd.people.queries import found, some
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import Mending, delete_user, remove_user, restore_user
from oxherd.people.removal_queries import conflicts_of, one_removed, removed
from oxherd.tenants.commands import change_tenant, suspend_tenant
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


@pytest.fixture
def anna(cast):
    """Somebody with OX and an alias, who was removed."""
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    remove_user(actor=cast.actor(cast.bob), user=anna)
    return fresh(anna)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def used(cast):
    return dict(Seats.objects.filter(tenant=cast.acme).values_list("profile__name", "used"))


def fresh(user):
    return ServiceUser.objects.get(pk=user.pk)


def fields(user):
    return [conflict.field for conflict in conflicts_of(user)]


def test_a_removed_user_frees_seat_addresses_and_name_and_keeps_the_rest(cast, anna):
    account = anna.account
    assert (anna.presence, anna.removed_by, account.presence) == ("removed", "Bob", "removed")
    assert timezone.now() - anna.removed_at < timedelta(minutes=1)
    assert (account.profile, account.primary_address, account.aliases) == (
        *(cast.groupware, "anna@acme.test", ["info@acme.test"]),
    )
    assert used(cast) == {"Mail": 0, "Groupware": 0}
    assert (held(anna), account.claimed_name) == ({}, None)
    assert (last_entry().action, last_entry().before["aliases"]) == ("user:remove", ["info@acme.test"])
    assert (anna.status, len(waiting(f"account:{account.pk}"))) == ("in_progress", 1)
    bert = cast.user("Bert Conrad", login="bert", ox=True, aliases=("info@acme.test", "anna@acme.test"))
    change_user(actor=ME, user=bert, display_name="Anna Becker")
    assert held(bert)["anna@acme.test"] == "alias"


def test_a_removed_user_is_in_no_list_and_found_by_no_search(cast, anna):
    cast.user("Bert Conrad")
    assert [str(user) for user in found(ME, cast.acme)] == ["Bert Conrad"]
    assert list(found(ME, cast.acme, text="anna")) == []
    assert list(found(ME, cast.acme, profile=cast.groupware.pk)) == []
    assert some(ME, cast.acme, [anna.pk]) == []
    assert list(removed(ME, cast.acme)) == [anna]
    assert one_removed(cast.actor(cast.bob), cast.acme, anna.pk) == anna
    assert list(removed(cast.actor(cast.charlie), cast.acme)) == []


def test_nothing_can_be_done_to_a_removed_user_but_to_restore(cast, anna):
    acts = (
        lambda: change_user(actor=ME, user=anna, surname="Bach"),
        lambda: change_aliases(actor=ME, user=anna, aliases=()),
        lambda: change_profile(actor=ME, users=[anna], profile=cast.mail),
        lambda: disable_ox(actor=ME, user=anna),
        lambda: enable_ox(actor=ME, user=anna, wish=OxWish(cast.mail)),
        lambda: remove_user(actor=ME, user=anna),
    )
    for act in acts:
        with refused(None) as caught:
            act()
        assert caught.value.sentence == "Anna Becker was removed. Restore Anna Becker under Recently removed first."


def test_a_user_comes_back_as_before(cast, anna):
    assert conflicts_of(anna) == []
    restore_user(actor=cast.actor(cast.bob), user=anna)
    anna = fresh(anna)
    account = anna.account
    assert (anna.presence, anna.removed_at, anna.removed_by) == ("present", None, "")
    assert (account.presence, account.kept_aliases, account.claimed_name) == ("present", [], "anna becker")
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}
    assert used(cast) == {"Mail": 0, "Groupware": 1}
    assert list(found(ME, cast.acme, text="info anna")) == [anna]
    assert (last_entry().action, last_entry().after["aliases"]) == ("user:restore", ["info@acme.test"])
    assert len(waiting(f"account:{account.pk}")) == 1


def test_a_user_without_ox_comes_back_with_the_login(cast):
    bert = cast.user("Bert Conrad", login="bert")
    remove_user(actor=ME, user=bert)
    assert (held(bert), fresh(bert).status) == ({}, "disabled")
    restore_user(actor=ME, user=bert)
    assert (held(bert), fresh(bert).status) == ({"bert@acme.test": "login"}, "disabled")
    assert list(found(ME, cast.acme, text="bert")) == [bert]


def test_who_is_there_is_not_restored(cast, anna):
    restore_user(actor=ME, user=anna)
    with refused(None) as caught:
        restore_user(actor=ME, user=anna)
    assert caught.value.sentence == "Anna Becker is not removed, or was restored meanwhile."
    delete_user(actor=ME, user=anna)
    with refused(None) as caught:
        restore_user(actor=ME, user=anna)
    assert caught.value.sentence == "Anna Becker is being deleted and takes no more changes."


def test_a_suspended_customer_takes_nobody_back(cast, anna):
    suspend_tenant(actor=ME, tenant=cast.acme)
    with refused(None):
        restore_user(actor=ME, user=anna)


def test_a_login_that_somebody_took_as_alias_is_given_anew(cast, anna):
    cast.user("Bert Conrad", login="bert", ox=True, aliases=("anna@acme.test",))
    (conflict,) = conflicts_of(anna)
    assert (conflict.field, conflict.values) == ("login", ("anna@acme.test",))
    assert conflict.sentence == "anna@acme.test is an alias of Bert Conrad now."
    with refused("login"):
        restore_user(actor=ME, user=anna)
    with refused("login"):
        restore_user(actor=ME, user=anna, mending=Mending(login="bert@acme.test"))
    restore_user(actor=ME, user=anna, mending=Mending(login="Anna.Becker@acme.test"))
    assert held(anna) == {"anna.becker@acme.test": "primary", "info@acme.test": "alias"}
    assert (fresh(anna).login, fresh(anna).account.primary_address) == ("anna.becker@acme.test",) * 2


def test_a_primary_address_that_somebody_took_is_given_anew(cast):
    eve = cast.user("Eve Fox", login="eve")
    enable_ox(actor=ME, user=eve, wish=OxWish(cast.mail, primary_address="e.fox@acme.test"))
    remove_user(actor=ME, user=eve)
    cast.group("Foxes", address="e.fox@acme.test")
    (conflict,) = conflicts_of(fresh(eve))
    assert (conflict.field, conflict.sentence) == ("primary_address", "e.fox@acme.test is the address of Foxes now.")
    with refused("primary_address"):
        restore_user(actor=ME, user=eve)
    restore_user(actor=ME, user=eve, mending=Mending(primary_address="fox@acme.test"))
    assert held(eve) == {"eve@acme.test": "login", "fox@acme.test": "primary"}


def test_aliases_that_others_took_are_left_out(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test", "sales@acme.test"))
    remove_user(actor=ME, user=anna)
    cast.resource("Info desk", address="info@acme.test")
    (conflict,) = conflicts_of(fresh(anna))
    assert (conflict.field, conflict.values) == ("aliases", ("info@acme.test",))
    with refused("aliases"):
        restore_user(actor=ME, user=anna)
    restore_user(actor=ME, user=anna, mending=Mending(aliases=("sales@acme.test",)))
    assert held(anna) == {"anna@acme.test": "primary", "sales@acme.test": "alias"}


def test_without_a_seat_another_profile_is_given(cast, anna):
    change_tenant(actor=ME, tenant=cast.acme, seats={cast.groupware: 1})
    bert = cast.user("Bert Conrad", ox=True)
    (conflict,) = conflicts_of(anna)
    assert (conflict.field, conflict.sentence) == ("profile", "The only seat of the profile Groupware is taken.")
    with refused("profile"):
        restore_user(actor=ME, user=anna)
    restore_user(actor=ME, user=anna, mending=Mending(profile=cast.mail))
    assert (fresh(anna).account.profile, used(cast)) == (cast.mail, {"Mail": 1, "Groupware": 1})
    assert fresh(bert).account.profile == cast.groupware


def test_a_display_name_that_somebody_took_is_given_anew(cast, anna):
    cast.user("Anna Becker", login="anna.b", ox=True)
    assert fields(anna) == ["display_name"]
    with refused("display_name"):
        restore_user(actor=ME, user=anna)
    restore_user(actor=ME, user=anna, mending=Mending(display_name="Anna  Becker-Bach"))
    assert (fresh(anna).display_name, fresh(anna).account.claimed_name) == ("Anna Becker-Bach", "anna becker-bach")


def test_where_names_need_not_be_unique_none_is_in_the_way(cast, anna):
    change_brand(actor=ME, brand=cast.brand, unique_display_names=False)
    cast.user("Anna Becker", login="anna.b", ox=True)
    assert conflicts_of(fresh(anna)) == []
    restore_user(actor=ME, user=anna)


def test_all_conflicts_are_told_at_once(cast, anna):
    change_tenant(actor=ME, tenant=cast.acme, seats={cast.groupware: 1})
    cast.user("Anna Becker", login="anna.b", ox=True, aliases=("anna@acme.test", "info@acme.test"))
    assert fields(anna) == ["login", "aliases", "profile", "display_name"]
    mending = Mending(login="a@acme.test", aliases=(), profile=cast.mail, display_name="Anna B.")
    restore_user(actor=ME, user=anna, mending=mending)
    assert held(anna) == {"a@acme.test": "primary"}


def test_a_login_of_a_removed_user_is_not_given_to_another(cast, anna, new_user):
    with refused("login") as caught:
        add_user(actor=ME, tenant=cast.acme, new=new_user(login="anna"))
    assert caught.value.sentence == (
        "Anna Becker had the login anna@acme.test and was removed recently, so OX still holds it. Restore Anna Becker, "
        "or delete Anna Becker for good under Recently removed, or choose another login."
    )
    eve = cast.user("Eve Fox", login="eve", ox=True, aliases=("anna@acme.test",))
    delete_user(actor=ME, user=anna)
    delete_user(actor=ME, user=eve)
    with refused("login") as caught:
        add_user(actor=ME, tenant=cast.acme, new=new_user(login="anna"))
    assert caught.value.sentence == "The login anna@acme.test is taken. Choose another."


def test_a_manager_of_resources_is_neither_removed_nor_disabled_nor_deleted(cast):
    anna = cast.user("Anna Becker", ox=True)
    for name in ("Blue room", "Car", "Desk", "Eye", "Fax", "Green room"):
        cast.resource(name, manager=anna)
    for act in (remove_user, disable_ox, delete_user):
        with refused(None) as caught:
            act(actor=ME, user=anna)
        assert caught.value.sentence == (
            "Anna Becker manages Blue room, Car, Desk, Eye, Fax and more. Choose another manager first."
        )


def test_deleting_for_good_ends_a_removal(cast, anna):
    delete_user(actor=ME, user=anna)
    account = fresh(anna).account
    assert (fresh(anna).presence, account.presence, used(cast)) == ("leaving", "leaving", {"Mail": 0, "Groupware": 0})
    assert (last_entry().action, last_entry().before["aliases"]) == ("user:delete", ["info@acme.test"])
    assert len(waiting(f"account:{account.pk}")) == 1


def test_without_days_to_keep_a_removal_is_for_good(cast, settings):
    settings.KEEP_REMOVED_DAYS = 0
    bert = cast.user("Bert Conrad")
    remove_user(actor=ME, user=bert)
    assert (ServiceUser.objects.count(), last_entry().action) == (0, "user:delete")


def test_who_is_disabled_and_removed_at_once_comes_back_without_ox(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    disable_ox(actor=ME, user=anna)
    remove_user(actor=ME, user=anna)
    assert (held(anna), fresh(anna).account.presence) == ({}, "leaving")
    restore_user(actor=ME, user=anna)
    assert (held(anna), fresh(anna).account.presence) == ({"anna@acme.test": "login"}, "leaving")


@pytest.mark.django_db(transaction=True)
def test_of_a_restore_and_somebody_who_takes_the_address_one_is_told(open_cast):
    anna = open_cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    bert = open_cast.user("Bert Conrad", login="bert", ox=True)
    remove_user(actor=ME, user=anna)
    take = lambda: change_aliases(actor=ME, user=bert, aliases=("info@acme.test",))  # noqa: E731 - a call to be made
    _, late = overlapping(take, lambda: restore_user(actor=ME, user=anna))
    assert (type(late), late.field, fresh(anna).presence) == (Refused, "aliases", "removed")
    change_aliases(actor=ME, user=bert, aliases=())
    _, late = overlapping(lambda: restore_user(actor=ME, user=anna), take)
    assert (type(late), late.field, held(anna)["info@acme.test"]) == (Refused, "aliases", "alias")


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_goes_to_one_of_two_who_are_restored(open_cast):
    anna, bert = open_cast.user("Anna Becker", ox=True), open_cast.user("Bert Conrad", ox=True)
    for user in (anna, bert):
        remove_user(actor=ME, user=user)
    change_tenant(actor=ME, tenant=open_cast.acme, seats={open_cast.groupware: 1})
    outcomes = at_once(*(lambda user=user: restore_user(actor=ME, user=user) for user in (anna, bert)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "ServiceUser"]
    assert used(open_cast)["Groupware"] == 1


def test_addresses_of_a_removed_users_domain_can_be_told(cast):
    add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("anna@shop.test",))
    remove_user(actor=ME, user=anna)
    assert OxAccount.objects.get(user=anna).kept_aliases == ["anna@shop.test"]
    assert not Address.objects.filter(address="anna@shop.test").exists()
