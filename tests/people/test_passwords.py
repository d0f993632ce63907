import re

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from tests.cast import PASSWORD
from tests.rows import last_entry, queued, refused, waiting

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import Refused
from oxherd.people import passwords
from oxherd.people.commands import change_password
from oxherd.people.removal_commands import delete_user

ME = system("Tests", Door.CLI)
NEW = "violet umbrella in March"


def test_the_hash_is_in_the_notation_of_the_mail_server():
    scheme, hashed = re.fullmatch(r"(\{[A-Z0-9]+\})(\$.*)", passwords.hashed(PASSWORD)).groups()
    assert scheme == "{ARGON2ID}"
    assert extract_parameters(hashed).type == Type.ID
    assert PasswordHasher().verify(hashed, PASSWORD)
    assert len(scheme + hashed) <= 300


def test_a_hash_verifies_its_own_password_only():
    hashed = passwords.hashed("pässwörd ☂ 123")
    assert (passwords.verifies(hashed, "pässwörd ☂ 123"), passwords.verifies(hashed, PASSWORD)) == (True, False)
    assert passwords.hashed(PASSWORD) != passwords.hashed(PASSWORD)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "too short"),
        ("a1!b2?c3x", "too short"),
        ("x" * 129, "too long"),
        ("violet umbrella\tin March", "cannot be typed"),
        ("violet umbrella\nin March", "cannot be typed"),
        ("violet umbrella\x00", "cannot be typed"),
        ("violet umbrella\ud800", "cannot be typed"),
        ("aaaaaaaaaaaa", "easy to guess"),
        ("password123", "easy to guess"),
        ("qwertyuiop", "easy to guess"),
        ("AnnaBecker1", "easy to guess"),
        ("becker2026", "easy to guess"),
    ],
)
def test_a_password_that_will_not_do_is_refused(password, sentence):
    with pytest.raises(Refused, match=sentence) as caught:
        passwords.is_good_enough(password, about=("Anna Becker", "anna@acme.test"))
    assert caught.value.field == "password"


@pytest.mark.parametrize("password", [PASSWORD, NEW, "Gänseblümchen-Wiese", "x9$Kq!2mZp", "correct horse " * 9])
def test_a_password_that_is_hard_to_guess_will_do(password):
    passwords.is_good_enough(password, about=("Anna Becker", "anna@acme.test"))


def test_a_generated_password_is_good_and_can_be_read_out():
    generated = {passwords.generate() for _ in range(200)}
    assert len(generated) == 200
    for password in generated:
        assert re.fullmatch(r"(?:[a-km-zA-HJ-NP-Z2-9]{4}-){3}[a-km-zA-HJ-NP-Z2-9]{4}", password)
    assert not set("".join(generated)) & set("lIO01")
    assert passwords.strength(password) == 4


def test_a_new_password_holds_for_mail_at_once_and_is_sealed_for_ox(cast):
    anna = cast.user("Anna Becker", ox=True)
    change_password(actor=cast.actor(cast.dora), user=anna, password=NEW)
    anna.refresh_from_db()
    assert passwords.verifies(anna.password_hash, NEW)
    assert sealing.unseal(anna.account.sealed_password) == NEW
    assert (last_entry().action, last_entry().actor, last_entry().before, last_entry().after) == (
        *("user:password", "Dora"),
        *({}, {"password": "set"}),
    )
    assert len(waiting(f"account:{anna.account.pk}")) == 1


def test_a_new_password_of_a_user_without_ox_is_kept_as_its_hash_only(cast):
    bert = cast.user("Bert Conrad")
    change_password(actor=ME, user=bert, password=NEW)
    bert.refresh_from_db()
    assert passwords.verifies(bert.password_hash, NEW)
    assert not hasattr(bert, "account")


def test_a_weak_new_password_is_refused_and_the_old_one_stays(cast):
    anna = cast.user("Anna Becker", ox=True)
    with refused("password"):
        change_password(actor=ME, user=anna, password="AnnaBecker1")


def test_somebody_who_is_leaving_gets_no_new_password(cast):
    anna = cast.user("Anna Becker", ox=True)
    delete_user(actor=ME, user=anna)
    with refused(None) as caught:
        change_password(actor=ME, user=anna, password=NEW)
    assert caught.value.sentence == "Anna Becker is being deleted and takes no more changes."
    assert len(queued(f"account:{anna.account.pk}")) == 1
