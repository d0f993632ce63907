"""What is sent, byte for byte where it matters."""

from dataclasses import replace

import pytest
from tests.ox.conftest import ACCESS, ACME, ADMIN, ANNA
from tests.ox.wire import Answer, answered, fault, soap

from oxherd.errors import PlatformRefused
from oxherd.ox.interface import ContextChange, UserChange


@pytest.fixture
def user_made(wire):
    wire.answer = lambda request: Answer(answered("createByModuleAccessName", "<d:id>3</d:id>"))


@pytest.fixture
def nothing_returned(wire):
    wire.answer = lambda request: Answer(soap())


def test_a_user_is_made_in_one_call_with_everything_in_wire_order(wire, wired, user_made):
    assert wired.create_user(ACCESS, ANNA) == 3
    [request] = wire.posts
    assert request.path == "/webservices/OXUserService"
    assert request.headers["SOAPAction"] == '"urn:createByModuleAccessName"'
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert request.fields("ctx") == [("id", "10")]
    assert request.fields("usrdata") == [
        ("aliases", "anna@acme.test"),
        ("aliases", "info@acme.test"),
        ("defaultSenderAddress", "anna@acme.test"),
        ("display_name", "Anna Beispiel"),
        ("email1", "anna@acme.test"),
        ("given_name", "Anna"),
        ("language", "de_DE"),
        ("mailenabled", "true"),
        ("maxQuota", "2048"),
        ("name", "anna"),
        ("password", "anna-secret"),
        ("primaryEmail", "anna@acme.test"),
        ("sur_name", "Beispiel"),
        ("timezone", "Europe/Berlin"),
        ("userAttributes", "oxherdaccountaccount-1"),
    ]
    assert [child.tag.rpartition("}")[2] for child in request.operation] == [
        "ctx",
        "usrdata",
        "access_combination_name",
        "auth",
    ]
    assert request.fields("auth") == [("login", "oxadmin"), ("password", "admin-secret")]


def test_the_address_in_the_wsdl_is_not_believed(wire, wired, user_made):
    wired.create_user(ACCESS, ANNA)  # the WSDL says http://elsewhere.invalid:80/
    assert len(wire.posts) == 1


def test_no_cookie_and_no_http_password_travels(wire, wired, nothing_returned):
    wire.answer = lambda request: Answer(soap(), headers={"Set-Cookie": "JSESSIONID=1; Path=/"})
    for _ in range(2):
        wired.enable_context(10)
    assert [set(request.headers) & {"Cookie", "Authorization"} for request in wire.posts] == [set(), set()]


def test_a_primary_address_missing_from_the_aliases_is_added(wire, wired, nothing_returned):
    change = UserChange(primary_address="new@acme.test", aliases=("info@acme.test",))
    wired.change_user(ACCESS, 3, change)
    assert wire.posts[0].fields("usrdata") == [
        ("aliases", "new@acme.test"),
        ("aliases", "info@acme.test"),
        ("defaultSenderAddress", "new@acme.test"),
        ("email1", "new@acme.test"),
        ("id", "3"),
        ("primaryEmail", "new@acme.test"),
    ]


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (UserChange(display_name="Anna B."), [("display_name", "Anna B."), ("id", "3")]),
        (UserChange(given_name=""), [("given_name", ""), ("id", "3")]),
        (UserChange(surname="B"), [("id", "3"), ("sur_name", "B")]),
        (UserChange(name="anne"), [("id", "3"), ("name", "anne")]),
        (UserChange(language="en_US", timezone="UTC"), [("id", "3"), ("language", "en_US"), ("timezone", "UTC")]),
        (UserChange(password="other-secret"), [("id", "3"), ("password", "other-secret")]),
        (UserChange(drive_quota_mb=5), [("id", "3"), ("maxQuota", "5")]),
        (UserChange(drive_quota_mb=None), [("id", "3"), ("maxQuota", "-1")]),
        (UserChange(mail_enabled=False), [("id", "3"), ("mailenabled", "false")]),
        (UserChange(marker="m"), [("id", "3"), ("userAttributes", "oxherdaccountm")]),
        (UserChange(photo=b"\xff\xd8"), [("id", "3"), ("image1", "/9g="), ("image1ContentType", "image/jpeg")]),
        (UserChange(photo=None), [("id", "3"), ("image1", "")]),
        (UserChange(aliases=("a@acme.test",)), [("aliases", "a@acme.test"), ("id", "3")]),
        (
            UserChange(primary_address="i@a.test"),
            [("defaultSenderAddress", "i@a.test"), ("email1", "i@a.test"), ("id", "3"), ("primaryEmail", "i@a.test")],
        ),
    ],
)
def test_only_what_changed_is_sent(wire, wired, nothing_returned, change, sent):
    wired.change_user(ACCESS, 3, change)
    assert [request.fields("usrdata") for request in wire.posts] == [sent]


def test_a_change_of_nothing_is_not_sent(wire, wired):
    wired.change_user(ACCESS, 3, UserChange())
    wired.change_context(10, ContextChange())
    assert wire.requests == []


def test_an_access_combination_alone_is_one_call(wire, wired, nothing_returned):
    wired.change_user(ACCESS, 3, UserChange(access_combination="drive"))
    [request] = wire.posts
    assert request.headers["SOAPAction"] == '"urn:changeByModuleAccessName"'
    assert request.fields("user") == [("id", "3")]


def test_an_unlimited_user_begins_with_one_megabyte_and_a_crash_in_between_can_be_mended(wire, wired):
    made = Answer(answered("createByModuleAccessName", "<d:id>3</d:id>"))
    wire.answer = lambda request: made if b"createByModuleAccessName" in request.body else Answer(soap())
    assert wired.create_user(ACCESS, replace(ANNA, drive_quota_mb=None)) == 3
    create, change = wire.posts
    assert dict(create.fields("usrdata"))["maxQuota"] == "1"
    assert change.fields("usrdata") == [("id", "3"), ("maxQuota", "-1")]


def test_a_context_is_made_in_one_call(wire, wired):
    wire.answer = lambda request: Answer(answered("createModuleAccessByName", "<d:id>10</d:id><d:name>acme</d:name>"))
    made = wired.create_context(10, ACME, ADMIN, "groupware_standard")
    assert (made.context_id, made.name, made.marker) == (10, "acme", "tenant-1")
    [request] = wire.posts
    assert request.fields("ctx") == [
        ("id", "10"),
        ("loginMappings", "acme.test"),
        ("maxQuota", "1000"),
        ("name", "acme"),
        ("userAttributes", "oxherdtenanttenant-1"),
    ]
    assert request.fields("auth") == [("login", "oxadminmaster"), ("password", "secret")]


def test_taking_all_mappings_away_leaves_the_id(wire, wired, nothing_returned):
    wired.change_context(10, ContextChange(login_mappings=(), quota_mb=None))
    assert wire.posts[0].fields("ctx") == [("id", "10"), ("loginMappings", "10"), ("maxQuota", "-1")]


def test_reassign_is_left_out_unless_asked_for(wire, wired, nothing_returned):
    wired.remove_user(ACCESS, 3)
    wired.remove_user(ACCESS, 3, reassign_to=0)
    assert [request.operation.findtext("{*}reassign") for request in wire.posts] == [None, "0"]


def test_when_new_aliases_lack_the_sender_the_primary_address_becomes_it(wire, wired):
    def answer(request):
        if b"getData" in request.body:
            return Answer(answered("getData", "<d:id>3</d:id><d:primaryEmail>anna@acme.test</d:primaryEmail>"))
        if b"defaultSenderAddress" in request.body:
            return Answer(soap())
        return fault(
            "InvalidDataException", "primaryMail, Email1 and defaultSenderAddress must be present in set of aliases."
        )

    wire.answer = answer
    wired.change_user(ACCESS, 3, UserChange(aliases=("anna@acme.test",)))
    assert wire.posts[-1].fields("usrdata") == [
        ("aliases", "anna@acme.test"),
        ("defaultSenderAddress", "anna@acme.test"),
        ("id", "3"),
    ]
    assert len(wire.posts) == 3


@pytest.mark.parametrize("text", ["Anna\x00", "Anna\x1b[31m", "Anna\udc80"])
def test_text_that_xml_cannot_hold_is_refused_before_it_is_sent(wire, wired, text):
    with pytest.raises(PlatformRefused) as caught:
        wired.change_user(ACCESS, 3, UserChange(display_name=text))
    assert caught.value.sentence == 'The field "display_name" holds a character that cannot be sent. Remove it.'
    assert wire.posts == []


@pytest.mark.parametrize(
    "change", [UserChange(mail_enabled="False"), UserChange(drive_quota_mb="5"), UserChange(drive_quota_mb=True)]
)
def test_a_value_of_the_wrong_type_is_our_bug_and_never_sent(wire, wired, change):
    with pytest.raises(TypeError):
        wired.change_user(ACCESS, 3, change)
    assert wire.posts == []


def test_special_characters_arrive_as_they_are(wire, wired, nothing_returned):
    wired.change_user(ACCESS, 3, UserChange(display_name="Ä<b>&amp;\"']]>\t\U0001f60a"))
    assert wire.posts[0].fields("usrdata")[0] == ("display_name", "Ä<b>&amp;\"']]>\t\U0001f60a")
