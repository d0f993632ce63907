"""Long JSON lists are read element by element."""

import json

import pytest

from oxherd.ox.json_lists import NoList, objects_in

USERS = [{"name": f"user{number}", "displayName": "Ä" * number, "aliases": [{"a": None}, "]}"]} for number in range(60)]
WRITTEN = json.dumps(USERS, ensure_ascii=False, indent=1).encode()


@pytest.mark.parametrize("size", [1, 7, 1000, len(WRITTEN)])
def test_it_does_not_matter_how_the_list_arrives(size):
    pieces = (WRITTEN[start : start + size] for start in range(0, len(WRITTEN), size))
    assert list(objects_in(pieces)) == USERS


def test_an_element_is_there_before_the_next_one_arrives():
    def pieces():
        yield b'[{"name": "anna"}'
        raise AssertionError("nobody has asked for more")

    assert next(objects_in(pieces())) == {"name": "anna"}


def test_a_list_may_be_empty():
    assert list(objects_in([b" [", b" ] "])) == []


@pytest.mark.parametrize("answer", [b"", b"{}", b"[1]", b'[{"name":', b"[{} {}", b"<html>", b"[\xff", b"[{}"])
def test_what_is_no_list_of_objects_is_told(answer):
    with pytest.raises(NoList):
        list(objects_in([answer]))


def test_an_element_without_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("oxherd.ox.json_lists.MOST_CHARACTERS", 5000)
    taken = []

    def pieces():
        yield b'[{"name": "'
        while True:
            taken.append(1000)
            yield b"x" * 1000

    with pytest.raises(NoList, match="too long"):
        list(objects_in(pieces()))
    assert sum(taken) < 10_000
