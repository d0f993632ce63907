"""Application passwords on the page of one's own."""

from hashlib import sha256

import pytest
from tests.cast import PASSWORD, Cast
from tests.panel.me.conftest import SIGN_IN, sign_in
from tests.panel.upsell.offer_page import text_of
from tests.rows import everything, last_entry

from oxherd.accounts.states import Door
from oxherd.app_passwords.commands import add_app_password
from oxherd.app_passwords.models import AppPassword

ADD = "/me/app-passwords/add/"
NEW = "a wholly different staple"


@pytest.fixture(autouse=True)
def carried(cast: Cast) -> None:
    cast.carry_mail()


@pytest.fixture
def telephone(cast: Cast, anna) -> AppPassword:
    add_app_password(actor=cast.actor(cast.bob), user=anna, name="Telephone")
    return AppPassword.objects.get()


def sent(client, **fields: str):
    return client.post(ADD, {"name": "Tablet", "old": PASSWORD} | fields)


def test_one_is_added_with_the_present_password_and_shown_this_once(cast: Cast, anna, me) -> None:
    assert "One for each mail program or telephone" in text_of(me.get("/me/"))
    answer = sent(me)
    secret = answer.context["secret"]
    assert f">{secret}</output>" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert AppPassword.objects.get().digest == sha256(secret.encode()).hexdigest()
    entry = last_entry()
    assert (entry.action, entry.actor, entry.door, entry.administrator_id, entry.tenant_id, entry.after) == (
        *("app_password:add", "Anna Becker", Door.SELF_SERVICE, None, cast.acme.pk),
        {"app_passwords": ["Tablet"]},
    )
    page = me.get("/me/")
    assert "Tablet Added" in text_of(page)
    assert secret not in page.content.decode()


def test_sending_the_form_again_makes_no_second_one(anna, me) -> None:
    sent(me)
    assert list(sent(me).context["form"].errors) == ["name"]
    assert AppPassword.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"old": "wrong"}, {"old": ["This is not your present password."]}),
        ({"old": ""}, {"old": ["This is not your present password."]}),
        ({"name": ""}, {"name": ["Enter the name of the program or device."]}),
        (
            {"name": "Telephone"},
            {"name": ["There is one of this name already. Choose another name, or revoke that one first."]},
        ),
    ],
)
def test_what_is_refused_is_told_at_its_field_and_adds_nothing(anna, me, telephone, fields, errors) -> None:
    before = everything()
    answer = sent(me, **fields)
    assert (answer.status_code, answer.context["form"].errors) == (422, errors)
    assert everything() == before


def test_the_present_password_cannot_be_guessed_here_either(anna, me) -> None:
    """Guesses count together with those at the form for another password."""
    for _ in range(3):
        sent(me, old="wrong")
    for _ in range(2):
        me.post("/me/password/", {"old": "wrong", "new": NEW, "again": NEW})
    assert sent(me).context["form"].errors == {"old": ["Too many attempts. Wait a few minutes, then try again."]}
    assert not AppPassword.objects.exists()


def test_names_that_will_not_do_are_no_guesses(anna, me) -> None:
    assert [sent(me, name="").status_code for _ in range(6)] == [422] * 6
    assert sent(me).status_code == 200


def test_one_is_revoked_after_it_was_said_what_stops(anna, me, telephone) -> None:
    url = f"/me/app-passwords/{telephone.pk}/revoke/"
    assert url in me.get("/me/").content.decode()
    assert "Telephone can no longer fetch or send your mail" in text_of(me.get(url))
    assert AppPassword.objects.exists()
    assert me.post(url).url == "/me/"
    assert not AppPassword.objects.exists()
    assert "The application password Telephone was revoked." in text_of(me.get("/me/"))
    assert me.post(url).status_code == 404


def test_colleagues_have_theirs_to_themselves(cast: Cast, anna, me) -> None:
    ben = cast.user("Ben Oak", ox=True)
    add_app_password(actor=cast.system, user=ben, name="Watch")
    url = f"/me/app-passwords/{AppPassword.objects.get().pk}/revoke/"
    assert "Watch" not in me.get("/me/").content.decode()
    assert [me.get(url).status_code, me.post(url).status_code] == [404, 404]
    assert AppPassword.objects.exists()


def test_where_others_keep_the_mail_there_is_no_card_and_no_way_in(cast: Cast, anna, me) -> None:
    type(cast.brand).objects.filter(pk=cast.brand.pk).update(carries_mail=False)
    for address in ("/me/", "/me/password/"):
        assert "pplication password" not in me.get(address).content.decode()
    assert [me.get(ADD).status_code, sent(me).status_code] == [422, 422]
    assert not AppPassword.objects.exists()


def test_whoever_is_not_signed_in_here_is_led_to_the_door(cast: Cast, anna, telephone, client) -> None:
    for browser in (client, cast.client(cast.bob)):
        for url in (ADD, f"/me/app-passwords/{telephone.pk}/revoke/"):
            assert [browser.get(url).url, browser.post(url).url] == [SIGN_IN, SIGN_IN]
    assert AppPassword.objects.get() == telephone


def test_an_application_password_opens_the_mailbox_alone(cast: Cast, anna, client) -> None:
    secret = add_app_password(actor=cast.system, user=anna, name="Telephone")
    assert sign_in(client, password=secret).status_code == 422


def test_the_page_costs_one_query_more_however_many_there_are(cast: Cast, anna, me, django_assert_num_queries) -> None:
    me.get("/me/")
    with django_assert_num_queries(8):
        me.get("/me/")
    for number in range(3):
        add_app_password(actor=cast.system, user=anna, name=f"No. {number}")
    with django_assert_num_queries(8):
        me.get("/me/")


@pytest.mark.parametrize("revoke", [False, True])
def test_with_another_password_they_end_only_if_asked_to(anna, me, telephone, revoke: bool) -> None:
    form = me.get("/me/password/")
    assert "Revoke my application passwords too" in text_of(form)
    assert not form.context["form"]["revoke"].value()
    fields = {"old": PASSWORD, "new": NEW, "again": NEW} | ({"revoke": "on"} if revoke else {})
    assert me.post("/me/password/", fields).url == "/me/"
    assert AppPassword.objects.exists() == (not revoke)


def test_without_any_the_form_for_another_password_is_as_ever(anna, me) -> None:
    assert "pplication password" not in me.get("/me/password/").content.decode()
