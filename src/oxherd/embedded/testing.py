"""The pytest plugin of this project: a database for the run, and no silent skips where everything must run.

It is loaded by `-p` in pyproject.toml, since pytest-django reads the settings before any conftest.py is looked at.
"""

import atexit
import base64
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from oxherd.embedded.postgres import EmbeddedPostgres

# Nothing of a test run has to survive a power cut.
UNSAFE_AND_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
# Tests that may be skipped in CI, as (beginning of the test's id, why).
MAY_BE_SKIPPED: tuple[tuple[str, str], ...] = (
    ("tests/contract/", "a real platform is asked only where the environment names one, and not all keep mailboxes"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:  # the controller has prepared everything, and we inherit its environment
        return
    os.environ.update(
        DJANGO_SETTINGS_MODULE="oxherd.project.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's loop runs in the thread of the test
        OXHERD_SECRET_KEY=secrets.token_urlsafe(40),
        OXHERD_ENCRYPTION_KEY=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        OXHERD_CONN_MAX_AGE="0",
        # The manifest exists only after collectstatic.
        OXHERD_STATICFILES="django.contrib.staticfiles.storage.StaticFilesStorage",
        OXHERD_STATIC_ROOT=str(_empty_folder()),  # whitenoise warns where there is none
    )
    os.environ["DATABASE_URL"] = os.environ.get("OXHERD_TEST_DATABASE_URL") or _start_server()


def _empty_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="oxherd-static-"))
    atexit.register(shutil.rmtree, folder)
    return folder


def _start_server() -> str:
    folder = Path(tempfile.mkdtemp(prefix="oxherd-test-"))
    folder.chmod(0o711)  # root's servant must come through; the database itself stays closed
    server = EmbeddedPostgres(folder, UNSAFE_AND_QUICK, port=_free_port())
    atexit.register(shutil.rmtree, folder)
    atexit.register(server.stop)  # last registered, first called
    return server.start()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _skipped_without_leave(reporter: Any) -> list[str]:
    allowed = tuple(prefix for prefix, _ in MAY_BE_SKIPPED)
    return [report.nodeid for report in reporter.stats.get("skipped", []) if not report.nodeid.startswith(allowed)]


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """In CI a test that did not run has not passed."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or "PYTEST_XDIST_WORKER" in os.environ or reporter is None:
        return
    skipped = _skipped_without_leave(reporter)
    if skipped:
        reporter.write_line("")
        reporter.write_line("Skipped, but in CI every test must run: " + ", ".join(skipped), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
