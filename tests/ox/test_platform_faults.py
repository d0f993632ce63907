"""Every way in which a platform fails becomes the right kind of error, with a sentence for a person."""

import re
import threading

import pytest
from tests.ox.conftest import ACCESS, ACME, ADMIN, ANNA, connection_to
from tests.ox.wire import Answer, answered, fault, soap

from oxherd.errors import (
    PlatformError,
    PlatformMisconfigured,
    PlatformNotFound,
    PlatformRefused,
    PlatformTaken,
    PlatformUnreachable,
)
from oxherd.ox.interface import UserChange, platform_for

RMI = "com.openexchange.admin.rmi.exceptions"
FAULTS = [
    ("NoSuchUserException", "No such user anna in context 10", PlatformNotFound),
    (
        "NoSuchUserException",
        f"{RMI}.NoSuchObjectException: {RMI}.NoSuchUserException: No such user anna in context 10",
        PlatformNotFound,
    ),
    ("NoSuchContextException", "Context 10 does not exist", PlatformNotFound),
    ("NoSuchContextException", "The context 10 does not exist!", PlatformNotFound),
    ("StorageException", f"{RMI}.NoSuchUserException: No such user 3", PlatformNotFound),
    ("", "No such user anna in context 10", PlatformNotFound),
    ("InvalidDataException", "User anna already exists in this context", PlatformTaken),
    ("InvalidDataException", "The displayname is already used", PlatformTaken),
    (
        "InvalidDataException",
        'Primary mail address "anna@acme.test" already exists in context 10 (Already assigned to user 4).',
        PlatformTaken,
    ),
    ("ContextExistsException", "Context 10 already exists!", PlatformTaken),
    ("InvalidDataException", "Context acme already exists!", PlatformTaken),
    ("InvalidDataException", 'No such access combination name "gold"', PlatformRefused),
    ("InvalidDataException", 'Illegal chars: "ü"', PlatformRefused),
    ("InvalidDataException", "Empty password is not allowed.", PlatformRefused),
    ("InvalidDataException", "Admin delete not supported", PlatformRefused),
    (
        "StorageException",
        "Cannot map 'acme.test' to the newly created context. This mapping is already in use.",
        PlatformRefused,
    ),
    ("StorageException", 'A mapping with login info "acme.test" already exists in the system!', PlatformRefused),
    (
        "StorageException",
        "Quota cannot be changed for user 3 in context 10 since that user has no file storage set.",
        PlatformRefused,
    ),
    (
        "StorageException",
        "com.openexchange.admin.reseller.OXResellerException: Maximum number of users per context reached: 5",
        PlatformRefused,
    ),
    ("StorageException", "Maximum overall context quota reached: 500", PlatformRefused),
    ("StorageException", "Maximum overall number of users by moduleaccess reached: drive:7", PlatformRefused),
    ("StorageException", "java.sql.SQLException: Deadlock found when trying to get lock", PlatformUnreachable),
    ("RemoteException", "java.lang.NullPointerException", PlatformUnreachable),
    (
        "DatabaseUpdateException",
        "Database is locked or is now beeing updated, please try again later",
        PlatformUnreachable,
    ),
    ("", "Fault occurred while processing.", PlatformUnreachable),
    ("InvalidCredentialsException", "Authentication failed", PlatformMisconfigured),
    ("InvalidCredentialsException", "Permission denied", PlatformMisconfigured),
    ("NoSuchReasonException", "No such reason", PlatformRefused),
]


@pytest.mark.parametrize(("name", "text", "kind"), FAULTS)
def test_each_fault_is_of_its_kind_and_its_sentence_is_for_people(wire, wired, name, text, kind):
    wire.answer = lambda request: fault(name, text)
    with pytest.raises(PlatformError) as caught:
        wired.change_user(ACCESS, 3, UserChange(display_name="Anna"))
    assert type(caught.value) is kind
    assert not re.search(r"Exception|exceptionId|openexchange|java", caught.value.sentence)
    assert caught.value.sentence[0].isupper()
    assert caught.value.sentence[-1] in ".!"
    assert f"{text}; exceptionId -1042374120-17" in caught.value.detail


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'Primary mail address "anna@acme.test" already exists in context 10 (Already assigned to user 4).',
            "Another user of this customer has the primary address anna@acme.test. Choose another.",
        ),
        ("User anna already exists in this context", "This customer has a user named anna already."),
        ('Illegal chars: "ü"', "The platform does not allow ü in this name. Change the name."),
        ('Illegal chars: "{0}%s"', 'The platform does not allow "{0}%s" in this name. Change the name.'),
        (
            "Maximum number of users per context reached: 5",
            "The platform allows no more users: the limit is 5. Have the limit raised, or remove some first.",
        ),
        ("Empty password is not allowed.", "The platform refused this: Empty password is not allowed."),
        (f"{RMI}.InvalidDataException: Something else", "The platform refused this: Something else."),
        ("", "The platform refused this without giving a reason."),
    ],
)
def test_sentences_name_what_is_to_blame(wire, wired, text, sentence):
    wire.answer = lambda request: fault("InvalidDataException", text)
    with pytest.raises(PlatformRefused) as caught:
        wired.create_user(ACCESS, ANNA)
    assert caught.value.sentence == sentence


def test_refused_credentials_of_a_tenant_may_mean_that_it_is_gone(wire, wired):
    wire.answer = lambda request: fault("InvalidCredentialsException", "Authentication failed")
    with pytest.raises(PlatformMisconfigured) as of_user:
        wired.find_user(ACCESS, ox_id=3)
    with pytest.raises(PlatformMisconfigured) as of_context:
        wired.find_context(context_id=10)
    assert of_user.value.sentence == (
        "The platform does not accept the administrator of context 10: either its password was changed there, or the "
        "context no longer exists on the platform. Restore one or the other."
    )
    assert of_context.value.sentence == (
        "The platform does not accept the login or password of this brand. Correct them in its settings."
    )


@pytest.mark.parametrize("status", [404, 500, 502, 503, 504, 429])
def test_an_error_page_is_unreachable(wire, wired, status):
    wire.answer = lambda request: Answer(b"<html>Bad Gateway</html>", status=status)
    with pytest.raises(PlatformUnreachable) as caught:
        wired.enable_context(10)
    assert caught.value.detail == f"OXContextService.enable: HTTP {status}: <html>Bad Gateway</html>"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, PlatformMisconfigured), (403, PlatformMisconfigured), (413, PlatformRefused)],
)
def test_other_answers_of_web_servers(wire, wired, status, kind):
    wire.answer = lambda request: Answer(b"", status=status)
    with pytest.raises(kind) as caught:
        wired.enable_context(10)
    assert type(caught.value) is kind


def test_redirects_are_not_followed(wire, wired):
    wire.answer = lambda request: Answer(status=307, headers={"Location": wire.url + "/elsewhere"})
    with pytest.raises(PlatformMisconfigured):
        wired.enable_context(10)
    assert [request.path for request in wire.posts] == ["/webservices/OXContextService"]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + soap("<s:changeResponse>&a;</s:changeResponse>")
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + soap("<s:changeResponse>&a;</s:changeResponse>")


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff", b"{}", b"<html/>", soap()[:-5], b"<a>" * 1000, BOMB, FILE, b"<soap:Envelope/>"]
)
def test_garbage_is_unreachable(wire, wired, body):
    wire.answer = lambda request: Answer(body)
    with pytest.raises(PlatformUnreachable):
        wired.enable_context(10)
    with pytest.raises(PlatformUnreachable):
        list(wired.list_contexts())


@pytest.mark.parametrize("answer", [Answer(reset=True), Answer(soap(" " * 100_000), cut=True)])
def test_a_connection_that_breaks_is_unreachable_and_nothing_is_sent_twice(wire, wired, answer):
    wired.enable_context(10)
    wire.answer = lambda request: answer
    with pytest.raises(PlatformUnreachable) as caught:
        wired.create_user(ACCESS, ANNA)
    assert caught.value.sentence == "The connection to the platform failed. It is tried again."
    assert len(wire.posts) == 2


def test_a_list_that_breaks_off_is_unreachable_after_what_has_arrived(wire, wired):
    wire.answer = lambda request: Answer(answered("list", *["<d:id>1</d:id><d:name>a</d:name>"] * 5000), cut=True)
    seen = []
    with pytest.raises(PlatformUnreachable):
        seen.extend(context.context_id for context in wired.list_contexts())
    assert set(seen) == {1}
    assert len(seen) < 5000


def test_a_platform_that_does_not_answer_in_time_is_unreachable(wire):
    done = threading.Event()
    slow = platform_for(connection_to(wire.url, read_timeout=0.2))
    slow.enable_context(10)
    wire.answer = lambda request: Answer(soap(), until=done)
    with pytest.raises(PlatformUnreachable) as caught:
        slow.enable_context(10)
    done.set()
    assert caught.value.sentence == "The platform did not answer in time. It is tried again."


def test_a_description_that_does_not_come_in_time_is_unreachable(wire):
    done = threading.Event()
    wire.description = lambda name: Answer(until=done)
    with pytest.raises(PlatformUnreachable):
        platform_for(connection_to(wire.url, read_timeout=0.2)).enable_context(10)
    done.set()


def test_nobody_at_the_address_is_unreachable():
    with pytest.raises(PlatformUnreachable):
        platform_for(connection_to("http://127.0.0.1:1")).enable_context(10)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"not found", status=404), PlatformMisconfigured),
        (Answer(b"<!doctype html><html></html>"), PlatformMisconfigured),
        (Answer(b"hello"), PlatformMisconfigured),
        (Answer(b"<other/>"), PlatformMisconfigured),
        (Answer(b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), PlatformMisconfigured),
        (Answer(b"<definitions><unfinished>"), PlatformUnreachable),
        (Answer(b"<html/>", status=503), PlatformUnreachable),
        (Answer(reset=True), PlatformUnreachable),
    ],
)
def test_bad_descriptions(wire, wired, answer, kind):
    wire.description = lambda name: answer
    with pytest.raises(kind) as caught:
        wired.enable_context(10)
    assert type(caught.value) is kind
    assert caught.value.sentence[-1] == "."


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://127.0.0.2:1/x.wsdl", "https://example.org/x.wsdl"])
def test_a_description_cannot_make_us_read_elsewhere(wire, wired, location):
    wire.description = lambda name: Answer(
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:x">'
        f'<import namespace="urn:y" location="{location}"/></definitions>'.encode()
    )
    with pytest.raises(PlatformMisconfigured):
        wired.enable_context(10)


BAD_ADDRESSES = (
    "",
    "ox.example.com",
    "ftp://ox.example.com",
    "https://",
    "https://a:b@ox.example.com",
    "http://x/?a=b",
)


@pytest.mark.parametrize("url", [*BAD_ADDRESSES, "http://[x", "http://x:abc"])
def test_what_is_no_address_is_misconfigured(url):
    with pytest.raises(PlatformMisconfigured):
        platform_for(connection_to(url))


@pytest.mark.parametrize("kind", ["exchange", "groupwise"])
def test_a_kind_that_is_not_offered_is_misconfigured(kind):
    with pytest.raises(PlatformMisconfigured):
        platform_for(connection_to("http://127.0.0.1:1", kind=kind))


def test_gone_already_is_gone(wire, wired):
    wire.answer = lambda request: fault("NoSuchUserException", "No such user(s) 3 in context 10")
    wired.remove_user(ACCESS, 3)
    wire.answer = lambda request: fault("NoSuchContextException", "Context 10 does not exist")
    wired.remove_context(10)
    assert wired.find_context(context_id=10) is None
    assert len(wire.posts) == 3


def test_disabled_already_is_disabled(wire, wired):
    wire.answer = lambda request: fault("OXContextException", "Context already disabled")
    wired.disable_context(10)
    wire.answer = lambda request: fault("OXContextException", "Context cannot be disabled")
    with pytest.raises(PlatformRefused):
        wired.disable_context(10)


def test_an_answer_without_an_id_is_unreachable_and_not_sent_again(wire, wired):
    wire.answer = lambda request: Answer(answered("createByModuleAccessName", "<d:name>anna</d:name>"))
    with pytest.raises(PlatformUnreachable):
        wired.create_user(ACCESS, ANNA)
    wire.answer = lambda request: Answer(answered("createModuleAccessByName"))
    with pytest.raises(PlatformUnreachable):
        wired.create_context(10, ACME, ADMIN, "drive")
    assert len(wire.posts) == 2
