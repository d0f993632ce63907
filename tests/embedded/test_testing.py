"""The pytest plugin, seen from outside: each test runs a small suite of its own."""

import os
import subprocess
import sys

import pytest

SUITE = """
import os
import pytest

def test_that_runs():
    assert os.environ["DATABASE_URL"] == os.environ["OXHERD_TEST_DATABASE_URL"]

@pytest.mark.skipif(True, reason="no browser here")
def test_that_is_skipped():
    pass
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "test_small.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p oxherd.embedded.testing -p no:django\n")

    def run(ci, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"CI": ci, "OXHERD_TEST_DATABASE_URL": "postgresql://other@elsewhere/test"}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_skipped_test_fails_the_run_in_ci(suite, arguments):
    finished = suite("true", *arguments)
    assert finished.returncode == 1
    assert "Skipped, but in CI every test must run: test_small.py::test_that_is_skipped" in finished.stdout.splitlines()


def test_skipped_test_passes_elsewhere(suite):
    finished = suite("")
    assert finished.returncode == 0
    assert finished.stdout.splitlines()[-1].startswith("1 passed, 1 skipped in ")
