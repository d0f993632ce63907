"""Which passwords administrators may take, and how leaked ones are found without telling them to anybody."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from tests.cast import PASSWORD, make_cast

from oxherd.accounts.models import Administrator, SignInPolicy
from oxherd.accounts.passwords import is_allowed, is_not_leaked, times_seen
from oxherd.accounts.policies import Policy
from oxherd.accounts.states import Role
from oxherd.administrators.invitations import invite
from oxherd.errors import Refused

LEAKED = "tolerable enough words 1"


class RangeService(ThreadingHTTPServer):
    """Answers as https://api.pwnedpasswords.com/range does. asks: what it was asked, with the padding header."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ranges)
        self.asked: list[tuple[str, str | None]] = []
        self.known: dict[str, int] = {LEAKED: 37}
        self.status = 200
        self.looks: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/range/"


class _Ranges(BaseHTTPRequestHandler):
    server: RangeService

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Add-Padding"]))
        if self.server.looks:
            self.server.looks()
        digests = {hashlib.sha1(word.encode()).hexdigest().upper(): n for word, n in self.server.known.items()}
        prefix = self.path.rpartition("/")[2]
        lines = [f"{digest[5:]}:{n}" for digest, n in digests.items() if digest.startswith(prefix)]
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write("\r\n".join(["0" * 34 + "1:0", *lines, "F" * 35 + ":0"]).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def service(settings: Any) -> Iterator[RangeService]:
    with RangeService() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.BREACH_URL = running.url
        yield running
        running.shutdown()


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "too short: 10"),
        ("x" * 129, "too long"),
        ("correct horse\x00battery", "cannot be typed"),
        ("zxcvbnmasdfg", "easy to guess"),
        ("password123", "list of common ones"),
        ("eve.fox@panel.test!", "too close to your name"),
        ("Evelyn Foxglove 9!", "too close to your name"),
    ],
)
def test_weak_passwords_are_refused_with_what_is_wrong(password, says):
    with pytest.raises(Refused) as caught:
        is_allowed(password, email="eve.fox@panel.test", name="Evelyn Foxglove")
    assert (says in caught.value.sentence, caught.value.field) == (True, "password")


def test_a_policy_may_ask_for_longer_ones():
    is_allowed(PASSWORD, email="eve@panel.test", policy=Policy(shortest_password=28))
    with pytest.raises(Refused, match="29 characters at least"):
        is_allowed(PASSWORD, email="eve@panel.test", policy=Policy(shortest_password=29))


def test_a_leaked_password_is_found_by_the_first_five_digits_of_its_hash(service):
    with pytest.raises(Refused, match="data breach"):
        is_not_leaked(LEAKED)
    digest = hashlib.sha1(LEAKED.encode()).hexdigest().upper()
    assert service.asked == [(f"/range/{digest[:5]}", "true")]
    assert times_seen(LEAKED) == 37
    is_not_leaked(PASSWORD)


def test_lines_of_the_padding_count_nothing(service):
    service.known[LEAKED] = 0
    is_not_leaked(LEAKED)


def test_where_no_service_is_set_or_a_policy_says_no_nobody_is_asked(service, settings):
    is_not_leaked(LEAKED, policy=Policy(checks_breaches=False))
    settings.BREACH_URL = ""
    is_not_leaked(LEAKED)
    assert service.asked == []


@pytest.mark.parametrize("trouble", ["an error", "nobody there", "no address"])
def test_a_service_in_trouble_keeps_nobody_out(service, settings, caplog, trouble):
    service.status = 503
    urls = {"an error": service.url, "nobody there": "http://127.0.0.1:9", "no address": "nothing"}
    settings.BREACH_URL = urls[trouble]
    is_not_leaked(LEAKED)
    assert ("does not answer" in caplog.text, LEAKED in caplog.text) == (True, False)


def test_the_forms_of_the_sign_in_package_keep_the_same_rules(cast, service):
    SignInPolicy.objects.create(tenant=cast.acme, shortest_password=29)
    with pytest.raises(ValidationError, match="29 characters at least"):
        validate_password(PASSWORD, cast.bob)
    validate_password(PASSWORD, cast.charlie)
    with pytest.raises(ValidationError, match="data breach"):
        validate_password(LEAKED, cast.charlie)
    with pytest.raises(ValidationError, match="too short"):
        validate_password("short")


@pytest.mark.django_db(transaction=True)
def test_the_service_is_asked_outside_of_any_transaction(service, transactional_db):
    cast = make_cast()
    made = invite(actor=cast.actor(cast.bob), email="eve@panel.test", role=Role.READ_ONLY, tenant=cast.acme)
    client, seen = Client(), []
    own = connection.connection.info.backend_pid

    def look():
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [own])
            seen.extend(row[0] for row in cursor.fetchall())
        connection.close()

    service.looks = look
    client.get(made.link.removeprefix("http://localhost:8000"))
    answer = client.post("/invitation/", {"name": "Eve", "password": LEAKED, "confirm": LEAKED})
    assert (answer.status_code, seen) == (422, ["idle"])
    assert "data breach" in answer.content.decode()
    assert Administrator.objects.filter(email="eve@panel.test").count() == 0
