"""Application passwords on a user's page."""

from hashlib import sha256

import pytest
from tests.cast import Cast
from tests.panel.test_user_page import HTMX, url_of
from tests.panel.upsell.offer_page import text_of
from tests.rows import everything

from oxherd.app_passwords.commands import add_app_password
from oxherd.app_passwords.models import AppPassword
from oxherd.people import passwords
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import remove_user

NEW = "another horse, another battery"


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """With OX, of a customer whose mail we carry."""
    cast.carry_mail()
    return cast.user(ox=True)


@pytest.fixture
def telephone(cast: Cast, anna) -> AppPassword:
    add_app_password(actor=cast.actor(cast.dora), user=anna, name="Telephone")
    return AppPassword.objects.get()


def add_url(user) -> str:
    return url_of(user, "app-passwords/add/")


def revoke_url(app_password: AppPassword) -> str:
    return url_of(app_password.user, f"app-passwords/{app_password.pk}/revoke/")


def test_the_help_desk_adds_one_which_is_shown_this_once(cast: Cast, anna) -> None:
    client = cast.client(cast.dora)
    assert "One for each mail program or telephone" in text_of(client.get(url_of(anna)))
    answer = client.post(add_url(anna), {"name": "Telephone"}, headers=HTMX)
    secret = answer.context["secret"]
    assert f">{secret}</output>" in answer.content.decode()
    assert "anna.becker@acme.test" in text_of(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert AppPassword.objects.get().digest == sha256(secret.encode()).hexdigest()
    page = client.get(url_of(anna))
    assert "Telephone Added" in text_of(page)
    assert "by Dora Revoke" in text_of(page)
    assert (secret in page.content.decode(), AppPassword.objects.get().digest in page.content.decode()) == (
        False,
        False,
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter the name of the program or device."),
        ("x" * 101, "This is longer than 100 characters."),
        ("telephone", "There is one of this name already. Choose another name, or revoke that one first."),
    ],
)
def test_a_name_that_will_not_do_is_told_at_its_field(cast: Cast, anna, telephone, name, sentence) -> None:
    client = cast.client(cast.bob)
    before = everything()
    answer = client.post(add_url(anna), {"name": name}, headers=HTMX)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"name": [sentence]})
    assert everything() == before


def test_one_is_revoked_after_it_was_said_what_stops(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.dora)
    dialog = text_of(client.get(revoke_url(telephone), headers=HTMX))
    assert "Telephone can no longer fetch or send the mail of Anna Becker" in dialog
    assert AppPassword.objects.exists()
    assert client.post(revoke_url(telephone), headers=HTMX).headers["HX-Redirect"] == url_of(anna)
    assert not AppPassword.objects.exists()
    assert client.post(revoke_url(telephone)).status_code == 404


def test_a_reader_sees_them_and_changes_nothing(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.rita)
    page = client.get(url_of(anna)).content.decode()
    assert ("Telephone" in page, add_url(anna) in page, revoke_url(telephone) in page) == (True, False, False)
    before = everything()
    for url in (add_url(anna), revoke_url(telephone)):
        assert [client.get(url).status_code, client.post(url, {"name": "X"}).status_code] == [403, 403]
    assert everything() == before


def test_a_stranger_finds_nothing_by_either_customer(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.charlie)
    before = everything()
    for url in (add_url(anna), revoke_url(telephone)):
        for address in (url, url.replace(f"/t/{cast.acme.pk}/", f"/t/{cast.globex.pk}/")):
            assert [client.get(address).status_code, client.post(address, {"name": "X"}).status_code] == [404, 404]
    assert everything() == before


def test_another_users_is_not_found_by_this_users_address(cast: Cast, anna, telephone) -> None:
    ben = cast.user("Ben Oak", ox=True)
    assert cast.client(cast.bob).post(url_of(ben, f"app-passwords/{telephone.pk}/revoke/")).status_code == 404
    assert AppPassword.objects.get() == telephone


def test_where_others_keep_the_mail_there_is_no_card_and_no_way_in(cast: Cast) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.bob)
    assert "pplication password" not in client.get(url_of(user)).content.decode()
    assert "pplication password" not in client.get(url_of(user, "password/")).content.decode()
    assert [client.get(add_url(user)).status_code, client.post(add_url(user), {"name": "X"}).status_code] == [422, 422]
    assert not AppPassword.objects.exists()


def test_without_ox_there_is_a_card_only_for_those_from_before(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.bob)
    assert "pplication password" not in client.get(url_of(cast.user("Ben Oak"))).content.decode()
    disable_ox(actor=cast.system, user=anna)
    page = client.get(url_of(anna)).content.decode()
    assert ("They do not work while OX is disabled." in page, add_url(anna) in page) == (True, False)
    assert client.post(revoke_url(telephone)).status_code == 302
    assert not AppPassword.objects.exists()


def test_of_who_was_removed_none_are_shown(cast: Cast, anna, telephone) -> None:
    remove_user(actor=cast.system, user=anna)
    assert add_url(anna) not in cast.client(cast.bob).get(url_of(anna)).content.decode()
    assert cast.client(cast.bob).post(revoke_url(telephone)).status_code == 422
    assert AppPassword.objects.exists()


def test_the_page_costs_one_query_more_however_many_there_are(cast: Cast, django_assert_num_queries) -> None:
    user = cast.user(ox=True)
    client = cast.client(cast.bob)
    with django_assert_num_queries(15):
        client.get(url_of(user))
    cast.carry_mail()
    with django_assert_num_queries(17):  # and the forwarders that lead to the user
        client.get(url_of(user))
    for number in range(3):
        add_app_password(actor=cast.system, user=user, name=f"No. {number}")
    with django_assert_num_queries(17):
        client.get(url_of(user))


@pytest.mark.parametrize("fields", [{"password": NEW, "confirm": NEW}, {"generate": "yes"}])
@pytest.mark.parametrize("revoke", [False, True])
def test_with_the_password_they_end_only_if_asked_to(cast: Cast, anna, telephone, fields, revoke) -> None:
    client = cast.client(cast.dora)
    dialog = client.get(url_of(anna, "password/"), headers=HTMX)
    assert "Revoke application passwords too" in text_of(dialog)
    assert not dialog.context["form"]["revoke"].value()
    answer = client.post(url_of(anna, "password/"), fields | ({"revoke": "on"} if revoke else {}), headers=HTMX)
    assert answer.status_code == 200
    assert not passwords.verifies(ServiceUser.objects.get(pk=anna.pk).password_hash, "correct horse battery staple")
    assert AppPassword.objects.exists() == (not revoke)
    if "generate" in fields:
        assert ("the application passwords were revoked" in text_of(answer)) == revoke


def test_the_history_and_the_day_tell_them_by_name(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.bob)
    client.post(revoke_url(telephone))
    gone, new = client.get(url_of(anna)).context["history"][:2]
    assert (gone.what, gone.who, new.what, new.who) == (
        *("Application password revoked", "Bob"),
        *("Application password added", "Dora"),
    )
    assert [[(each.label, each.before, each.after) for each in entry.changes] for entry in (gone, new)] == [
        [("Application password", "Telephone", "")],
        [("Application password", "", "Telephone")],
    ]
    then = client.get(url_of(anna, "history/"), {"on": new.at.isoformat()}).context["lines"]
    now = client.get(url_of(anna, "history/")).context["lines"]
    told = [
        [(line.value, line.by.actor) for line in lines if line.label == "Application password"] for lines in (then, now)
    ]
    assert told == [[("Telephone", "Dora")], []]


def test_every_dialog_is_a_page_where_there_is_no_script(cast: Cast, anna, telephone) -> None:
    client = cast.client(cast.bob)
    for url in (add_url(anna), revoke_url(telephone)):
        page = client.get(url).content.decode()
        assert ("<html" in page, f'action="{url}"' in page) == (True, True)
