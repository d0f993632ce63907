import pytest
from tests.rows import last_entry, refused, waiting

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.domains.commands import add_domain
from oxherd.errors import NotAllowed, NotYours
from oxherd.people.ox_commands import enable_ox
from oxherd.people.records import OxWish
from oxherd.profiles.commands import add_profile
from oxherd.provisioning import queue
from oxherd.provisioning.models import SyncJob
from oxherd.tenants import commands, removal_commands
from oxherd.tenants.models import Tenant
from oxherd.tenants.queries import seats_of

ME = system("Tests", Door.CLI)


def add(cast, **changes):
    return commands.add_tenant(**{"actor": ME, "brand": cast.brand, "name": "Initech"} | changes)


def test_a_tenant_is_added_and_its_context_asked_for(cast):
    cast.brand.refresh_from_db()
    expected = cast.brand.next_context_id
    tenant = add(cast, name=" Ini  tech ", quota_mb=500, seats={cast.mail: 3, cast.groupware: None})
    assert (tenant.name, tenant.context_id, tenant.context_name) == ("Ini tech", expected, f"ini-tech-{expected}")
    assert [(row.profile, row.number, row.used) for row in seats_of(tenant)] == [
        (cast.mail, 3, 0),
        (cast.groupware, None, 0),
    ]
    limits = dict.fromkeys(commands.LIMITS)
    after = {"name": "Ini tech", "state": "active", "quota_mb": 500, **limits, "seats": {"Mail": 3, "Groupware": None}}
    assert (last_entry().action, last_entry().tenant_id, last_entry().after) == ("tenant:add", tenant.pk, after)
    assert len(waiting(f"tenant:{tenant.pk}")) == 1


def test_each_context_has_a_password_of_its_own_that_is_sealed(cast):
    passwords = {sealing.unseal(tenant.sealed_context_password) for tenant in (cast.acme, cast.globex)}
    assert len(passwords) == 2
    assert min(map(len, passwords)) >= 32


def test_a_name_in_any_script_makes_a_context_name(cast):
    names = [add(cast, name=name).context_name.rpartition("-")[0] for name in ("株式会社", "Bücher & Söhne", "---")]
    assert names == ["context", "bucher-sohne", "context"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "I" * 201),
        ("name", "Ini\x00tech"),
        ("quota_mb", -1),
        ("quota_mb", 2**31),
        ("context_name", "ini tech"),
        ("context_name", "initech@ox"),
        ("context_name", "ínitech"),
        ("context_name", "i" * 101),
        ("context_name", "initech\n"),
    ],
)
def test_what_a_tenant_cannot_be_is_refused_at_its_field(cast, field, value):
    with refused(field):
        add(cast, **{field: value})


def test_a_taken_context_name_is_refused_in_any_case(cast):
    with refused("context_name"):
        add(cast, context_name=cast.acme.context_name.upper())


@pytest.mark.parametrize("number", [-1, 2**31])
def test_seats_that_cannot_be_counted_are_refused(cast, number):
    with refused("seats"):
        add(cast, seats={cast.mail: number})


def test_a_profile_of_another_brand_is_refused(cast):
    other = add_brand(actor=ME, name="Sunset", api_url="http://127.0.0.1:9", username="x", password="y")
    foreign = add_profile(actor=ME, brand=other, name="Gold", access_combination="all")
    with refused("profile"):
        add(cast, seats={foreign: 1})


def test_only_what_is_named_is_changed(cast):
    commands.change_tenant(actor=ME, tenant=cast.acme, quota_mb=700)
    commands.change_tenant(actor=ME, tenant=cast.acme, name="Acme AG", seats={cast.mail: 5})
    cast.acme.refresh_from_db()
    assert (cast.acme.name, cast.acme.quota_mb) == ("Acme AG", 700)
    assert last_entry().before == {"name": "Acme", "seats": {"Mail": 10, "Groupware": None}}
    assert last_entry().after == {"name": "Acme AG", "seats": {"Mail": 5, "Groupware": None}}
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "A" * 201), ("quota_mb", -5)])
def test_a_tenant_cannot_be_changed_into_what_it_cannot_be(cast, field, value):
    with refused(field):
        commands.change_tenant(actor=ME, tenant=cast.acme, **{field: value})


def test_a_setting_that_no_tenant_has_is_a_mistake_of_the_caller(cast):
    with pytest.raises(TypeError):
        commands.change_tenant(actor=ME, tenant=cast.acme, context_id=7)


def test_a_tenant_is_suspended_and_resumed(cast):
    commands.suspend_tenant(actor=ME, tenant=cast.acme)
    assert (last_entry().before, last_entry().after) == ({"state": "active"}, {"state": "suspended"})
    commands.resume_tenant(actor=ME, tenant=cast.acme)
    assert (last_entry().action, last_entry().after) == ("tenant:resume", {"state": "active"})
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1


def test_what_is_so_already_is_not_done_again(cast):
    before = (AuditEntry.objects.count(), SyncJob.objects.count())
    commands.resume_tenant(actor=ME, tenant=cast.acme)
    assert (AuditEntry.objects.count(), SyncJob.objects.count()) == before


def test_a_tenant_being_deleted_takes_no_more_changes(cast):
    removal_commands.delete_tenant(actor=ME, tenant=cast.acme)
    assert (last_entry().action, last_entry().after) == ("tenant:delete", {"state": "leaving"})
    for act in (
        commands.suspend_tenant,
        commands.resume_tenant,
        removal_commands.remove_tenant,
        commands.change_tenant,
    ):
        with refused(None) as caught:
            act(actor=ME, tenant=cast.acme)
        assert caught.value.sentence == "Acme is being removed and takes no more changes."
    with refused(None):
        add_domain(actor=ME, tenant=cast.acme, name="new.test")


@pytest.mark.parametrize("act", [commands.suspend_tenant, removal_commands.remove_tenant])
def test_a_suspended_or_leaving_tenant_takes_no_users(cast, act):
    bert = cast.user("Bert Conrad")
    act(actor=ME, tenant=cast.acme)
    with refused(None):
        cast.user("Eve Fox")  # the command reads the tenant anew: this object still says active
    with refused(None):
        enable_ox(actor=ME, user=bert, wish=OxWish(cast.mail))


def test_a_tenant_that_is_gone_is_not_there(cast):
    stale = Tenant.objects.get(pk=cast.globex.pk)
    cast.globex.delete()
    for act in (commands.suspend_tenant, removal_commands.remove_tenant, commands.change_tenant):
        with pytest.raises(NotYours):
            act(actor=ME, tenant=stale)
    with pytest.raises(NotYours):
        add_domain(actor=ME, tenant=stale, name="new.test")


def test_a_failed_tenant_is_tried_again(cast):
    (job,) = waiting(f"tenant:{cast.acme.pk}")
    SyncJob.objects.filter(pk=job.pk).update(state="stuck")
    queue.withdraw(job.subject)
    commands.retry_tenant(actor=cast.actor(cast.dora), tenant=cast.acme)
    assert (last_entry().action, last_entry().actor) == ("tenant:retry", "Dora")
    assert [job.requested_by for job in waiting(f"tenant:{cast.acme.pk}")] == ["Dora"]


def test_nothing_is_tried_again_where_nothing_failed(cast):
    SyncJob.objects.update(state="done")
    with refused(None) as caught:
        commands.retry_tenant(actor=ME, tenant=cast.acme)
    assert caught.value.sentence == "There is nothing to try again."


def test_a_tenant_whose_number_a_stranger_has_gets_the_next_one(cast):
    cast.brand.refresh_from_db()
    expected = cast.brand.next_context_id
    assert commands.renumber_context(cast.acme) == expected
    assert Tenant.objects.get(pk=cast.acme.pk).context_id == expected
    assert add(cast).context_id == expected + 1


def test_self_service_is_off_until_it_is_switched_on_and_each_switch_is_told(cast):
    assert cast.acme.self_service is False
    for on in (True, False):
        tenant = commands.switch_self_service(actor=cast.actor(cast.bob), tenant=cast.acme, on=on)
        assert Tenant.objects.get(pk=tenant.pk).self_service is on
        assert (last_entry().action, last_entry().actor, last_entry().tenant_id) == (
            *("tenant:self_service", "Bob"),
            cast.acme.pk,
        )
        assert (last_entry().before, last_entry().after) == ({"self_service": not on}, {"self_service": on})
    before = last_entry()
    commands.switch_self_service(actor=cast.actor(cast.bob), tenant=cast.acme, on=False)
    assert last_entry() == before


def test_self_service_is_switched_by_who_manages_sign_in_rules(cast):
    for administrator, error in ((cast.dora, NotAllowed), (cast.rita, NotAllowed), (cast.charlie, NotYours)):
        with pytest.raises(error):
            commands.switch_self_service(actor=cast.actor(administrator), tenant=cast.acme, on=True)
