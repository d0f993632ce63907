"""What an administrator is about to do to a group: kept, shown as it will be, and carried out once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import Cast
from tests.rows import everything, last_entry, refused

from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.groups import drafts, picker
from oxherd.groups.commands import change_group
from oxherd.groups.models import DraftMember, Group, GroupDraft
from oxherd.groups.queries import members_of
from oxherd.people.models import ServiceUser
from oxherd.people.removal_commands import remove_user


def names(users) -> list[str]:
    return [str(user) for user in users.order_by("sort_name")]


def some(*users: ServiceUser):
    return ServiceUser.objects.filter(pk__in=[user.pk for user in users])


def wish(name: str = "Sales", address: str = ""):
    return lambda fields: drafts.GroupWish(fields.get("display_name", name), "", address)


def people(cast: Cast) -> list[ServiceUser]:
    return [cast.user(name) for name in ("Anna A", "Bert B", "Carl C", "Dora D")]


def test_panes_show_the_group_as_it_will_be(cast: Cast) -> None:
    anna, bert, carl, _ = people(cast)
    bob = cast.actor(cast.bob)
    cast.user("Ines Novak", tenant=cast.globex)
    draft = drafts.of_group(bob, cast.group("Sales", anna, bert))
    assert names(picker.inside(bob, draft)) == ["Anna A", "Bert B"]
    assert names(picker.outside(bob, draft)) == ["Carl C", "Dora D"]
    assert drafts.bring_in(draft, some(carl, anna)) == 1
    assert drafts.take_out(draft, some(bert)) == 1
    assert names(picker.inside(bob, draft)) == ["Anna A", "Carl C"]
    assert names(picker.outside(bob, draft)) == ["Bert B", "Dora D"]
    assert (names(picker.coming(draft)), names(picker.going(draft))) == (["Carl C"], ["Bert B"])
    assert names(picker.outside(bob, draft, "be")) == ["Bert B"]
    assert names(picker.inside(bob, draft, "be")) == []


def test_there_and_back_leaves_no_change(cast: Cast) -> None:
    anna, bert, *_ = people(cast)
    draft = drafts.of_group(cast.actor(cast.bob), cast.group("Sales", anna))
    for move in (drafts.take_out, drafts.bring_in):
        move(draft, some(anna))
    for move in (drafts.bring_in, drafts.take_out):
        move(draft, some(bert))
    assert not DraftMember.objects.exists()
    drafts.bring_in(draft, some(bert))
    drafts.take_out(draft, some(anna))
    assert drafts.take_back(draft, [bert.pk]) == 1
    assert (names(picker.coming(draft)), names(picker.going(draft))) == ([], ["Anna A"])
    drafts.take_back(draft)
    assert not DraftMember.objects.exists()


def test_a_new_group_is_made_once(cast: Cast) -> None:
    anna, bert, *_ = people(cast)
    bob = cast.actor(cast.bob)
    draft = drafts.start(actor=bob, tenant=cast.acme)
    drafts.keep(draft, fields={"display_name": "Marketing"})
    drafts.bring_in(draft, some(anna, bert))
    draft = drafts.load(bob, cast.acme, draft.pk)
    saved = drafts.finish(actor=bob, draft=draft, read=wish(address="ads@acme.test"))
    assert (str(saved.group), names(members_of(saved.group)), saved.coming) == ("Marketing", ["Anna A", "Bert B"], 2)
    before = everything()
    again = drafts.finish(actor=bob, draft=drafts.load(bob, cast.acme, draft.pk), read=wish())
    assert (again.group, again.coming) == (saved.group, 0)
    assert everything() == before
    assert drafts.made(drafts.load(bob, cast.acme, draft.pk)) == saved.group.pk


def test_only_differences_are_passed_on_so_that_two_administrators_keep_what_each_did(cast: Cast) -> None:
    anna, bert, carl, dora = people(cast)
    group = cast.group("Sales", anna, bert)
    bob, alice = cast.actor(cast.bob), cast.actor(cast.alice)
    of_bob, of_alice = drafts.of_group(bob, group), drafts.of_group(alice, group)
    drafts.bring_in(of_bob, some(carl))
    drafts.take_out(of_bob, some(anna))
    drafts.bring_in(of_alice, some(dora, carl))
    drafts.finish(actor=alice, draft=of_alice, read=wish())
    assert names(picker.coming(of_bob)) == []  # Carl has come already
    saved = drafts.finish(actor=bob, draft=of_bob, read=wish())
    assert names(members_of(group)) == ["Bert B", "Carl C", "Dora D"]
    assert (saved.coming, saved.going) == (0, 1)
    assert last_entry().after == {"members_removed": ["anna.a@acme.test"], "removed": [anna.pk]}
    assert not GroupDraft.objects.exists()


def test_who_was_removed_meanwhile_is_left_out_and_counted(cast: Cast) -> None:
    anna, bert = cast.user(ox=True), cast.user("Bert B")
    bob = cast.actor(cast.bob)
    draft = drafts.of_group(bob, cast.group("Sales"))
    drafts.bring_in(draft, some(anna, bert))
    remove_user(actor=cast.system, user=anna)
    saved = drafts.finish(actor=bob, draft=draft, read=wish())
    assert (saved.coming, saved.left_out, names(members_of(saved.group))) == (1, 1, ["Bert B"])


def test_a_refusal_keeps_the_draft_and_changes_nothing(cast: Cast) -> None:
    anna = cast.user()
    bob = cast.actor(cast.bob)
    cast.group("Marketing")
    for draft in (drafts.start(actor=bob, tenant=cast.acme), drafts.of_group(bob, cast.group("Sales"))):
        drafts.bring_in(draft, some(anna))
        with refused("name"):
            drafts.finish(actor=bob, draft=draft, read=lambda _: drafts.GroupWish("X", "marketing", ""))
        assert names(picker.coming(draft)) == ["Anna Becker"]


def test_a_draft_is_its_owners_alone(cast: Cast) -> None:
    bob, alice = cast.actor(cast.bob), cast.actor(cast.alice)
    anna, group = cast.user(), cast.group("Sales")
    new = drafts.start(actor=bob, tenant=cast.acme)
    drafts.bring_in(drafts.of_group(bob, group), some(anna))
    assert names(picker.coming(drafts.of_group(alice, group))) == []
    for actor, tenant in ((alice, cast.acme), (bob, cast.globex), (cast.actor(cast.charlie), cast.acme)):
        with pytest.raises(NotYours):
            drafts.load(actor, tenant, new.pk)
    with pytest.raises(NotAllowed):
        drafts.start(actor=cast.actor(cast.rita), tenant=cast.acme)
    with pytest.raises(NotAllowed):
        drafts.start(actor=cast.system, tenant=cast.acme)


def test_a_draft_lasts_a_day_and_its_expiry_changes_nothing(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    anna, group = cast.user(), cast.group("Sales")
    new, old = drafts.start(actor=bob, tenant=cast.acme), drafts.of_group(bob, group)
    drafts.bring_in(old, some(anna))
    GroupDraft.objects.update(changed_at=timezone.now() - timedelta(days=1, seconds=1))
    with pytest.raises(NotYours):
        drafts.load(bob, cast.acme, new.pk)
    with pytest.raises(NotYours):
        drafts.finish(actor=bob, draft=new, read=wish())
    fresh = drafts.of_group(bob, group)
    assert names(picker.coming(fresh)) == []
    drafts.bring_in(fresh, some(anna))  # the expired one is in nobody's way
    assert list(GroupDraft.objects.values_list("group", flat=True)) == [group.pk]


def test_two_windows_on_one_group_share_a_draft(cast: Cast) -> None:
    anna, bert, *_ = people(cast)
    bob, group = cast.actor(cast.bob), cast.group("Sales")
    first, second = drafts.of_group(bob, group), drafts.of_group(bob, group)
    drafts.bring_in(first, some(anna))
    drafts.bring_in(second, some(bert))
    assert names(picker.coming(first)) == ["Anna A", "Bert B"]
    drafts.keep(first, fields={"display_name": "Ours"})
    drafts.finish(actor=bob, draft=second, read=wish())
    assert str(Group.objects.get()) == "Ours"


def test_users_of_others_come_into_no_draft(cast: Cast) -> None:
    draft = drafts.start(actor=cast.actor(cast.bob), tenant=cast.acme)
    assert drafts.bring_in(draft, some(cast.user("Ines Novak", tenant=cast.globex))) == 0


def test_saving_without_a_change_changes_nothing(cast: Cast) -> None:
    group = cast.group("Sales")
    before = everything()
    drafts.finish(actor=cast.actor(cast.bob), draft=drafts.of_group(cast.actor(cast.bob), group), read=wish())
    assert everything() == before
    assert not GroupDraft.objects.exists()


def test_a_group_that_was_removed_meanwhile_is_not_changed(cast: Cast) -> None:
    bob, group = cast.actor(cast.bob), cast.group("Sales")
    draft = drafts.of_group(bob, group)
    drafts.bring_in(draft, some(cast.user()))
    Group.objects.filter(pk=group.pk).update(presence="removed")
    with pytest.raises(Refused):
        drafts.finish(actor=bob, draft=draft, read=wish())


def test_a_change_beside_the_draft_is_no_error(cast: Cast) -> None:
    anna, bert, *_ = people(cast)
    bob, group = cast.actor(cast.bob), cast.group("Sales", anna)
    draft = drafts.of_group(bob, group)
    drafts.take_out(draft, some(anna))
    drafts.bring_in(draft, some(bert))
    change_group(actor=cast.system, group=group, remove=[anna.pk])
    assert names(picker.going(draft)) == []
    assert names(picker.outside(bob, draft)) == ["Anna A", "Carl C", "Dora D"]
