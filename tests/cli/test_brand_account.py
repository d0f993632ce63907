"""A brand of OX Cloud is added, asked and given profiles from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.ox.cloud import BRAND, PASSWORD, found_brands
from tests.rows import last_entry

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand, note_api
from oxherd.brands.models import Brand
from oxherd.brands.states import Api
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
    assert (status, said[0], said[-1]) == (
        0,
        "North is there.",
        "ok    The platform lets this brand have any number of customers and any number of users.",
    )
    assert "ok    OXaaSService offers all 10 operations that are needed." in said
    assert "ok    The Cloud API v2 answers: users go through it." in said
    made = Brand.objects.get()
    assert (made.platform, made.username, made.username_changeable) == ("ox_cloud", BRAND, True)
    assert made.api == "cloud_api"
    assert run("platform", "North")[1][-1] == "users go by           Cloud API v2"
    assert sealing.unseal(made.sealed_password) == PASSWORD
    notes = [
        "note  Groups of OX hold users of the same customer only. A forwarder takes all addresses.",
        "note  OX Cloud has Documents and Guard in its access combinations and classes of service.",
        "note  OX Cloud gives contexts their numbers.",
    ]
    assert run("check", "North") == (0, [*said[1:], *notes])


def test_a_wrong_password_is_told_when_the_platform_is_asked(db, sandbox):
    status, said = add(sandbox, "wrong")
    wrong = "fail  The platform does not accept the login or password of this brand. Correct them in its settings."
    assert (status, said[-1]) == (0, wrong)
    assert Brand.objects.get().api == "soap"
    assert run("check", "north")[0] == 1


def test_what_is_found_at_a_new_address_counts_from_then_on(db, sandbox):
    add(sandbox)
    made = Brand.objects.get()
    actor = system("Tests", Door.CLI)
    change_brand(actor=actor, brand=made, colour="#3457d5")
    assert Brand.objects.get().api == "cloud_api"
    change_brand(actor=actor, brand=made, api_url=f"{sandbox.url}/")
    assert Brand.objects.get().api == "soap"
    assert run("check", "North")[0] == 0
    assert Brand.objects.get().api == "cloud_api"
    assert last_entry().after == {"api": "cloud_api"}
    note_api(actor=actor, brand=made, api=Api.SOAP)  # found at the address of before
    assert Brand.objects.get().api == "cloud_api"


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
