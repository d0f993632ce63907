"""A brand of OX Cloud: what the platform does there that App Suite does not."""

from typing import Any

import pytest
from tests.cast import PASSWORD
from tests.sync.conftest import Stage, account_of, job_of, status
from tests.sync.test_drift import compared, only, reached
from tests.worker import drain

from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain, change_domain, remove_domain, retry_catch_all
from oxherd.domains.models import Domain
from oxherd.drift.models import Difference
from oxherd.drift.repairs import repair
from oxherd.drift.states import Way
from oxherd.errors import Refused
from oxherd.ox.interface import UserChange
from oxherd.people.ox_commands import change_profile, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.profiles.commands import add_profile
from oxherd.profiles.commands import change_profile as change_settings
from oxherd.provisioning.models import SyncJob
from oxherd.sandbox.store import contexts
from oxherd.tenants.commands import add_tenant, change_tenant, retry_tenant
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import delete_tenant


@pytest.fixture
def platform_kind() -> PlatformKind:
    return PlatformKind.OX_CLOUD


def names_of_contexts(stage: Stage) -> list[str]:
    with stage.sandbox.platform.store.reading() as db:
        return [row["name"] for row in db.execute("SELECT name FROM context ORDER BY name")]


def mailbox(stage: Stage, user: Any) -> tuple[int | None, tuple[str, ...], str | None]:
    """Mail quota, class of service and access combination as the platform tells them."""
    platform, context = reached(stage.cast)
    ox_id = account_of(user).ox_id
    mail = platform.mail
    combination = platform.access_combination(context, ox_id)
    return mail.mail_quota(context, ox_id), mail.class_of_service(context, ox_id), combination


def test_contexts_get_their_numbers_from_the_platform(stage: Stage) -> None:
    ids = list(Tenant.objects.order_by("pk").values_list("context_id", flat=True))
    with stage.sandbox.platform.store.reading() as db:
        assert [contexts.find(db, number)["name"] for number in ids] == ["north_acme-1000", "north_globex-1001"]
    new = add_tenant(actor=stage.cast.system, brand=stage.cast.brand, name="Initech")
    assert new.context_id is None


@pytest.mark.parametrize("action", ["answer_lost", "status_503"])
def test_a_context_whose_answer_was_lost_is_found_again_by_its_name(stage: Stage, action: str) -> None:
    stage.strikes(action, name="*initech*", times=1)
    new = add_tenant(actor=stage.cast.system, brand=stage.cast.brand, name="Initech")
    drain()
    drain()
    new.refresh_from_db()
    assert (new.is_provisioned, new.context_id is None) == (True, False)
    assert names_of_contexts(stage) == ["north_acme-1000", "north_globex-1001", "north_initech-1002"]
    delete_tenant(actor=stage.cast.system, tenant=new)
    drain()
    assert names_of_contexts(stage) == ["north_acme-1000", "north_globex-1001"]


def test_a_removal_before_the_number_is_known_leaves_nothing(stage: Stage) -> None:
    lost = {"match": {"name": "*initech*", "operation": "create*"}, "action": "answer_lost"}
    not_found = {"match": {"name": "*initech*", "operation": "getData"}, "action": "status_503"}
    stage.sandbox.platform.mischief.replace({"rules": [lost, not_found]})
    new = add_tenant(actor=stage.cast.system, brand=stage.cast.brand, name="Initech")
    drain()
    stage.behaves()
    new.refresh_from_db()
    assert (new.context_id, len(names_of_contexts(stage))) == (None, 3)
    delete_tenant(actor=stage.cast.system, tenant=new)
    drain()
    assert names_of_contexts(stage) == ["north_acme-1000", "north_globex-1001"]
    assert not Tenant.objects.filter(pk=new.pk).exists()


def test_a_strangers_context_of_the_same_name_is_left_alone(stage: Stage) -> None:
    new = add_tenant(actor=stage.cast.system, brand=stage.cast.brand, name="Initech")
    drain()
    with stage.sandbox.platform.store.writing() as db:
        db.execute("UPDATE context SET attributes = '{}' WHERE name = 'north_initech-1002'")
    Tenant.objects.filter(pk=new.pk).update(context_id=None, applied={}, is_provisioned=False)
    retry = change_tenant(actor=stage.cast.system, tenant=new, quota_mb=7)
    drain()
    retry.refresh_from_db()
    assert (retry.context_id, retry.is_provisioned) == (None, False)
    retry_tenant(actor=stage.cast.system, tenant=retry)


def test_a_context_deleted_behind_our_back_is_made_anew_with_another_number(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    before = stage.cast.acme.context_id
    platform, _ = reached(stage.cast)
    platform.remove_context(before)
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=70)
    drain()
    stage.cast.acme.refresh_from_db()
    assert stage.cast.acme.context_id not in {None, before}
    assert status(anna) == "enabled"


def test_a_user_gets_modules_class_of_service_and_both_quotas(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    assert stage.calls() == ["createByModuleAccessName", "setMailQuota"]
    assert mailbox(stage, anna) == (5000, ("cloud_productivity",), "cloud_productivity")
    (held,) = stage.in_ox()
    assert (held["maxQuota"], held["name"]) == (1000, "anna.becker@acme.test")


def test_another_profile_is_a_change_of_all_of_it(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.calls()
    change_profile(actor=stage.cast.system, users=[anna], profile=stage.cast.mail)
    drain()
    assert stage.calls() == ["change", "changeByModuleAccessName", "setMailQuota"]
    assert mailbox(stage, anna) == (None, ("cloud_pim",), "cloud_pim")
    assert stage.in_ox()[0]["maxQuota"] == -1


@pytest.mark.parametrize("action", ["answer_lost", "status_503"])
@pytest.mark.parametrize("step", ["createByModuleAccessName", "change", "setMailQuota"])
def test_the_steps_after_create_survive_trouble_between_any_two(stage: Stage, step: str, action: str) -> None:
    """An unlimited drive and a mail quota of its own take all three."""
    profile = add_profile(
        actor=stage.cast.system, brand=stage.cast.brand, name="Large", access_combination="cloud_productivity",
        class_of_service="cloud_productivity, guard", mail_quota_mb=9000,
    )  # fmt: skip
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, seats={profile: 5})
    drain()
    anna = stage.cast.user()
    stage.strikes(action, times=1, match={"operation": step})
    enable_ox(actor=stage.cast.system, user=anna, wish=OxWish(profile), password=PASSWORD)
    drain()
    drain()
    assert (status(anna), job_of(anna).state, stage.names_in_ox()) == ("enabled", "done", ["anna.becker@acme.test"])
    assert mailbox(stage, anna) == (9000, ("cloud_productivity", "guard"), "cloud_productivity")
    assert stage.in_ox()[0]["maxQuota"] == -1


def test_a_class_of_service_that_the_platform_does_not_know_is_told(stage: Stage) -> None:
    change_settings(actor=stage.cast.system, profile=stage.cast.groupware, class_of_service="gold")
    anna = stage.cast.user(ox=True)
    drain()
    assert job_of(anna).sentence == "The platform does not know the class of service gold. Correct the profile."


def test_who_is_removed_can_neither_sign_in_nor_send_or_receive(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    remove_user(actor=stage.cast.system, user=anna)
    drain()
    platform, context = reached(stage.cast)
    assert platform.mail.permissions(context, account_of(anna).ox_id) == frozenset()


def test_quota_and_class_of_a_mailbox_are_compared_deeply_and_repaired(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    change = UserChange(mail_quota_mb=1, drive_quota_mb=1000, class_of_service=("cloud_pim",))
    platform.change_user(context, account_of(anna).ox_id, change)
    stage.calls()
    compared(stage)
    assert not Difference.objects.exists()
    found = only(stage, is_deep=True)
    assert found.here == {"mail_quota_mb": 5000, "class_of_service": ["cloud_productivity"]}
    assert found.there == {"mail_quota_mb": 1, "class_of_service": ["cloud_pim"]}
    with pytest.raises(Refused, match="No profile of this subscription gives cloud_productivity with this mail quota"):
        repair(actor=stage.cast.system, difference=found, way=Way.FROM_OX)
    repair(actor=stage.cast.system, difference=found, way=Way.TO_OX)
    drain()
    assert mailbox(stage, anna) == (5000, ("cloud_productivity",), "cloud_productivity")


def caught(stage: Stage) -> dict[str, str]:
    platform, context = reached(stage.cast)
    return platform.mail.catch_alls(context)


def catch(stage: Stage, address: str) -> None:
    change_domain(actor=stage.cast.system, domain=Domain.objects.get(name="acme.test"), catch_all=address)


def test_a_catch_all_arrives_moves_and_goes(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Adler", ox=True)
    drain()
    catch(stage, anna.login)
    drain()
    assert caught(stage) == {"acme.test": anna.login}
    catch(stage, bert.login)
    drain()
    assert caught(stage) == {"acme.test": bert.login}
    catch(stage, "")
    drain()
    assert caught(stage) == {}
    stage.calls()
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=70)
    drain()
    assert stage.calls() == ["change"]


def test_a_catch_all_follows_its_user(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    catch(stage, anna.login)
    drain()
    assert caught(stage) == {"acme.test": anna.login}
    rename_user(actor=stage.cast.system, user=anna, login="anna@acme.test")
    drain()
    assert caught(stage) == {"acme.test": "anna@acme.test"}
    remove_user(actor=stage.cast.system, user=anna)
    drain()
    assert caught(stage) == {}
    restore_user(actor=stage.cast.system, user=anna)
    drain()
    assert caught(stage) == {"acme.test": "anna@acme.test"}


def test_a_removed_domain_takes_its_catch_all_along(stage: Stage, settings: Any) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    anna = stage.cast.user(ox=True)
    drain()
    new = add_domain(actor=stage.cast.system, tenant=stage.cast.acme, name="shop.test", catch_all=anna.login)
    drain()
    assert caught(stage) == {"shop.test": anna.login}
    remove_domain(actor=stage.cast.system, domain=new)
    drain()
    assert caught(stage) == {}


def test_a_catch_all_whose_answer_was_lost_is_taken_back(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.strikes("answer_lost", match={"operation": "createDomainCatchall"})
    catch(stage, anna.login)
    drain()
    assert caught(stage) == {"acme.test": anna.login}
    stage.behaves()
    catch(stage, "")
    drain()
    assert caught(stage) == {}


def test_a_refused_catch_all_keeps_nothing_else_back(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    stage.strikes("refuse", name="acme.test", match={"operation": "createDomainCatchall"}, fault="40")
    catch(stage, anna.login)
    add_domain(actor=stage.cast.system, tenant=stage.cast.acme, name="shop.test", catch_all=anna.login)
    drain()
    assert caught(stage) == {"shop.test": anna.login}
    job = SyncJob.objects.filter(subject_kind="catch_alls").latest("pk")
    sentence = "Another brand shares a domain of these addresses. Have it released on the platform first."
    assert (job.state, job.sentence) == ("refused", sentence)
    assert refusals() == {"acme.test": sentence, "shop.test": ""}
    stage.behaves()
    retry_catch_all(actor=stage.cast.actor(stage.cast.dora), domain=Domain.objects.get(name="acme.test"))
    drain()
    assert caught(stage) == {"acme.test": anna.login, "shop.test": anna.login}
    assert refusals() == {"acme.test": "", "shop.test": ""}


def test_a_platform_that_tells_no_catch_alls_is_told_at_each(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    add_domain(actor=stage.cast.system, tenant=stage.cast.acme, name="shop.test")
    drain()
    stage.strikes("refuse", match={"operation": "listDomainCatchalls"}, fault="40")
    catch(stage, anna.login)
    drain()
    assert [bool(sentence) for _, sentence in sorted(refusals().items())] == [True, False]
    stage.behaves()
    retry_catch_all(actor=stage.cast.system, domain=Domain.objects.get(name="acme.test"))
    drain()
    assert (caught(stage), set(refusals().values())) == ({"acme.test": anna.login}, {""})


def refusals() -> dict[str, str]:
    return dict(Domain.objects.filter(tenant__name="Acme").values_list("name", "catch_all_refusal"))
