"""Comboboxes: what they offer, and what their field takes."""

import re

import pytest
from django import forms
from tests.cast import Cast

from oxherd.panel.forms.combobox import Combobox, is_search
from oxherd.people.removal_commands import remove_user


class ManagerForm(forms.Form):
    manager = Combobox("managers", none="No manager", gone="Choose another manager.")

    def __init__(self, cast, data=None, but=(), **options):
        super().__init__(data, **options)
        self.fields["manager"].look(cast.actor(cast.bob), cast.acme, data, but)

    @property
    def box(self):
        return self.fields["manager"].box("manager", self["manager"].value())


def url(cast, name="managers"):
    return f"/t/{cast.acme.pk}/options/{name}/"


def offered(answer):
    return re.findall(r'data-label="([^"]*)"', answer.content.decode())


def test_users_with_ox_are_offered_by_name_and_found_by_what_is_typed(cast: Cast) -> None:
    anna, _, leaving = cast.user(ox=True), cast.user("Bert Blum", ox=True), cast.user("Lea Leaving", ox=True)
    cast.user("Carl Without")
    cast.user("Ines Novak", tenant=cast.globex, ox=True)
    remove_user(actor=cast.system, user=leaving)
    client = cast.client(cast.bob)
    assert offered(client.get(url(cast))) == ["Anna Becker", "Bert Blum"]
    assert offered(client.get(url(cast), {"none": "No manager"})) == ["No manager", "Anna Becker", "Bert Blum"]
    assert offered(client.get(url(cast), {"none": "No manager", "q": " BLU\x00 "})) == ["Bert Blum"]
    choices = client.get(url(cast), {"none": "As above", "nobody": "No manager"})
    assert offered(choices) == ["As above", "No manager", "Anna Becker", "Bert Blum"]
    assert re.findall(r'data-value="(\w*)"', choices.content.decode())[:2] == ["", "nobody"]
    assert offered(client.get(url(cast), {"nobody": "No manager", "q": "blu"})) == ["Bert Blum"]
    assert offered(client.get(url(cast), {"q": "zzz"})) == []
    assert offered(client.get(url(cast), {"but": f"{anna.pk},x"})) == ["Bert Blum"]
    assert "anna.becker@acme.test" in client.get(url(cast), {"q": "anna"}).content.decode()


def test_the_first_twenty_are_offered_and_more_is_told(cast: Cast, django_assert_num_queries) -> None:
    for number in range(20):
        cast.user(f"User {number:02}", ox=True)
    client = cast.client(cast.bob)
    assert "data-more" not in client.get(url(cast)).content.decode()
    cast.user("User 20", ox=True)
    with django_assert_num_queries(5):  # session, administrator, roles; tenant; users
        answer = client.get(url(cast))
    assert (len(offered(answer)), "data-more" in answer.content.decode()) == (20, True)


@pytest.mark.parametrize(("who", "name"), [("charlie", "managers"), ("bob", "nothing")])
def test_a_stranger_and_an_unknown_list_find_nothing(cast: Cast, who: str, name: str) -> None:
    assert cast.client(getattr(cast, who)).get(url(cast, name)).status_code == 404


def test_the_field_gives_the_chosen_one_or_nobody(cast: Cast) -> None:
    anna = cast.user(ox=True)
    for posted, chosen in ((str(anna.pk), anna), ("", None)):
        form = ManagerForm(cast, {"manager": posted})
        assert (form.is_valid(), form.cleaned_data["manager"]) == (True, chosen)


def test_whom_the_list_does_not_offer_the_field_does_not_take(cast: Cast) -> None:
    without, foreign = cast.user("Carl Without"), cast.user("Ines Novak", tenant=cast.globex, ox=True)
    anna = cast.user(ox=True)
    for posted in (without.pk, foreign.pk, "x", "-1", "9" * 30, "\x00"):
        form = ManagerForm(cast, {"manager": str(posted)})
        assert form.errors == {"manager": ["Choose another manager."]}
        assert form.box.chosen is None
    assert not ManagerForm(cast, {"manager": str(anna.pk)}, but=[str(anna.pk)]).is_valid()


def test_without_script_the_search_finds_whom_to_choose_from(cast: Cast) -> None:
    anna, bert = cast.user(ox=True), cast.user("Bert Becker", ox=True)
    assert is_search({"do": "find"})
    box = ManagerForm(cast, {"manager": str(anna.pk), "manager_text": "beck", "do": "find"}).box
    assert (box.chosen.label, [option.value for option in box.found], box.more) == (
        "Anna Becker",
        [str(bert.pk)],
        False,
    )
    stored = ManagerForm(cast, initial={"manager": anna.pk}).box
    assert (stored.chosen.detail, stored.found, stored.none) == ("anna.becker@acme.test", [], "No manager")
