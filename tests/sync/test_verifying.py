"""Who asked is found out by the login token or the session that came with the request, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.sync.conftest import Stage, account_of
from tests.worker import drain, empty_queue

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import change_brand
from oxherd.brands.upsell_commands import change_upsell
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.purchases.commands import Wish, ask, reject
from oxherd.purchases.models import PurchaseRequest
from oxherd.sync import housekeeping, verifying
from oxherd.tenants.models import Tenant


@pytest.fixture
def verified(stage: Stage) -> Stage:
    """The brand can redeem tokens and look sessions up; Anna and Ben have the profile Mail."""
    cast, url = stage.cast, stage.sandbox.url
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url=f"{url}/appsuite/")
    change_upsell(
        actor=cast.system,
        brand=cast.brand,
        token_secret="stand-in-token-secret",
        session_api_url=url,
        session_api_login="rest",
        session_api_password="secret",
    )
    users = [cast.user(name, ox=True) for name in ("Anna Becker", "Ben Oak")]
    change_profile(actor=cast.system, users=users, profile=cast.mail)
    drain()
    return stage


def user(name: str) -> ServiceUser:
    return ServiceUser.objects.get(display_name=name)


def credential(stage: Stage, name: str, kind: str) -> str:
    """What App Suite would hand over for this user."""
    who = account_of(user(name))
    context_id = Tenant.objects.get(pk=who.tenant_id).context_id
    with requests.Session() as browser:
        users = f"{stage.sandbox.url}/sandbox/api/contexts/{context_id}/users/{who.ox_id}"
        sid = browser.post(f"{users}/sessions").json()["session"]
        if kind == "session":
            return str(sid)
        params = {"action": "acquireToken", "session": sid}
        return str(browser.get(f"{stage.sandbox.url}/appsuite/api/token", params=params).json()["data"]["token"])


def asks(stage: Stage, name: str, kind: str = "", value: str = "") -> PurchaseRequest:
    wish = Wish(stage.cast.groupware, credential_kind=kind, credential=value)
    return ask(actor=Actor(name, Door.APP_SUITE), account=account_of(user(name)), wish=wish)


def now(request: PurchaseRequest) -> PurchaseRequest:
    return PurchaseRequest.objects.get(pk=request.pk)


def entries() -> int:
    return ProcrastinateJob.objects.filter(task_name="oxherd.verify_requester", status="todo").count()


@pytest.mark.parametrize("kind", ["token", "session"])
def test_the_requesters_own_credential_verifies_the_request_and_is_wiped(verified: Stage, kind: str) -> None:
    request = asks(verified, "Anna Becker", kind, credential(verified, "Anna Becker", kind))
    drain()
    request = now(request)
    assert (request.state, request.verification, request.sealed_credential) == ("open", kind, "")
    assert request.verified_at is not None


@pytest.mark.parametrize("kind", ["token", "session"])
def test_somebody_elses_credential_rejects_the_request_as_forged(verified: Stage, kind: str) -> None:
    request = asks(verified, "Anna Becker", kind, credential(verified, "Ben Oak", kind))
    drain()
    request = now(request)
    assert (request.state, request.verification, request.sealed_credential) == ("rejected", "forged", "")
    entry = AuditEntry.objects.get(action="purchase:forged")
    ben = account_of(user("Ben Oak"))
    context_id = Tenant.objects.get(pk=ben.tenant_id).context_id
    assert entry.after == {"named": f"user {ben.ox_id} of context {context_id}"}


def test_a_forger_does_not_close_what_the_user_has_really_asked_for(verified: Stage) -> None:
    asks(verified, "Anna Becker")
    request = asks(verified, "Anna Becker", "session", credential(verified, "Ben Oak", "session"))
    drain()
    assert (now(request).state, now(request).verification) == ("open", "unverified")
    assert AuditEntry.objects.filter(action="purchase:forged").count() == 1


@pytest.mark.parametrize("kind", ["token", "session"])
def test_a_credential_that_nobody_knows_leaves_the_request_unverified(verified: Stage, kind: str) -> None:
    request = asks(verified, "Anna Becker", kind, "never-heard-of")
    drain()
    assert (now(request).state, now(request).verification, now(request).sealed_credential) == ("open", "unverified", "")


def test_a_wrong_secret_is_told_in_the_log_and_verifies_nothing(
    verified: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    change_upsell(actor=verified.cast.system, brand=verified.cast.brand, session_api_password="wrong")
    sid = credential(verified, "Anna Becker", "session")
    request = asks(verified, "Anna Becker", "session", sid)
    drain()
    assert now(request).verification == "unverified"
    assert f"purchase request {request.pk} cannot be verified: REST.session: HTTP 401" in caplog.text
    assert sid not in caplog.text


def test_while_app_suite_is_away_it_is_tried_again_for_as_long_as_a_token_lives(verified: Stage) -> None:
    cast = verified.cast
    token = credential(verified, "Anna Becker", "token")
    change_upsell(actor=cast.system, brand=cast.brand, http_api_url="http://127.0.0.1:9/api")
    request = asks(verified, "Anna Becker", "token", token)
    drain()
    assert (now(request).verification, entries()) == ("pending", 0)
    PurchaseRequest.objects.update(last_asked_at=timezone.now() - timedelta(minutes=1))
    housekeeping.one_round()
    assert entries() == 1
    change_upsell(actor=cast.system, brand=cast.brand, http_api_url="")
    drain()
    assert now(request).verification == "token"


def test_after_that_time_the_credential_is_given_up(verified: Stage) -> None:
    change_upsell(actor=verified.cast.system, brand=verified.cast.brand, http_api_url="http://127.0.0.1:9/api")
    request = asks(verified, "Anna Becker", "token", "a-token")
    PurchaseRequest.objects.update(last_asked_at=timezone.now() - timedelta(minutes=6))
    drain()
    assert (now(request).verification, now(request).sealed_credential) == ("unverified", "")


def test_a_lost_entry_of_the_queue_is_made_again(verified: Stage) -> None:
    request = asks(verified, "Anna Becker", "session", credential(verified, "Anna Becker", "session"))
    empty_queue()
    PurchaseRequest.objects.update(last_asked_at=timezone.now() - timedelta(minutes=1))
    housekeeping.one_round()
    housekeeping.one_round()
    assert entries() == 1
    drain()
    assert now(request).verification == "session"


def test_what_is_decided_meanwhile_or_gone_is_left_alone(verified: Stage) -> None:
    request = asks(verified, "Anna Becker", "session", credential(verified, "Ben Oak", "session"))
    reject(actor=verified.cast.system, request=request, reason="No")
    drain()
    verifying.verify(4711)
    assert (now(request).verification, now(request).reason) == ("unverified", "No")
    assert not AuditEntry.objects.filter(action="purchase:forged").exists()


def test_a_credential_is_nowhere_in_clear(verified: Stage) -> None:
    sid = credential(verified, "Anna Becker", "session")
    request = asks(verified, "Anna Becker", "session", sid)
    rows: list[Any] = [
        *PurchaseRequest.objects.values(),
        *ProcrastinateJob.objects.values(),
        *AuditEntry.objects.values(),
    ]
    assert sid not in str(rows)
    assert request.sealed_credential in str(rows)
