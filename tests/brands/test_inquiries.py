"""Asking a platform how it is: who may, what is kept, and what is not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD, Cast
from tests.rows import refused

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.brands import inquiries, queries
from oxherd.brands.inquiries import Outcome, ask_platform, try_settings
from oxherd.brands.models import Inquiry
from oxherd.errors import NotAllowed, NotYours

WELL = Outcome(((True, "The platform accepts the login and password."),), ("groupware_standard",))
NEW = {"platform": "app_suite", "api_url": "https://ox.example", "username": "master"}


@pytest.fixture
def rafael(cast: Cast) -> Actor:
    """Sells the brand."""
    administrator = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(administrator, Role.RESELLER, brand=cast.brand)
    return cast.actor(administrator)


def test_a_brand_that_waits_for_an_answer_is_not_asked_twice(cast: Cast, rafael: Actor) -> None:
    first = ask_platform(actor=cast.system, brand=cast.brand)
    assert ask_platform(actor=rafael, brand=cast.brand) == first
    assert ProcrastinateJob.objects.get(task_name="oxherd.inquire").args == {"inquiry_id": first.pk}


def test_what_is_tried_is_sealed_until_it_is_over(cast: Cast) -> None:
    trial = try_settings(actor=cast.system, brand=None, password="try-secret", **NEW)
    assert (sealing.unseal(trial.sealed_password), "try-secret" in trial.sealed_password) == ("try-secret", False)
    claimed = inquiries.claim(trial.pk)
    assert claimed is not None
    assert inquiries.finish(claimed, WELL)
    trial.refresh_from_db()
    assert (trial.sealed_password, trial.is_well, trial.combinations) == ("", True, ["groupware_standard"])


def test_the_password_of_a_brand_goes_to_its_own_server_only(cast: Cast) -> None:
    own = {"platform": "app_suite", "username": "other", "password": ""}
    trial = try_settings(actor=cast.system, brand=cast.brand, api_url=f"{cast.brand.api_url}/below", **own)
    assert sealing.unseal(trial.sealed_password) == "secret"
    with refused("password"):
        try_settings(actor=cast.system, brand=cast.brand, api_url="https://elsewhere.example", **own)


@pytest.mark.parametrize(
    ("field", "value"),
    [("platform", ""), ("api_url", "ox.example"), ("username", " "), ("password", "")],
)
def test_what_cannot_be_tried_is_refused_at_its_field(cast: Cast, field: str, value: str) -> None:
    wish = {"password": "x-secret", **NEW, field: value}
    with refused(field):
        try_settings(actor=cast.system, brand=None, **wish)


def test_who_sells_a_brand_asks_its_platform_but_tries_no_settings(cast: Cast, rafael: Actor) -> None:
    with pytest.raises(NotAllowed):
        try_settings(actor=rafael, brand=cast.brand, password="x-secret", **NEW)
    trial = try_settings(actor=cast.actor(cast.alice), brand=cast.brand, password="x-secret", **NEW)
    with pytest.raises(NotYours):
        queries.one_inquiry(rafael, trial.pk)
    asked = ask_platform(actor=cast.system, brand=cast.brand)
    assert queries.one_inquiry(rafael, asked.pk) == asked
    with pytest.raises(NotYours):
        queries.one_inquiry(cast.actor(cast.charlie), asked.pk)


def test_only_the_last_run_writes(cast: Cast) -> None:
    pk = ask_platform(actor=cast.system, brand=cast.brand).pk
    first, second = inquiries.claim(pk), inquiries.claim(pk)
    assert first is not None
    assert second is not None
    assert not inquiries.finish(first, WELL)
    assert inquiries.finish(second, WELL)
    assert inquiries.claim(pk) is None


def test_old_inquiries_and_trials_go(cast: Cast) -> None:
    for _ in range(12):
        inquiries.note(actor=cast.system, brand=cast.brand, outcome=WELL)
    assert Inquiry.objects.count() == 10
    try_settings(actor=cast.system, brand=None, password="x-secret", **NEW)
    assert inquiries.forget_trials() == 0
    Inquiry.objects.filter(is_trial=True).update(created_at=timezone.now() - timedelta(days=2))
    assert inquiries.forget_trials() == 1


def test_what_the_queue_has_lost_is_handed_over_again(cast: Cast) -> None:
    ask_platform(actor=cast.system, brand=cast.brand)
    ProcrastinateJob.objects.filter(task_name="oxherd.inquire").update(status="failed")
    assert inquiries.bring_back_lost(-1) == 1
    assert inquiries.bring_back_lost(-1) == 0
