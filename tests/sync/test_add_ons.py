"""Documents and Guard of a profile are turned on and off for its users on App Suite, and comparisons tell of them."""

from typing import Any

from tests.sync.conftest import Stage, account_of
from tests.sync.test_drift import compared, only, reached
from tests.worker import drain

from oxherd.drift.models import Difference
from oxherd.drift.repairs import repair
from oxherd.drift.states import Way
from oxherd.ox.interface import UserChange
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.people.rollout_commands import change_level

DOCUMENTS = "com.openexchange.capability.spreadsheet"
GUARD = "com.openexchange.capability.guard-mail"


def said(stage: Stage) -> tuple[Any, Any]:
    """What stands among the attributes of the only user in OX."""
    (user,) = stage.in_ox()
    config = user["userAttributes"].get("config", {})
    return config.get(DOCUMENTS), config.get(GUARD)


def with_add_ons(stage: Stage) -> ServiceUser:
    change_level(actor=stage.cast.system, profile=stage.cast.groupware, documents=True, guard=False)
    user = stage.cast.user(ox=True)
    drain()
    return user


def test_a_new_user_gets_them_with_the_call_that_makes_it(stage: Stage) -> None:
    stage.calls()
    with_add_ons(stage)
    assert said(stage) == ("true", "false")
    assert "changeCapabilities" not in stage.calls()


def test_a_profile_that_says_nothing_leaves_the_platform_its_word(stage: Stage) -> None:
    stage.cast.user(ox=True)
    drain()
    assert said(stage) == (None, None)
    assert not {"documents", "guard"} & OxAccount.objects.get().applied.keys()


def test_a_change_of_the_profile_reaches_its_users_and_nothing_else_is_sent(stage: Stage) -> None:
    with_add_ons(stage)
    change_level(actor=stage.cast.system, profile=stage.cast.groupware, documents=None, guard=True)
    stage.calls()
    drain()
    assert said(stage) == (None, "true")
    assert stage.calls() == [stage.changing]
    change_level(actor=stage.cast.system, profile=stage.cast.groupware, price_label="5 EUR")
    drain()
    assert stage.calls() == []


def test_another_profile_takes_them_away(stage: Stage) -> None:
    user = with_add_ons(stage)
    change_profile(actor=stage.cast.system, users=[user], profile=stage.cast.mail)
    drain()
    assert said(stage) == (None, None)


def test_what_is_in_doubt_is_taken_away_too(stage: Stage) -> None:
    user = with_add_ons(stage)
    OxAccount.objects.update(applied={})
    change_profile(actor=stage.cast.system, users=[user], profile=stage.cast.mail)
    drain()
    assert said(stage) == (None, None)


def test_a_comparison_tells_of_an_add_on_that_somebody_turned_off(stage: Stage) -> None:
    user = with_add_ons(stage)
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(user).ox_id, UserChange(documents=False))
    difference = only(stage)
    assert (difference.here, difference.there) == ({"documents": True}, {"documents": False})
    repair(actor=stage.cast.system, difference=difference, way=Way.TO_OX)
    drain()
    assert said(stage) == ("true", "false")


def test_what_no_profile_says_is_no_difference(stage: Stage) -> None:
    user = stage.cast.user(ox=True)
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(user).ox_id, UserChange(guard=True))
    compared(stage)
    assert not Difference.objects.exists()
