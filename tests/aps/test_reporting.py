"""What is made in our own pages comes to the controller, whatever breaks in between."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.aps import double
from tests.aps.double import Odin, row
from tests.worker import drain

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.aps import controllers
from oxherd.aps.controllers import ControllerError
from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.reporting import CURSOR, ROUND_BEGAN, ask_for_reports, report
from oxherd.audit.models import AuditEntry
from oxherd.controller import sales
from oxherd.domains.commands import add_subdomain
from oxherd.domains.models import Domain
from oxherd.groups import commands as groups
from oxherd.people import ox_commands
from oxherd.people.commands import change_user
from oxherd.people.models import ServiceUser
from oxherd.people.records import OxWish
from oxherd.profiles.models import Profile
from oxherd.purchases.commands import Wish, ask
from oxherd.resources import commands as resources
from oxherd.resources.commands import ResourceWish
from oxherd.sandbox import holdings
from oxherd.sandbox.testing import SandboxServer
from oxherd.tenants.models import Tenant

PANEL = system("Bob", Door.PANEL)


@pytest.fixture
def odin(tmp_path: Path, sandbox: SandboxServer, live_server: Any) -> Iterator[Odin]:
    with double.running(tmp_path, live_server.url, sandbox.url) as controller:
        yield controller


def told(tenant: str) -> None:
    """Let one report run its course, with all that the platform does before."""
    drain()
    report(row(tenant).pk)


def test_groups_and_resources_and_subdomains_made_here_are_told(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    acme = Tenant.objects.get()
    group = groups.add_group(actor=PANEL, tenant=acme, display_name="Sales", address="sales@acme.test")
    room = resources.add_resource(actor=PANEL, tenant=acme, wish=ResourceWish("Blue room", "blue@acme.test"))
    add_subdomain(actor=PANEL, tenant=acme, name="mail", parent="acme.test")
    told(tenant)
    (known,) = odin.listed("group")
    assert (known["displayName"], known["address"], known["status"]) == ("Sales", "sales@acme.test", "in_ox")
    assert known["tenant"]["aps"]["id"] == tenant
    assert [one["address"] for one in odin.listed("resource")] == ["blue@acme.test"]
    assert sorted(one["name"] for one in odin.listed("domain")) == ["acme.test", "mail.acme.test"]
    groups.change_group(actor=PANEL, group=group, display_name="Sales team")
    resources.remove_resource(actor=PANEL, resource=room)
    told(tenant)
    assert [one["displayName"] for one in odin.listed("group")] == ["Sales team"]
    assert odin.listed("resource") == []


def test_of_many_users_only_those_who_changed_are_looked_at(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    users = [odin.user(tenant, f"u{number}@acme.test", displayName=f"User {number}") for number in range(4)]
    odin.settle()
    told(tenant)

    def looked_at() -> int:
        with CaptureQueriesContext(connection) as queries:
            report(row(tenant).pk)
        return sum('FROM "oxherd_serviceuser"' in query["sql"] and "FOR" not in query["sql"] for query in queries)

    for name in ("info@acme.test", "sales@acme.test"):
        last = ServiceUser.objects.get(login="u3@acme.test")
        change_user(actor=PANEL, user=last, aliases=(name,))
        drain()
        few = looked_at()
        assert odin.get(users[3])["aliases"] == [name]
    ApsResource.objects.filter(pk=row(users[0]).pk).update(problem="The login is another's.")
    change_user(actor=PANEL, user=last, aliases=())
    drain()
    assert looked_at() > few
    assert odin.get(users[0])["problem"] == "The login is another's."
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    drain()
    assert looked_at() <= few
    add_subdomain(actor=PANEL, tenant=Tenant.objects.get(), name="mail", parent="acme.test")
    drain()
    assert looked_at() > few + 1


def test_who_is_in_a_group_and_who_manages_a_resource_is_told(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    anna, bert = odin.user(tenant), odin.user(tenant, "bert@acme.test", displayName="Bert Cole")
    odin.settle()
    acme, (first, second) = Tenant.objects.get(), ServiceUser.objects.order_by("login")
    group = groups.add_group(actor=PANEL, tenant=acme, display_name="Sales", members=[first.pk, second.pk])
    wish = ResourceWish("Blue room", "blue@acme.test", manager=first)
    room = resources.add_resource(actor=PANEL, tenant=acme, wish=wish)

    def members() -> list[str]:
        found = odin.rest("GET", f"resources/{odin.listed('group')[0]['aps']['id']}/members").json()
        return sorted(one["aps"]["id"] for one in found)

    told(tenant)
    assert members() == sorted([anna, bert])
    assert odin.listed("resource")[0]["manager"]["aps"]["id"] == anna
    groups.change_group(actor=PANEL, group=group, remove=[first.pk])
    resources.change_resource(actor=PANEL, resource=room, wish=replace(wish, manager=second))
    told(tenant)
    assert members() == [bert]
    assert odin.listed("resource")[0]["manager"]["aps"]["id"] == bert
    odin.settle()
    assert [member.user_id for member in group.members.all()] == [second.pk]


def test_a_subscription_is_cancelled_whatever_goes_first(odin: Odin) -> None:
    """The controller takes it apart from the oldest part on, one after the other: the domain before its users."""
    tenant = odin.customer()
    odin.domain(tenant)
    odin.user(tenant)
    odin.settle()
    acme, anna = Tenant.objects.get(), ServiceUser.objects.get()
    groups.add_group(actor=PANEL, tenant=acme, display_name="Sales", address="sales@acme.test", members=[anna.pk])
    wish = ResourceWish("Blue room", "blue@acme.test", manager=anna)
    resources.add_resource(actor=PANEL, tenant=acme, wish=wish)
    add_subdomain(actor=PANEL, tenant=acme, name="mail", parent="acme.test", catch_all=anna.login)
    told(tenant)
    sales.cancel(odin.server.hub, odin.subscription)
    odin.settle()
    assert odin.failures() == []
    assert [len(odin.listed(service)) for service in ("tenant", "domain", "user", "group", "resource")] == [0] * 5
    assert Tenant.objects.get().state == "removed"


def test_a_domain_that_is_taken_away_while_in_use_goes_with_its_last_address(odin: Odin) -> None:
    tenant = odin.customer()
    domain = odin.domain(tenant)
    user = odin.user(tenant)
    odin.settle()
    assert odin.rest("DELETE", f"resources/{domain}").ok
    odin.settle()
    told(tenant)
    acme = Domain.objects.get()
    assert acme.presence == "present"
    entry = AuditEntry.objects.get(action="domain:leave")
    assert entry.after == {"reason": "acme.test is in use. Move or remove its addresses first (1)."}

    again = odin.domain(tenant)
    told(tenant)
    assert row(again).object_id == acme.pk
    assert odin.rest("DELETE", f"resources/{again}").ok
    odin.settle()

    assert odin.rest("DELETE", f"resources/{user}").ok
    odin.settle()
    told(tenant)
    acme.refresh_from_db()
    assert acme.presence == "removed"
    assert AuditEntry.objects.filter(action="domain:remove").latest("id").door == "aps"
    drain()
    assert odin.failures() == []


def test_ox_that_is_enabled_here_gets_the_password_that_the_controller_has(odin: Odin, sandbox: SandboxServer) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    odin.user(tenant, password="Kranich-47-ueber-Elbe")
    odin.settle()
    told(tenant)
    user = ServiceUser.objects.get()

    def why_not() -> str | None:
        with sandbox.platform.store.reading() as db:
            name = user.account.ox_name
            return holdings.why_no_sign_in(db, Tenant.objects.get().context_id, name, "Kranich-47-ueber-Elbe")

    assert why_not() is None
    ox_commands.disable_ox(actor=PANEL, user=user)
    drain()
    profile = Profile.objects.get(name="Groupware")
    ox_commands.enable_ox(actor=PANEL, user=user, wish=OxWish(profile, (), user.login))
    drain()
    user = ServiceUser.objects.get()
    assert why_not() == "wrong name or password"
    told(tenant)
    drain()
    assert why_not() is None
    changes = AuditEntry.objects.filter(action="user:password").count()
    told(tenant)
    drain()
    assert AuditEntry.objects.filter(action="user:password").count() == changes == 1


def test_how_a_customer_fares_and_what_it_uses_is_told(odin: Odin) -> None:
    tenant = odin.customer(USERS=5)
    odin.domain(tenant)
    odin.user(tenant)
    odin.settle()
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    told(tenant)
    known = odin.get(tenant)
    assert (known["state"], known["USERS"], known["GROUPS"]["usage"]) == ("active", {"limit": 5, "usage": 1}, 1)
    sales.switch(odin.server.hub, odin.subscription, on=False)
    odin.settle()
    told(tenant)
    assert odin.get(tenant)["state"] == "suspended"
    odin.settle()
    assert odin.failures() == []


def test_what_is_known_is_not_told_again(odin: Odin, monkeypatch: Any, django_assert_num_queries: Any) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    odin.user(tenant)
    odin.settle()
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    told(tenant)
    calls: list[Any] = []
    monkeypatch.setattr(controllers, "call", lambda *arguments, **_: calls.append(arguments))
    with django_assert_num_queries(4):  # the customer, the cache, the audit: however many users there are
        report(row(tenant).pk)
    assert calls == []


def test_a_user_who_is_changed_here_is_told_and_stays_so(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    aps_id = odin.user(tenant)
    odin.settle()
    user = ServiceUser.objects.get()
    before = odin.get(aps_id)
    change_user(actor=PANEL, user=user, aliases=("info@acme.test",), primary_address="becker@acme.test")
    ox_commands.change_profile(actor=PANEL, users=[user], profile=Profile.objects.get(name="Mail"))
    told(tenant)
    now = odin.get(aps_id)
    assert (now["primaryAddress"], now["aliases"]) == ("becker@acme.test", ["info@acme.test"])
    assert now["profile"]["aps"]["id"] == odin.profiles["Mail"]
    stale = {name: before[name] for name in ("primaryAddress", "aliases", "ox")}
    assert odin.rest("PUT", f"resources/{aps_id}", {"ox": stale["ox"]}).ok
    odin.settle()
    assert ServiceUser.objects.get().account.primary_address == "becker@acme.test"


def test_a_purchase_request_is_told_and_decided_in_the_controller(odin: Odin) -> None:
    tenant = odin.customer()
    odin.domain(tenant)
    anna = odin.user(tenant, profile=odin.profiles["Mail"])
    odin.settle()
    account = ServiceUser.objects.get().account
    ask(actor=system("Anna", Door.APP_SUITE), account=account, wish=Wish(Profile.objects.get(name="Groupware")))
    told(tenant)
    (known,) = odin.listed("purchase_request")
    assert (known["userName"], known["fromProfile"], known["toProfile"], known["state"]) == (
        "Anna Becker", "Mail", "Groupware", "open",
    )  # fmt: skip
    assert known["requester"]["aps"]["id"] == anna
    assert odin.rest("POST", f"resources/{known['aps']['id']}/proceed", {}).status_code in {200, 202, 204}
    odin.settle()
    account.refresh_from_db()
    assert account.profile.name == "Groupware"
    told(tenant)
    assert odin.listed("purchase_request")[0]["state"] == "approved"


def test_a_report_that_breaks_off_is_made_up_for_without_a_double(odin: Odin, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = odin.customer()
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    drain()
    call, lost = controllers.call, []

    def answer_is_lost(*arguments: Any, **more: Any) -> Any:
        call(*arguments, **more)
        lost.append(arguments)
        raise ControllerError("The answer was lost.")

    with monkeypatch.context() as patch:
        patch.setattr(controllers, "call", answer_is_lost)
        report(row(tenant).pk)
    assert len(lost) == len(odin.listed("group")) == 1
    report(row(tenant).pk)  # the controller rests
    assert ApsResource.objects.get(service="group").reported == {"ours": True}
    cache.clear()
    report(row(tenant).pk)
    assert len(odin.listed("group")) == 1
    assert ApsResource.objects.get(service="group").reported["told"]["displayName"] == "Sales"


def test_a_controller_that_is_down_is_left_alone_for_a_while(odin: Odin, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = odin.customer()
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    drain()
    ApsInstance.objects.update(controller_url="http://127.0.0.1:9/")
    report(row(tenant).pk)
    tries: list[Any] = []
    monkeypatch.setattr(controllers, "call", lambda *arguments, **_: tries.append(arguments))
    report(row(tenant).pk)
    assert tries == []


def test_customers_of_controllers_are_looked_at_in_turn(odin: Odin) -> None:
    tenant = odin.customer()
    groups.add_group(actor=PANEL, tenant=Tenant.objects.get(), display_name="Sales")
    cache.delete_many([CURSOR, ROUND_BEGAN])
    assert ask_for_reports() == 1
    assert ask_for_reports() == 0  # a round has just begun
    cache.delete(ROUND_BEGAN)
    assert ask_for_reports() == 0  # it waits in the queue already
    drain()
    assert [one["displayName"] for one in odin.listed("group")] == ["Sales"]
    assert row(tenant).state == "done"
