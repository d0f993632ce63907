import pytest

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.commands import add_domain
from oxherd.folding import folded, prefix_query
from oxherd.keyset import counted
from oxherd.people.commands import NewUser, add_user
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_aliases, change_profile
from oxherd.people.queries import found

ME = system("Tests", Door.CLI)


@pytest.fixture
def staffed(cast):
    add_domain(actor=ME, tenant=cast.acme, name="bücher.example")
    mueller = NewUser(
        display_name="Jörg Müller", login="j_mueller", domain="bücher.example", password="correct horse battery staple"
    )
    add_user(actor=ME, tenant=cast.acme, new=mueller)
    cast.user("Anna Becker", login="anna.becker", ox=True, aliases=("info@acme.test",))
    cast.user("Annette O'Neil", login="ao42")
    cast.user("Łukasz Straße", login="lukasz", ox=True)
    cast.user("Anna Becker", login="anna", tenant=cast.globex)
    return cast


def names(cast, text, **filters):
    return sorted(user.login for user in found(ME, cast.acme, text=text, **filters))


ANNA, ANNETTE, LUKASZ, JOERG = (
    *("anna.becker@acme.test", "ao42@acme.test", "lukasz@acme.test"),
    "j_mueller@xn--bcher-kva.example",
)


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("", [ANNA, ANNETTE, JOERG, LUKASZ]),
        ("   ", [ANNA, ANNETTE, JOERG, LUKASZ]),
        ("anna", [ANNA]),
        ("ann", [ANNA, ANNETTE]),
        ("ANN", [ANNA, ANNETTE]),
        ("nna", []),
        ("becker anna", [ANNA]),
        ("anna o'neil", []),
        ("o'neil", [ANNETTE]),
        ("müller", [JOERG]),
        ("MULLER", [JOERG]),
        ("jorg", [JOERG]),
        ("bücher", [JOERG]),
        ("bucher.example", [JOERG]),
        ("xn--bcher", [JOERG]),
        ("j_muel", [JOERG]),
        ("strasse", [LUKASZ]),
        ("straße", [LUKASZ]),
        ("info@acme.test", [ANNA]),
        ("42", []),
        ("ao4", [ANNETTE]),
        ("acme", [ANNA, ANNETTE, LUKASZ]),
    ],
)
def test_users_are_found_by_the_beginnings_of_words(staffed, text, logins):
    assert names(staffed, text) == logins


@pytest.mark.parametrize(
    "text",
    [
        *("'", '"', "&", "|", "!", ":*", "(", ")", "<->", "\\", "%", "--", ";", "?", "*", "a:*|b", "!anna", "anna &"),
        *("$$", "%s", "{}", "\x00", "\ud800", "'; DROP TABLE", "a\\'b", "☂", "_", "²", "①"),
        *("w" * 5000, "a " * 5000, "ß" * 3000),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_whatever_is_typed_is_no_error(staffed, text):
    assert set(names(staffed, text)) <= {ANNA, ANNETTE, LUKASZ, JOERG}


def test_signs_between_words_are_only_gaps(staffed):
    assert names(staffed, "(anna) & !becker:*") == names(staffed, "anna becker") == [ANNA]


def test_users_of_another_tenant_are_never_found(staffed):
    assert [user.tenant for user in found(ME, staffed.globex, text="anna")] == [staffed.globex]
    other = f"tenant{staffed.globex.pk}"
    assert names(staffed, other) == []
    stranger = staffed.actor(staffed.charlie)
    assert found(stranger, staffed.globex, text="anna").count() == 1
    assert found(stranger, staffed.acme, text="anna").count() == 0


def test_users_are_found_by_new_words_and_no_longer_by_old_ones(staffed):
    anna = ServiceUser.objects.get(login=ANNA)
    change_aliases(actor=ME, user=anna, aliases=("sales@acme.test",))
    assert (names(staffed, "sales"), names(staffed, "info")) == ([ANNA], [])


def test_users_are_found_by_status_and_profile(staffed):
    assert names(staffed, "", status="disabled") == [ANNETTE, JOERG]
    assert names(staffed, "anna", status="in_progress") == [ANNA]
    assert names(staffed, "", status="no such status") == [ANNA, ANNETTE, JOERG, LUKASZ]
    change_profile(actor=ME, users=[ServiceUser.objects.get(login=ANNA)], profile=staffed.mail)
    assert names(staffed, "", profile=staffed.mail.pk) == [ANNA]
    assert names(staffed, "", profile=10**30) == []


def test_a_count_stops_where_it_would_cost_too_much(staffed):
    users = found(ME, staffed.acme)
    assert (counted(users, most=3), counted(users, most=4)) == ((3, True), (4, False))


@pytest.mark.parametrize(("text", "plain"), [("Müller", "muller"), ("STRASSE", "strasse"), ("Straße", "strasse")])
def test_letters_are_compared_without_case_and_accents(text, plain):
    assert folded(text) == plain


def test_what_is_typed_becomes_prefixes():
    assert prefix_query(" Anna O'Neil! ") == "anna:* & o:* & neil:*"
    assert prefix_query("&|!") == ""
