"""A worker asks a platform what the panel wants to know."""

from pathlib import Path

import pytest
from tests.cast import ACCOUNTS, make_cast
from tests.ox.cloud import found_brands
from tests.worker import drain, empty_queue

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands import queries
from oxherd.brands.inquiries import ask_platform, try_settings
from oxherd.brands.models import Brand, Inquiry
from oxherd.brands.states import Api, PlatformKind
from oxherd.sandbox.testing import SandboxServer

ME = system("Tests", Door.CLI)


def sentences(inquiry: Inquiry, *, ok: bool) -> str:
    return " ".join(each["sentence"] for each in inquiry.findings if each["ok"] == ok)


@pytest.fixture(params=list(PlatformKind))
def brand(transactional_db: None, sandbox: SandboxServer, tmp_path: Path, request: pytest.FixtureRequest) -> Brand:
    if request.param == PlatformKind.OX_CLOUD:
        found_brands(sandbox, tmp_path)
    empty_queue()
    return make_cast(sandbox.url, request.param).brand


def test_a_wrong_password_is_found_and_a_right_one_too(brand: Brand) -> None:
    username, password = ACCOUNTS[PlatformKind(brand.platform)]
    wish = {"platform": brand.platform, "api_url": brand.api_url, "username": username}
    wrong = try_settings(actor=ME, brand=None, password="wrong-secret", **wish)
    right = try_settings(actor=ME, brand=None, password=password, **wish)
    drain()
    wrong.refresh_from_db()
    right.refresh_from_db()
    assert (wrong.is_well, wrong.sealed_password) == (False, "")
    assert "does not accept the login or password" in sentences(wrong, ok=False)
    assert (right.is_well, sentences(right, ok=False)) == (True, "")


def test_the_answer_for_a_brand_is_kept_with_what_it_offers(brand: Brand) -> None:
    drain()  # the customers' contexts come first, so that some combination is in use
    asked = ask_platform(actor=ME, brand=brand)
    drain()
    asked.refresh_from_db()
    assert asked.is_well, asked.findings
    assert queries.last_answer(brand) == asked
    brand.refresh_from_db()
    if brand.platform == PlatformKind.APP_SUITE:
        assert asked.combinations != []
    else:
        assert brand.api == Api.CLOUD_API


def test_a_platform_that_is_not_there_is_a_finding_too(brand: Brand) -> None:
    Brand.objects.update(api_url="http://127.0.0.1:9")
    asked = ask_platform(actor=ME, brand=brand)
    drain()
    asked.refresh_from_db()
    assert (asked.state, asked.is_well) == ("done", False)
    assert sentences(asked, ok=False)
