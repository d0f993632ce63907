"""A disabled OX service can be had back, untouched, until the platform is told to delete it."""

import pytest
from django.utils import timezone
from tests.rows import last_entry, queued, refused, waiting
from tests.threads import overlapping

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.models import Address
from oxherd.errors import Refused
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases, disable_ox, enable_ox, keep_ox, retry_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user, remove_user
from oxherd.people.rename_commands import rename_user
from oxherd.provisioning import ledger
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.commands import change_tenant
from oxherd.tenants.models import Seats

ME = system("Tests", Door.CLI)


@pytest.fixture
def anna(cast, settings):
    """Somebody with OX and an alias; a Disable can be undone for 20 seconds."""
    settings.UNDO_SECONDS = 20
    return cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))


def account_of(user):
    return OxAccount.objects.get(user=user)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def groupware(cast):
    return Seats.objects.get(tenant=cast.acme, profile=cast.groupware).used


def test_the_deletion_begins_only_when_the_time_is_over(cast, anna):
    disable_ox(actor=ME, user=anna)
    account = account_of(anna)
    (job,) = waiting(f"account:{account.pk}")
    assert 19 < (job.next_try_at - timezone.now()).total_seconds() <= 20
    assert (account.presence, account.delete_after <= job.next_try_at) == ("leaving", True)
    assert (ServiceUser.objects.get().status, groupware(cast)) == ("in_progress", 0)


def test_undone_in_time_the_account_is_as_it_was(cast, anna):
    before = account_of(anna)
    disable_ox(actor=ME, user=anna)
    keep_ox(actor=cast.actor(cast.bob), user=anna)
    after = account_of(anna)
    for field in ("presence", "profile_id", "primary_address", "claimed_name", "sealed_password", "marker", "ox_id"):
        assert getattr(after, field) == getattr(before, field), field
    assert (after.delete_after, after.kept_aliases, groupware(cast)) == (None, [], 1)
    assert sealing.unseal(after.sealed_password) == "correct horse battery staple"
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}
    assert (last_entry().action, last_entry().actor) == ("ox:keep", "Bob")
    assert len(waiting(f"account:{after.pk}")) == 1


def test_addresses_freed_by_a_rename_meanwhile_come_back_too(anna):
    disable_ox(actor=ME, user=anna)
    rename_user(actor=ME, user=anna, login="adler@acme.test")
    keep_ox(actor=ME, user=anna)
    assert held(anna) == {"adler@acme.test": "login", "anna@acme.test": "primary", "info@acme.test": "alias"}


def test_what_the_worker_has_begun_is_not_undone(anna):
    disable_ox(actor=ME, user=anna)
    (job,) = waiting(f"account:{account_of(anna).pk}")
    SyncJob.objects.filter(pk=job.pk).update(state="running", tries=1, next_try_at=None)
    with refused(None) as caught:
        keep_ox(actor=ME, user=anna)
    assert caught.value.sentence == "OX has begun to delete the account of Anna Becker: it cannot be had back."
    SyncJob.objects.filter(pk=job.pk).update(state="waiting", next_try_at=timezone.now())  # not reached: tried again
    with refused(None):
        keep_ox(actor=ME, user=anna)


def test_without_seconds_the_deletion_begins_at_once(anna, settings):
    settings.UNDO_SECONDS = 0
    disable_ox(actor=ME, user=anna)
    (job,) = waiting(f"account:{account_of(anna).pk}")
    assert (job.next_try_at, account_of(anna).sealed_password) == (None, "")
    with refused(None):
        keep_ox(actor=ME, user=anna)


def test_what_is_not_being_disabled_is_not_kept(cast, anna):
    bert = cast.user("Bert Conrad")
    for user in (anna, bert):
        with refused(None) as caught:
            keep_ox(actor=ME, user=user)
        assert caught.value.sentence == f"OX is not being disabled for {user}: there is nothing to undo."


def test_a_seat_that_somebody_took_meanwhile_stands_in_the_way(cast, anna):
    change_tenant(actor=ME, tenant=cast.acme, seats={cast.groupware: 1})
    disable_ox(actor=ME, user=anna)
    cast.user("Bert Conrad", ox=True)
    with refused("profile"):
        keep_ox(actor=ME, user=anna)
    assert len(waiting(f"account:{account_of(anna).pk}")) == 1  # and the deletion goes its way


def test_a_display_name_that_somebody_took_meanwhile_stands_in_the_way(cast, anna):
    disable_ox(actor=ME, user=anna)
    cast.user("Anna Becker", login="anna.b", ox=True)
    with refused("display_name"):
        keep_ox(actor=ME, user=anna)


def test_retry_does_not_hurry_the_deletion(anna):
    disable_ox(actor=ME, user=anna)
    with refused(None) as caught:
        retry_ox(actor=ME, user=anna)
    assert caught.value.sentence == "There is nothing to try again."


def test_enabled_again_in_time_nothing_is_deleted(cast, anna):
    disable_ox(actor=ME, user=anna)
    enable_ox(actor=ME, user=anna, wish=OxWish(cast.mail))
    account = account_of(anna)
    assert (account.presence, account.delete_after) == ("present", None)
    (job,) = waiting(f"account:{account.pk}")
    assert job.next_try_at is None


def test_for_good_nothing_is_waited_for(anna):
    disable_ox(actor=ME, user=anna)
    delete_user(actor=ME, user=anna)
    (job,) = waiting(f"account:{account_of(anna).pk}")
    assert (job.next_try_at, account_of(anna).delete_after) == (None, None)


def test_a_removed_user_is_restored_before_ox_is_kept(anna):
    disable_ox(actor=ME, user=anna)
    remove_user(actor=ME, user=anna)
    with refused(None) as caught:
        keep_ox(actor=ME, user=anna)
    assert caught.value.sentence == "Anna Becker was removed. Restore Anna Becker under Recently removed first."


def test_aliases_cannot_be_changed_while_the_account_goes(anna):
    disable_ox(actor=ME, user=anna)
    with refused(None):
        change_aliases(actor=ME, user=anna, aliases=())


@pytest.mark.django_db(transaction=True)
def test_of_an_undo_and_the_worker_at_once_one_wins(open_cast, settings):
    settings.UNDO_SECONDS = 20
    anna = open_cast.user("Anna Becker", ox=True)
    disable_ox(actor=ME, user=anna)
    job = SyncJob.objects.get(subject_kind="account", state="waiting")
    _, claimed = overlapping(lambda: keep_ox(actor=ME, user=anna), lambda: ledger.claim(job.pk))
    assert (claimed, account_of(anna).presence) == (None, "present")
    disable_ox(actor=ME, user=anna)
    job = SyncJob.objects.get(subject_kind="account", state="waiting")
    _, late = overlapping(lambda: ledger.claim(job.pk), lambda: keep_ox(actor=ME, user=anna))
    assert (type(late), account_of(anna).presence) == (Refused, "leaving")
    assert queued(f"account:{account_of(anna).pk}") == [job.pk]
