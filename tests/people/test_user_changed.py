import pytest
from tests.rows import everything, last_entry, refused, waiting
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import change_brand
from oxherd.domains.models import Address
from oxherd.errors import Refused
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.queries import found
from oxherd.people.removal_commands import delete_user
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


def change(user, **fields):
    return change_user(actor=ME, user=user, **fields)


def test_a_change_is_kept_written_down_and_on_its_way(cast):
    anna = cast.user("Anna Becker", ox=True)
    OxAccount.objects.update(ox_id=7, applied={"name": "anna.becker@acme.test"})
    ServiceUser.objects.update(status="enabled")
    change(anna, display_name="Anna  Bach", surname="Bach", language="de_DE")
    anna.refresh_from_db()
    assert (anna.display_name, anna.given_name, anna.surname) == ("Anna Bach", "Anna", "Bach")
    assert (anna.sort_name, anna.status) == ("anna bach", "in_progress")
    assert (anna.account.ox_id, anna.account.claimed_name) == (7, "anna bach")
    before = {"display_name": "Anna Becker", "surname": "Becker", "language": "en_US"}
    after = {"display_name": "Anna Bach", "surname": "Bach", "language": "de_DE"}
    assert (last_entry().action, last_entry().before, last_entry().after) == ("user:change", before, after)
    assert len(waiting(f"account:{anna.account.pk}")) == 1
    assert [list(found(ME, cast.acme, text=text)) for text in ("bach", "anna becker@")] == [[anna], [anna]]


def test_a_change_of_a_user_without_ox_asks_no_platform(cast):
    bert = cast.user("Bert Conrad")
    change(bert, time_zone="Asia/Tokyo")
    bert.refresh_from_db()
    assert (bert.time_zone, bert.status) == ("Asia/Tokyo", "disabled")


def test_what_is_so_already_is_not_done_again(cast):
    anna = cast.user("Anna Becker", ox=True)
    before = everything()
    change(anna, display_name=" Anna Becker", surname="Becker")
    assert everything() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "A" * 201),
        ("display_name", "Anna\x00"),
        ("display_name", "zoe adler"),
        ("given_name", "A" * 101),
        ("surname", "Becker\u202e"),
        ("language", "de"),
        ("time_zone", "Berlin"),
    ],
)
def test_what_a_user_cannot_become_is_refused_at_its_field(cast, field, value):
    cast.user("Zoe Adler", ox=True)
    anna = cast.user("Anna Becker", ox=True)
    with refused(field):
        change(anna, **{field: value})


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def test_person_and_addresses_are_changed_in_one_go(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test", "old@acme.test"))
    entries = AuditEntry.objects.count()
    change(anna, language="de_DE", primary_address="INFO@acme.test", aliases=("anna@acme.test", "new@acme.test"))
    assert held(anna) == {"anna@acme.test": "alias", "info@acme.test": "primary", "new@acme.test": "alias"}
    assert AuditEntry.objects.count() == entries + 1
    assert last_entry().after == {
        "language": "de_DE",
        "primary_address": "info@acme.test",
        "aliases": ["anna@acme.test", "new@acme.test"],
    }
    assert len(waiting(f"account:{anna.account.pk}")) == 1
    assert list(found(ME, cast.acme, text="new@acme")) == [anna]


def test_a_new_primary_address_alone_leaves_the_aliases(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    change(anna, primary_address="adler@acme.test")
    assert held(anna) == {"adler@acme.test": "primary", "anna@acme.test": "login", "info@acme.test": "alias"}


def test_addresses_that_cannot_be_had_leave_the_person_too(cast):
    cast.user("Zoe Adler", login="zoe", ox=True)
    anna = cast.user("Anna Becker", ox=True)
    with refused("aliases"):
        change(anna, language="de_DE", aliases=("zoe@acme.test",))
    with refused("primary_address"):
        change(anna, language="de_DE", primary_address="zoe@acme.test")


def test_without_ox_there_are_no_addresses_to_change(cast):
    bert = cast.user("Bert Conrad")
    with refused(None) as caught:
        change(bert, aliases=())
    assert caught.value.sentence == "OX is not enabled for Bert Conrad. Enable it first."


def test_only_some_fields_can_be_changed(cast):
    with pytest.raises(TypeError):
        change(cast.user("Anna Becker"), login="eve@acme.test")


def test_a_name_that_is_free_again_can_be_had(cast):
    zoe, anna = cast.user("Zoe Adler", ox=True), cast.user("Anna Becker", ox=True)
    disable_ox(actor=ME, user=zoe)
    assert change(anna, display_name="Zoe Adler").display_name == "Zoe Adler"


def test_a_name_is_claimed_only_where_the_platform_wants_it_unique(cast):
    cast.user("Zoe Adler", ox=True)
    anna = cast.user("Anna Becker", ox=True)
    change_brand(actor=ME, brand=cast.brand, unique_display_names=False)
    change(anna, display_name="Zoe Adler")
    assert OxAccount.objects.get(user=anna).claimed_name is None


def test_a_user_without_ox_is_gone_at_once(cast):
    bert = cast.user("Bert Conrad", login="bert")
    delete_user(actor=ME, user=bert)
    assert not ServiceUser.objects.filter(login="bert@acme.test").exists()
    assert not Address.objects.filter(address="bert@acme.test").exists()
    assert (last_entry().action, last_entry().before["login"]) == ("user:delete", "bert@acme.test")
    assert cast.user("Bert Conrad", login="bert").login == "bert@acme.test"


def test_a_user_with_ox_stays_until_the_platform_has_let_go(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    delete_user(actor=ME, user=anna)
    anna.refresh_from_db()
    account = anna.account
    assert (anna.presence, account.presence, anna.status) == ("leaving", "leaving", "in_progress")
    assert (account.sealed_password, account.claimed_name) == ("", None)
    assert Seats.objects.get(tenant=cast.acme, profile=cast.groupware).used == 0
    assert Address.objects.filter(user=anna).count() == 2
    assert last_entry().before["aliases"] == ["info@acme.test"]
    assert len(waiting(f"account:{account.pk}")) == 1


def test_somebody_who_is_leaving_is_not_removed_again(cast):
    anna = cast.user("Anna Becker", ox=True)
    delete_user(actor=ME, user=anna)
    with refused(None):
        delete_user(actor=ME, user=anna)
    with refused(None):
        change(anna, surname="Bach")
    assert AuditEntry.objects.filter(action="user:delete").count() == 1


def test_somebody_who_is_gone_is_told_to_be_gone(cast):
    bert = cast.user("Bert Conrad")
    stale = ServiceUser.objects.get(pk=bert.pk)
    delete_user(actor=ME, user=bert)
    with refused(None) as caught:
        change(stale, surname="Bach")
    assert caught.value.sentence == "Bert Conrad has been deleted meanwhile."


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_neither_is_lost(open_cast):
    anna = open_cast.user("Anna Becker", ox=True)
    overlapping(lambda: change(anna, given_name="Annie"), lambda: change(anna, surname="Bach"))
    anna.refresh_from_db()
    assert (anna.given_name, anna.surname) == ("Annie", "Bach")
    assert len(waiting(f"account:{anna.account.pk}")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_display_name_one_is_refused(open_cast):
    anna, bert = open_cast.user("Anna Becker", ox=True), open_cast.user("Bert Conrad", ox=True)
    _, second = overlapping(lambda: change(anna, display_name="Chris"), lambda: change(bert, display_name="CHRIS"))
    assert (type(second), second.field) == (Refused, "display_name")
