import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from tests.cast import Cast, keep_casts, make_cast
from tests.emptying import empty_quickly
from tests.little_dns import LittleDns

CHROMIUM = Path("/usr/bin/chromium")


def pytest_configure() -> None:
    # The administrators' passwords of tests guard nothing, and each hash would cost a tenth of a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # No test asks the DNS of the machine; where a test needs one, it brings its own.
    settings.DNS_RESOLVERS = [("127.0.0.1", 9)]
    settings.DNS_TIMEOUT_SECONDS = 0.2
    # What is disabled goes to the platform at once; tests of the undoing say otherwise.
    settings.UNDO_SECONDS = 0
    empty_quickly()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A machine that stands still for a while breaks any journey: CI tries once more, and prints what broke it."""
    if os.environ.get("CI"):
        for item in items:
            if "page" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"tried twice: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A late request of a browser may still hold a connection, and a database with guests is not dropped."""
    with django_db_blocker.unblock():
        keep_casts()
    yield
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    )
    with django_db_blocker.unblock():
        connection.close()  # it may be in a transaction of a test's, or not be there any more
        with connection.cursor() as cursor:
            cursor.execute(others)
        connection.close()


@pytest.fixture
def cast(db: None) -> Cast:
    """Two customers with domains, profiles and administrators; the platform is not reached."""
    return make_cast()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip("no chromium: apt-get install chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": quiet}


@pytest.fixture
def little_dns(settings: Any) -> Iterator[LittleDns]:
    """A name server of our own, which is the only one that is asked."""
    with LittleDns() as server:
        settings.DNS_RESOLVERS = [server.address]
        settings.DNS_TIMEOUT_SECONDS = 0.3
        yield server
