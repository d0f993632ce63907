"""Removed users stay on the platform, locked: a comparison takes that for right, and tells what was undone there."""

from typing import Any

import pytest
from tests.pictures import picture
from tests.sync.conftest import Stage, account_of
from tests.sync.test_drift import found, only, reached
from tests.worker import drain

from oxherd.ox.interface import UserChange
from oxherd.people.ox_commands import change_aliases
from oxherd.removals.commands import Heirs, remove_users


def test_a_removed_user_is_locked_in_ox_and_no_difference(stage: Stage) -> None:
    """With all that named the user: an alias that somebody has by now, a group, a resource that was handed over."""
    cast = stage.cast
    anna = cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",), photo=picture())
    bert = cast.user("Bert Blum", login="bert", ox=True)
    cast.group("Sales", anna, bert)
    cast.resource("Blue room", manager=anna)
    drain()
    remove_users(actor=cast.system, users=[anna], heirs=Heirs(bert))
    change_aliases(actor=cast.system, user=bert, aliases=("info@acme.test",))
    assert found(stage, is_deep=True) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"mail_enabled": True}, "mail_enabled"), ({"display_name": "Anna Becker"}, "display_name")],
)
def test_a_removed_user_who_was_unlocked_in_ox_is_named(stage: Stage, change: dict[str, Any], field: str) -> None:
    anna = stage.cast.user("Anna Becker", ox=True)
    drain()
    remove_users(actor=stage.cast.system, users=[anna])
    drain()
    platform, context = reached(stage.cast)
    platform.change_user(context, account_of(anna).ox_id, UserChange(**change))
    difference = only(stage)
    assert (difference.kind, difference.name, list(difference.held)) == ("different", "Anna Becker", [field])
