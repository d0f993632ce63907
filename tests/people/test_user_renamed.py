import pytest
from tests.rows import everything, last_entry, refused, waiting
from tests.threads import at_once, overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Address
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases, disable_ox
from oxherd.people.queries import found
from oxherd.people.removal_commands import remove_user
from oxherd.people.rename_commands import rename_user

ME = system("Tests", Door.CLI)


def rename(user, login="", primary="", **more):
    return rename_user(actor=ME, user=user, login=login, primary_address=primary, **more)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


@pytest.fixture
def anna(cast):
    """Anna in OX, as the worker leaves her."""
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))
    OxAccount.objects.update(ox_id=7, ox_name="anna@acme.test")
    ServiceUser.objects.update(status="enabled")
    return anna


def test_login_and_address_move_in_one_change_and_the_old_address_stays_as_an_alias(cast, anna):
    entries = AuditEntry.objects.count()
    rename(anna, " Anna.Adler@ACME.test ", "anna.adler@acme.test")
    anna.refresh_from_db()
    assert (anna.login, anna.status) == ("anna.adler@acme.test", "in_progress")
    assert (anna.account.primary_address, anna.account.ox_name) == ("anna.adler@acme.test", "anna@acme.test")
    assert held(anna) == {"anna.adler@acme.test": "primary", "anna@acme.test": "alias", "info@acme.test": "alias"}
    assert AuditEntry.objects.count() == entries + 1
    assert last_entry().action == "user:rename"
    assert last_entry().before == {
        "login": "anna@acme.test",
        "primary_address": "anna@acme.test",
        "aliases": ["info@acme.test"],
    }
    assert last_entry().after == {
        "login": "anna.adler@acme.test",
        "primary_address": "anna.adler@acme.test",
        "aliases": ["anna@acme.test", "info@acme.test"],
    }
    assert len(waiting(f"account:{anna.account.pk}")) == 1
    assert [list(found(ME, cast.acme, text=text)) for text in ("adler", "anna@acme", "becker")] == [[anna]] * 3


def test_the_old_address_goes_where_nobody_wants_to_keep_it(cast, anna):
    rename(anna, "adler@acme.test", "adler@acme.test", keep_old_as_alias=False)
    assert held(anna) == {"adler@acme.test": "primary", "info@acme.test": "alias"}
    assert list(found(ME, cast.acme, text="anna@acme")) == [anna]  # by the name's words, and the domain's
    assert Address.objects.filter(address="anna@acme.test").count() == 0


def test_the_login_alone_moves_and_the_address_stays(anna):
    rename(anna, "adler@acme.test")
    assert held(anna) == {"adler@acme.test": "login", "anna@acme.test": "primary", "info@acme.test": "alias"}
    assert last_entry().after == {"login": "adler@acme.test"}


def test_the_address_alone_moves_to_another_domain_and_the_login_stays_held(cast, anna):
    add_domain(actor=ME, tenant=cast.acme, name="bücher.test")
    rename(anna, primary="anna@bücher.test", keep_old_as_alias=False)
    assert held(anna) == {"anna@acme.test": "login", "anna@xn--bcher-kva.test": "primary", "info@acme.test": "alias"}


def test_an_alias_becomes_the_primary_address(anna):
    rename(anna, primary="info@acme.test")
    assert held(anna) == {"anna@acme.test": "alias", "info@acme.test": "primary"}
    assert last_entry().after == {"primary_address": "info@acme.test", "aliases": ["anna@acme.test"]}


def test_an_own_alias_becomes_the_login_and_receives_mail_as_before(anna):
    rename(anna, "info@acme.test")
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}
    assert ServiceUser.objects.get().login == "info@acme.test"


def test_a_user_without_ox_has_the_new_login_only(cast):
    bert = cast.user("Bert Conrad", login="bert")
    rename(bert, "conrad@acme.test")
    bert.refresh_from_db()
    assert (bert.status, held(bert)) == ("disabled", {"conrad@acme.test": "login"})
    assert cast.user("Bert Blum", login="bert").login == "bert@acme.test"


def test_without_ox_there_is_no_address_to_move(cast):
    bert = cast.user("Bert Conrad", login="bert")
    with refused("primary_address"):
        rename(bert, primary="conrad@acme.test")


@pytest.mark.parametrize("login", ["", "anna@acme.test", " ANNA@acme.test "])
def test_what_is_so_already_is_not_done_again(anna, login):
    before = everything()
    rename(anna, login, "Anna@acme.test" if login else "")
    assert everything() == before


@pytest.mark.parametrize(
    ("field", "login", "primary"),
    [
        ("login", "zoe@acme.test", ""),
        ("login", "zoes@acme.test", ""),
        ("login", "anna", ""),
        ("login", "anna@globex.test", ""),
        ("login", "an/na@acme.test", ""),
        ("login", "ännä@acme.test", ""),
        ("login", "zoe@acme.test", "zoe@acme.test"),
        ("primary_address", "", "zoe@acme.test"),
        ("primary_address", "new@acme.test", "zoes@acme.test"),
        ("primary_address", "", "anna@nowhere.test"),
        ("primary_address", "", ".anna@acme.test"),
    ],
)
def test_what_cannot_be_had_is_refused_at_its_field(cast, anna, field, login, primary):
    cast.user("Zoe Adler", login="zoe", ox=True, aliases=("zoes@acme.test",))
    with refused(field):
        rename(anna, login, primary)


def test_the_old_address_is_no_alias_too_many(cast, anna):
    change_aliases(actor=ME, user=anna, aliases=tuple(f"a{number}@acme.test" for number in range(100)))
    with refused("aliases"):
        rename(anna, primary="new@acme.test")
    rename(anna, primary="new@acme.test", keep_old_as_alias=False)


def test_whom_ox_has_under_an_old_name_keeps_that_name_from_others(cast, anna):
    rename(anna, "adler@acme.test", "adler@acme.test", keep_old_as_alias=False)
    with refused("login") as caught:
        cast.user("Anna Blum", login="anna")
    assert caught.value.sentence == "In OX, Anna Becker has the name anna@acme.test still. Choose another login."
    bert = cast.user("Bert Conrad", login="bert")
    with refused("login"):
        rename(bert, "anna@acme.test")
    rename(anna, "anna@acme.test")  # whose own it is
    anna.refresh_from_db()
    assert anna.login == "anna@acme.test"


def test_before_ox_has_the_user_every_name_that_was_tried_is_remembered(cast):
    anna = cast.user("Anna Becker", login="a", ox=True)
    for login in ("b", "c", "a", "d"):
        rename(anna, f"{login}@acme.test")
    account = OxAccount.objects.get()
    assert (account.ox_name, account.former_names) == ("", ["b@acme.test", "c@acme.test", "a@acme.test"])


def test_an_account_that_is_leaving_is_looked_for_under_the_old_name_too(cast):
    anna = cast.user("Anna Becker", login="anna", ox=True)
    disable_ox(actor=ME, user=anna)
    rename(anna, "adler@acme.test")
    assert OxAccount.objects.get().former_names == ["anna@acme.test"]
    assert held(anna) == {"adler@acme.test": "login"}


def test_whoever_is_being_removed_is_not_renamed(cast, anna):
    remove_user(actor=ME, user=anna)
    with refused(None):
        rename(anna, "adler@acme.test")


def test_only_who_manages_users_may_rename(cast, anna):
    for administrator, error in ((cast.dora, NotAllowed), (cast.rita, NotAllowed), (cast.charlie, NotYours)):
        with pytest.raises(error):
            rename_user(actor=cast.actor(administrator), user=anna, login="adler@acme.test")
    rename_user(actor=cast.actor(cast.bob), user=anna, login="adler@acme.test")


@pytest.mark.django_db(transaction=True)
def test_two_renames_that_cross_are_both_refused(open_cast):
    """Each wants what the other still has."""
    anna, bert = (open_cast.user(name, login=login, ox=True) for name, login in (("Anna", "anna"), ("Bert", "bert")))
    outcomes = at_once(
        lambda: rename(anna, "bert@acme.test", "bert@acme.test", keep_old_as_alias=False),
        lambda: rename(bert, "anna@acme.test", "anna@acme.test", keep_old_as_alias=False),
    )
    assert [type(outcome) for outcome in outcomes] == [Refused, Refused]
    assert (held(anna), held(bert)) == ({"anna@acme.test": "primary"}, {"bert@acme.test": "primary"})


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_the_same_login_at_once_one_is_refused(open_cast):
    anna, bert = (open_cast.user(name, login=login, ox=True) for name, login in (("Anna", "anna"), ("Bert", "bert")))
    _, second = overlapping(
        lambda: rename(anna, "chris@acme.test", "chris@acme.test"),
        lambda: rename(bert, "chris@acme.test", "chris@acme.test"),
    )
    assert (type(second), second.field) == (Refused, "login")
    assert held(bert) == {"bert@acme.test": "primary"}


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_just_being_taken_as_an_alias_is_refused(open_cast):
    anna, bert = (open_cast.user(name, login=login, ox=True) for name, login in (("Anna", "anna"), ("Bert", "bert")))
    _, second = overlapping(
        lambda: change_aliases(actor=ME, user=bert, aliases=("chris@acme.test",)),
        lambda: rename(anna, "chris@acme.test", "chris@acme.test"),
    )
    assert (type(second), second.field) == (Refused, "login")
    assert held(anna) == {"anna@acme.test": "primary"}


@pytest.mark.django_db(transaction=True)
def test_a_login_that_is_just_becoming_free_while_ox_still_has_it_is_not_given_away(open_cast):
    anna = open_cast.user("Anna Becker", login="anna", ox=True)
    OxAccount.objects.update(ox_id=7, ox_name="anna@acme.test")
    _, second = overlapping(
        lambda: rename(anna, "adler@acme.test", "adler@acme.test", keep_old_as_alias=False),
        lambda: open_cast.user("Anna Blum", login="anna"),
    )
    assert (type(second), second.field) == (Refused, "login")
    assert ServiceUser.objects.count() == 1
