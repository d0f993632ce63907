"""What was done is taken back by the opposite command: that act alone, and only while nobody changed it since."""

from dataclasses import replace

import pytest
from tests.pictures import picture
from tests.rows import everything, last_entry, refused
from tests.tampering import tamper

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.audit.models import AuditEntry
from oxherd.audit.queries import about, undone
from oxherd.domains.commands import add_domain, change_domain, remove_domain
from oxherd.domains.models import Address, Domain
from oxherd.errors import NotAllowed, NotYours
from oxherd.groups.commands import change_group, remove_group
from oxherd.groups.models import Group, Member
from oxherd.groups.queries import address_of
from oxherd.people.commands import change_photo, change_user
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_aliases, change_profile, disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.people.removal_commands import delete_user, remove_user, restore_user
from oxherd.people.rename_commands import rename_user
from oxherd.profiles.commands import change_profile as change_profile_itself
from oxherd.resources.commands import as_wish, change_resource, remove_resource
from oxherd.resources.models import Resource
from oxherd.undo.commands import undo, undo_act
from oxherd.undo.queries import can_be_undone, undoable

ME = system("Tests", Door.CLI)


@pytest.fixture
def anna(cast):
    return cast.user("Anna Becker", login="anna", ox=True, aliases=("info@acme.test",))


@pytest.fixture
def bert(cast):
    return cast.user("Bert Conrad", login="bert", ox=True)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def held(user):
    return dict(Address.objects.filter(user=user).order_by("address").values_list("address", "kind"))


def members(group):
    return sorted(str(member.user) for member in Member.objects.filter(group=group).select_related("user"))


def take_back(actor=ME):
    """Undo the act that was recorded last."""
    entry = last_entry()
    undo(actor=actor, entry=entry)
    assert last_entry().undoes == entry.pk
    return entry


def test_an_edit_of_a_user(cast, anna):
    change_user(actor=ME, user=anna, display_name="Anna Bach", surname="Bach", language="de_DE")
    entry = take_back(cast.actor(cast.bob))
    anna = fresh(anna)
    assert (anna.display_name, anna.surname, anna.language) == ("Anna Becker", "Becker", "en_US")
    assert (last_entry().action, last_entry().actor, last_entry().after) == ("user:change", "Bob", entry.before)


def test_an_edit_of_addresses_and_settings_in_one_go(anna):
    before = held(anna)
    change_user(actor=ME, user=anna, language="de_DE", primary_address="info@acme.test", aliases=("new@acme.test",))
    assert held(anna) == {"anna@acme.test": "login", "info@acme.test": "primary", "new@acme.test": "alias"}
    take_back()
    assert (held(anna), fresh(anna).language) == (before, "en_US")
    assert fresh(anna.account).primary_address == "anna@acme.test"


def test_only_what_the_entry_changed_is_taken_back(anna):
    change_user(actor=ME, user=anna, language="de_DE")
    entry = last_entry()
    change_user(actor=ME, user=anna, time_zone="Asia/Tokyo")
    undo(actor=ME, entry=entry)
    assert (fresh(anna).language, fresh(anna).time_zone) == ("en_US", "Asia/Tokyo")


def test_what_somebody_changed_since_stays(anna):
    change_user(actor=ME, user=anna, language="de_DE", time_zone="Asia/Tokyo")
    entry = last_entry()
    change_user(actor=ME, user=anna, language="fr_FR")
    with refused(None) as caught:
        undo(actor=ME, entry=entry)
    assert caught.value.sentence == "Anna Becker was changed since, and stays as it is."


def test_an_undo_is_undone_like_any_change(anna):
    change_user(actor=ME, user=anna, language="de_DE")
    first = take_back()
    take_back()
    assert fresh(anna).language == "de_DE"
    with refused(None) as caught:
        undo(actor=ME, entry=first)
    assert caught.value.sentence == "Anna Becker: this was undone already."


def test_after_a_day_it_is_too_late(anna):
    change_user(actor=ME, user=anna, language="de_DE")
    tamper("UPDATE oxherd_auditentry SET at = at - interval '25 hours' WHERE id = %s", last_entry().pk)
    with refused(None) as caught:
        undo(actor=ME, entry=last_entry())
    assert caught.value.sentence == "Anna Becker: this was too long ago to be undone."


def test_a_photo_and_an_added_user_are_not_undone(anna):
    change_photo(actor=ME, user=anna, photo=picture())
    for entry in AuditEntry.objects.filter(subject_kind="serviceuser", subject_id=anna.pk):
        with refused(None) as caught:
            undo(actor=ME, entry=entry)
        assert caught.value.sentence == f"{entry.what}: this cannot be undone."


def test_a_change_of_a_profile(cast, anna):
    change_profile(actor=ME, users=[anna], profile=cast.mail)
    take_back()
    assert fresh(anna).account.profile == cast.groupware


def test_a_profile_that_is_called_otherwise_now(cast, anna):
    change_profile(actor=ME, users=[anna], profile=cast.mail)
    change_profile_itself(actor=ME, profile=cast.groupware, name="Team")
    entry = AuditEntry.objects.get(action="ox:profile")
    with refused(None) as caught:
        undo(actor=ME, entry=entry)
    assert caught.value.sentence == "There is no profile Groupware any more."


def test_aliases(anna):
    change_aliases(actor=ME, user=anna, aliases=("sales@acme.test",))
    take_back()
    assert held(anna) == {"anna@acme.test": "primary", "info@acme.test": "alias"}


def test_an_alias_that_somebody_took_is_told(anna, bert):
    change_aliases(actor=ME, user=anna, aliases=())
    entry = last_entry()
    change_aliases(actor=ME, user=bert, aliases=("info@acme.test",))
    with refused("aliases") as caught:
        undo(actor=ME, entry=entry)
    assert caught.value.sentence == "info@acme.test is taken. Choose another address."


@pytest.mark.parametrize("keep", [True, False])
def test_a_rename(anna, keep):
    before = held(anna)
    rename_user(actor=ME, user=anna, login="adler@acme.test", primary_address="a@acme.test", keep_old_as_alias=keep)
    take_back()
    assert (fresh(anna).login, fresh(anna).account.primary_address, held(anna)) == (*["anna@acme.test"] * 2, before)


def test_enable(cast):
    eve = cast.user("Eve Fox", login="eve")
    enable_ox(actor=ME, user=eve, wish=OxWish(cast.mail))
    take_back()
    assert (last_entry().action, OxAccount.objects.get().presence) == ("ox:disable", "leaving")


def test_enabled_for_a_while_ox_may_hold_mail_and_is_not_undone(cast):
    eve = cast.user("Eve Fox", login="eve")
    enable_ox(actor=ME, user=eve, wish=OxWish(cast.mail))
    tamper("UPDATE oxherd_auditentry SET at = at - interval '11 minutes' WHERE id = %s", last_entry().pk)
    with refused(None):
        undo(actor=ME, entry=last_entry())


def test_disable_until_the_deletion_begins(anna, settings):
    settings.UNDO_SECONDS = 20
    disable_ox(actor=ME, user=anna)
    take_back()
    assert (last_entry().action, fresh(anna).account.presence) == ("ox:keep", "present")
    settings.UNDO_SECONDS = 0
    disable_ox(actor=ME, user=anna)
    with refused(None) as caught:
        undo(actor=ME, entry=last_entry())
    assert caught.value.sentence == "OX has begun to delete the account of Anna Becker: it cannot be had back."


def test_of_two_disablings_only_the_last_is_undone(anna, settings):
    settings.UNDO_SECONDS = 20
    disable_ox(actor=ME, user=anna)
    first = take_back()
    disable_ox(actor=ME, user=anna)
    with refused(None):
        undo(actor=ME, entry=first)


def test_a_removal(anna):
    remove_user(actor=ME, user=anna)
    take_back()
    assert (last_entry().action, fresh(anna).presence) == ("user:restore", "present")


def test_a_removal_before_the_last_one_is_not_undone(anna):
    remove_user(actor=ME, user=anna)
    first = last_entry()
    restore_user(actor=ME, user=anna)
    remove_user(actor=ME, user=anna)
    with refused(None):
        undo(actor=ME, entry=first)


def test_nothing_is_undone_for_a_removed_user_but_the_removal(anna):
    change_user(actor=ME, user=anna, language="de_DE")
    entry = last_entry()
    remove_user(actor=ME, user=anna)
    with refused(None):
        undo(actor=ME, entry=entry)


def test_a_removal_whose_login_somebody_took_is_told_at_its_field(anna, bert):
    remove_user(actor=ME, user=anna)
    entry = last_entry()
    change_aliases(actor=ME, user=bert, aliases=("anna@acme.test",))
    with refused("login"):
        undo(actor=ME, entry=entry)


def test_names_and_members_of_a_group(cast, anna, bert):
    eve = cast.user("Eve Fox")
    group = cast.group("Sales", anna, bert, address="sales@acme.test")
    change_group(
        actor=ME, group=group, display_name="Trade", name="trade", address="", add=[eve.pk], remove=[anna.pk, bert.pk]
    )
    take_back()
    group = fresh(group)
    assert (group.display_name, group.name, address_of(group)) == ("Sales", "Sales", "sales@acme.test")
    assert members(group) == ["Anna Becker", "Bert Conrad"]


def test_membership_that_others_changed_since_stays(cast, anna, bert):
    group = cast.group("Sales", anna)
    change_group(actor=ME, group=group, add=[bert.pk])
    entry = last_entry()
    change_group(actor=ME, group=group, remove=[bert.pk])
    with refused(None) as caught:
        undo(actor=ME, entry=entry)
    assert caught.value.sentence == "Sales was changed since, and stays as it is."


def test_others_who_came_since_stay_members(cast, anna, bert):
    group = cast.group("Sales")
    change_group(actor=ME, group=group, add=[anna.pk])
    entry = last_entry()
    change_group(actor=ME, group=group, add=[bert.pk])
    undo(actor=ME, entry=entry)
    assert members(group) == ["Bert Conrad"]


def test_members_who_were_renamed_or_are_gone_are_no_obstacle(cast, anna, bert):
    eve = cast.user("Eve Fox", login="eve")
    group = cast.group("Sales", anna, bert, eve)
    change_group(actor=ME, group=group, remove=[anna.pk, bert.pk, eve.pk])
    entry = last_entry()
    rename_user(actor=ME, user=anna, login="adler@acme.test")
    delete_user(actor=ME, user=eve)
    undo(actor=ME, entry=entry)
    assert members(group) == ["Anna Becker", "Bert Conrad"]


def test_a_removed_group_comes_back_with_its_address(cast, anna):
    group = cast.group("Sales", anna, address="sales@acme.test")
    remove_group(actor=ME, group=group)
    take_back()
    assert (Group.objects.get().presence, address_of(group), members(group)) == (
        *("present", "sales@acme.test", ["Anna Becker"]),
    )


def test_a_resource(cast, anna, bert):
    room = cast.resource("Blue room", manager=anna)
    change_resource(
        actor=ME,
        resource=room,
        wish=replace(as_wish(fresh(room)), display_name="Red room", manager=bert, address="red@acme.test"),
    )
    entry = last_entry()
    rename_user(actor=ME, user=bert, login="b@acme.test")  # which changes nothing about the resource
    undo(actor=ME, entry=entry)
    room = fresh(room)
    assert (room.display_name, room.manager, room.address) == ("Blue room", anna, "blue.room@acme.test")


def test_a_removed_resource(cast):
    room = cast.resource("Blue room")
    remove_resource(actor=ME, resource=room)
    take_back()
    assert (Resource.objects.get().presence, room.addresses.count()) == ("present", 1)


def test_a_catch_all_and_a_removed_domain(cast, anna):
    shop = add_domain(actor=ME, tenant=cast.acme, name="shop.test")
    change_domain(actor=ME, domain=shop, catch_all="anna@acme.test")
    take_back()
    assert fresh(shop).catch_all is None
    remove_domain(actor=ME, domain=shop)
    take_back()
    assert Domain.objects.get(name="shop.test").presence == "present"


def test_what_is_gone_is_not_undone(cast):
    eve = cast.user("Eve Fox")
    change_user(actor=ME, user=eve, language="de_DE")
    entry = last_entry()
    delete_user(actor=ME, user=eve)
    before = everything()
    with pytest.raises(NotYours):
        undo(actor=ME, entry=entry)
    assert everything() == before


def test_roles_and_strangers(cast, anna):
    change_user(actor=ME, user=anna, language="de_DE")
    before = everything()
    for administrator, error in ((cast.dora, NotAllowed), (cast.rita, NotAllowed), (cast.charlie, NotYours)):
        with pytest.raises(error):
            undo(actor=cast.actor(administrator), entry=last_entry())
    assert everything() == before


def by_bob(cast, request_id="one-click"):
    return replace(cast.actor(cast.bob), request_id=request_id)


def test_one_click_is_undone_as_a_whole_the_last_act_first(cast, anna, bert):
    room = cast.resource("Blue room", manager=anna)
    actor = by_bob(cast)
    change_resource(actor=actor, resource=room, wish=replace(as_wish(fresh(room)), manager=bert))
    remove_user(actor=actor, user=anna)
    outcome = undo_act(actor=cast.actor(cast.bob), tenant_id=cast.acme.pk, request_id="one-click")
    assert [entry.action for entry in outcome.done] == ["user:remove", "resource:change"]
    assert (fresh(anna).presence, fresh(room).manager) == ("present", anna)


def test_of_many_each_is_undone_that_nobody_changed_since(cast, anna, bert):
    change_profile(actor=by_bob(cast), users=[anna, bert], profile=cast.mail)
    other = change_profile_itself(actor=ME, profile=cast.groupware, name="Groupware")
    change_profile(actor=ME, users=[bert], profile=other)
    outcome = undo_act(actor=cast.actor(cast.bob), tenant_id=cast.acme.pk, request_id="one-click")
    assert [entry.subject_name for entry in outcome.done] == ["Anna Becker"]
    assert [refused.sentence for _, refused in outcome.refused] == [
        "Bert Conrad was changed since, and stays as it is."
    ]


def test_a_click_of_somebody_elses_customer_is_not_found(cast, anna):
    change_user(actor=by_bob(cast), user=anna, language="de_DE")
    for actor, tenant, request_id in (
        (cast.actor(cast.charlie), cast.acme, "one-click"),
        (cast.actor(cast.bob), cast.globex, "one-click"),
        (cast.actor(cast.bob), cast.acme, "another"),
    ):
        with pytest.raises(NotYours):
            undo_act(actor=actor, tenant_id=tenant.pk, request_id=request_id)
    assert fresh(anna).language == "de_DE"


def test_a_page_offers_to_undo_what_can_be_undone_now(cast, anna):
    change_user(actor=ME, user=anna, language="de_DE")
    change_aliases(actor=ME, user=anna, aliases=())
    change_user(actor=ME, user=anna, language="fr_FR")
    entries = list(about(ME, "serviceuser", anna.pk))
    assert [entry.pk in undoable(ME, entries, fresh(anna), undone(entries)) for entry in entries] == [
        True,
        True,
        False,
        False,
    ]
    assert undoable(cast.actor(cast.dora), entries, fresh(anna), set()) == set()
    undo(actor=ME, entry=entries[1])
    entries = list(about(ME, "serviceuser", anna.pk))
    assert [entry.pk in undoable(ME, entries, fresh(anna), undone(entries)) for entry in entries] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_message_knows_whether_its_click_can_be_undone(cast, anna):
    change_user(actor=by_bob(cast), user=anna, language="de_DE")
    assert (can_be_undone("one-click"), can_be_undone("another"), can_be_undone("")) == (cast.acme.pk, None, None)
    undo(actor=by_bob(cast, "undone"), entry=last_entry())
    assert can_be_undone("undone") is None
    delete_user(actor=by_bob(cast, "for good"), user=ServiceUser.objects.get(pk=anna.pk))
    assert can_be_undone("for good") is None
