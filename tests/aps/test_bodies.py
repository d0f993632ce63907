"""Whatever comes, the answer is JSON, and nothing is left behind."""

import json
import logging

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from tests.aps.controller import Signing, fault, link, new_id, resource
from tests.rows import everything

from oxherd.aps.bodies import LARGEST_BODY
from oxherd.aps.types import TYPES

pytestmark = pytest.mark.django_db


def sent(
    odin: Signing, content: bytes, *, path: str = "/aps/brand", kind: str = "application/json", verb: str = "POST"
):
    return odin.client.generic(verb, path, content, content_type=kind, headers=odin.headers(verb, path))


def brand(**more: object) -> dict[str, object]:
    return resource("brand", new_id(), **{"name": "N", "apiUrl": "https://x.test/", "username": "u", **more})


MALFORMED = {
    "no JSON": b"{",
    "no object": b"[]",
    "a number": b"7",
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a nesting bomb": b"[" * 200_000,
    "a nesting bomb of objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a deep body": b'{"a":' * 40 + b"1" + b"}" * 40,
    "no number": b'{"aps": {"id": NaN}}',
    "a huge number": b'{"aps": ' + b"9" * 5000 + b"}",
    "no aps": b'{"name": "x"}',
    "aps that is a list": b'{"aps": []}',
    "no id": b'{"aps": {}}',
    "an id that is none": b'{"aps": {"id": "7"}}',
    "an id that is a number": b'{"aps": {"id": 7}}',
    "an id that is an object": b'{"aps": {"id": {"a": 1}}}',
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_resource_is_refused(odin: Signing, content: bytes) -> None:
    before = everything()
    fault(sent(odin, content), 400)
    assert everything() == before


WRONG = {
    "another type": {"aps": {"id": new_id(), "type": "http://oxherd.example/aps/tenant/1.0"}},
    "a type that is none": {"aps": {"id": new_id(), "type": 7}},
    "a name that is a number": {"name": 7},
    "a name that is an object": {"name": {"a": "b"}},
    "a name that is a list": {"name": ["a"]},
    "no name": {"name": None},
    "a NUL": {"name": "a\x00b"},
    "half a character": {"name": "\ud800"},
    "a name that is too long": {"name": "n" * 201},
    "a platform that is none": {"platform": "exchange"},
    "a password that is a number": {"password": 7},
    "an address that is none": {"apiUrl": "javascript:alert(1)"},
    "an address inside": {"apiUrl": "http://169.254.169.254/"},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG)
def test_wrong_values_are_refused_at_their_field(odin: Signing, more: dict[str, object]) -> None:
    before = everything()
    told = fault(sent(odin, json.dumps(brand(**more)).encode()), 400)
    assert told.get("details", {}).get("field") in {*more, "api_url"} or "character" in told["message"]
    assert everything() == before


@pytest.mark.parametrize("kind", ["text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_other_content_is_refused(odin: Signing, kind: str) -> None:
    before = everything()
    fault(sent(odin, b"name=x", kind=kind), 400)
    assert everything() == before


def test_a_body_in_chunks_is_refused_rather_than_taken_for_an_empty_one(odin: Signing) -> None:
    before = everything()
    answer = Client().put("/aps/app/x", b"", content_type="application/json", headers={"Transfer-Encoding": "chunked"})
    assert "Content-Length" in fault(answer, 411)["message"]
    assert everything() == before


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 3_000_000])
def test_too_large_a_body_is_refused_before_anything_else(odin: Signing, size: int) -> None:
    before = everything()
    fault(sent(odin, b" " * size), 413)
    fault(Client().post("/aps/brand", b" " * size, content_type="application/json"), 413)
    assert everything() == before


# The same in each process that collects the tests.
NOBODYS = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("POST", "/aps/", 405),
        ("GET", "/aps/brand", 405),
        ("PATCH", f"/aps/brand/{NOBODYS}", 405),
        ("POST", f"/aps/tenant/{NOBODYS}/disable", 405),
        ("GET", f"/aps/tenant/{NOBODYS}/users", 405),
        ("DELETE", f"/aps/tenant/{NOBODYS}/users", 405),
        ("GET", "/aps/admin", 404),
        ("POST", "/aps/user.php", 404),
        ("GET", f"/aps/tenant/{NOBODYS}/secrets", 404),
        ("PUT", f"/aps/brand/{NOBODYS}/disable", 404),
        ("POST", f"/aps/tenant/{NOBODYS}/users/{NOBODYS}/more", 404),
        ("GET", "/aps/tenant/7", 400),
        ("GET", f"/aps/tenant/{NOBODYS}", 404),
        ("PUT", f"/aps/tenant/{NOBODYS}", 404),
    ],
)
def test_addresses_that_are_none_are_told_as_json(odin: Signing, verb: str, path: str, status: int) -> None:
    before = everything()
    fault(odin.call(verb, path), status)
    assert everything() == before


def test_every_service_has_its_addresses(odin: Signing) -> None:
    for one in TYPES:
        assert odin.call("DELETE", f"/aps/{one.service}/{new_id()}/").status_code == 204
        for relation in one.relations:
            assert odin.call("DELETE", f"/aps/{one.service}/{new_id()}/{relation}/{new_id()}").status_code == 204
        for operation in one.operations.values():
            body = {} if operation.verb != "GET" else None
            fault(odin.call(operation.verb, f"/aps/{one.service}/{new_id()}{operation.path}", body), 404)


def test_a_strange_host_is_told_as_json(odin: Signing) -> None:
    fault(Client(raise_request_exception=False).get("/aps/app", headers={"Host": "evil.test"}), 400)


def test_without_the_database_the_answer_is_json(odin: Signing, monkeypatch, caplog) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("oxherd.aps.trust._instance", gone)
    with caplog.at_level(logging.CRITICAL):
        fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 503)
        going_on = odin.poll("POST", "/aps/tenant", {})  # an error would end the work in the controller
    assert (going_on.status_code, going_on.headers["APS-Retry-Timeout"]) == (202, "30")
    assert "database" in going_on.headers["APS-Info"]


def test_without_the_database_before_the_endpoint_is_reached_it_is_the_same(odin: Signing, monkeypatch, caplog) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("oxherd.walls.sight._show", gone)
    with caplog.at_level(logging.CRITICAL):
        fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 503)
        assert odin.poll("POST", "/aps/tenant", {}).status_code == 202


def test_a_fault_of_ours_is_told_as_json_without_its_cause(odin: Signing, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("cause")

    monkeypatch.setattr("oxherd.aps.trust._instance", broken)
    told = fault(odin.call("GET", f"/aps/app/{odin.instance_id}"), 500)
    assert "cause" not in json.dumps(told)


@pytest.mark.parametrize(
    "hosts", [["javascript:x"], ["https://a.test; script-src *"], ["https://a.test/path"], ["*"], [7], "https://a.test"]
)
def test_only_origins_may_show_our_pages(odin: Signing, hosts: object) -> None:
    before = everything()
    fault(odin.call("PUT", f"/aps/app/{odin.instance_id}", {"panelHosts": hosts}), 400)
    assert everything() == before


def test_a_link_that_is_none_is_refused(odin: Signing) -> None:
    before = everything()
    for wrong in ("x", 7, {}, {"aps": []}, {"aps": {"id": "x"}}, {"aps": {}}, [], [1, 2]):
        told = resource("profile", new_id(), name="P", accessCombination="webmail", brand=wrong)
        fault(odin.call("POST", "/aps/profile", told), 400)
    unknown = resource("profile", new_id(), name="P", accessCombination="webmail", brand=link(new_id()))
    fault(odin.call("POST", "/aps/profile", unknown), 404)
    assert everything() == before


def test_the_controllers_address_is_looked_at(odin: Signing) -> None:
    assert settings.OXHERD_OUTGOING_ALLOWED == []
    for url in ("ftp://hub.test", "http://169.254.169.254/latest", "https://", "https://[fe80::1]/", "x" * 600):
        fault(odin.call("GET", f"/aps/app/{odin.instance_id}", APS_Controller_URI=url), 400)
