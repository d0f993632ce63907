"""The audit is append-only, and whoever changes it by hand is found out row by row."""

import pytest
from django.db import IntegrityError, connection, transaction
from tests.tampering import tamper

from oxherd import sealing
from oxherd.audit.chain import ChainBroken, Head, canonical, head_from, opened
from oxherd.audit.chain_commands import seal_waiting
from oxherd.audit.commands import record
from oxherd.audit.models import AuditChain, AuditEntry, AuditSeal, AuditUnsealed
from oxherd.audit.states import Action
from oxherd.audit.verifying import Verification

ALTER = "UPDATE oxherd_auditentry SET {} WHERE id = %s"
COLUMNS = ", ".join(field.column for field in AuditEntry._meta.concrete_fields[1:] if not field.generated)
COPY = f"INSERT INTO oxherd_auditentry (id, {COLUMNS}) SELECT 9000, {COLUMNS} FROM oxherd_auditentry WHERE id = %s"


def told(**options):
    """Every finding as (kind, entry, position), and the verification itself."""
    verification = Verification(**options)
    return [(str(each.kind), each.entry_id, each.position) for each in verification.findings()], verification


@pytest.fixture
def entries(cast):
    """Twelve sealed entries about Acme, by id; what the cast has done is sealed before."""
    made = [record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme, after={"n": n}) for n in range(12)]
    seal_waiting(10_000)
    return [entry.pk for entry in made]


def position(entry_id):
    return AuditSeal.objects.get(entry_id=entry_id).position


@pytest.mark.parametrize("table", ["oxherd_auditentry", "oxherd_auditseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_and_delete(entries, table, statement):
    column = "actor" if table == "oxherd_auditentry" else "digest"
    with pytest.raises(IntegrityError, match="the audit is append-only"), transaction.atomic():
        connection.cursor().execute(statement.format(table, column, column))
    assert told()[0] == []


def test_each_committed_entry_gets_one_seal_in_one_chain(cast, entries):
    seals = list(AuditSeal.objects.order_by("position"))
    assert [seal.position for seal in seals] == list(range(1, len(seals) + 1))
    assert [seal.entry_id for seal in seals] == list(AuditEntry.objects.order_by("id").values_list("id", flat=True))
    assert [bytes(seal.previous_digest) for seal in seals] == [b"", *(bytes(seal.digest) for seal in seals[:-1])]
    assert (AuditUnsealed.objects.count(), seal_waiting(100)) == (0, 0)
    findings, verification = told()
    assert (findings, verification.checked, verification.waiting) == ([], len(seals), 0)
    assert verification.head == Head(len(seals), bytes(seals[-1].digest))


def test_what_waits_for_its_seal_is_counted_and_not_blamed(cast, entries):
    record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme)
    findings, verification = told()
    assert (findings, verification.waiting) == ([], 1)
    seal_waiting(1)
    assert told()[1].waiting == 0


def test_an_entry_that_was_committed_late_is_sealed_behind_those_with_higher_ids(cast, entries):
    late, early = (record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme) for _ in range(2))
    AuditUnsealed.objects.filter(entry_id=late.pk).delete()  # as if not committed yet
    seal_waiting(100)
    AuditUnsealed.objects.create(entry_id=late.pk)
    seal_waiting(100)
    assert position(late.pk) == position(early.pk) + 1
    assert told()[0] == []


def test_a_small_helping_leaves_the_rest_for_the_next_round(cast):
    waiting = AuditUnsealed.objects.count()
    assert (seal_waiting(3), AuditUnsealed.objects.count()) == (3, waiting - 3)
    assert seal_waiting(1000) == waiting - 3
    assert told()[0] == []


@pytest.mark.parametrize(
    "change",
    [
        *("actor = 'Mallory'", "after = '{\"n\": 1}'", "at = at + interval '1 second'", "ip_address = '10.0.0.1'"),
        *("tenant_id = NULL", "action = 'x'", "before = '{\"n\": null}'", "token = 'ci'", "undoes = 1"),
        *("search_text = ''", "request_id = ''", "door = 'panel'", "subject_id = 0", "administrator_id = 1"),
    ],
)
def test_an_altered_entry_is_named_and_no_other(entries, change):
    tamper(ALTER.format(change), entries[4])
    assert told()[0] == [("altered", entries[4], position(entries[4]))]


def test_several_kinds_of_tampering_are_told_row_by_row(cast, entries):
    tamper(ALTER.format("subject_name = 'Nobody'"), entries[1])
    tamper("DELETE FROM oxherd_auditentry WHERE id = %s", entries[3])
    tamper(ALTER.format("actor = 'Mallory'"), entries[8])
    tamper(COPY, entries[0])
    assert told()[0] == [
        ("altered", entries[1], position(entries[1])),
        ("deleted", entries[3], position(entries[3])),
        ("altered", entries[8], position(entries[8])),
        ("inserted", 9000, None),
    ]


def test_an_entry_deleted_before_its_seal_is_told_from_the_queue(cast, entries):
    entry = record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme)
    tamper("DELETE FROM oxherd_auditentry WHERE id = %s", entry.pk)
    record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme)
    assert seal_waiting(10) == 1
    assert told()[0] == [("deleted", entry.pk, None)]


def test_two_entries_that_change_places_are_both_altered(entries):
    tamper("UPDATE oxherd_auditentry SET id = -1 WHERE id = %s", entries[2])
    tamper("UPDATE oxherd_auditentry SET id = %s WHERE id = %s", entries[2], entries[6])
    tamper("UPDATE oxherd_auditentry SET id = %s WHERE id = -1", entries[6])
    assert told()[0] == [("altered", pk, position(pk)) for pk in (entries[2], entries[6])]


def test_two_seals_that_change_places_are_told_as_moved(entries):
    first, second = position(entries[2]), position(entries[6])
    tamper("UPDATE oxherd_auditseal SET position = -1 WHERE position = %s", first)
    tamper("UPDATE oxherd_auditseal SET position = %s WHERE position = %s", first, second)
    tamper("UPDATE oxherd_auditseal SET position = %s WHERE position = -1", second)
    assert told()[0] == [("seal_moved", entries[6], first), ("seal_moved", entries[2], second)]


@pytest.mark.parametrize("change", ["digest = entry_digest", "entry_digest = digest", "sealed_at = now()"])
def test_an_altered_seal_is_named_and_the_chain_goes_on_behind_it(entries, change):
    tamper(f"UPDATE oxherd_auditseal SET {change} WHERE entry_id = %s", entries[5])
    assert told()[0] == [("seal_altered", entries[5], position(entries[5]))]


def test_an_entry_deleted_with_its_seal_leaves_a_gap(entries):
    gap = position(entries[7])
    tamper("DELETE FROM oxherd_auditentry WHERE id = %s", entries[7])
    tamper("DELETE FROM oxherd_auditseal WHERE entry_id = %s", entries[7])
    assert told()[0] == [("seal_deleted", None, gap)]


def test_an_entry_whose_seal_was_deleted_is_told_too(entries):
    gap = position(entries[7])
    tamper("DELETE FROM oxherd_auditseal WHERE entry_id = %s", entries[7])
    assert told()[0] == [("seal_deleted", None, gap), ("inserted", entries[7], None)]


def test_a_chain_cut_off_at_its_end_is_noticed_even_when_it_went_on(cast, entries):
    cut = position(entries[10])
    tamper("DELETE FROM oxherd_auditentry WHERE id >= %s", entries[10])
    tamper("DELETE FROM oxherd_auditseal WHERE position >= %s", cut)
    assert told()[0] == [("seal_deleted", None, cut)]
    record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme)
    seal_waiting(10)
    assert told()[0] == [("seal_deleted", None, cut)]


def test_a_seal_without_the_key_does_not_hold(entries):
    """Somebody with the database alone alters an entry and makes its seal anew with a key of his own."""
    tamper(ALTER.format("actor = 'Mallory'"), entries[5])
    seal = AuditSeal.objects.get(entry_id=entries[5])
    forged = opened(AuditChain(sealed_key=sealing.seal("00" * 32)))
    tamper("UPDATE oxherd_auditseal SET digest = %s WHERE position = %s", forged.digest(seal), seal.position)
    assert told()[0] == [("seal_altered", entries[5], seal.position)]


def test_an_end_that_was_noted_elsewhere_must_still_be_there(cast, entries):
    noted = told()[1].head
    assert head_from(str(noted)) == noted
    record(cast.system, Action.TENANT_CHANGE, cast.acme, place=cast.acme)
    seal_waiting(10)
    assert told(noted=noted)[0] == []
    assert told(noted=Head(noted.position, b"other"))[0] == [("end_missing", None, noted.position)]
    beyond = Head(noted.position + 50, noted.digest)
    assert told(noted=beyond)[0] == [("end_missing", None, beyond.position)]


def test_from_a_day_on_only_what_was_sealed_since_is_walked(cast, entries):
    tamper("UPDATE oxherd_auditseal SET sealed_at = sealed_at - interval '9 days' WHERE entry_id <= %s", entries[5])
    entry = AuditEntry.objects.get(pk=entries[6])
    findings, verification = told(since=entry.at)
    assert (findings, verification.checked) == ([], 6)
    assert len(told()[0]) == position(entries[5])
    assert told(since=entry.at.replace(year=entry.at.year + 1))[1].checked == 0


def test_without_its_key_the_chain_is_not_begun_anew(entries):
    AuditChain.objects.all().delete()
    with pytest.raises(ChainBroken):
        told()
    AuditUnsealed.objects.create(entry_id=entries[0])
    with pytest.raises(ChainBroken):
        seal_waiting(10)


def test_another_encryption_key_opens_the_chain_only_beside_the_old_one(entries, settings):
    old, new = settings.OXHERD_ENCRYPTION_KEYS[0], "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    settings.OXHERD_ENCRYPTION_KEYS = [new]
    with pytest.raises(sealing.SealBroken):
        told()
    settings.OXHERD_ENCRYPTION_KEYS = [new, old]
    row = AuditChain.objects.get()
    row.sealed_key, row.sealed_head = (sealing.seal(sealing.unseal(each)) for each in (row.sealed_key, row.sealed_head))
    row.save()
    settings.OXHERD_ENCRYPTION_KEYS = [new]
    assert told()[0] == []


def test_a_column_of_a_later_release_leaves_the_seals_as_they_are(entries):
    with connection.cursor() as cursor:
        for column in ("later text", "much_later text NOT NULL DEFAULT ''", "latest jsonb NOT NULL DEFAULT '{}'"):
            cursor.execute(f"ALTER TABLE oxherd_auditentry ADD COLUMN {column}")
        assert told()[0] == []
        before = canonical(entries)
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        assert canonical(entries) == before
