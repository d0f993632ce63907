import pytest

from oxherd.brands.abilities import CANNOT, Ability, can, why_not
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind


def test_every_kind_of_platform_has_its_row():
    assert set(CANNOT) == set(PlatformKind)


def test_app_suite_says_of_each_thing_it_lacks_why():
    app_suite = Brand(platform=PlatformKind.APP_SUITE)
    lacking = [ability for ability in Ability if not can(app_suite, ability)]
    assert lacking == [ability for ability in Ability if ability is not Ability.CHOOSE_CONTEXT_ID]
    sentences = [why_not(app_suite, ability) for ability in lacking]
    assert len(set(sentences)) == len(lacking)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_ox_cloud_can_do_what_its_interfaces_offer():
    ox_cloud = Brand(platform=PlatformKind.OX_CLOUD, username_changeable=True)
    lacking = {ability for ability in Ability if not can(ox_cloud, ability)}
    assert lacking == {Ability.EXTERNAL_MEMBERS, Ability.CHOOSE_CONTEXT_ID}
    assert why_not(ox_cloud, Ability.CHOOSE_CONTEXT_ID) == "OX Cloud gives contexts their numbers."


@pytest.mark.parametrize("kind", list(PlatformKind))
def test_whether_logins_are_renamed_is_a_setting_of_the_brand(kind):
    assert can(Brand(platform=kind, username_changeable=True), Ability.RENAME_LOGIN)
    sentence = why_not(Brand(platform=kind), Ability.RENAME_LOGIN)
    assert sentence == "This OX platform does not change user names."
