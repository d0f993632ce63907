"""What was done to forwarders is taken back, unless somebody changed it since."""

from dataclasses import replace

from tests.cast import Cast
from tests.rows import last_entry, refused

from oxherd.audit.models import AuditEntry
from oxherd.forwarders.commands import ForwarderWish, as_wish, change_forwarder, remove_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import recipients_of, typed_of
from oxherd.people.removal_commands import remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.undo.commands import undo


def changed(cast: Cast, forwarder: Forwarder, address: str, *recipients: str) -> AuditEntry:
    change_forwarder(actor=cast.system, forwarder=forwarder, wish=ForwarderWish(address, recipients))
    return last_entry()


def test_address_and_recipients_go_back_together(cast: Cast) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login, "press@agency.test")
    entry = changed(cast, forwarder, "all@acme.test", "news@agency.test")
    undo(actor=cast.system, entry=entry)
    forwarder.refresh_from_db()
    assert (str(forwarder), typed_of(forwarder)) == ("info@acme.test", [anna.login, "press@agency.test"])
    with refused(None):
        undo(actor=cast.system, entry=entry)


def test_who_was_renamed_since_is_the_same_user(cast: Cast) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", "press@agency.test")
    entry = changed(cast, forwarder, "info@acme.test", anna.login)
    rename_user(actor=cast.system, user=anna, login="anna@acme.test", primary_address="anna@acme.test")
    undo(actor=cast.system, entry=entry)
    assert typed_of(forwarder) == ["press@agency.test"]


def test_who_was_removed_since_comes_back_with_the_user(cast: Cast) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login, "press@agency.test")
    entry = changed(cast, forwarder, "info@acme.test", "press@agency.test")
    remove_user(actor=cast.system, user=anna)
    undo(actor=cast.system, entry=entry)
    assert (recipients_of(forwarder).users, typed_of(forwarder)) == ({anna.pk}, ["press@agency.test"])
    restore_user(actor=cast.system, user=anna)
    assert typed_of(forwarder) == [anna.login, "press@agency.test"]


def test_what_somebody_changed_since_stays(cast: Cast) -> None:
    forwarder = cast.forwarder("info@acme.test", "press@agency.test")
    entry = changed(cast, forwarder, "info@acme.test", "news@agency.test")
    changed(cast, forwarder, "info@acme.test", "other@agency.test")
    with refused(None) as caught:
        undo(actor=cast.system, entry=entry)
    assert caught.value.sentence == "info@acme.test was changed since, and stays as it is."


def test_a_removal_is_taken_back_unless_the_address_is_taken_or_mail_would_go_round(cast: Cast) -> None:
    forwarder = cast.forwarder("info@acme.test", "press@agency.test")
    remove_forwarder(actor=cast.system, forwarder=forwarder)
    entry = last_entry()
    other = cast.forwarder("info@acme.test", "press@agency.test")
    with refused("address"):
        undo(actor=cast.system, entry=entry)
    change_forwarder(actor=cast.system, forwarder=other, wish=replace(as_wish(other), address="all@acme.test"))
    undo(actor=cast.system, entry=entry)
    assert Forwarder.objects.get(pk=forwarder.pk).presence == "present"
