"""What happens to a tenant while somebody else is busy with it."""

import pytest
from tests.cast import make_cast
from tests.rows import queued
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.errors import NotYours, Refused
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import enable_ox
from oxherd.people.records import OxWish
from oxherd.provisioning import queue
from oxherd.provisioning.models import SyncJob
from oxherd.tenants import commands, removal_commands
from oxherd.tenants.models import Tenant

ME = system("Tests", Door.CLI)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    return make_cast()


def test_two_tenants_added_at_once_get_contexts_of_their_own(cast):
    add = lambda: commands.add_tenant(actor=ME, brand=cast.brand, name="Initech")  # noqa: E731 - the same act twice
    _, second = overlapping(add, add)
    first = Tenant.objects.filter(name="Initech").order_by("pk").first()
    assert second.context_id == first.context_id + 1
    assert second.context_name != first.context_name


def test_two_who_take_the_same_context_name_do_not_share_it(cast):
    add = lambda name: commands.add_tenant(actor=ME, brand=cast.brand, name="I", context_name=name)  # noqa: E731
    _, second = overlapping(lambda: add("initech"), lambda: add("INITECH"))
    assert (type(second), second.field) == (Refused, "context_name")


@pytest.mark.parametrize("act", [commands.suspend_tenant, removal_commands.remove_tenant])
def test_nobody_joins_a_tenant_that_is_being_suspended_or_removed(cast, act):
    bert = cast.user("Bert Conrad")
    for join in (
        lambda: cast.user("Eve Fox"),
        lambda: enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail)),
    ):
        _, second = overlapping(lambda: act(actor=ME, tenant=cast.acme), join)
        assert type(second) is Refused
        Tenant.objects.update(state="active")
    assert list(ServiceUser.objects.values_list("status")) == [("disabled",)]


def test_nobody_joins_a_tenant_that_is_gone_when_its_turn_comes(cast):
    join = lambda: cast.user("Zoe Quist", tenant=cast.globex)  # noqa: E731 - as the others
    globex = Tenant.objects.get(pk=cast.globex.pk)
    _, second = overlapping(globex.delete, join)
    assert type(second) is NotYours
    assert ServiceUser.objects.count() == 0


def test_two_clicks_on_retry_make_one_open_job(cast):
    subject = f"tenant:{cast.acme.pk}"
    SyncJob.objects.update(state="stuck")
    queue.withdraw(subject)
    retry = lambda: commands.retry_tenant(actor=ME, tenant=cast.acme)  # noqa: E731 - the same act twice
    overlapping(retry, retry)
    assert SyncJob.objects.filter(tenant_id=cast.acme.pk, state="waiting").count() == 1
    assert len(queued(subject)) == 1


def test_settings_changed_by_two_at_once_are_both_kept(cast):
    overlapping(
        lambda: commands.change_tenant(actor=ME, tenant=cast.acme, name="Acme AG"),
        lambda: commands.change_tenant(actor=ME, tenant=cast.acme, quota_mb=700),
    )
    assert Tenant.objects.filter(name="Acme AG", quota_mb=700).count() == 1
