"""What the Cloud API says, and what no Cloud API would say; and how it is found out whether it is there."""

import json
from dataclasses import replace

import pytest
from tests.ox.cloud import ANNA_IN_THE_CLOUD as ANNA
from tests.ox.cloud import cloud_connection, found_brands
from tests.ox.wire import Answer

from oxherd.errors import (
    PlatformError,
    PlatformMisconfigured,
    PlatformNotFound,
    PlatformRefused,
    PlatformTaken,
    PlatformUnreachable,
)
from oxherd.ox.faults import Call
from oxherd.ox.interface import ContextAccess, platform_for
from oxherd.ox.rest import refusal
from oxherd.sandbox.cloud_codes import CODES

ACCESS = ContextAccess(1000, "nobody", "needs this")
NOT_UNDERSTOOD = "The platform's answer could not be understood. It is tried again."
# Whatever is not here is a refusal.
KINDS = {
    **dict.fromkeys((1, 20, 21, 22, 23, 27, 29, 30), PlatformNotFound),
    **dict.fromkeys((8, 31, 32, 33, 34, 41, 43), PlatformTaken),
    **dict.fromkeys((6, 10, 39, 42), PlatformUnreachable),
    **dict.fromkeys((2, 3), PlatformMisconfigured),
}


def told(code: int, title: str) -> bytes:
    return json.dumps({"errors": [{"code": str(code), "id": "x", "status": "0", "title": title}]}).encode()


def refused(code: int, title: str, status: int | None = None) -> PlatformError:
    return refusal(status or CODES[code][0], told(code, title), Call("REST", "GET /cloudapi/v2/users", 7))


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_the_error_that_it_stands_for(code):
    error = refused(code, CODES[code][1].format("cloud_x", "anna@acme.test"))
    assert type(error) is KINDS.get(code, PlatformRefused)
    assert "{" not in error.sentence
    assert error.detail.startswith("REST.GET /cloudapi/v2/users in context 7: HTTP ")


@pytest.mark.parametrize(
    ("code", "title", "sentence"),
    [
        (
            7,
            "Mandatory parameters missing: surName, mail",
            'The platform needs these fields: "surname, primary address". Fill them in.',
        ),
        (34, "Said otherwise", "Another user of this customer has this display name. Choose another."),
        (32, "Said otherwise", "The platform refused this: Said otherwise."),
        (5, "Unknown error", "The platform refused this without giving a reason."),
        (99, "Whatever comes next!", "The platform refused this: Whatever comes next!"),
    ],
)
def test_a_code_tells_even_where_the_title_has_changed(code, title, sentence):
    assert refused(code, title, 409).sentence == sentence


def test_trouble_of_the_server_is_no_refusal_whatever_code_it_tells():
    assert type(refused(5, "Unknown error", 500)) is PlatformUnreachable
    assert type(refusal(404, b"<html>", Call("REST", "GET /"))) is PlatformUnreachable


@pytest.fixture
def wired(wire):
    return platform_for(cloud_connection(wire.url, api="cloud_api"))


def says(wire, answer: Answer) -> None:
    """To all that is asked of the Cloud API; SOAP describes itself as ever."""
    described = wire.description
    wire.description = lambda name: answer if name.startswith("/cloudapi/") else described(name)
    wire.answer = lambda _: answer


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b"[1]", b'[{"name": "anna"}]', b'[{"uid": "3"}]', b'[{"uid": 3, "aliases": "x"}]'],
)
def test_a_list_of_another_form_is_not_taken_for_a_context_without_users(wire, wired, body):
    says(wire, Answer(body))
    with pytest.raises(PlatformUnreachable) as caught:
        list(wired.list_users(ACCESS))
    assert caught.value.sentence == NOT_UNDERSTOOD


def test_no_limit_may_be_told_in_several_ways(wire, wired):
    quotas = ({}, {"mailQuota": 0, "fileQuota": -1}, {"unifiedQuota": 0}, {"unifiedQuota": 7}, {"fileQuota": 5})
    says(wire, Answer(json.dumps([{"uid": 3, "name": "anna"} | each for each in quotas]).encode()))
    found = [(user.mail_quota_mb, user.drive_quota_mb) for user in wired.list_users(ACCESS)]
    assert found == [(None, None), (None, None), (None, None), (7, 7), (None, 5)]


def test_a_list_that_breaks_off_is_not_taken_for_the_whole(wire, wired):
    says(wire, Answer(json.dumps([{"uid": 3, "name": "x" * 9000}] * 2).encode(), cut=True))
    with pytest.raises(PlatformUnreachable):
        list(wired.list_users(ACCESS))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"uid": null}', b'{"uid": true}', b"[]", b"gone wild"])
def test_a_user_without_a_number_is_looked_for_again(wire, wired, body):
    """Whether it was made is not known then."""
    says(wire, Answer(body))
    with pytest.raises(PlatformUnreachable) as caught:
        wired.create_user(ACCESS, ANNA)
    assert caught.value.sentence == NOT_UNDERSTOOD


def test_what_is_sent_is_json_with_the_context_in_the_query(wire, wired):
    says(wire, Answer(b'{"uid": 3}'))
    assert wired.create_user(ACCESS, replace(ANNA, aliases=("Anna@acme.test", "info@acme.test"))) == 3
    (sent,) = wire.posts
    assert sent.path == "/cloudapi/v2/users?id=1000&includeid=true"
    assert (sent.headers["Content-Type"], sent.headers["Authorization"][:6]) == ("application/json", "Basic ")
    assert json.loads(sent.body) == {
        "name": "anna@acme.test", "password": "anna-secret", "givenName": "Anna", "surName": "Beispiel",
        "displayName": "Anna Beispiel", "mail": "anna@acme.test", "aliases": ["Anna@acme.test", "info@acme.test"],
        "language": "de_DE", "timezone": "Europe/Berlin", "classOfService": ["cloud_productivity"],
        "unifiedQuota": 2048,
    }  # fmt: skip


def looked_at(platform):
    report = platform.check()
    (found,) = (finding for finding in report.findings if finding.name == "cloud_api")
    return report.has_cloud_api, found.ok, found.sentence


def test_a_platform_that_has_the_api_is_told(sandbox, tmp_path):
    found_brands(sandbox, tmp_path)
    for api in ("soap", "cloud_api"):
        platform = platform_for(cloud_connection(sandbox.url, api=api))
        assert looked_at(platform) == (True, True, "The Cloud API v2 answers: users go through it.")
        assert platform.check().ok
    wrong = platform_for(cloud_connection(sandbox.url, password="wrong"))
    sentence = "The Cloud API v2 does not accept the login or password of this brand. Correct them in its settings."
    assert looked_at(wrong) == (None, False, sentence)


@pytest.mark.parametrize(
    ("answer", "has_api"),
    [
        (Answer(b"[]"), True),
        (Answer(told(3, 'Context "x" not found'), status=404), True),
        (Answer(b"<html>Welcome</html>"), False),
        (Answer(b"{}"), False),
        (Answer(b"Not Found", status=404), False),
        (Answer(b"", status=403), False),
        (Answer(b"", status=302, headers={"Location": "/appsuite/"}), False),
        (Answer(b"", status=503), None),
        (Answer(told(39, "Rate limited, too many requests"), status=429), None),
        (Answer(reset=True), None),
    ],
)
def test_what_answers_otherwise_is_no_cloud_api_and_trouble_says_nothing(wire, answer, has_api):
    says(wire, answer)
    found, ok, sentence = looked_at(platform_for(cloud_connection(wire.url)))
    assert (found, ok) == (has_api, has_api is not None)
    assert (sentence == "There is no Cloud API v2 at this address: users go by SOAP.") is (has_api is False)
