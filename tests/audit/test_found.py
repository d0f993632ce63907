"""What of the audit is found, by whom, and how it leaves the house."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests.tampering import tamper

from oxherd.accounts.commands import grant
from oxherd.accounts.states import Role
from oxherd.audit.commands import record
from oxherd.audit.exporting import Form, exported
from oxherd.audit.queries import COLUMNS, Search, actors, for_auditor, found
from oxherd.audit.states import Action


@pytest.fixture
def acts(cast):
    """Bob adds Anna Müller, Alice changes the group Sales two days before."""
    anna = cast.user("Anna Müller", login="anna")
    group = cast.group("=Sales+Co")
    tamper("UPDATE oxherd_auditentry SET actor = 'Bob' WHERE subject_id = %s AND action = 'user:add'", anna.pk)
    tamper("UPDATE oxherd_auditentry SET actor = 'Alice', at = at - interval '2 days' WHERE subject_kind = 'group'")
    return anna, group


def names(cast, search, who="alice", tenant=True):
    rows = for_auditor(cast.actor(getattr(cast, who)))
    if tenant:
        rows = rows.filter(tenant_id=cast.acme.pk)
    return [entry.subject_name for entry in found(rows, search, tenant_id=cast.acme.pk if tenant else None)]


@pytest.mark.parametrize("text", ["anna", "MULL", "muller an", "Anna Müller"])
def test_names_are_found_by_the_beginning_of_their_words(cast, acts, text):
    assert names(cast, Search(text)) == ["Anna Müller"]
    assert names(cast, Search(text), tenant=False) == ["Anna Müller"]
    assert names(cast, Search("nna")) == []


def test_a_text_without_any_word_finds_nothing(cast, acts):
    assert names(cast, Search("\U0001f600")) == names(cast, Search("\U0001f600"), tenant=False) == []
    assert len(names(cast, Search(" "))) > 1


def test_each_filter_narrows(cast, acts):
    today = timezone.now().date()
    before = today - timedelta(days=1)
    searches = {
        "who": Search(who="Bob"),
        "act": Search(action=Action.USER_ADD),
        "kind": Search(kind="serviceuser"),
        "from": Search(kind="serviceuser", since=today),
        "to": Search(until=before),
        "none": Search(kind="group", since=before),
    }
    told = {name: names(cast, search) for name, search in searches.items()}
    anna, sales = ["Anna Müller"], ["=Sales+Co"]
    assert told == {"who": anna, "act": anna, "kind": anna, "from": anna, "to": sales, "none": []}
    assert Search(until=date.max).described() == {"until": "9999-12-31"}
    assert len(names(cast, Search(until=date.max))) > 2


def test_only_who_may_look_at_the_audit_finds_anything(cast, acts):
    assert {who: names(cast, Search("anna"), who) for who in ("bob", "rita", "dora", "charlie")} == {
        "bob": ["Anna Müller"],
        "rita": ["Anna Müller"],
        "dora": [],
        "charlie": [],
    }
    grant(cast.dora, Role.RESELLER, brand=cast.brand)
    assert names(cast, Search("anna"), "dora", tenant=False) == ["Anna Müller"]


def test_who_has_done_anything_is_listed_once(cast, acts):
    assert actors(cast.actor(cast.bob), tenant_id=cast.acme.pk) == ["Alice", "Bob", "Tests"]
    assert actors(cast.actor(cast.alice)) == ["Alice", "Bob", "Tests"]
    assert actors(cast.actor(cast.bob)) == []


def test_csv_holds_every_column_and_no_formula(cast, acts, monkeypatch):
    monkeypatch.setattr("oxherd.audit.exporting.BATCH", 2)
    record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme, before={"name": "=1"}, after={"name": "ü"})
    rows = for_auditor(cast.actor(cast.bob))
    text = "".join(exported(rows, Form.CSV))
    first, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert (tuple(first), len(lines)) == (COLUMNS, rows.count())
    newest, oldest = (dict(zip(first, line, strict=True)) for line in (lines[0], lines[-1]))
    assert (newest["actor"], newest["before"], newest["after"]) == ("Tests", '{"name": "=1"}', '{"name": "ü"}')
    assert (oldest["what"], oldest["subject_name"]) == ("Group added", "'=Sales+Co")


def test_json_lines_hold_the_values_as_they_are(cast, acts):
    rows = for_auditor(cast.actor(cast.bob)).filter(subject_kind="group")
    (line,) = "".join(exported(rows, Form.JSON_LINES)).splitlines()
    row = json.loads(line)
    assert (tuple(row), row["subject_name"], row["after"]["display_name"]) == (COLUMNS, "=Sales+Co", "=Sales+Co")
    assert "".join(exported(rows.none(), Form.JSON_LINES)) == ""


def test_the_whole_installation_can_be_spoken_of(cast):
    entry = record(cast.system, Action.AUDIT_EXPORT, None)
    assert (entry.subject_kind, entry.subject_id, entry.subject_name) == (
        "installation",
        None,
        "The whole installation",
    )
