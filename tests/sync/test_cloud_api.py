"""A brand of OX Cloud whose users go by the Cloud API: they carry no mark there, so what was noted tells ours."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tests.sync.conftest import Stage, account_of, job_of, status
from tests.sync.test_drift import STRANGER, compared, found, only, reached
from tests.sync.test_repairs import send, take
from tests.worker import drain

from oxherd.brands.commands import note_api
from oxherd.brands.states import Api
from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.drift.models import Difference
from oxherd.ox.interface import UserChange
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile, disable_ox
from oxherd.people.removal_commands import remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.provisioning import ledger
from oxherd.provisioning.commands import retry
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import SubjectKind
from oxherd.sync import people, work
from oxherd.sync.account_rows import AccountNow, read
from oxherd.sync.attempts import attempt
from oxherd.tenants.commands import change_tenant

LOOK = {
    "name": "anna.becker@acme.test",
    "display_name": "Anna Becker",
    "given_name": "Anna",
    "surname": "Becker",
    "primary_address": "anna.becker@acme.test",
}


class Killed(BaseException):
    """As `kill -9`: nothing more is written down."""


@pytest.fixture
def platform_kind() -> Api:
    return Api.CLOUD_API


def claimed(user: ServiceUser) -> tuple[SyncJob, AccountNow]:
    job, now = ledger.claim(job_of(user).pk), read(account_of(user).pk)
    assert job is not None
    assert now is not None
    return job, now


def made_and_killed(stage: Stage) -> tuple[ServiceUser, SyncJob, int]:
    """Anna, made on the platform by a worker that was killed before it could say so; her job, and her id there."""
    anna = stage.cast.user(ox=True)
    job, now = claimed(anna)
    people._put(now)
    assert (account_of(anna).ox_id, account_of(anna).attempts) == (None, [LOOK])
    return anna, job, stage.in_ox()[0]["id"]


def stands_for(user: ServiceUser) -> tuple[int | None, str, list[Any]]:
    account = account_of(user)
    return account.ox_id, account.ox_name, account.attempts


def make_by_hand(stage: Stage, **fields: Any) -> int:
    """A user of Anna's name, made by somebody else."""
    platform, context = reached(stage.cast)
    address = LOOK["primary_address"]
    eve = replace(STRANGER, primary_address=address, aliases=(address,), access_combination="cloud_pim")
    looks = {name: value for name, value in LOOK.items() if name != "primary_address"}
    return platform.create_user(context, replace(eve, class_of_service=("cloud_pim",), **{**looks, **fields}))


def test_a_user_arrives_in_one_call_and_nothing_is_left_of_the_note(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    drain()
    assert stage.calls() == ["POST /users"]
    (held,) = stage.in_ox()
    assert stands_for(anna) == (held["id"], "anna.becker@acme.test", [])
    assert (status(anna), held["aliases"]) == ("enabled", ["anna.becker@acme.test", "info@acme.test"])
    change_user(actor=stage.cast.system, user=anna, display_name="Anna B.")
    drain()
    assert stage.calls() == ["getData", "PUT /users/{login}"]


def test_killed_between_the_note_and_the_call_it_is_made_once(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    job, now = claimed(anna)
    with suppress(Killed), attempt(now, people.wanted_of(now)):
        raise Killed
    assert account_of(anna).attempts == [LOOK]
    work.work(job.pk)  # brought back by housekeeping
    (held,) = stage.in_ox()
    assert (stands_for(anna), status(anna)) == ((held["id"], LOOK["name"], []), "enabled")


def test_killed_after_the_call_it_is_taken_over_and_brought_up_to_date(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Later")
    work.work(job.pk)
    drain()
    assert [(user["id"], user["display_name"]) for user in stage.in_ox()] == [(ox_id, "Anna Later")]
    assert (stands_for(anna), status(anna)) == ((ox_id, LOOK["name"], []), "enabled")


def test_killed_and_renamed_meanwhile_it_is_found_under_the_old_name(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    rename_user(actor=stage.cast.system, user=anna, login="anna@acme.test", primary_address="anna@acme.test")
    work.work(job.pk)
    drain()
    assert stage.names_in_ox() == ["anna@acme.test"]
    assert stands_for(anna) == (ox_id, "anna@acme.test", [])


def test_killed_and_disabled_meanwhile_nothing_stays(stage: Stage) -> None:
    anna, job, _ = made_and_killed(stage)
    disable_ox(actor=stage.cast.system, user=anna)
    work.work(job.pk)
    drain()
    assert (stage.in_ox(), status(anna)) == ([], "disabled")


def test_killed_and_removed_meanwhile_it_is_locked_and_comes_back(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    remove_user(actor=stage.cast.system, user=anna)
    work.work(job.pk)
    drain()
    assert [(user["id"], user["mailenabled"]) for user in stage.in_ox()] == [(ox_id, False)]
    restore_user(actor=stage.cast.system, user=anna)
    drain()
    assert [(user["id"], user["mailenabled"]) for user in stage.in_ox()] == [(ox_id, True)]


def test_who_was_never_made_keeps_the_note_while_removed(stage: Stage) -> None:
    """The platform may still carry out the call whose answer did not come."""
    stage.strikes("status_503", match={"operation": "POST /users"})
    anna = stage.cast.user(ox=True)
    drain()
    stage.behaves()
    remove_user(actor=stage.cast.system, user=anna)
    drain()
    assert stands_for(anna) == (None, "", [LOOK])
    ox_id = make_by_hand(stage)  # the late call
    restore_user(actor=stage.cast.system, user=anna)
    drain()
    assert (stands_for(anna), stage.in_ox()[0]["display_name"]) == ((ox_id, LOOK["name"], []), "Anna Becker")


@pytest.mark.parametrize("field", ["display_name", "given_name", "surname", "primary_address"])
def test_a_stranger_who_looks_otherwise_is_left_alone(stage: Stage, field: str) -> None:
    stage.strikes("status_503", match={"operation": "POST /users"}, times=1)
    anna = stage.cast.user(ox=True)
    job, now = claimed(anna)
    with pytest.raises(Exception, match="HTTP 503"):
        people._put(now)
    other = "someone@acme.test"
    make_by_hand(stage, **({field: other, "aliases": (other,)} if "address" in field else {field: "Eve"}))
    before = stage.in_ox()
    work.work(job.pk)
    assert (stage.in_ox(), status(anna), job_of(anna).cause) == (before, "error", "platform_taken")


def test_a_refusal_takes_the_note_back_so_that_a_stranger_stays_one(stage: Stage) -> None:
    """Even one who looks the very same: the platform has said that the user is not ours."""
    make_by_hand(stage)
    before = stage.in_ox()
    anna = stage.cast.user(ox=True)
    drain()
    assert (job_of(anna).cause, stands_for(anna)) == ("platform_taken", (None, "", []))
    retry(stage.cast.system, SubjectKind.ACCOUNT, account_of(anna).pk, place=stage.cast.acme)
    drain()
    assert (stage.in_ox(), status(anna), job_of(anna).cause) == (before, "error", "platform_taken")


def test_a_user_of_another_account_is_not_taken_over(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    bert = stage.cast.user("Bert Adler", ox=True)
    OxAccount.objects.filter(user=bert).update(ox_id=ox_id, ox_name="bert.adler@acme.test")
    work.work(job.pk)
    assert (account_of(anna).ox_id, job_of(anna).cause) == (None, "platform_taken")


def test_in_a_new_context_nothing_is_left_of_attempts_in_the_old_one(stage: Stage) -> None:
    anna, job, _ = made_and_killed(stage)
    platform, context = reached(stage.cast)
    platform.remove_context(context.context_id)
    work.work(job.pk)
    assert stands_for(anna) == (None, "", [LOOK])
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=70)
    drain()
    assert (stands_for(anna), stage.in_ox()) == ((None, "", []), [])
    retry(stage.cast.system, SubjectKind.ACCOUNT, account_of(anna).pk, place=stage.cast.acme)
    drain()
    assert (stands_for(anna), status(anna)) == ((stage.in_ox()[0]["id"], LOOK["name"], []), "enabled")


def test_what_soap_has_left_is_found_by_its_mark(stage: Stage) -> None:
    """The brand went by SOAP when the worker was killed; and the other way round."""
    note_api(actor=stage.cast.system, brand=stage.cast.brand, api=Api.SOAP)
    anna = stage.cast.user(ox=True)
    job, now = claimed(anna)
    people._put(now)
    note_api(actor=stage.cast.system, brand=stage.cast.brand, api=Api.CLOUD_API)
    work.work(job.pk)
    assert (stands_for(anna)[0], status(anna)) == (stage.in_ox()[0]["id"], "enabled")


def test_what_the_api_has_left_is_found_by_the_note_when_the_brand_goes_by_soap(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    note_api(actor=stage.cast.system, brand=stage.cast.brand, api=Api.SOAP)
    work.work(job.pk)
    assert (stands_for(anna), status(anna)) == ((ox_id, LOOK["name"], []), "enabled")


def test_another_profile_is_another_class_of_service(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    change_profile(actor=stage.cast.system, users=[anna], profile=stage.cast.mail)
    drain()
    assert stage.calls() == ["getData", "PUT /users/{login}", "change", "setMailQuota"]  # to no limit
    platform, context = reached(stage.cast)
    ox_id = account_of(anna).ox_id
    assert platform.access_combination(context, ox_id) == "cloud_pim"
    assert found(stage, is_deep=True) == []


def test_a_comparison_asks_for_all_users_in_one_call(stage: Stage) -> None:
    for name in ("Anna Becker", "Bert Adler", "Carl Conrad"):
        stage.cast.user(name, ox=True)
    assert found(stage, is_deep=True) == []
    assert (Difference.objects.count(), account_of(ServiceUser.objects.first()).drive_used_mb) == (0, 0)
    stage.calls()
    compared(stage)
    drain()
    platform, context = reached(stage.cast)
    stage.calls()
    assert len(list(platform.list_users(context))) == 4
    assert stage.calls() == ["GET /users"]


def test_strangers_and_missing_users_are_told(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    platform.remove_user(context, account_of(anna).ox_id)
    platform.create_user(context, replace(STRANGER, class_of_service=("cloud_pim",)))
    assert found(stage) == [("user", "stranger", "Eve Stranger"), ("user", "missing", "Anna Becker")]


def test_who_was_left_under_another_name_is_no_stranger(stage: Stage) -> None:
    anna, job, ox_id = made_and_killed(stage)
    rename_user(actor=stage.cast.system, user=anna, login="anna@acme.test", primary_address="anna@acme.test")
    SyncJob.objects.filter(subject_kind="account").update(state="refused")  # whatever keeps it from going on
    difference = only(stage)
    assert (difference.kind, difference.subject_id, difference.ox_id) == ("different", anna.pk, ox_id)
    send(stage, difference)
    assert (stage.names_in_ox(), stands_for(anna)[0], found(stage)) == (["anna@acme.test"], ox_id, [])
    assert job.subject_id == account_of(anna).pk


def test_class_and_quotas_are_compared_by_any_comparison_and_repaired_either_way(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    ox_id = account_of(anna).ox_id
    lowered = UserChange(class_of_service=("cloud_pim",), drive_quota_mb=None, mail_quota_mb=None)
    platform.change_user(context, ox_id, lowered)
    difference = only(stage)
    assert difference.there == {"class_of_service": ["cloud_pim"], "drive_quota_mb": None, "mail_quota_mb": None}
    assert send(stage, difference) == ["PUT /users/{login}"]
    assert found(stage, is_deep=True) == []
    platform.change_user(context, ox_id, lowered)
    assert take(stage, only(stage)) == []
    assert account_of(anna).profile == stage.cast.mail
    assert found(stage, is_deep=True) == []


def test_a_catch_all_arrives_moves_and_goes(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Adler", ox=True)
    drain()
    platform, context = reached(stage.cast)
    for address in (anna.login, bert.login, ""):
        change_domain(actor=stage.cast.system, domain=Domain.objects.get(name="acme.test"), catch_all=address)
        drain()
        assert platform.mail.catch_alls(context) == ({"acme.test": address} if address else {})
