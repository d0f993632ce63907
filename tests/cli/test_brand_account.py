"""A brand of OX Cloud is added, asked and given profiles from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.ox.cloud import BRAND, PASSWORD, found_brands

from oxherd import sealing
from oxherd.brands.models import Brand
from oxherd.cli.brand import brand
from oxherd.profiles.models import Profile
from oxherd.sandbox.testing import SandboxServer


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer(tmp_path / "sandbox.sqlite") as server:
        found_brands(server, tmp_path)
        yield server


def run(*arguments: str, stdin: str = "") -> tuple[int, list[str]]:
    outcome = CliRunner().invoke(brand, arguments, input=stdin)
    return outcome.exit_code, outcome.output.splitlines()


def add(sandbox: SandboxServer, password: str = PASSWORD) -> tuple[int, list[str]]:
    account = ("--platform", "ox_cloud", "--api-url", sandbox.url, "--username", BRAND, "--password-file", "-")
    return run("add", "North", *account, stdin=f"{password}\n")


def test_a_brand_of_ox_cloud_is_added_and_asked(db, sandbox):
    status, said = add(sandbox)
    assert (status, said[0], said[-1]) == (0, "North is there.", "ok    The platform accepts the login and password.")
    assert "ok    OXaaSService offers all 10 operations that are needed." in said
    made = Brand.objects.get()
    assert (made.platform, made.username, made.username_changeable) == ("ox_cloud", BRAND, True)
    assert sealing.unseal(made.sealed_password) == PASSWORD
    assert run("check", "North") == (0, [*said[1:], "note  OX Cloud gives contexts their numbers."])


def test_a_wrong_password_is_told_when_the_platform_is_asked(db, sandbox):
    status, said = add(sandbox, "wrong")
    wrong = "fail  The platform does not accept the login or password of this brand. Correct them in its settings."
    assert (status, said[-1]) == (0, wrong)
    assert run("check", "north")[0] == 1


def test_a_refused_brand_leaves_nothing(db):
    account = ("--api-url", "nowhere", "--username", "x", "--password-file", "-")
    sentence = "Error: --api-url: Give a complete address that begins with https:// or http://."
    assert run("add", "North", *account) == (1, [sentence])
    assert not Brand.objects.exists()


def test_profiles_are_added_and_changed(cast):
    given = ("--access-combination", "cloud_pim", "--class-of-service", "cloud_pim, guard", "--mail-quota", "500")
    assert run("profile", "Sunrise", "Cloud", *given) == (0, ["Cloud: cloud_pim, mail 500 MB, drive no limit"])
    said = ["Cloud: cloud_pim, mail no limit, drive 7 MB"]
    assert run("profile", "sunrise", "cloud", "--mail-quota", "0", "--drive-quota", "7") == (0, said)
    assert Profile.objects.get(name="Cloud").class_of_service == "cloud_pim, guard"
    status, said = run("profile", "Sunrise", "Nothing")
    assert (status, said[0].partition(":")[0]) == (1, "Error")
    assert not Profile.objects.filter(name="Nothing").exists()
