"""Forwarders and catch-alls are compared with OX Cloud, and repaired either way."""

from typing import Any

import pytest
from tests.rows import last_entry
from tests.sync.conftest import Stage
from tests.sync.test_drift import compared, found, only, reached
from tests.worker import drain

from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import change_domain
from oxherd.domains.models import Domain
from oxherd.drift.models import Difference, Eviction
from oxherd.drift.repairs import repair
from oxherd.drift.states import Way
from oxherd.drift.wording import changes
from oxherd.errors import Refused
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import typed_of
from oxherd.ox.interface import Mailboxes
from oxherd.people.removal_commands import remove_user
from oxherd.undo.commands import undo


@pytest.fixture
def platform_kind() -> PlatformKind:
    return PlatformKind.OX_CLOUD


@pytest.fixture
def ox(stage: Stage) -> "Behind":
    return Behind(stage)


class Behind:
    """What somebody does in OX behind our back, and what OX holds."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def passes_on(self, address: str, *recipients: str) -> None:
        mail, context = self._mail
        mail.set_forward(context, address, recipients)

    def catches(self, domain: str, name: str | None) -> None:
        mail, context = self._mail
        mail.set_catch_all(context, domain, name)

    @property
    def forwards(self) -> dict[str, tuple[str, ...]]:
        mail, context = self._mail
        return mail.forwards(context)

    @property
    def catch_alls(self) -> dict[str, str]:
        mail, context = self._mail
        return mail.catch_alls(context)

    @property
    def _mail(self) -> tuple[Mailboxes, Any]:
        platform, context = reached(self.stage.cast)
        return platform.mail, context


def repaired(stage: Stage, difference: Difference, way: Way) -> None:
    repair(actor=stage.cast.system, difference=difference, way=way)
    drain()
    assert found(stage) == []


def test_what_agrees_is_no_difference(stage: Stage) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Blum", ox=True)
    stage.cast.forwarder("info@acme.test", anna.login, bert.login, "press@agency.test")
    domain = Domain.objects.get(name="acme.test")
    change_domain(actor=stage.cast.system, domain=domain, catch_all=anna.login)
    assert found(stage) == []
    remove_user(actor=stage.cast.system, user=bert)
    assert found(stage) == []


@pytest.mark.parametrize("way", Way)
def test_other_recipients_are_repaired_either_way(stage: Stage, ox: Behind, way: Way) -> None:
    anna = stage.cast.user(ox=True)
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test", "news@agency.test")
    drain()
    ox.passes_on("info@acme.test", "Press@agency.test", anna.login)
    difference = only(stage)
    assert (difference.object_kind, difference.kind, difference.name) == ("forwarder", "different", "info@acme.test")
    assert [(each.label, each.here, each.there) for each in changes(difference, {})] == [
        ("Recipients", "news@agency.test", "anna.becker@acme.test")
    ]
    repaired(stage, difference, way)
    theirs = [anna.login, "press@agency.test"]
    assert typed_of(forwarder) == (["news@agency.test", "press@agency.test"] if way == Way.TO_OX else theirs)
    assert sorted(each.lower() for each in ox.forwards["info@acme.test"]) == typed_of(forwarder)


def test_what_was_taken_from_ox_has_a_way_back(stage: Stage, ox: Behind) -> None:
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    ox.passes_on("info@acme.test", "boss@elsewhere.test")
    repair(actor=stage.cast.system, difference=only(stage), way=Way.FROM_OX)
    entry = type(last_entry()).objects.filter(action="forwarder:change").latest("pk")
    undo(actor=stage.cast.system, entry=entry)
    drain()
    assert (typed_of(forwarder), ox.forwards) == (["press@agency.test"], {"info@acme.test": ("press@agency.test",)})


@pytest.mark.parametrize("way", Way)
def test_one_that_is_gone_from_ox_is_repaired_either_way(stage: Stage, ox: Behind, way: Way) -> None:
    stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    ox.passes_on("info@acme.test")
    difference = only(stage)
    assert (difference.kind, difference.here) == ("missing", {"name": "info@acme.test"})
    repaired(stage, difference, way)
    there = way == Way.TO_OX
    assert Forwarder.objects.get().presence == ("present" if there else "removed")
    assert ("info@acme.test" in ox.forwards) == there


@pytest.mark.parametrize("way", Way)
def test_a_stranger_is_repaired_either_way(stage: Stage, ox: Behind, way: Way) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    ox.passes_on("info@acme.test", anna.login, "nobody@acme.test")
    difference = only(stage)
    assert (difference.kind, difference.detail) == ("stranger", "to anna.becker@acme.test and 1 more")
    stage.calls()
    repaired(stage, difference, way)
    if way == Way.TO_OX:
        assert (ox.forwards, Eviction.objects.count(), Forwarder.objects.count()) == ({}, 0, 0)
    else:
        forwarder = Forwarder.objects.get()
        assert (forwarder.status, typed_of(forwarder)) == ("in_ox", [anna.login, "nobody@acme.test"])


def test_a_stranger_that_was_added_here_meanwhile_is_not_deleted(stage: Stage, ox: Behind) -> None:
    ox.passes_on("info@acme.test", "boss@elsewhere.test")
    difference = only(stage)
    stage.cast.forwarder("info@acme.test", "press@agency.test")
    with pytest.raises(Refused, match="is in the panel by now"):
        repair(actor=stage.cast.system, difference=difference, way=Way.TO_OX)
    assert Eviction.objects.count() == 0


def test_one_that_stood_in_the_way_of_ours_is_settled_by_a_repair(stage: Stage, ox: Behind) -> None:
    ox.passes_on("info@acme.test", "boss@elsewhere.test")
    forwarder = stage.cast.forwarder("info@acme.test", "press@agency.test")
    drain()
    assert Forwarder.objects.get().status == "error"
    repaired(stage, only(stage), Way.TO_OX)
    forwarder.refresh_from_db()
    assert (forwarder.status, ox.forwards) == ("in_ox", {"info@acme.test": ("press@agency.test",)})


@pytest.mark.parametrize("way", Way)
def test_another_catch_all_is_repaired_either_way(stage: Stage, ox: Behind, way: Way) -> None:
    anna, bert = stage.cast.user(ox=True), stage.cast.user("Bert Blum", ox=True)
    change_domain(actor=stage.cast.system, domain=Domain.objects.get(name="acme.test"), catch_all=anna.login)
    drain()
    ox.catches("acme.test", bert.login)
    ox.catches("elsewhere.test", bert.login)
    difference = only(stage)
    assert (difference.object_kind, difference.here, difference.there) == (
        "catch_all",
        {"catch_all": anna.login},
        {"catch_all": bert.login},
    )
    repaired(stage, difference, way)
    right = anna if way == Way.TO_OX else bert
    assert ox.catch_alls == {"acme.test": right.login, "elsewhere.test": bert.login}
    assert Domain.objects.get(name="acme.test").catch_all == right


def test_a_catch_all_of_somebody_who_is_not_here_is_not_taken(stage: Stage, ox: Behind) -> None:
    anna = stage.cast.user(ox=True)
    drain()
    ox.catches("acme.test", anna.login)
    compared(stage)
    difference = Difference.objects.get()
    Difference.objects.update(held={"catch_all": "eve@acme.test"})
    with pytest.raises(Refused, match="Take this user from OX first"):
        repair(actor=stage.cast.system, difference=difference, way=Way.FROM_OX)
    repaired(stage, difference, Way.TO_OX)
    assert ox.catch_alls == {}
