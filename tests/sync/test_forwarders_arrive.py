"""Forwarders on OX Cloud: they arrive, follow their users, survive broken-off calls; those of others stay."""

from dataclasses import replace
from typing import Any

import pytest
from tests.sync.conftest import Stage, status
from tests.sync.test_drift import reached
from tests.worker import drain

from oxherd.brands.states import Api, PlatformKind
from oxherd.forwarders.commands import (
    ForwarderWish,
    as_wish,
    change_forwarder,
    delete_forwarder,
    remove_forwarder,
    restore_forwarder,
    retry_forwarder,
)
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.queries import found
from oxherd.people.commands import change_user
from oxherd.people.ox_commands import change_aliases, disable_ox
from oxherd.people.removal_commands import delete_user, remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.provisioning.models import SyncJob
from oxherd.sync import forwarders
from oxherd.sync.unmarked import reach
from oxherd.tenants.commands import change_tenant


@pytest.fixture(params=[PlatformKind.OX_CLOUD, Api.CLOUD_API])
def platform_kind(request: pytest.FixtureRequest) -> PlatformKind | Api:
    """Either dialect of OX Cloud."""
    return request.param


def forwards(stage: Stage) -> dict[str, tuple[str, ...]]:
    """What the stand-in passes on in Acme's context."""
    platform, context = reached(stage.cast)
    return {address: tuple(sorted(each)) for address, each in platform.mail.forwards(context).items()}


def to(stage: Stage, forwarder: Forwarder, *recipients: str) -> None:
    wish = ForwarderWish(str(forwarder), recipients)
    change_forwarder(actor=stage.cast.system, forwarder=forwarder, wish=wish)


def job(forwarder: Forwarder) -> SyncJob:
    return SyncJob.objects.filter(subject_kind="forwarder", subject_id=forwarder.pk).latest("pk")


def state(forwarder: Forwarder) -> tuple[str, str]:
    return Forwarder.objects.get(pk=forwarder.pk).status, job(forwarder).state


def test_a_forwarder_arrives_changes_and_goes(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    forwarder = stage.cast.forwarder("info@acme.test", anna.login, "press@agency.test")
    drain()
    assert forwards(stage) == {"info@acme.test": (anna.login, "press@agency.test")}
    assert state(forwarder) == ("in_ox", "done")
    to(stage, forwarder, "press@agency.test")
    drain()
    assert forwards(stage) == {"info@acme.test": ("press@agency.test",)}
    change_forwarder(
        actor=stage.cast.system, forwarder=forwarder, wish=replace(as_wish(forwarder), address="all@acme.test")
    )
    drain()
    assert forwards(stage) == {"all@acme.test": ("press@agency.test",)}
    remove_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert forwards(stage) == {}
    restore_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert forwards(stage) == {"all@acme.test": ("press@agency.test",)}
    delete_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert (forwards(stage), Forwarder.objects.count()) == ({}, 0)


def test_what_is_as_it_should_be_costs_no_call(stage: Stage) -> None:
    forwarder = stage.cast.forwarder()
    drain()
    stage.calls()
    SyncJob.objects.filter(subject_kind="forwarder").update(state="refused")
    retry_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert (stage.calls(), state(forwarder)) == ([], ("in_ox", "done"))


def test_who_is_not_in_ox_yet_follows(stage: Stage) -> None:
    operation = "POST /users" if stage.changing != "change" else "create*"
    stage.strikes("refuse", name="anna.becker@acme.test", match={"operation": operation}, fault="34")
    anna = stage.cast.user(ox=True)
    forwarder = stage.cast.forwarder("info@acme.test", anna.login)
    drain()
    assert (status(anna), forwards(stage), state(forwarder)) == ("error", {}, ("in_ox", "done"))
    stage.behaves()
    change_user(actor=stage.cast.system, user=anna, display_name="Anna Bach")
    drain()
    assert forwards(stage) == {"info@acme.test": (anna.login,)}


def test_a_forwarder_follows_its_users(stage: Stage) -> None:
    cast, anna = stage.cast, stage.cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login, "press@agency.test")
    drain()
    rename_user(
        actor=cast.system, user=anna, login="anna@acme.test", primary_address="anna@acme.test", keep_old_as_alias=False
    )
    drain()
    assert forwards(stage) == {"info@acme.test": ("anna@acme.test", "press@agency.test")}
    assert list(found(cast.system, cast.acme, text="anna@acme")) == [forwarder]
    assert list(found(cast.system, cast.acme, text="becker")) == []
    change_aliases(actor=cast.system, user=anna, aliases=("ab@acme.test",))
    change_user(actor=cast.system, user=anna, primary_address="ab@acme.test")
    drain()
    assert forwards(stage) == {"info@acme.test": ("ab@acme.test", "press@agency.test")}
    remove_user(actor=cast.system, user=anna)
    drain()
    assert forwards(stage) == {"info@acme.test": ("press@agency.test",)}
    restore_user(actor=cast.system, user=anna)
    drain()
    assert forwards(stage) == {"info@acme.test": ("ab@acme.test", "press@agency.test")}
    disable_ox(actor=cast.system, user=anna)
    drain()
    assert forwards(stage) == {"info@acme.test": ("press@agency.test",)}


def test_without_anybody_left_mail_is_refused_and_not_lost(stage: Stage) -> None:
    anna = stage.cast.user(ox=True)
    forwarder = stage.cast.forwarder("info@acme.test", anna.login)
    drain()
    delete_user(actor=stage.cast.system, user=anna)
    drain()
    assert (forwards(stage), state(forwarder)) == ({}, ("in_ox", "done"))


def test_a_forwarder_whose_answer_was_lost_is_known_for_ours(stage: Stage) -> None:
    stage.strikes("answer_lost", match={"operation": "POST*"}, times=1)
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    assert forwards(stage) == {"info@acme.test": ("press@agency.test",)}
    assert (state(forwarder), "tried" in Forwarder.objects.get().applied) == (("in_ox", "done"), False)


def test_what_a_broken_off_try_has_left_is_changed_and_removed_as_ours(stage: Stage, settings: Any) -> None:
    settings.SYNC_TRIES = 1
    stage.strikes("answer_lost", match={"operation": "POST*"})
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    assert (state(forwarder), "held" in Forwarder.objects.get().applied) == (("error", "stuck"), False)
    stage.behaves()
    to(stage, forwarder, "news@agency.test")
    drain()
    assert forwards(stage) == {"info@acme.test": ("news@agency.test",)}
    stage.strikes("answer_lost", match={"operation": "DELETE*"})
    remove_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    stage.behaves()
    delete_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert (forwards(stage), Forwarder.objects.count()) == ({}, 0)


def test_a_forwarder_that_others_made_is_left_alone_and_told(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.mail.set_forward(context, "info@acme.test", ["boss@elsewhere.test"])
    platform.mail.set_forward(context, "other@acme.test", ["boss@elsewhere.test"])
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    assert forwards(stage)["info@acme.test"] == ("boss@elsewhere.test",)
    assert state(forwarder) == ("error", "refused")
    assert job(forwarder).sentence == (
        "OX has a forwarder info@acme.test that was not made here. Compare with OX, and send yours or take that one "
        "over."
    )
    delete_forwarder(actor=stage.cast.system, forwarder=forwarder)
    drain()
    assert set(forwards(stage)) == {"info@acme.test", "other@acme.test"}


def test_one_that_others_made_just_so_is_taken_for_ours(stage: Stage) -> None:
    platform, context = reached(stage.cast)
    platform.mail.set_forward(context, "info@acme.test", ["Press@agency.test"])
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    assert state(forwarder) == ("in_ox", "done")


def test_where_new_recipients_are_refused_mail_goes_to_the_old_ones(stage: Stage, settings: Any) -> None:
    settings.FORWARDER_OUTSIDE = 100
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    to(stage, forwarder, *(f"n{number}@agency.test" for number in range(30)))
    drain()
    assert (state(forwarder)[1], job(forwarder).sentence) == (
        "refused",
        "The platform allows no more external recipients. Remove some.",
    )
    assert forwards(stage) == {"info@acme.test": ("press@agency.test",)}
    to(stage, forwarder, "n1@agency.test")
    drain()
    assert (forwards(stage), state(forwarder)) == ({"info@acme.test": ("n1@agency.test",)}, ("in_ox", "done"))


def test_an_address_that_a_user_gives_up_at_the_same_time_is_waited_for(stage: Stage) -> None:
    anna = stage.cast.user(ox=True, aliases=("info@acme.test",))
    drain()
    stage.strikes("status_503", match={"operation": "change*"}, times=2)
    change_aliases(actor=stage.cast.system, user=anna, aliases=())
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    drain()
    assert (forwards(stage), state(forwarder)) == (
        {"info@acme.test": ("press@agency.test",)},
        ("in_ox", "done"),
    )


def test_two_forwarders_change_places(stage: Stage) -> None:
    first = stage.cast.forwarder("first@acme.test", "one@agency.test")
    second = stage.cast.forwarder("second@acme.test", "two@agency.test")
    drain()
    for forwarder, address in ((first, "spare@acme.test"), (second, "first@acme.test"), (first, "second@acme.test")):
        wish = replace(as_wish(Forwarder.objects.get(pk=forwarder.pk)), address=address)
        change_forwarder(actor=stage.cast.system, forwarder=forwarder, wish=wish)
    drain()
    drain()
    assert forwards(stage) == {"first@acme.test": ("two@agency.test",), "second@acme.test": ("one@agency.test",)}


def test_nothing_is_known_of_forwarders_in_a_context_that_was_made_anew(stage: Stage) -> None:
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test", "news@agency.test")
    drain()
    platform, context = reached(stage.cast)
    platform.remove_context(context.context_id)
    change_tenant(actor=stage.cast.system, tenant=stage.cast.acme, quota_mb=70)
    drain()
    assert (forwards(stage), Forwarder.objects.get().applied) == ({}, {})
    to(stage, forwarder, "news@agency.test")
    drain()
    assert forwards(stage) == {"info@acme.test": ("news@agency.test",)}


@pytest.mark.parametrize("verb", ["add", "change", "remove"])
def test_a_worker_that_dies_before_it_writes_down_what_it_did_does_no_harm(stage: Stage, verb: str) -> None:
    """As after a crash between the platform's answer and our commit: the job runs again from what was written ahead."""
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    if verb != "add":
        drain()
    if verb == "change":
        to(stage, forwarder, "news@agency.test")
    elif verb == "remove":
        delete_forwarder(actor=stage.cast.system, forwarder=forwarder)
    wanted = {} if verb == "remove" else {"info@acme.test": (f"{'press' if verb == 'add' else 'news'}@agency.test",)}
    fresh = Forwarder.objects.select_related("tenant__brand").get()
    forwarders._bring(reach(fresh.tenant), fresh, forwarders.wanted_of(fresh))
    assert forwards(stage) == wanted
    drain()
    assert forwards(stage) == wanted
    assert list(Forwarder.objects.values_list("status", flat=True)) == ([] if verb == "remove" else ["in_ox"])
