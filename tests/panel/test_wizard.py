import re
from uuid import uuid4

from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from tests.cast import PASSWORD

from oxherd.people.models import ServiceUser, UserDraft
from oxherd.people.passwords import verifies

FORM = {
    "display_name": "Anna Müller",
    "login": "anna.mueller",
    "domain": "acme.test",
    "password": PASSWORD,
    "confirm": PASSWORD,
    "language": "de_DE",
    "time_zone": "Europe/Berlin",
    "do": "next",
}


def begin(client: Client, cast, query: str = "") -> str:
    """The address of a fresh form."""
    return client.get(f"/t/{cast.acme.pk}/users/add/{query}").url


def with_ox(cast, **more: object) -> dict[str, object]:
    return {**FORM, "ox": "on", "profile": str(cast.groupware.pk), "primary_domain": "acme.test", **more}


def errors_of(response) -> dict[str, list[str]]:
    assert response.status_code == 422
    return {field: [str(error) for error in errors] for field, errors in response.context["form"].errors.items()}


def test_next_summary_finish_adds_the_user_with_ox(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    following = client.post(form, with_ox(cast, alias_local=["info", "a.mueller"], alias_domain=["acme.test"] * 2))
    assert following.url == f"{form}summary/"
    summary = client.get(following.url).content.decode()
    assert re.findall(r"<dd>\s*(.*?)\s*</dd>", summary, re.DOTALL) == [
        "Anna",
        "Müller",
        "Deutsch",
        "Europe/Berlin",
        "Set",
        "Groupware",
        "anna.mueller@acme.test",
        "<div>info@acme.test</div><div>a.mueller@acme.test</div>",
    ]
    finished = client.post(following.url)
    assert finished.url == f"/t/{cast.acme.pk}/users/?sort=newest"
    assert [str(message) for message in get_messages(finished.wsgi_request)] == ["Anna Müller is being set up in OX."]
    user = ServiceUser.objects.get()
    assert (user.display_name, user.login, user.language) == ("Anna Müller", "anna.mueller@acme.test", "de_DE")
    assert (user.account.profile, user.account.aliases) == (
        cast.groupware,
        ["a.mueller@acme.test", "info@acme.test"],
    )
    assert verifies(user.password_hash, PASSWORD)
    assert user.status == "in_progress"


def test_user_without_ox_is_added_too(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    finished = client.post(f"{form}summary/")
    assert [str(message) for message in get_messages(finished.wsgi_request)] == ["Anna Müller was added."]
    assert not hasattr(ServiceUser.objects.get(), "account")


def test_from_ox_service_the_box_is_ticked_and_the_end_leads_back_there(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast, "?ox=1")
    assert client.get(form).context["form"]["ox"].value() is True
    client.post(form, with_ox(cast))
    assert client.post(f"{form}summary/").url == f"/t/{cast.acme.pk}/ox/users/?sort=newest"


def test_second_finish_adds_nobody_and_leads_to_the_list(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    first = client.post(f"{form}summary/")
    assert client.post(f"{form}summary/").url == first.url
    assert client.get(form).url == first.url
    assert client.post(form, FORM | {"login": "somebody.else"}).url == first.url
    assert ServiceUser.objects.count() == 1


def test_everything_to_be_mended_shows_at_once(cast):
    cast.user("Ben", login="ben", ox=True, aliases=("info@acme.test",))
    client = cast.client(cast.bob)
    wrong = {
        "login": "ben",
        "domain": "acme.test",
        "password": "short",
        "confirm": "other",
        "ox": "on",
        "primary_address": "info",
        "primary_domain": "acme.test",
        "alias_local": ["info", "a b", "x@globex.test", "fine"],
        "alias_domain": ["acme.test"] * 4,
        "language": "en_US",
        "time_zone": "Europe/Berlin",
    }
    response = client.post(begin(client, cast), wrong)
    assert errors_of(response) == {
        "display_name": ["Enter a display name."],
        "login": ["The login ben@acme.test is taken. Choose another."],
        "password": ["The password is too short: 10 characters at least."],
        "confirm": ["The two passwords differ. Enter the same one twice."],
        "profile": ["Choose a profile."],
        "primary_address": ["info@acme.test is taken. Choose another address."],
        "aliases": ["Mend the marked aliases, or remove them."],
    }
    rows = response.context["form"].alias_rows
    assert [(row.address, row.error) for row in rows] == [
        ("info@acme.test", "info@acme.test is taken. Choose another address."),
        ("a b@acme.test", "An address has no spaces. Mend it, or separate several by commas."),
        ("x@globex.test", "globex.test is not one of your domains. Choose one from the list."),
        ("fine@acme.test", ""),
    ]
    assert not ServiceUser.objects.exclude(display_name="Ben").exists()


def test_what_was_typed_comes_back_after_an_error_and_with_back(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, with_ox(cast, login="", alias_local=["info"], alias_domain=["acme.test"]))
    shown = client.get(form).context["form"]
    assert [shown[name].value() for name in ("display_name", "login", "ox", "language")] == [
        "Anna Müller",
        "",
        True,
        "de_DE",
    ]
    assert [row.address for row in shown.alias_rows] == ["info@acme.test"]


def test_full_profile_is_shown_and_refused(cast):
    cast.acme.seats.filter(profile=cast.mail).update(number=0)
    client = cast.client(cast.bob)
    form = begin(client, cast)
    page = client.get(form).content.decode()
    assert re.findall(rf'<option value="{cast.mail.pk}"[^>]*>[^<]*', page) == [
        f'<option value="{cast.mail.pk}" disabled>Mail · no seats left'
    ]
    response = client.post(form, with_ox(cast, profile=str(cast.mail.pk)))
    assert errors_of(response) == {
        "profile": ["All 0 seats of the profile Mail are taken. Choose another profile."],
    }


def test_what_others_took_meanwhile_shows_at_its_field_after_finish(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    cast.user("Anna Other", login="anna.mueller")
    # The summary notices it and goes back to the form, which says so with the next Next.
    assert client.post(f"{form}summary/").url == form
    assert errors_of(client.post(form, FORM | {"password": "", "confirm": ""})) == {
        "login": ["The login anna.mueller@acme.test is taken. Choose another."],
    }


def test_suspended_customer_is_told_above_the_form(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    cast.acme.state = "suspended"
    cast.acme.save()
    assert errors_of(client.post(f"{form}summary/")) == {
        "__all__": ["Acme is suspended. Resume it before you add or enable users."],
    }
    assert not ServiceUser.objects.exists()


def test_password_is_kept_and_never_shown_again(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    pages = [client.get(form).content.decode(), client.get(f"{form}summary/").content.decode()]
    kept = UserDraft.objects.values().get()
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert sessions != []
    assert [PASSWORD in str(place) for place in (*pages, kept, sessions)] == [False] * 4
    assert "Password kept" in pages[0]
    assert client.post(form, FORM | {"password": "", "confirm": ""}).url == f"{form}summary/"
    client.post(f"{form}summary/")
    assert verifies(ServiceUser.objects.get().password_hash, PASSWORD)


def test_kept_password_can_be_replaced(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    other = "quite another staple"
    client.post(form, FORM | {"password": other, "confirm": other})
    client.post(f"{form}summary/")
    assert verifies(ServiceUser.objects.get().password_hash, other)


def test_wrong_new_password_is_refused_though_one_is_kept(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM)
    assert errors_of(client.post(form, FORM | {"confirm": "typo"})) == {
        "confirm": ["The two passwords differ. Enter the same one twice."],
    }


def test_password_is_asked_for(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    assert errors_of(client.post(form, FORM | {"password": "", "confirm": ""})) == {
        "password": ["Enter a password, or generate one."],
    }
    assert client.get(f"{form}summary/").url == form


def test_generated_password_is_shown_and_fills_both_fields(cast):
    client = cast.client(cast.bob)
    page = client.post(f"/t/{cast.acme.pk}/users/add/password/").content.decode()
    password = re.search(r'<output id="generated-password">(.*?)</output>', page).group(1)
    assert len(password) == 19
    assert re.findall(r'value="([^"]*)"', page) == [password, "generate", password]


def test_buttons_of_the_form_work_without_script(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    page = client.post(form, FORM | {"do": "generate"})
    assert re.search(r'<output id="generated-password">.{19}</output>', page.content.decode())
    rows = {"alias_local": ["one", "two"], "alias_domain": ["acme.test"] * 2}
    page = client.post(form, FORM | rows | {"do": "add_alias"})
    assert [row.local for row in page.context["form"].alias_rows] == ["one", "two", ""]
    page = client.post(form, FORM | rows | {"do": "remove_alias:0"})
    assert [row.local for row in page.context["form"].alias_rows] == ["two"]
    assert page.context["form"].errors == {}
    assert client.post(form, FORM | {"do": "remove_alias:x"}).status_code == 200


def test_other_buttons_keep_a_good_password_and_forget_a_bad_one(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.post(form, FORM | {"password": "short", "confirm": "short", "do": "add_alias"})
    assert UserDraft.objects.get().sealed_password == ""
    client.post(form, FORM | {"confirm": "other", "do": "add_alias"})
    assert UserDraft.objects.get().sealed_password == ""
    page = client.post(form, FORM | {"do": "add_alias"}).content.decode()
    assert ("Password kept" in page, PASSWORD in page) == (True, False)


def test_strength_is_said_in_words(cast):
    client = cast.client(cast.bob)
    url = f"/t/{cast.acme.pk}/users/add/strength/"
    words = []
    for password in ("", "short", "passwordpassword", "Anna Müller1", PASSWORD):
        page = client.post(url, {"password": password, "display_name": "Anna Müller", "login": "anna"})
        words.append((page.context["score"], page.context["word"]))
    assert words == [
        (0, ""),
        (1, "Too short, 10 characters at least"),
        (1, "Weak"),
        (1, "Weak"),
        (4, "Strong"),
    ]


def test_login_hint_says_whether_it_is_free(cast):
    cast.user("Ben", login="ben", ox=True, aliases=("info@acme.test",))
    client = cast.client(cast.bob)

    def hint(login: str, domain: str = "acme.test") -> str:
        page = client.get(f"/t/{cast.acme.pk}/users/add/login/", {"login": login, "domain": domain})
        return re.sub(r"<[^>]+>", "", page.content.decode()).strip()

    assert hint("anna") == "anna@acme.test is free"
    assert hint("BEN") == "ben@acme.test is taken"
    assert hint("info") == "info@acme.test is taken"
    assert hint("a b") == "The part before the @ takes letters a-z, digits and - _ + and single dots between them."
    assert hint("anna", "globex.test") == "Suggested from the display name"
    assert hint("") == "Suggested from the display name"


def test_discarded_draft_is_gone_and_says_so(cast):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    assert client.post(f"{form}discard/").url == f"/t/{cast.acme.pk}/users/"
    assert UserDraft.objects.count() == 0
    for response in (client.get(form), client.get(f"{form}summary/"), client.post(f"{form}discard/")):
        assert response.status_code == 404
        assert response.context["sentence"] == (
            "This form has expired or was discarded. Nothing was added. Start again."
        )


def test_draft_of_another_administrator_is_not_shown(cast):
    form = begin(cast.client(cast.alice), cast)
    stranger = cast.client(cast.bob)
    answers = [stranger.get(form), stranger.get(f"{form}summary/"), stranger.get(f"{form}photo/")]
    answers += [stranger.post(form, FORM), stranger.post(f"{form}summary/"), stranger.post(f"{form}discard/")]
    assert [answer.status_code for answer in answers] == [404] * 6
    assert cast.client(cast.alice).get(form).status_code == 200


def test_draft_is_not_shown_in_another_tenant(cast):
    alice = cast.client(cast.alice)
    form = begin(alice, cast)
    alice.post(form, FORM)
    elsewhere = form.replace(f"/t/{cast.acme.pk}/", f"/t/{cast.globex.pk}/")
    assert [alice.get(elsewhere).status_code, alice.post(f"{elsewhere}summary/").status_code] == [404, 404]
    assert not ServiceUser.objects.exists()


def test_stranger_finds_nothing_and_small_roles_may_not(cast):
    base, key = f"/t/{cast.acme.pk}/users/add/", uuid4()
    gets = [
        base,
        f"{base}login/?login=a&domain=acme.test",
        f"{base}{key}/",
        f"{base}{key}/summary/",
        f"{base}{key}/photo/",
    ]
    posts = [f"{base}strength/", f"{base}password/", f"{base}{key}/", f"{base}{key}/discard/"]
    for administrator, status in ((cast.charlie, 404), (cast.dora, 403), (cast.rita, 403)):
        client = cast.client(administrator)
        answers = [client.get(url) for url in gets] + [client.post(url) for url in posts]
        assert [answer.status_code for answer in answers] == [status] * 9


def test_form_costs_the_same_queries_however_many_users_there_are(cast, django_assert_num_queries):
    client = cast.client(cast.bob)
    form = begin(client, cast)
    client.get(form)
    for _ in range(2):
        with django_assert_num_queries(9):
            client.get(form)
        cast.user(f"User {uuid4()}", login=uuid4().hex)
