"""Overview > Remove: what goes along, the name typed, the net, and what is taken along."""

import csv
import io
import json
import zipfile

import pytest
from tests.cast import PASSWORD, Cast
from tests.rows import last_entry

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.audit.models import AuditEntry
from oxherd.groups.models import OutsideMember
from oxherd.people.models import ServiceUser
from oxherd.tenants.models import Tenant
from oxherd.tenants.removal_commands import remove_tenant


@pytest.fixture
def alice(cast):
    return cast.client(cast.alice)


@pytest.fixture
def base(cast) -> str:
    return f"/t/{cast.acme.pk}/overview/"


def test_what_goes_along_is_told_first(cast: Cast, alice, base) -> None:
    anna = cast.user("Anna Becker", ox=True, aliases=("ab@acme.test",))
    cast.user("Bert Conrad")
    cast.group("Sales", anna, address="sales@acme.test")
    cast.resource("Blue room")
    told = {label: (number, names) for label, number, names in alice.get(f"{base}remove/").context["impact"].rows}
    assert told == {
        "Users": (2, ""),
        "OX accounts with their mail, calendars and files": (1, ""),
        "Mail addresses": (4, ""),
        "Domains": (1, "acme.test"),
        "Groups": (1, ""),
        "Resources": (1, ""),
        "Forwarders": (0, ""),
        "Administrators who lose access": (3, "Bob, Dora, Rita"),
    }


def test_the_name_is_typed_before_it_is_removed(cast: Cast, alice, base) -> None:
    answer = alice.post(f"{base}remove/", {"typed": "Acmé"})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"typed": ["Type Acme to confirm."]})
    assert Tenant.objects.get(pk=cast.acme.pk).state == "active"
    answer = alice.post(f"{base}remove/", {"typed": "acme", "reason": "Contract ended"})
    assert (answer.headers["Location"], Tenant.objects.get(pk=cast.acme.pk).state) == (base, "removed")
    assert last_entry().after == {"state": "removed", "reason": "Contract ended"}


def test_a_removed_customer_is_restored_or_deleted_for_good(cast: Cast, alice, base) -> None:
    remove_tenant(actor=cast.system, tenant=cast.acme)
    page = alice.get(base).content.decode()
    assert [word in page for word in ("Acme was removed.", "Restore", "Kept until", "Change seats")] == [
        *[True] * 3,
        False,
    ]
    alice.post(f"{base}restore/")
    assert Tenant.objects.get(pk=cast.acme.pk).state == "active"
    remove_tenant(actor=cast.system, tenant=cast.acme)
    assert alice.post(f"{base}delete/", {"typed": "Globex"}).status_code == 422
    assert alice.post(f"{base}delete/", {"typed": "Acme"}).headers["Location"] == base
    assert Tenant.objects.get(pk=cast.acme.pk).state == "leaving"
    assert "Acme is being removed." in alice.get(base).content.decode()


def test_its_administrators_find_it_no_more(cast: Cast, base) -> None:
    remove_tenant(actor=cast.system, tenant=cast.acme)
    bob = cast.client(cast.bob)
    assert [bob.get(url).status_code for url in (base, f"/t/{cast.acme.pk}/users/")] == [404, 404]
    assert bob.get("/").status_code == 200


def test_without_a_net_the_dialog_says_that_it_is_for_good(cast: Cast, alice, base, settings) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    assert "This cannot be undone." in alice.get(f"{base}remove/").content.decode()
    alice.post(f"{base}remove/", {"typed": "Acme"})
    assert Tenant.objects.get(pk=cast.acme.pk).state == "leaving"


def exported(client, base) -> dict[str, str]:
    answer = client.get(f"{base}export/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_all_that_is_stored_can_be_taken_along(cast: Cast, alice, base) -> None:
    anna = cast.user("Anna Becker", ox=True, aliases=("ab@acme.test",))
    sales = cast.group("Sales", anna, address="sales@acme.test")
    OutsideMember.objects.create(group=sales, address="press@agency.test")
    cast.resource("Blue room", manager=anna)
    files = exported(alice, base)
    assert set(files) == {
        *("README.txt", "customer.json", "users.csv", "aliases.csv", "groups.csv", "group_members.csv"),
        "group_outside_addresses.csv",
        *("resources.csv", "domains.csv", "forwarders.csv", "forwarder_recipients.csv", "audit.jsonl"),
    }
    (user,) = table(files["users.csv"])
    assert user[:4] == ["Anna Becker", "Anna", "Becker", "anna.becker@acme.test"]
    assert user[7:10] == ["Groupware", "anna.becker@acme.test", "ab@acme.test"]
    assert table(files["aliases.csv"]) == [["anna.becker@acme.test", "ab@acme.test"]]
    assert [row[:3] for row in table(files["groups.csv"])] == [["Sales", "Sales", "sales@acme.test"]]
    assert table(files["group_members.csv"]) == [["Sales", "anna.becker@acme.test"]]
    assert table(files["group_outside_addresses.csv"]) == [["Sales", "press@agency.test"]]
    assert [row[4] for row in table(files["resources.csv"])] == ["anna.becker@acme.test"]
    assert [row[0] for row in table(files["domains.csv"])] == ["acme.test"]
    customer = json.loads(files["customer.json"])
    assert (customer["name"], customer["seats"][0]) == ("Acme", {"profile": "Mail", "bought": 10, "used": 0})
    acts = [json.loads(line)["action"] for line in files["audit.jsonl"].splitlines()]
    assert (acts[0], acts[-1]) == ("tenant:add", "tenant:export")


def test_who_exports_is_in_the_audit(cast: Cast, alice, base) -> None:
    exported(alice, base)
    assert (last_entry().action, last_entry().actor, last_entry().tenant_id) == ("tenant:export", "Alice", cast.acme.pk)


def test_nothing_secret_and_nothing_of_others_is_in_it(cast: Cast, alice, base) -> None:
    anna = cast.user("Anna Becker", ox=True)
    cast.user("Gina Grey", tenant=cast.globex, ox=True)
    secrets = [cast.acme.sealed_context_password, anna.account.sealed_password, PASSWORD]
    secrets += list(ServiceUser.objects.values_list("password_hash", flat=True))
    assert all(secrets)
    whole = "".join(exported(alice, base).values())
    assert "Anna Becker" in whole
    assert [secret for secret in [*secrets, "Gina", "globex.test"] if secret in whole] == []


@pytest.mark.parametrize("name", ["=1+1", "+49 30", "-x", "@SUM(A1)", '=cmd|"/c calc"!A1'])
def test_no_cell_is_a_formula(cast: Cast, alice, base, name) -> None:
    cast.user(name, login="eve")
    assert table(exported(alice, base)["users.csv"])[0][0] == f"'{name}"


def test_it_is_made_in_parts_whatever_its_size(cast: Cast, alice, base, django_assert_num_queries) -> None:
    def spent() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            exported(alice, base)
        return len(queries)

    cast.user("Anna Becker", ox=True, aliases=("ab@acme.test",))
    before = spent()
    for number in range(4):
        cast.user(f"User {number}", ox=True, aliases=(f"u{number}@acme.test",))
    assert spent() == before


def test_the_audit_is_in_it_for_those_who_may_see_it(cast: Cast, alice, base) -> None:
    assert AuditEntry.objects.filter(tenant_id=cast.acme.pk).exists()
    grant(cast.charlie, Role.RESELLER, brand=cast.brand)
    assert "audit.jsonl" in exported(cast.client(cast.charlie), base)
