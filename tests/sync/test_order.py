"""What needs something else first waits for it, and holds nothing up meanwhile."""

from typing import Any

import pytest
from tests.cast import make_cast
from tests.sync.conftest import Stage, job_of, status
from tests.worker import drain

from oxherd.brands.commands import change_brand
from oxherd.brands.models import Brand
from oxherd.domains.commands import add_domain
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.provisioning.models import SyncJob
from oxherd.sandbox.testing import SandboxServer
from oxherd.sync import work
from oxherd.tenants.commands import change_tenant, resume_tenant, retry_tenant, suspend_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant


def tenant_job(tenant: Tenant) -> SyncJob:
    return SyncJob.objects.filter(subject_kind="tenant", subject_id=tenant.pk).latest("id")


def test_users_wait_for_their_context_and_no_longer(transactional_db: None, sandbox: SandboxServer) -> None:
    stage = Stage(make_cast(sandbox.url), sandbox)
    anna = stage.cast.user(ox=True)
    work.work(job_of(anna).pk)
    job = job_of(anna)
    assert (job.state, job.waits_for, job.tries) == ("parked", f"tenant:{stage.cast.acme.pk}", 0)
    drain()
    assert (status(anna), stage.names_in_ox()) == ("enabled", ["anna.becker@acme.test"])


def test_a_context_that_came_while_its_user_was_being_parked_wakes_it(stage: Stage) -> None:
    Tenant.objects.update(is_provisioned=False)
    anna = stage.cast.user(ox=True)
    SyncJob.objects.filter(pk=job_of(anna).pk).update(state="running", tries=1)
    Tenant.objects.update(is_provisioned=True)
    work._park(job_of(anna), f"tenant:{stage.cast.acme.pk}", "")
    assert job_of(anna).state == "waiting"


def test_the_context_holds_what_the_tenant_has(stage: Stage) -> None:
    add_domain(actor=stage.cast.system, tenant=stage.cast.acme, name="bücher.test")
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=5000)
    drain()
    context = stage.context()
    assert {"acme.test", "xn--bcher-kva.test"} <= set(context["loginMappings"])
    assert (context["name"], context["maxQuota"]) == (stage.cast.acme.context_name, 5000)


def test_a_suspended_tenants_context_is_disabled_and_its_users_wait(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    suspend_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Waits")
    drain()
    assert stage.context()["enabled"] is False
    assert (status(anna), job_of(anna).state) == ("in_progress", "parked")

    resume_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert stage.context()["enabled"] is True
    assert (status(anna), stage.in_ox()[0]["display_name"]) == ("enabled", "Anna Waits")


def test_a_removed_tenant_is_gone_from_both_sides_and_the_other_stays(stage: Stage) -> None:
    stage.cast.user(ox=True)
    ines = stage.cast.user("Ines Novak", tenant=stage.cast.globex, ox=True)
    drain()
    stage.cast.user("Bert Blum", ox=True)
    delete_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert list(Tenant.objects.all()) == [stage.cast.globex]
    assert list(ServiceUser.objects.all()) == [ines]
    assert not SyncJob.objects.filter(state__in=["waiting", "running", "parked"]).exists()
    assert stage.names_in_ox(stage.cast.globex) == ["ines.novak@globex.test"]


def test_a_strangers_context_under_our_id_is_left_alone(transactional_db: None, sandbox: SandboxServer) -> None:
    stage = Stage(make_cast(sandbox.url), sandbox)
    drain()
    wanted = Brand.objects.get().next_context_id
    taken = Tenant.objects.get(pk=stage.cast.globex.pk)
    # Somebody else's contexts stand where our counter points to.
    Tenant.objects.filter(pk=taken.pk).update(applied={}, is_provisioned=False, marker="0" * 32)
    retry = change_tenant(actor=stage.cast.system, tenant=taken, name="Globex")
    drain()
    moved = Tenant.objects.get(pk=taken.pk)
    assert retry.pk == moved.pk
    # The id was moved on; the name is still the stranger's, which a person has to settle.
    assert (moved.context_id, tenant_job(moved).state, tenant_job(moved).cause) == (wanted, "refused", "platform_taken")


def test_a_context_made_by_a_broken_off_job_is_adopted(stage: Stage) -> None:
    before = stage.context()["id"]
    Tenant.objects.filter(pk=stage.cast.acme.pk).update(applied={}, is_provisioned=False)
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=777)
    drain()
    assert (stage.context()["id"], stage.context()["maxQuota"]) == (before, 777)
    assert Tenant.objects.get(pk=stage.cast.acme.pk).is_provisioned


def test_a_refused_context_can_be_tried_again(stage: Stage) -> None:
    stage.strikes("refuse", match={"service": "OXContextService"})
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=5)
    drain()
    assert tenant_job(stage.cast.acme).state == "refused"
    stage.behaves()
    retry_tenant(actor=stage.cast.system, tenant=stage.cast.acme)
    drain()
    assert (tenant_job(stage.cast.acme).state, stage.context()["maxQuota"]) == ("done", 5)


@pytest.mark.parametrize("where", ["brand", "settings"])
def test_a_limit_lets_so_many_of_a_brand_through_and_all_in_the_end(stage: Stage, settings: Any, where: str) -> None:
    if where == "settings":
        settings.BRAND_CONCURRENCY = 1
    else:
        change_brand(actor=stage.cast.system, brand=stage.cast.brand, concurrency=1)
    first, second = stage.cast.user(ox=True), stage.cast.user("Bert Blum", ox=True)
    SyncJob.objects.filter(pk=job_of(first).pk).update(state="running")  # in somebody's hands
    work.work(job_of(second).pk)
    assert (job_of(second).state, job_of(second).waits_for) == ("parked", f"slot:{stage.cast.brand.pk}")
    work.work(job_of(first).pk)
    assert job_of(second).state == "waiting"
    drain()
    assert OxAccount.objects.filter(ox_id__isnull=False).count() == 2
