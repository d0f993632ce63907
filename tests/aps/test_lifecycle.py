"""Brand, profile and customer, from a controller's first call to the last, with a platform behind."""

import json

import pytest
from tests.aps.controller import Signing, fault, link, new_id, resource, row_of
from tests.rows import everything
from tests.threads import at_once
from tests.worker import drain

from oxherd.aps.models import ApsEntry, ApsResource
from oxherd.audit.models import AuditEntry
from oxherd.brands.models import Brand
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import SyncJob
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Seats, Tenant

NOBODY = "http://127.0.0.1:9/"


def waits(answer) -> str:
    """What the controller shows while it waits."""
    assert answer.status_code == 202, answer.content
    assert 5 <= int(answer.headers["APS-Retry-Timeout"]) <= 60
    return answer.headers["APS-Info"]


def strikes(sandbox: SandboxServer, operation: str, action: str, times: int | None = None) -> None:
    rule = {"match": {"operation": operation}, "action": action, "times": times}
    sandbox.platform.mischief.replace({"rules": [rule]})


def test_a_brand_and_its_profiles_are_there_at_once(odin: Signing) -> None:
    brand = odin.brand(NOBODY, serviceUrl="https://sso.north.test/")
    profile = odin.profile(brand, mailQuota=5000, rank=2, counter="OX_PROFILE_2")
    kept = Brand.objects.get()
    assert (kept.name, kept.service_url, kept.username) == ("Northern", "https://sso.north.test/", "oxadminmaster")
    made = Profile.objects.get()
    assert (made.brand, made.mail_quota_mb, made.rank) == (kept, 5000, 2)
    assert "password" not in row_of(brand).wanted
    assert odin.call("PUT", f"/aps/brand/{brand}", {"name": "Sunset", "password": "other"}).status_code == 200
    assert odin.call("PUT", f"/aps/profile/{profile}", {"rank": 3}).status_code == 200
    assert (Brand.objects.get().name, Profile.objects.get().rank) == ("Sunset", 3)
    entry = AuditEntry.objects.filter(action="brand:change").latest("id")
    assert (entry.door, entry.actor, entry.after) == ("aps", "Odin", {"name": "Sunset", "password": "set"})
    fault(odin.call("DELETE", f"/aps/app/{odin.instance_id}"), 409)
    for path in (f"/aps/profile/{profile}/", f"/aps/brand/{brand}"):
        assert odin.call("DELETE", path).status_code == 204
        assert odin.call("DELETE", path).status_code == 204
    assert not Brand.objects.exists()
    fault(odin.call("GET", f"/aps/brand/{brand}"), 404)


def test_a_customer_is_waited_for_until_its_context_is_there(odin: Signing, sandbox: SandboxServer) -> None:
    brand = odin.brand(sandbox.url)
    odin.profile(brand, counter="OX_PROFILE_1")
    odin.profile(brand, name="Mail", combination="webmail", counter="OX_PROFILE_2")
    odin.profile(brand, name="Free", combination="webmail")
    counters = {"OX_PROFILE_1": {"limit": 5}, "STORAGE": {"limit": 2048}, "DOMAINS": {"limit": -1}, "GROUPS": {}}
    body = resource(
        "tenant", new_id(), name="Initech", brand=link(brand), account=link(new_id()), app=link(odin.instance_id),
        **counters,
    )  # fmt: skip
    assert waits(odin.call("POST", "/aps/tenant", body)) == "Creating the context on the platform"
    tenant = Tenant.objects.get()
    assert (tenant.managed_by, tenant.quota_mb, tenant.domain_limit, tenant.group_limit) == ("Odin", 2048, None, None)
    assert {(row.profile.name, row.number) for row in Seats.objects.all()} == {("Groupware", 5), ("Free", None)}
    waits(odin.poll("POST", "/aps/tenant", body))
    drain()
    answer = odin.poll("POST", "/aps/tenant", body)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["contextId"], told["state"]) == (Tenant.objects.get().context_id, "active")
    assert told["OX_PROFILE_1"] == {"usage": 0}
    assert Tenant.objects.count() == SyncJob.objects.count() == 1


def test_a_repeated_or_changed_provision_makes_nothing_twice(odin: Signing, sandbox: SandboxServer) -> None:
    brand = odin.brand(sandbox.url)
    tenant = odin.tenant(brand, USERS={"limit": 5}, DOMAINS={"limit": 2})
    drain()
    body = resource("tenant", tenant, name="Initech", brand=link(brand), DOMAINS={"limit": 2, "usage": 0})
    jobs = SyncJob.objects.count()
    for _ in range(3):
        assert odin.call("POST", "/aps/tenant/", body).status_code == 201
    assert (Tenant.objects.count(), SyncJob.objects.count()) == (1, jobs)
    waits(odin.call("POST", "/aps/tenant/", {**body, "name": "Initrode"}))
    assert Tenant.objects.get().name == "Initrode"
    assert Tenant.objects.get().domain_limit == 2


@pytest.mark.django_db(transaction=True)
def test_two_provisions_at_once_are_one(odin: Signing, sandbox: SandboxServer) -> None:
    brand = odin.brand(sandbox.url)
    body = resource("tenant", new_id(), name="Initech", brand=link(brand))

    def provision() -> int:
        return Signing(odin.pair, odin.instance_id).call("POST", "/aps/tenant", body).status_code

    assert at_once(provision, provision) == [202, 202]
    assert Tenant.objects.count() == ApsResource.objects.filter(service="tenant").count() == 1
    assert AuditEntry.objects.filter(action="tenant:add").count() == 1


def test_what_the_platform_refuses_is_told_and_tried_again_by_another_call(
    odin: Signing, sandbox: SandboxServer
) -> None:
    brand = odin.brand(sandbox.url)
    strikes(sandbox, "create*", "refuse")
    body = resource("tenant", new_id(), name="Initech", brand=link(brand))
    waits(odin.call("POST", "/aps/tenant", body))
    drain()
    answer = odin.poll("POST", "/aps/tenant", body)
    told = fault(answer, 409)
    job = SyncJob.objects.latest("id")
    assert job.state == "refused"
    assert told["message"] == job.sentence
    assert told["error"] == job.cause
    assert answer.headers["aps-transient-error"] == "False"
    sandbox.platform.mischief.clear()
    waits(odin.call("POST", "/aps/tenant", body))  # an operator runs the failed task again
    drain()
    assert odin.poll("POST", "/aps/tenant", body).status_code == 201
    assert Tenant.objects.count() == 1


def test_a_customer_is_suspended_and_resumed_as_often_as_it_is_asked(odin: Signing, sandbox: SandboxServer) -> None:
    tenant = odin.tenant(odin.brand(sandbox.url))
    drain()
    for verb, state in (("disable", "suspended"), ("enable", "active")):
        path = f"/aps/tenant/{tenant}/{verb}"
        waits(odin.call("PUT", path))
        assert Tenant.objects.get().state == state
        drain()
        assert odin.poll("PUT", path).status_code == 200
        jobs = SyncJob.objects.count()
        assert odin.call("PUT", path).status_code == 200
        assert SyncJob.objects.count() == jobs
        assert odin.call("GET", f"/aps/tenant/{tenant}").json()["state"] == state


def test_a_removed_customer_does_not_come_back_by_a_late_call(odin: Signing, sandbox: SandboxServer, settings) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    brand = odin.brand(sandbox.url)
    tenant = odin.tenant(brand)
    drain()
    path = f"/aps/tenant/{tenant}"
    assert waits(odin.call("DELETE", path)) == "Closing the context on the platform"
    waits(odin.poll("DELETE", path))
    drain()
    assert odin.poll("DELETE", path).status_code == 204
    assert not Tenant.objects.exists()
    before = everything()
    assert odin.call("DELETE", path).status_code == 204
    late = resource("tenant", tenant, name="Initech", brand=link(brand))
    fault(odin.call("POST", "/aps/tenant", late), 409)
    assert everything() == before


def test_links_are_taken_and_say_nothing_new(odin: Signing, sandbox: SandboxServer) -> None:
    brand = odin.brand(sandbox.url)
    tenant = odin.tenant(brand)
    before = everything()
    for path, other in (
        (f"/aps/app/{odin.instance_id}/tenants", tenant),
        (f"/aps/app/{odin.instance_id}/brands/", brand),
        (f"/aps/tenant/{tenant}/brand", brand),
        (f"/aps/tenant/{tenant}/users", new_id()),
        (f"/aps/brand/{brand}/tenants", tenant),
    ):
        for answer in (
            odin.call("POST", path, {"aps": {"id": other}}),
            odin.call("POST", f"{path.rstrip('/')}/{other}", {}),
            odin.call("DELETE", f"{path.rstrip('/')}/{other}"),
        ):
            assert (answer.status_code, answer.json()) == (200, {})
    assert odin.call("DELETE", f"/aps/tenant/{new_id()}/users/{new_id()}").status_code == 204
    fault(odin.call("POST", f"/aps/tenant/{new_id()}/users", {}), 404)
    assert everything() == before


def test_an_upgrade_is_taken_from_releases_that_are_known(odin: Signing) -> None:
    path = f"/aps/app/{odin.instance_id}/upgrade"
    assert odin.call("POST", f"{path}?version=1-1", {}).status_code == 200
    assert odin.call("POST", f"{path}?version=1-20261128", {}).status_code == 200
    before = everything()
    fault(odin.call("POST", f"{path}?version=7-2", {}), 400)
    fault(odin.call("POST", path, {}), 400)
    assert everything() == before


def test_an_entry_is_a_ticket_of_which_only_the_digest_is_kept(odin: Signing, sandbox: SandboxServer) -> None:
    tenant = odin.tenant(odin.brand(sandbox.url))
    answer = odin.call("POST", f"/aps/tenant/{tenant}/entry", {"page": "groups"}, APS_Identity_ID="someone")
    told = answer.json()
    assert told["url"].endswith("/frame/enter/")
    entry = ApsEntry.objects.get()
    assert (entry.page, entry.identity, entry.tenant.name) == ("groups", "someone", "Initech")
    assert told["ticket"] not in json.dumps(everything(), default=str)
    fault(odin.call("POST", f"/aps/tenant/{tenant}/entry", {"page": "brands"}), 400)
    assert ApsEntry.objects.count() == 1


def test_usage_is_told_fast(odin: Signing, sandbox: SandboxServer, django_assert_num_queries) -> None:
    brand = odin.brand(sandbox.url)
    odin.profile(brand, counter="OX_PROFILE_1")
    tenant = odin.tenant(brand, OX_PROFILE_1={"limit": 5})
    drain()
    odin.call("GET", f"/aps/tenant/{tenant}")
    with django_assert_num_queries(15):
        told = odin.call("GET", f"/aps/tenant/{tenant}").json()
    names = {"USERS", "OX_PROFILE_1", "DOMAINS", "SUBDOMAINS", "SHARED_DOMAINS", "GROUPS", "RESOURCES", "STORAGE"}
    assert {name for name, value in told.items() if value == {"usage": 0}} == names
