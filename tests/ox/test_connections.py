"""Pools, threads and secrets."""

import logging
import re
import threading
import traceback
from dataclasses import replace

import pytest
from tests.ox.conftest import ACCESS, ACME, ADMIN, ANNA, connection_to
from tests.ox.wire import Answer, answered, fault, soap

from oxherd.errors import PlatformError, PlatformUnreachable
from oxherd.ox.interface import Connection, GroupData, UserChange, platform_for

SECRETS = ("secret-of-master", "admin-secret", "anna-secret", "new-secret")


def test_a_connection_has_one_platform_in_the_process(wire):
    found = []
    threads = [threading.Thread(target=lambda: found.append(platform_for(connection_to(wire.url)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(platform) for platform in found}) == 1
    assert platform_for(connection_to(wire.url, password="other")) is not found[0]


def test_calls_one_after_another_share_a_connection(wire, wired):
    for _ in range(5):
        wired.enable_context(10)
    assert len({request.connection for request in wire.requests}) == 1


def test_a_connection_that_the_platform_has_closed_is_replaced(wire, wired):
    wire.answer = lambda request: Answer(soap(), hang_up=True)
    wired.enable_context(10)
    assert wire.hung_up.wait(10)
    wired.enable_context(10)
    assert len({request.connection for request in wire.posts}) == 2


def test_threads_do_not_get_each_others_answers(wire, wired):
    def answer(request):
        number = request.operation.findtext("{*}ctx/{*}id")
        return Answer(answered("getData", f"<d:id>{number}</d:id><d:name>name{number}</d:name>"))

    wire.answer = answer
    mixed_up = []

    def look(start):
        for number in range(start, start + 40):
            context = wired.find_context(context_id=number)
            if (context.context_id, context.name) != (number, f"name{number}"):
                mixed_up.append(context)

    threads = [threading.Thread(target=look, args=(1000 * number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed_up == []
    assert len(wire.posts) == 320
    assert len({request.connection for request in wire.posts}) <= 9


def every_call(platform):
    user = replace(ANNA, drive_quota_mb=None)
    yield lambda: platform.create_context(10, ACME, ADMIN, "drive")
    yield lambda: platform.create_user(ACCESS, user)
    yield lambda: platform.change_user(ACCESS, 3, UserChange(password=SECRETS[3]))
    yield lambda: platform.find_user(ACCESS, ox_id=3)
    yield lambda: list(platform.list_users(ACCESS))
    yield lambda: list(platform.list_contexts())
    yield lambda: platform.create_group(ACCESS, GroupData("sales", "Sales"))
    yield lambda: platform.add_members(ACCESS, 7, [3])
    yield lambda: list(platform.list_resources(ACCESS))


def echo(request, name):
    sent = re.findall(rb"password>([^<]*)<", request.body)
    assert len(sent) > 0
    return fault(name, f"The platform repeats {b' '.join(sent).decode()}")


def error_of(call):
    try:
        call()
    except PlatformError as error:
        return error


def formatted(error):
    return "".join(traceback.format_exception(error))


def chain_of(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "answer",
    [
        Answer(soap()),
        Answer(b"<html>", status=503),
        Answer(reset=True),
        Answer(answered("createByModuleAccessName", "<d:password>anna-secret</d:password>")),
        "InvalidDataException",
        "InvalidCredentialsException",
        "StorageException",
    ],
)
def test_no_password_is_in_logs_or_errors(wire, caplog, answer):
    platform = platform_for(connection_to(wire.url, password=SECRETS[0]))
    wire.answer = lambda request: echo(request, answer) if isinstance(answer, str) else answer
    caplog.set_level(logging.DEBUG)
    errors = [error for error in map(error_of, every_call(platform)) if error is not None]
    assert [link for error in errors for link in chain_of(error) if hasattr(link, "request")] == []
    texts = [text for error in errors for text in (repr(error), error.sentence, error.detail, formatted(error))]
    logged = [record.getMessage() for record in caplog.records]
    assert any("/webservices/OXUserService" in text for text in logged)
    assert len(texts) > 0
    assert [text for text in (*logged, *texts) for secret in SECRETS if secret in text] == []


def test_no_password_and_no_photo_is_in_a_repr():
    change = UserChange(password="new-secret", photo=b"jpeg-bytes")
    things = [
        connection_to("http://x", password="secret-of-master"),
        ACCESS,
        ADMIN,
        replace(ANNA, photo=b"jpeg"),
        change,
    ]
    texts = [repr(thing) for thing in things]
    assert [text for text in texts for secret in (*SECRETS, "jpeg") if secret in text] == []
    assert "anna@acme.test" in texts[3]


def test_the_environments_netrc_is_not_sent(wire, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login root password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    platform_for(connection_to(wire.url)).enable_context(10)
    assert ["Authorization" in request.headers for request in wire.requests] == [False, False]


def test_a_slash_at_the_end_and_a_path_are_part_of_the_address(wire):
    platform_for(connection_to(f"{wire.url}/prefix/")).enable_context(10)
    assert [request.path for request in wire.posts] == ["/prefix/webservices/OXContextService"]


def test_certificates_are_verified_unless_switched_off():
    assert Connection("app_suite", "https://x", "a", "b").verify_tls


def test_plain_http_behind_https_is_unreachable(wire):
    with pytest.raises(PlatformUnreachable):
        platform_for(connection_to(wire.url.replace("http:", "https:"))).enable_context(10)
