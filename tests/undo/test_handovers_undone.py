"""Resources that one click handed over go back to those who managed them, in a few statements for all."""

from dataclasses import replace

import pytest
from tests.cast import Cast
from tests.rows import waiting

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.errors import NotAllowed
from oxherd.people.models import ServiceUser
from oxherd.removals.commands import Heirs, disable_users, remove_users
from oxherd.resources.commands import as_wish, change_resource
from oxherd.resources.models import Resource
from oxherd.undo.commands import undo_act

ME = system("Tests", Door.CLI)
CLICK = replace(ME, request_id="one-click")


@pytest.fixture
def managers(cast: Cast, settings) -> list[ServiceUser]:
    """Three who manage two desks each."""
    settings.UNDO_SECONDS = 20
    managers = [cast.user(f"Manager {number}", ox=True) for number in range(3)]
    for number in range(6):
        cast.resource(f"Desk {number}", manager=managers[number % 3])
    return managers


def undo(cast: Cast, actor=ME):
    outcome = undo_act(actor=actor, tenant_id=cast.acme.pk, request_id="one-click")
    told = [(entry.subject_name, refused.sentence) for entry, refused in outcome.refused]
    return sorted(entry.subject_name for entry in outcome.done), told


def desks() -> list[str]:
    return [str(desk.manager) for desk in Resource.objects.select_related("manager").order_by("pk")]


BEFORE = [f"Manager {number % 3}" for number in range(6)]


def test_each_gets_back_what_was_managed_before(cast, managers, django_assert_max_num_queries):
    bert = cast.user("Bert Conrad", ox=True)
    disable_users(actor=CLICK, users=managers, heirs=Heirs(bert, managers={Resource.objects.earliest("pk").pk: None}))
    assert desks() == ["None", *["Bert Conrad"] * 5]
    with django_assert_max_num_queries(75):
        done, refused = undo(cast)
    assert (done, refused) == (sorted([*(f"Desk {n}" for n in range(6)), *(f"Manager {n}" for n in range(3))]), [])
    assert desks() == BEFORE
    undoing = AuditEntry.objects.filter(subject_kind="resource", undoes__isnull=False)
    assert {entry.undoes for entry in undoing} == set(
        AuditEntry.objects.filter(request_id="one-click", action="resource:change").values_list("pk", flat=True)
    )
    assert all(len(waiting(f"resource:{desk.pk}")) == 1 for desk in Resource.objects.all())


def test_what_somebody_handed_on_since_stays(cast, managers):
    bert, eve = cast.user("Bert Conrad", ox=True), cast.user("Eve Fox", ox=True)
    remove_users(actor=CLICK, users=managers, heirs=Heirs(bert))
    desk = Resource.objects.select_related("tenant__brand", "manager").earliest("pk")
    change_resource(actor=ME, resource=desk, wish=replace(as_wish(desk), manager=eve))
    _, refused = undo(cast)
    assert refused == [("Desk 0", "Desk 0 was changed since, and stays as it is.")]
    assert desks() == ["Eve Fox", *BEFORE[1:]]
    assert undo(cast)[0] == []


def test_nothing_is_given_back_to_who_does_not_come_back(cast, managers):
    remove_users(actor=CLICK, users=managers, heirs=Heirs(None))
    ServiceUser.objects.filter(pk=managers[0].pk).update(presence="leaving")
    done, refused = undo(cast)
    assert done == ["Manager 1", "Manager 2"]
    assert {sentence for name, sentence in refused if name.startswith("Desk")} == {
        "This user is not there any more. Choose another manager."
    }
    assert desks() == ["None"] * 6


def test_roles_are_checked(cast, managers):
    disable_users(actor=CLICK, users=managers, heirs=Heirs(None))
    with pytest.raises(NotAllowed):
        undo(cast, cast.actor(cast.dora))
