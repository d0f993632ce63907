"""A customer is removed with a net: restored for some days, then deleted for good."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rows import last_entry, refused, waiting

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.commands import add_domain
from oxherd.drift.commands import request_comparison
from oxherd.errors import NotYours
from oxherd.tenants import queries
from oxherd.tenants.commands import change_tenant, suspend_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant, purge_tenants, remove_tenant, restore_tenant

ME = system("Tests", Door.CLI)


def state_of(tenant):
    return Tenant.objects.values_list("state", flat=True).get(pk=tenant.pk)


def test_a_removed_customer_is_kept_and_told_with_the_reason(cast):
    remove_tenant(actor=cast.actor(cast.alice), tenant=cast.acme, reason="Contract ended")
    cast.acme.refresh_from_db()
    assert (cast.acme.state, cast.acme.removed_by, cast.acme.removed_at is not None) == ("removed", "Alice", True)
    assert (last_entry().action, last_entry().before) == ("tenant:remove", {"state": "active"})
    assert last_entry().after == {"state": "removed", "reason": "Contract ended"}
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1


@pytest.mark.parametrize("was", ["active", "suspended"])
def test_it_comes_back_as_it_was(cast, was):
    if was == "suspended":
        suspend_tenant(actor=ME, tenant=cast.acme)
    remove_tenant(actor=ME, tenant=cast.acme)
    restored = restore_tenant(actor=ME, tenant=cast.acme)
    assert (restored.state, restored.state_before, restored.removed_at, restored.removed_by) == (was, "", None, "")
    assert (last_entry().action, last_entry().after) == ("tenant:restore", {"state": was})


def test_meanwhile_nothing_is_changed_in_it(cast):
    remove_tenant(actor=ME, tenant=cast.acme)
    for act in (remove_tenant, suspend_tenant, change_tenant, request_comparison):
        with refused(None) as caught:
            act(actor=ME, tenant=Tenant.objects.get(pk=cast.acme.pk))
        assert "removed. Restore it before" in caught.value.sentence
    with refused(None):
        add_domain(actor=ME, tenant=cast.acme, name="new.test")
    with refused(None):
        cast.user("Eve Fox")


def test_what_was_not_removed_cannot_be_restored(cast):
    with refused(None):
        restore_tenant(actor=ME, tenant=cast.acme)
    delete_tenant(actor=ME, tenant=cast.acme)
    with refused(None) as caught:
        restore_tenant(actor=ME, tenant=cast.acme)
    assert caught.value.sentence == "Acme is being deleted for good and cannot be restored any more."


def test_its_own_administrators_see_nothing_of_it_any_more(cast):
    remove_tenant(actor=ME, tenant=cast.acme)
    with pytest.raises(NotYours):
        queries.one(cast.actor(cast.bob), cast.acme.pk)
    assert queries.one(cast.actor(cast.alice), cast.acme.pk) == cast.acme
    assert queries.for_actor(cast.actor(cast.bob)).count() == 0


def test_without_a_net_it_is_deleted_at_once(cast, settings):
    settings.KEEP_REMOVED_DAYS = 0
    remove_tenant(actor=ME, tenant=cast.acme)
    assert (state_of(cast.acme), last_entry().action) == ("leaving", "tenant:remove")


def test_a_removed_one_can_be_deleted_for_good_at_once(cast):
    remove_tenant(actor=ME, tenant=cast.acme)
    delete_tenant(actor=ME, tenant=cast.acme)
    assert (state_of(cast.acme), last_entry().before) == ("leaving", {"state": "removed"})
    with refused(None):
        delete_tenant(actor=ME, tenant=cast.acme)


def test_whose_days_are_over_goes_and_nobody_else(cast, settings):
    for tenant, days in ((cast.acme, settings.KEEP_REMOVED_DAYS + 1), (cast.globex, settings.KEEP_REMOVED_DAYS - 1)):
        remove_tenant(actor=ME, tenant=tenant)
        Tenant.objects.filter(pk=tenant.pk).update(removed_at=timezone.now() - timedelta(days=days))
    assert purge_tenants(actor=ME, most=10) == [cast.acme]
    assert (state_of(cast.acme), state_of(cast.globex)) == ("leaving", "removed")
    assert purge_tenants(actor=ME, most=10) == []
