import pytest

from oxherd.brands.abilities import CANNOT, CARRIED, Ability, can, kind_can, why_not
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind


def test_every_kind_of_platform_has_its_row():
    assert set(CANNOT) == set(PlatformKind)


def test_app_suite_says_of_each_thing_it_lacks_why():
    app_suite = Brand(platform=PlatformKind.APP_SUITE)
    lacking = [ability for ability in Ability if not can(app_suite, ability)]
    assert lacking == [each for each in Ability if each not in {Ability.CHOOSE_CONTEXT_ID, Ability.ADD_ONS}]
    sentences = [why_not(app_suite, ability) for ability in lacking]
    assert len(set(sentences)) == len(lacking)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_ox_cloud_can_do_what_its_interfaces_offer():
    ox_cloud = Brand(platform=PlatformKind.OX_CLOUD, username_changeable=True)
    lacking = {ability for ability in Ability if not can(ox_cloud, ability)}
    assert lacking == {Ability.EXTERNAL_MEMBERS, Ability.ADD_ONS, Ability.CHOOSE_CONTEXT_ID}
    assert why_not(ox_cloud, Ability.CHOOSE_CONTEXT_ID) == "OX Cloud gives contexts their numbers."


@pytest.mark.parametrize("kind", list(PlatformKind))
def test_whether_logins_are_renamed_is_a_setting_of_the_brand(kind):
    assert can(Brand(platform=kind, username_changeable=True), Ability.RENAME_LOGIN)
    sentence = why_not(Brand(platform=kind), Ability.RENAME_LOGIN)
    assert sentence == "This OX platform does not change user names."


def test_mail_servers_of_ours_do_what_app_suite_cannot():
    carried = Brand(platform=PlatformKind.APP_SUITE, carries_mail=True)
    assert [why_not(carried, ability) for ability in CARRIED] == [""] * 4
    assert [
        ability for ability in CARRIED if kind_can(carried.platform, ability)
    ] == []  # the worker does not ask for it
    lacking = {ability for ability in Ability if not can(carried, ability)}
    assert lacking == {Ability.CATCH_ALL_ON_PLATFORM, Ability.CLASS_OF_SERVICE, Ability.RENAME_LOGIN}
