"""Contexts that were there before us become customers, and the platform hears nothing of it."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import OperationalError
from tests.cast import ACCOUNTS
from tests.worker import drain, empty_queue

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.adoption.commands import carry_out, rehearse
from oxherd.adoption.models import Adoption
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.cli.adopt import adopt_command
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.drift.commands import begin_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.forwarders.models import Forwarder
from oxherd.groups.models import Group
from oxherd.people import passwords
from oxherd.people.commands import change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import SyncJob
from oxherd.resources.models import Resource
from oxherd.sandbox import holdings
from oxherd.sandbox.seed import plant
from oxherd.sandbox.testing import SandboxServer
from oxherd.sync import adopting
from oxherd.sync.drift import run
from oxherd.tenants.commands import add_tenant, change_tenant
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.removal_commands import delete_tenant

ME = system("Tests", Door.CLI)
BRANDS = "brands: [{name: north, password: north-secret}]\n"
CONTEXT = """
contexts:
  - name: acme
    {whose}
    quota: 5000
    login_mappings: [acme.test, acme-login]
    admin: {{name: boss, password: boss-secret}}
    users:
      - {{name: anna@acme.test, password: x-secret, given_name: Anna, sur_name: Becker, language: de_DE,
         aliases: [anna@acme.test, info@acme.test, anna@other.test], quota: 1000{mail}}}
      - {{name: bert@acme.test, password: x-secret, given_name: Bert, sur_name: Blum, quota: 1000{mail}}}
      - {{name: carl@acme.test, password: x-secret, given_name: Carl, sur_name: Cole, quota: 2000,
         combination: {lesser}{mail}{lesser_class}}}
    groups: [{{name: team, display_name: The team, members: [anna@acme.test, carl@acme.test]}}]
    resources: [{{name: blue, display_name: Blue room, address: blue@acme.test}}]
    {mail_things}
"""
CLOUD_MAIL = """catchalls: {acme.test: anna@acme.test}
    forwards: {sales@acme.test: [anna@acme.test, x@elsewhere.example]}"""
WRITES = ("create", "change", "delete", "add", "remove", "set", "enable", "disable", "POST", "PUT", "DELETE", "move")


@pytest.fixture(params=list(PlatformKind))
def kind(request: pytest.FixtureRequest) -> PlatformKind:
    return PlatformKind(request.param)


def seed_of(kind: PlatformKind) -> str:
    is_cloud = kind == PlatformKind.OX_CLOUD
    return (BRANDS if is_cloud else "") + CONTEXT.format(
        whose="brand: north" if is_cloud else "id: 42",
        lesser="cloud_pim" if is_cloud else "webmail",
        mail=", mail_quota: 500" if is_cloud else "",
        lesser_class=", class_of_service: [cloud_pim]" if is_cloud else "",
        mail_things=CLOUD_MAIL if is_cloud else "",
    )


@pytest.fixture
def sandbox(tmp_path: Path, transactional_db: None, kind: PlatformKind) -> Any:
    empty_queue()
    with SandboxServer(tmp_path / "sandbox.sqlite") as server:
        path = tmp_path / "seed.yaml"
        path.write_text(seed_of(kind))
        plant(server.platform, path)
        yield server


@pytest.fixture
def brand(sandbox: SandboxServer, kind: PlatformKind) -> Brand:
    username, password = ACCOUNTS[kind]
    return add_brand(actor=ME, name="Sunrise", api_url=sandbox.url, username=username, password=password, platform=kind)


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text("boss-secret\n")
    return str(path)


@pytest.fixture
def adopt(brand: Brand, kind: PlatformKind, password_file: str) -> Any:
    """Adopts from the command line; App Suite wants the context's administrator too."""

    def run_it(*arguments: str) -> Result:
        own = ("--admin", "boss", "--password-file", password_file) if kind == PlatformKind.APP_SUITE else ()
        return CliRunner().invoke(adopt_command, ["Sunrise", *own, *arguments])

    return run_it


def writes(sandbox: SandboxServer) -> list[str]:
    """What was called since the last look that could change something on the platform."""
    calls = [entry.operation for entry in sandbox.platform.journal.last()]
    sandbox.platform.journal.reset()
    return [call for call in calls if call.startswith(WRITES)]


def differences(tenant: Tenant) -> list[str]:
    comparison = begin_comparison(actor=ME, tenant=tenant, is_deep=True)
    run(comparison.pk)
    done = Comparison.objects.get(pk=comparison.pk)
    assert (done.state, done.left_out) == ("done", 0)
    return [f"{each.kind} {each}: {each.here} {each.there}" for each in Difference.objects.filter(comparison=done)]


def test_a_context_becomes_a_customer_without_one_writing_call(adopt: Any, sandbox: SandboxServer, kind: Any) -> None:
    outcome = adopt("acme", "--make-profiles")
    assert outcome.exit_code == 0, outcome.output
    mail_things = ", 1 forwarder, 1 catch-all" if kind == PlatformKind.OX_CLOUD else ""
    said = f"acme: 2 domains, 3 users, 1 group, 1 resource{mail_things} taken over"
    assert outcome.output.splitlines()[0] == said
    assert writes(sandbox) == []
    tenant = Tenant.objects.get()
    assert (tenant.name, tenant.quota_mb, tenant.context_admin) == ("acme", 5000, "boss")
    assert (tenant.is_adopted, tenant.is_provisioned) == (True, True)
    people = ServiceUser.objects.order_by("login").values_list("login", "display_name", "language", "status")
    assert list(people) == [
        ("anna@acme.test", "Anna Becker", "de_DE", "enabled"),
        ("bert@acme.test", "Bert Blum", "en_US", "enabled"),
        ("carl@acme.test", "Carl Cole", "en_US", "enabled"),
    ]
    anna = OxAccount.objects.get(user__login="anna@acme.test")
    assert anna.aliases == ["anna@other.test", "info@acme.test"]
    assert not passwords.verifies(anna.user.password_hash, "x-secret")
    domains = dict(Domain.objects.values_list("name", "proof"))
    assert domains == {"acme.test": "approved", "other.test": "approved"}
    group, resource = Group.objects.get(), Resource.objects.get()
    assert (str(group), group.name, group.members.count(), group.status) == ("The team", "team", 2, "in_ox")
    assert (str(resource), resource.address, resource.status) == ("Blue room", "blue@acme.test", "in_ox")
    assert not SyncJob.objects.exists()
    if kind == PlatformKind.OX_CLOUD:
        assert str(Domain.objects.get(name="acme.test").catch_all) == "Anna Becker"
        forwarder = Forwarder.objects.get()
        assert (str(forwarder), forwarder.status) == ("sales@acme.test", "in_ox")
        assert sorted(str(each.user or each.address) for each in forwarder.recipients.all()) == [
            "Anna Becker",
            "x@elsewhere.example",
        ]


def test_nothing_differs_afterwards(adopt: Any, sandbox: SandboxServer) -> None:
    adopt("acme", "--make-profiles")
    assert differences(Tenant.objects.get()) == []
    assert writes(sandbox) == []


def test_a_rehearsal_tells_the_same_and_leaves_nothing(adopt: Any, sandbox: SandboxServer) -> None:
    rehearsed = adopt("acme", "--make-profiles", "--dry-run")
    assert rehearsed.exit_code == 0
    models = (Tenant, ServiceUser, Domain, Group, Resource, Profile, AuditEntry)
    assert [model.objects.count() for model in models if model is not AuditEntry] == [0] * 6
    assert writes(sandbox) == []
    done = adopt("acme", "--make-profiles")
    assert rehearsed.output.replace("would be taken over", "taken over").replace("to be added", "added") == done.output


def test_profiles_that_give_the_same_are_found(adopt: Any, brand: Brand, kind: PlatformKind) -> None:
    is_cloud = kind == PlatformKind.OX_CLOUD
    quotas = {"mail_quota_mb": 500} if is_cloud else {"mail_quota_mb": 99}
    greater, lesser = ("cloud_pim", "cloud_pim") if is_cloud else ("groupware_standard", "webmail")
    usual = add_profile(actor=ME, brand=brand, name="Usual", access_combination=greater, drive_quota_mb=1000, **quotas)
    small = add_profile(actor=ME, brand=brand, name="Small", access_combination=lesser, drive_quota_mb=2000, **quotas)
    assert adopt("acme").exit_code == 0
    seats = {row.profile: (row.number, row.used) for row in Seats.objects.select_related("profile")}
    assert seats == {usual: (None, 2), small: (None, 1)}


def test_who_has_what_no_profile_gives_is_refused_and_taken_over_later(adopt: Any, brand: Brand, kind: Any) -> None:
    outcome = adopt("acme")
    assert outcome.exit_code == 1
    refused = [line for line in outcome.output.splitlines() if "refused, user" in line]
    assert len(refused) == 3
    assert "refused, user Anna Becker: No profile of Sunrise gives" in refused[0]
    assert "refused, group The team: 2 of its members in OX are not in the panel." in outcome.output
    again = adopt("acme", "--make-profiles")
    assert (again.exit_code, ServiceUser.objects.count(), Tenant.objects.count()) == (0, 3, 1)
    assert f"{2 if kind == PlatformKind.OX_CLOUD else 1} were here before" in again.output  # resource and forwarder
    known = 7 if kind == PlatformKind.OX_CLOUD else 5
    assert adopt("acme").output.splitlines()[0] == f"acme: nothing taken over; {known} were here before"
    assert differences(Tenant.objects.get()) == []


def test_what_our_rules_do_not_allow_is_told_and_holds_up_nothing(adopt: Any, brand: Brand, sandbox: Any) -> None:
    other = add_tenant(actor=ME, brand=brand, name="Globex")
    add_domain(actor=ME, tenant=other, name="other.test")
    outcome = adopt("acme", "--make-profiles")
    assert outcome.exit_code == 1
    assert "refused, domain other.test: other.test is in use by another customer." in outcome.output
    assert "refused, user Anna Becker: other.test is not a domain of acme." in outcome.output
    assert ServiceUser.objects.filter(tenant__name="acme").count() == 2


def test_what_is_changed_afterwards_reaches_the_platform(adopt: Any, sandbox: SandboxServer, kind: Any) -> None:
    adopt("acme", "--make-profiles")
    tenant = Tenant.objects.get()
    anna, bert = ServiceUser.objects.get(login="anna@acme.test"), ServiceUser.objects.get(login="bert@acme.test")
    change_user(actor=ME, user=anna, surname="Adler")
    remove_user(actor=ME, user=bert)
    change_tenant(actor=ME, tenant=tenant, quota_mb=6000)
    add_domain(actor=ME, tenant=tenant, name="new.test")
    drain()
    with sandbox.platform.store.reading() as db:
        users = {user["name"]: user for user in holdings.users_page(db, tenant.context_id, "", 100, 0)}
        context = holdings.context(db, tenant.context_id)
    assert users["anna@acme.test"]["sur_name"] == "Adler"
    assert users["bert@acme.test"]["mailenabled"] is False
    assert {"acme.test", "acme-login", "new.test"} <= set(context["loginMappings"])
    assert "other.test" not in context["loginMappings"]
    assert context["maxQuota"] == 6000
    assert differences(tenant) == []


def test_an_adopted_customer_is_removed_with_its_context(adopt: Any, sandbox: SandboxServer) -> None:
    adopt("acme", "--make-profiles")
    delete_tenant(actor=ME, tenant=Tenant.objects.get())
    drain()
    assert not Tenant.objects.exists()
    with sandbox.platform.store.reading() as db:
        assert db.execute("SELECT count(*) FROM context").fetchone()[0] == 0


@pytest.mark.parametrize("kind", [PlatformKind.APP_SUITE])
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["acme"], "acme: Give login and password of the context's administrator"),
        (["acme", "--admin", "boss", "--password-file", "-"], "does not take the login or password"),
        (["nobody"], "nobody: The platform has no context nobody. Give its name or its number."),
    ],
)
def test_what_cannot_be_taken_over_is_told(brand: Brand, arguments: list[str], sentence: str) -> None:
    outcome = CliRunner().invoke(adopt_command, ["Sunrise", *arguments], input="wrong\n")
    assert (outcome.exit_code, sentence in outcome.output) == (2, True), outcome.output
    assert not Tenant.objects.exists()


@pytest.mark.parametrize("kind", [PlatformKind.APP_SUITE])
def test_contexts_are_listed_and_taken_over_together(adopt: Any, brand: Brand, tmp_path: Path, sandbox: Any) -> None:
    path = tmp_path / "more.yaml"
    path.write_text("contexts: [{name: beta, id: 43, admin: {name: chief, password: chief-secret}, users: []}]")
    plant(sandbox.platform, path)
    mine = add_tenant(actor=ME, brand=brand, name="Mine")
    drain()
    assert Tenant.objects.get(pk=mine.pk).is_provisioned
    assert CliRunner().invoke(adopt_command, ["Sunrise", "--list"]).output.split() == ["acme", "beta"]
    credentials = tmp_path / "credentials"
    credentials.write_text("# context, login, password\nacme\tboss\tboss-secret\nbeta\tchief\twrong\n")
    arguments = ["Sunrise", "--all", "--make-profiles", "--json", "--credentials-file", str(credentials)]
    outcome = CliRunner().invoke(adopt_command, arguments)
    assert outcome.exit_code == 2
    assert "beta: The context does not take the login or password" in outcome.output
    assert json.loads(outcome.stdout.splitlines()[0])["taken_over"] == {
        "domain": 2, "user": 3, "group": 1, "resource": 1,
    }  # fmt: skip
    assert "wrong" not in outcome.output
    credentials.write_text("beta chief chief-secret\n")
    assert (
        "line 1: context, login and password, with tabs between" in CliRunner().invoke(adopt_command, arguments).output
    )


def test_a_context_of_a_customer_is_not_taken_over_again(brand: Brand, adopt: Any, kind: Any) -> None:
    mine = add_tenant(actor=ME, brand=brand, name="Mine")
    drain()
    mine.refresh_from_db()
    outcome = adopt(str(mine.context_id) if kind == PlatformKind.APP_SUITE else mine.context_name)
    assert outcome.exit_code == 2
    assert f"The context {mine.context_name} is Mine already." in outcome.output or "does not take" in outcome.output


def asked(brand: Brand, kind: PlatformKind, context: str = "acme", password: str = "boss-secret") -> Adoption:
    own = {"administrator": "boss", "password": password} if kind == PlatformKind.APP_SUITE else {}
    return rehearse(actor=ME, brand=brand, context=context, make_profiles=True, **own)


def test_a_worker_rehearses_and_adopts_what_the_panel_asks_for(brand: Brand, kind: Any, sandbox: Any) -> None:
    rehearsal = asked(brand, kind)
    drain()
    rehearsal.refresh_from_db()
    assert (rehearsal.state, rehearsal.counts["user"], Tenant.objects.count()) == ("done", 3, 0)
    adoption = carry_out(actor=ME, adoption=rehearsal)
    drain()
    adoption.refresh_from_db()
    assert (adoption.state, str(adoption.tenant), adoption.sealed_password) == ("done", "acme", "")
    assert adoption.counts == rehearsal.counts
    assert ServiceUser.objects.count() == 3
    assert writes(sandbox) == []
    again = carry_out(actor=ME, adoption=adoption)  # what was mended meanwhile: nothing
    drain()
    again.refresh_from_db()
    assert (again.state, again.counts, again.tenant) == ("done", {}, adoption.tenant)


def test_a_worker_tells_why_nothing_can_be_adopted(brand: Brand, kind: Any, sandbox: SandboxServer) -> None:
    unknown = asked(brand, kind, "nobody")
    drain()
    unknown.refresh_from_db()
    assert (unknown.state, unknown.field, unknown.sealed_password) == ("failed", "context", "")
    assert unknown.sentence == "The platform has no context nobody. Give its name or its number."
    sandbox.platform.mischief.replace({"rules": [{"match": {}, "action": "status_503", "times": None}]})
    unreachable = asked(brand, kind)
    drain()
    unreachable.refresh_from_db()
    assert (unreachable.state, bool(unreachable.sentence)) == ("failed", True)


def test_an_adoption_that_broke_off_goes_on_with_what_is_missing(brand: Brand, kind: Any, monkeypatch: Any) -> None:
    rehearsal = asked(brand, kind)
    drain()
    adoption = carry_out(actor=ME, adoption=Adoption.objects.get(pk=rehearsal.pk))

    def break_off(*_: object, **__: object) -> None:
        raise OperationalError("killed")

    monkeypatch.setattr("oxherd.sync.adoption._take_objects", break_off)
    with suppress(OperationalError):
        adopting.run(adoption.pk)
    adoption.refresh_from_db()
    assert (adoption.state, ServiceUser.objects.count(), Group.objects.count()) == ("running", 3, 0)
    monkeypatch.undo()
    adopting.run(adoption.pk)
    adoption.refresh_from_db()
    assert (adoption.state, ServiceUser.objects.count(), Group.objects.count()) == ("done", 3, 1)
    assert differences(Tenant.objects.get()) == []
