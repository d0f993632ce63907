import pytest

from oxherd.errors import Refused
from oxherd.inputs import one_line, whole_number


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Anna \t\r\n Becker ", "Anna Becker"),
        ("", ""),
        ("ß" * 200, "ß" * 200),
        ("李 小龍", "李 小龍"),
        ("O'Neil 🐎", "O'Neil 🐎"),
    ],
)
def test_a_text_becomes_one_line(text, line):
    assert one_line(text, "name") == line


@pytest.mark.parametrize("text", ["a" * 201, "a\x00", "a\x07", "a\x1b[31m", "\u202ea", "a\u200b", "a\ud800", "a\ue000"])
def test_what_cannot_be_kept_or_shown_is_refused(text):
    with pytest.raises(Refused) as caught:
        one_line(text, "name")
    assert caught.value.field == "name"


def test_what_must_be_given_is_asked_for():
    with pytest.raises(Refused, match="Give it a name"):
        one_line(" \n ", "name", missing="Give it a name.")


@pytest.mark.parametrize("number", [None, 0, 1, 2**31 - 1])
def test_numbers_that_can_be_kept_pass(number):
    whole_number(number, "quota_mb")


@pytest.mark.parametrize("number", [-1, 2**31, 10**30])
def test_numbers_that_cannot_be_kept_are_refused(number):
    with pytest.raises(Refused) as caught:
        whole_number(number, "quota_mb")
    assert caught.value.field == "quota_mb"
