import pytest
from django.test import Client
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry

SIGN_IN = "/sign-in/login/"


def sign_in(client, email, password, **more):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def test_a_stranger_is_sent_to_the_sign_in_and_back_to_where_they_wanted_to_go(cast: Cast) -> None:
    client = Client()
    wanted = f"/t/{cast.acme.pk}/users/?q=anna"
    answer = client.get(wanted)
    assert answer.status_code == 302
    assert answer.url == f"{SIGN_IN}?next=/t/{cast.acme.pk}/users/%3Fq%3Danna"
    answer = sign_in(client, "bob@panel.test", PASSWORD, next=wanted)
    assert (answer.status_code, answer.url) == (302, wanted)


def test_after_the_sign_in_one_customer_is_opened_and_several_are_listed(cast: Cast) -> None:
    assert cast.client(cast.bob).get("/").url == f"/t/{cast.acme.pk}/users/"
    assert cast.client(cast.alice).get("/").url == "/customers/"


@pytest.mark.parametrize("email", ["bob@panel.test", "nobody@panel.test"])
def test_a_wrong_password_gets_the_same_sentence_whether_the_address_is_known_or_not(cast: Cast, email: str) -> None:
    answer = sign_in(Client(), email, "wrong")
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == ["Address and password do not match."]


def test_many_wrong_passwords_are_throttled(cast: Cast) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, "rita@panel.test", "wrong")
    answer = sign_in(client, "rita@panel.test", PASSWORD)
    assert answer.context["form"].non_field_errors() == ["Too many attempts. Wait a few minutes, then try again."]


def test_nobody_signs_up_and_nobody_is_sent_a_password_by_mail(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    addresses = ("signup/", "password/reset/", "password/change/", "email/", "confirm-email/")
    assert {name: client.get(f"/sign-in/{name}").status_code for name in addresses} == dict.fromkeys(addresses, 404)


@pytest.mark.parametrize(
    "elsewhere", ["https://[::1", "https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_sign_in_leads_to_no_foreign_page(cast: Cast, elsewhere: str) -> None:
    answer = Client().post("/sign-in/login/", {"login": "bob@panel.test", "password": PASSWORD, "next": elsewhere})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("credential", ["null", "[]", "7", "{}", "\x00", ""])
def test_what_is_no_answer_of_a_passkey_signs_nobody_in(cast: Cast, credential: str) -> None:
    answer = Client(raise_request_exception=False).post("/sign-in/passkey/", {"credential": credential})
    assert answer.status_code < 500


def test_signing_out_needs_a_post(cast: Cast) -> None:
    client = cast.client(cast.bob)
    assert client.get("/sign-in/logout/").status_code == 200
    assert client.get("/customers/").status_code == 200
    client.post("/sign-in/logout/")
    assert client.get("/customers/").status_code == 302


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(cast: Cast) -> None:
    page = f"http://testserver/t/{cast.acme.pk}/users/"
    answer = Client().get("/customers/", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert answer.headers["HX-Redirect"] == f"{SIGN_IN}?next=%2Ft%2F{cast.acme.pk}%2Fusers%2F"


def test_somebody_without_a_role_is_told_so(cast: Cast) -> None:
    cast.bob.memberships.all().delete()
    answer = cast.client(cast.bob).get("/")
    assert answer.status_code == 200
    assert "You have no role yet" in answer.content.decode()


def test_what_is_done_says_from_where(cast: Cast, settings) -> None:
    anna = cast.user("Anna Becker")
    client, url = cast.client(cast.bob), f"/t/{cast.acme.pk}/users/{anna.pk}/remove/"
    client.post(url, REMOTE_ADDR="2001:db8::7", headers={"X-Forwarded-For": "10.1.1.1"})
    assert (last_entry().action, last_entry().ip_address) == ("user:remove", "2001:db8::7")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    bert = cast.user("Bert Conrad")
    url = f"/t/{cast.acme.pk}/users/{bert.pk}/remove/"
    client.post(url, headers={"X-Forwarded-For": "10.1.1.1"})
    assert last_entry().ip_address == "10.1.1.1"
    carl = cast.user("Carl Dorn")
    client.post(url.replace(f"/{anna.pk}/", f"/{carl.pk}/"), headers={"X-Forwarded-For": "nonsense"})
    assert (last_entry().subject_name, last_entry().ip_address) == ("Carl Dorn", None)
