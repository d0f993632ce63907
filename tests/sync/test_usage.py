"""A worker finds out how much of mail and Drive is in use, when somebody wants to see it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.sync.conftest import Stage, account_of, on_every_platform
from tests.worker import drain

from oxherd.brands.states import PlatformKind
from oxherd.people.models import OxAccount
from oxherd.people.usage import ask_for_use, is_being_looked_at
from oxherd.sandbox.store import mailboxes


def fill(stage: Stage, account: OxAccount, *, mail_kib: int, files_mb: int) -> None:
    context_id = account.tenant.context_id
    with stage.sandbox.platform.store.writing() as db:
        mailboxes.change(db, context_id, account.ox_id, used=mail_kib, used_files=files_mb)


@on_every_platform
def test_what_is_in_use_is_found_out_by_one_look(stage: Stage, platform_kind: PlatformKind) -> None:
    user = stage.cast.user(ox=True)
    drain()
    account = account_of(user)
    fill(stage, account, mail_kib=3_000, files_mb=12)
    OxAccount.objects.update(drive_used_at=timezone.now() - timedelta(days=1))
    ask_for_use(account)
    ask_for_use(account)
    assert is_being_looked_at(account)
    stage.calls()
    drain()
    known = account_of(user)
    assert not is_being_looked_at(account)
    assert known.drive_used_at > timezone.now() - timedelta(minutes=1)
    is_cloud = platform_kind == PlatformKind.OX_CLOUD
    assert (known.drive_used_mb, known.mail_used_mb) == (12, 3 if is_cloud else None)
    assert (known.mail_used_at is not None) is is_cloud
    assert stage.calls() == (["getData", "getQuotaUsagePerUser"] if is_cloud else ["getData"])


@pytest.mark.parametrize("action", ["refuse", "status_503", "storage_exception"])
def test_what_cannot_be_found_out_stays_as_it_was_known(stage: Stage, action: str) -> None:
    user = stage.cast.user(ox=True)
    drain()
    OxAccount.objects.update(drive_used_mb=7, drive_used_at=None)
    stage.strikes(action)
    ask_for_use(account_of(user))
    drain()
    known = account_of(user)
    assert (known.drive_used_mb, known.drive_used_at, is_being_looked_at(known)) == (7, None, False)


def test_nobody_is_asked_about_who_is_not_there(stage: Stage) -> None:
    account = account_of(stage.cast.user(ox=True))
    drain()
    ask_for_use(account)
    OxAccount.objects.filter(pk=account.pk).update(ox_id=None)
    stage.calls()
    drain()
    assert stage.calls() == []
