"""What the engine relies on, the same on every platform. See CONTRIBUTING.md for how a real one is asked."""

from dataclasses import replace

import pytest

from oxherd.errors import PlatformNotFound, PlatformTaken
from oxherd.ox.interface import ContextAdmin, ContextChange, GroupChange, GroupData, ResourceData, UserChange

ADMIN = ContextAdmin("admin", "not-used", "Admin", "An", "Admin", "admin@c.invalid", "en_US", "Europe/Berlin")


def test_the_platform_is_well(platform):
    assert [finding.sentence for finding in platform.check().findings if not finding.ok] == []


def test_a_context_is_found_by_number_and_name_with_what_it_was_made_with(ground):
    found = ground.platform.find_context(name=ground.data.name)
    assert found == ground.platform.find_context(context_id=ground.access.context_id)
    assert (found.name, found.quota_mb, found.enabled) == (ground.data.name, ground.data.quota_mb, True)
    assert found.marker == ground.data.marker
    assert ground.domain in found.login_mappings


def test_a_name_of_a_context_is_taken_once(ground):
    other = None if ground.platform.mail else ground.access.context_id + 1
    with pytest.raises(PlatformTaken):
        ground.platform.create_context(other, replace(ground.data, login_mappings=()), ADMIN, ground.combinations[0])


def test_a_context_is_changed_disabled_and_enabled_as_often_as_one_likes(ground):
    platform, number = ground.platform, ground.access.context_id
    platform.change_context(number, ContextChange(quota_mb=200))
    for act, enabled in ((platform.disable_context, False), (platform.enable_context, True)):
        act(number)
        act(number)
        assert platform.find_context(context_id=number).enabled is enabled
    found = platform.find_context(context_id=number)
    assert (found.quota_mb, found.marker) == (200, ground.data.marker)


def test_a_context_that_is_gone_is_not_found_and_goes_once_more(ground):
    ground.platform.remove_context(ground.access.context_id)
    ground.platform.remove_context(ground.access.context_id)
    assert ground.platform.find_context(context_id=ground.access.context_id) is None
    assert ground.platform.find_context(name=ground.data.name) is None
    with pytest.raises(PlatformNotFound):
        ground.platform.change_context(ground.access.context_id, ContextChange(quota_mb=1))


def test_a_user_is_found_with_what_it_was_made_with(ground):
    platform, access, anna = ground.platform, ground.access, ground.user("anna")
    ox_id = platform.create_user(access, anna)
    found = platform.find_user(access, name=anna.name, with_access_combination=True)
    assert found.ox_id == ox_id
    for name in ("name", "display_name", "given_name", "surname", "primary_address", "language", "timezone"):
        assert getattr(found, name) == getattr(anna, name)
    assert found.marker == (anna.marker if platform.marks_users else None)
    assert (found.access_combination, found.drive_quota_mb) == (anna.access_combination, 50)
    assert sorted(found.aliases) == sorted(anna.aliases)
    listed = next(user for user in platform.list_users(access) if user.ox_id == ox_id)
    for name in ("name", "display_name", "primary_address", "aliases", "drive_quota_mb", "mail_enabled", "photo"):
        assert getattr(listed, name) == getattr(found, name)


def test_a_name_is_taken_once_and_the_mark_tells_whose_it_is_where_there_is_one(ground):
    anna = ground.user("anna")
    ox_id = ground.platform.create_user(ground.access, anna)
    with pytest.raises(PlatformTaken):
        ground.platform.create_user(ground.access, anna)
    found = ground.platform.find_user(ground.access, name=anna.name)
    assert (found.ox_id, found.marker) == (ox_id, anna.marker if ground.platform.marks_users else None)


def test_only_what_is_said_changes(ground):
    platform, access, anna = ground.platform, ground.access, ground.user("anna")
    ox_id = platform.create_user(access, anna)
    before = platform.find_user(access, ox_id=ox_id)
    alias = f"another@{ground.domain}"
    change = UserChange(display_name=f"Other {ground.mark}", aliases=(anna.primary_address, alias), mail_enabled=False)
    platform.change_user(access, ox_id, change)
    after = platform.find_user(access, ox_id=ox_id)
    assert sorted(after.aliases) == sorted([anna.primary_address, alias])
    same = replace(after, display_name=before.display_name, aliases=before.aliases, mail_enabled=True)
    assert (same, after.mail_enabled) == (before, False)
    other = ground.combinations[1]
    classes = {"class_of_service": (other,)} if platform.mail else {}
    platform.change_user(access, ox_id, UserChange(access_combination=other, mail_enabled=True, **classes))
    assert platform.access_combination(access, ox_id) == other


def test_an_unlimited_drive_is_lifted_after_the_user_was_made(ground):
    ox_id = ground.platform.create_user(ground.access, replace(ground.user("anna"), drive_quota_mb=None))
    assert ground.platform.find_user(ground.access, ox_id=ox_id).drive_quota_mb is None


def test_a_user_that_is_gone_is_not_found_and_goes_once_more(ground):
    ox_id = ground.platform.create_user(ground.access, ground.user("anna"))
    ground.platform.remove_user(ground.access, ox_id)
    ground.platform.remove_user(ground.access, ox_id)
    assert ground.platform.find_user(ground.access, ox_id=ox_id) is None
    with pytest.raises(PlatformNotFound):
        ground.platform.change_user(ground.access, ox_id, UserChange(given_name="Nobody"))


def test_groups_keep_their_members_when_they_are_renamed(ground):
    platform, access = ground.platform, ground.access
    anna, bert = (platform.create_user(access, ground.user(word)) for word in ("anna", "bert"))
    group = platform.create_group(access, GroupData(f"g-{ground.mark}", "A group", (anna,)))
    with pytest.raises(PlatformTaken):
        platform.create_group(access, GroupData(f"G-{ground.mark}", "Its twin"))
    platform.change_group(access, group, GroupChange(display_name="The group"))
    platform.add_members(access, group, [anna, bert])
    assert set(platform.find_group(access, ox_id=group).members) == {anna, bert}
    platform.remove_members(access, group, [anna])
    found = platform.find_group(access, name=f"g-{ground.mark}")
    assert (found.display_name, found.members, found.is_system) == ("The group", (bert,), False)
    assert group in [each.ox_id for each in platform.groups_of_user(access, bert)]
    platform.remove_group(access, group)
    platform.remove_group(access, group)
    assert group not in [each.ox_id for each in platform.list_groups(access)]


def test_a_resource_is_found_with_what_it_was_made_with(ground):
    platform, access = ground.platform, ground.access
    room = ResourceData(f"r-{ground.mark}", "A room", "With a view", f"room@{ground.domain}", None)
    ox_id = platform.create_resource(access, room)
    found = platform.find_resource(access, name=room.name)
    assert (found.ox_id, found.display_name, found.description) == (ox_id, "A room", "With a view")
    assert (found.address, found.manager_id) == (room.address, None)
    with pytest.raises(PlatformTaken):
        platform.create_resource(access, replace(room, address=f"other@{ground.domain}"))
    platform.remove_resource(access, ox_id)
    platform.remove_resource(access, ox_id)
    assert platform.find_resource(access, ox_id=ox_id) is None


def test_mailboxes_where_the_platform_keeps_them(ground):
    mail, access, anna = ground.platform.mail, ground.access, ground.user("anna")
    if mail is None:
        pytest.skip("this platform keeps no mailboxes")
    ox_id = ground.platform.create_user(access, anna)
    assert (mail.mail_quota(access, ox_id), mail.class_of_service(access, ox_id)) == (50, anna.class_of_service)
    mail.set_spam_level(access, ox_id, "low")
    change = UserChange(drive_quota_mb=50, mail_quota_mb=None, display_name=f"Other {ground.mark}")
    ground.platform.change_user(access, ox_id, change)
    assert mail.spam_level(access, ox_id) == "low"  # nobody has said otherwise
    assert mail.mail_quota(access, ox_id) is None
    mail.set_catch_all(access, ground.domain, anna.name)
    mail.set_catch_all(access, ground.domain, anna.name)
    assert mail.catch_alls(access) == {ground.domain: anna.name}
    mail.set_catch_all(access, ground.domain, None)
    assert mail.catch_alls(access) == {}
    mail.set_permissions(access, ox_id, off=["send"])
    assert "send" not in mail.permissions(access, ox_id)
