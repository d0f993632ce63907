"""The page of a service user: what it shows, and what is done there."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.panel.me.conftest import SIGN_IN, sign_in
from tests.panel.upsell.offer_page import open_offer, text_of
from tests.pictures import bomb, picture
from tests.rows import everything, last_entry, waiting

from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand
from oxherd.brands.upsell_commands import change_logo
from oxherd.people import passwords
from oxherd.people.commands import change_photo
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.photos import LARGEST_UPLOAD
from oxherd.people.usage import note_use
from oxherd.purchases.commands import reject
from oxherd.purchases.models import PurchaseRequest
from oxherd.sealing import unseal

NEW = "a wholly different staple"


def passwords_sent(client, **fields: str):
    return client.post("/me/password/", {"old": PASSWORD, "new": NEW, "again": NEW} | fields)


def photo_sent(client, content: bytes):
    return client.post("/me/photo/", {"photo": SimpleUploadedFile("me.png", content, content_type="image/png")})


def test_it_shows_who_one_is_and_what_one_has(cast: Cast, anna, me) -> None:
    note_use(anna.account.pk, drive=250)
    text = text_of(me.get("/me/"))
    for words in (
        "Anna Becker",
        "anna.becker@acme.test",
        "a.becker@acme.test",
        "Your profile Mail",
        "250 MB",
        "Address book",
    ):
        assert words in text, words
    for words in ("Bob", "Globex", "Customers", "Ask for more", "What you have asked for"):
        assert words not in text, words


def test_it_costs_the_same_with_more_of_everything(cast: Cast, anna, me, django_assert_num_queries) -> None:
    # Session, user; photo, logo; requests, offer, aliases; is it being looked at.
    me.get("/me/")
    with django_assert_num_queries(7):
        me.get("/me/")
    for number in range(3):
        cast.user(f"User {number}", ox=True)
    with django_assert_num_queries(7):
        me.get("/me/")


def test_it_has_the_brands_look(cast: Cast, anna, me) -> None:
    change_brand(actor=cast.system, brand=cast.brand, colour="#ffcc00")
    change_logo(actor=cast.system, brand=cast.brand, picture=picture())
    page = me.get("/me/").content.decode()
    assert "/me/style.css?ffcc00" in page
    assert "--brand: #ffcc00; --brand-ink: #111111" in me.get("/me/style.css").content.decode()
    logo = page.split('<img src="')[1].split('"')[0]
    assert me.get(logo).headers["Content-Type"] == "image/png"
    assert me.get("/me/logo/" + "0" * 64 + ".png").status_code == 404


def test_the_password_is_changed_for_mail_at_once_and_goes_to_ox(cast: Cast, anna, me) -> None:
    job_before = len(waiting(f"account:{anna.account.pk}"))
    assert passwords_sent(me).url == "/me/"
    fresh = ServiceUser.objects.get(pk=anna.pk)
    assert passwords.verifies(fresh.password_hash, NEW)
    assert unseal(fresh.account.sealed_password) == NEW
    assert len(waiting(f"account:{anna.account.pk}")) >= job_before
    entry = last_entry()
    assert (entry.action, entry.actor, entry.door, entry.administrator_id, entry.tenant_id, entry.after) == (
        *("user:password", "Anna Becker", Door.SELF_SERVICE, None, cast.acme.pk),
        {"password": "set"},
    )
    assert NEW not in json.dumps(everything(), default=str)


def test_a_changed_password_keeps_this_session_and_ends_the_others(anna, me) -> None:
    other = Client()
    sign_in(other)
    key = me.session.session_key
    passwords_sent(me)
    assert me.get("/me/").status_code == 200
    assert me.session.session_key != key
    assert other.get("/me/").url == SIGN_IN


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"old": "wrong"}, {"old": ["This is not your present password."]}),
        ({"new": "short", "again": "short"}, {"new": ["The password is too short: 10 characters at least."]}),
        (
            {"new": "Anna Becker 1", "again": "Anna Becker 1"},
            {"new": ["The password is easy to guess. Add some words or generate one."]},
        ),
        ({"new": PASSWORD, "again": PASSWORD}, {"new": ["This is your present password. Choose another one."]}),
        ({"again": "another one"}, {"again": ["The two passwords differ. Enter the same one twice."]}),
        ({"new": "", "again": ""}, {"new": ["Enter a new password."]}),
    ],
)
def test_a_refused_password_is_told_at_its_field_and_changes_nothing(anna, me, fields, errors) -> None:
    before = everything()
    answer = passwords_sent(me, **fields)
    assert (answer.status_code, answer.context["form"].errors) == (422, errors)
    assert everything() == before


def test_the_present_password_cannot_be_guessed_here(anna, me) -> None:
    for _ in range(5):
        assert passwords_sent(me, old="wrong").context["form"].errors["old"] == ["This is not your present password."]
    errors = passwords_sent(me).context["form"].errors
    assert errors == {"old": ["Too many attempts. Wait a few minutes, then try again."]}


def test_weak_passwords_do_not_count_as_guesses(anna, me) -> None:
    for _ in range(6):
        assert passwords_sent(me, new="short", again="short").status_code == 422
    assert passwords_sent(me).status_code == 302


def test_the_photo_is_changed_shown_and_removed(cast: Cast, anna, me) -> None:
    assert photo_sent(me, picture()).url == "/me/"
    digest = Photo.objects.get(user=anna).digest
    assert f"/me/photo/{digest}.jpg" in me.get("/me/").content.decode()
    assert me.get(f"/me/photo/{digest}.jpg").headers["Content-Type"] == "image/jpeg"
    assert (last_entry().actor, last_entry().before, last_entry().after) == (
        *("Anna Becker", {"photo": False}),
        {"photo": True},
    )
    assert me.post("/me/photo/", {"do": "remove"}).url == "/me/"
    assert not Photo.objects.filter(user=anna).exists()
    assert last_entry().after == {"photo": False}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no picture", "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file."),
        (b"x" * (LARGEST_UPLOAD + 1), "The picture is larger than 10 MB. Choose a smaller one."),
        (bomb(10_000), "The picture has too many pixels. Choose one below 80 megapixels."),
    ],
    ids=["no picture", "too large", "too many pixels"],
)
def test_photos_have_the_limits_that_administrators_have(anna, me, content, sentence) -> None:
    before = everything()
    answer = photo_sent(me, content)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"photo": [sentence]})
    assert everything() == before


def test_colleagues_pictures_are_not_shown(cast: Cast, anna, me) -> None:
    ben = cast.user("Ben Oak", ox=True)
    change_photo(actor=cast.system, user=ben, photo=picture())
    assert me.get(f"/me/photo/{Photo.objects.get(user=ben).digest}.jpg").status_code == 404


def test_an_upgrade_is_asked_for_and_its_state_is_shown(cast: Cast, anna, me) -> None:
    open_offer(cast)
    assert "Ask for more" in text_of(me.get("/me/"))
    page = text_of(me.get("/me/upgrade/"))
    assert "Calendar" in page
    assert me.post("/me/upgrade/", {"profile": cast.groupware.pk, "message": "Please!"}).url == "/me/"
    request = PurchaseRequest.objects.get()
    assert (request.user_id, request.to_profile, request.message, request.state) == (
        *(anna.pk, cast.groupware, "Please!"),
        "open",
    )
    assert (request.verification, request.is_verified) == ("sign_in", True)
    assert (last_entry().action, last_entry().door, last_entry().tenant_id) == (
        *("purchase:ask", Door.SELF_SERVICE),
        cast.acme.pk,
    )
    assert "Groupware Open" in text_of(me.get("/me/"))
    assert "Anna Becker" in text_of(cast.client(cast.bob).get(f"/t/{cast.acme.pk}/ox/requests/"))
    reject(actor=cast.actor(cast.bob), request=request, reason="Not this year.")
    assert "Groupware Rejected" in text_of(me.get("/me/"))
    assert "Not this year." in text_of(me.get("/me/"))


def test_asking_again_counts_up_and_may_say_something_else(cast: Cast, anna, me) -> None:
    open_offer(cast)
    for message in ("First", "Second"):
        me.post("/me/upgrade/", {"profile": cast.groupware.pk, "message": message})
    request = PurchaseRequest.objects.get()
    assert (request.times_asked, request.message) == (2, "Second")


@pytest.mark.parametrize("which", ["mail", "0", "", "other"])
def test_only_higher_profiles_of_the_brand_can_be_asked_for(cast: Cast, anna, me, which) -> None:
    open_offer(cast)
    before = everything()
    answer = me.post("/me/upgrade/", {"profile": cast.mail.pk if which == "mail" else which})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["profile"]
    assert everything() == before


def test_nothing_can_be_asked_for_where_the_brand_takes_no_requests(cast: Cast, anna, me) -> None:
    assert "There is nothing on offer here" in text_of(me.get("/me/upgrade/"))
    assert me.post("/me/upgrade/", {"profile": cast.groupware.pk}).status_code == 422
    assert not PurchaseRequest.objects.exists()


def test_how_full_it_is_is_asked_for_anew(cast: Cast, anna, me) -> None:
    OxAccount.objects.filter(user=anna).update(ox_id=3)
    assert 'hx-get="/me/usage/"' in me.get("/me/").content.decode()
    assert "Asking OX how much is used" in me.get("/me/usage/").content.decode()
