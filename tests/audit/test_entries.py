import json

import pytest
from tests.cast import PASSWORD
from tests.rows import last_entry

from oxherd import sealing
from oxherd.audit.commands import changes, record
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import about
from oxherd.audit.states import Action
from oxherd.brands.commands import change_brand
from oxherd.people.commands import change_password
from oxherd.people.ox_commands import disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user


def test_an_entry_says_who_did_what_through_which_door(cast):
    bob = cast.actor(cast.bob)
    entry = record(bob, Action.TENANT_CHANGE, cast.acme, place=cast.acme, before={"name": "A"}, after={"name": "B"})
    assert (entry.actor, entry.administrator_id, entry.door, entry.request_id) == ("Bob", cast.bob.pk, "panel", "test")
    assert (entry.brand_id, entry.tenant_id) == (cast.brand.pk, cast.acme.pk)
    assert (entry.subject_kind, entry.subject_id, entry.subject_name) == ("tenant", cast.acme.pk, "Acme")
    assert (entry.before, entry.after) == ({"name": "A"}, {"name": "B"})


def test_only_what_differs_is_kept():
    before, after = changes({"name": "A", "rank": 1, "gone": 3}, {"name": "B", "rank": 1})
    assert (before, after) == ({"name": "A", "gone": 3}, {"name": "B", "gone": None})


def test_an_entry_outlives_its_subject(cast):
    anna = cast.user("Anna Becker")
    pk = anna.pk
    delete_user(actor=cast.system, user=anna)
    assert [entry.action for entry in about(cast.system, "serviceuser", pk)] == ["user:delete", "user:add"]
    assert last_entry().subject_name == "Anna Becker"


def test_the_stranger_learns_nothing_about_a_subject(cast):
    anna = cast.user("Anna Becker")
    assert about(cast.actor(cast.bob), "serviceuser", anna.pk).count() == 1
    assert about(cast.actor(cast.charlie), "serviceuser", anna.pk).count() == 0


def test_no_secret_is_written_down(cast):
    anna = cast.user("Anna Becker", ox=True)
    secrets = [PASSWORD, "violet umbrella in March", "teapot on a bicycle", "platform-secret-9"]
    assert sealing.unseal(anna.account.sealed_password) == secrets[0]
    change_password(actor=cast.system, user=anna, password=secrets[1])
    disable_ox(actor=cast.system, user=anna)
    enable_ox(actor=cast.system, user=anna, wish=OxWish(cast.mail), password=secrets[2])
    change_brand(actor=cast.system, brand=cast.brand, password=secrets[3])
    anna.refresh_from_db()
    cast.brand.refresh_from_db()
    secrets += [anna.password_hash, anna.account.sealed_password, cast.brand.sealed_password]
    written = json.dumps(list(AuditEntry.objects.values("before", "after", "subject_name")))
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize("password", [None, "another-secret"])
def test_a_new_platform_password_is_told_without_itself(cast, password):
    change_brand(actor=cast.system, brand=cast.brand, username="root", password=password)
    told = {"username": "root"} | ({"password": "set"} if password else {})
    assert (last_entry().before, last_entry().after) == ({"username": "oxadminmaster"}, told)
