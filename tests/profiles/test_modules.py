import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import oxherd
from oxherd.profiles import modules
from oxherd.profiles.modules import COMBINATIONS, MODULES, candidates, covers, gained, lost, modules_of, named

ACCESS = json.loads((Path(oxherd.__file__).parent / "sandbox/contract/access.json").read_text())
TAKES_AWAY = {"globalAddressBookDisabled": "globalAddressBook", "deniedPortal": "portal"}


def profile(combination, rank):
    return SimpleNamespace(package=combination, rank=rank)


MAIL, PIM, DRIVE = profile("webmail", 1), profile("pim", 2), profile("pim_infostore", 3)
STANDARD, PREMIUM, OWN = profile("groupware_standard", 4), profile("groupware_premium", 5), profile("our_gold", 6)


@pytest.mark.parametrize("combination", sorted(ACCESS["combinations"]))
def test_each_stock_combination_holds_what_the_platform_turns_on(combination):
    flags = set(ACCESS["combinations"][combination])
    given = flags - set(TAKES_AWAY) | {kept for flag, kept in TAKES_AWAY.items() if flag not in flags}
    assert COMBINATIONS[combination] == given


def test_every_module_has_a_name_of_its_own_and_belongs_to_a_combination():
    keys = [module.key for module in MODULES]
    assert len(set(keys)) == len(keys) == len({module.name for module in MODULES})
    assert set(keys) == set().union(*COMBINATIONS.values())


def test_an_upgrade_names_what_is_gained_in_the_order_people_care_for():
    assert [module.name for module in gained("webmail", "pim")] == [
        "Calendar",
        "Tasks",
        "Further mail accounts",
        "Subscriptions to calendars and address books",
        "Publications of folders",
    ]
    assert lost("webmail", "pim") == ()


def test_a_downgrade_names_what_is_lost():
    assert [module.key for module in lost("pim_mobility", "pim_infostore")] == ["activeSync", "syncml", "USM"]
    assert [module.key for module in gained("pim_mobility", "pim_infostore")] == ["infostore", "webdav"]


def test_of_combinations_of_the_installation_nothing_is_claimed():
    assert modules_of("our_gold") == gained("webmail", "our_gold") == lost("webmail", "our_gold") == ()


def test_modules_of_a_cloud_package_are_known():
    assert [module.key for module in gained("cloud_pim", "cloud_security")] == ["guard", "antiphishing", "unsubscribe"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("calendar", ("calendar",)),
        ("calendar,tasks,calendar", ("calendar", "tasks")),
        (" Active_Sync && !guest || caldav ", ("active_sync", "guest", "caldav")),
        ("", ()),
        ("<script>", ("script",)),
        ("$missing", ("missing",)),
    ],
)
def test_capabilities_are_read_from_what_app_suite_sends(text, expected):
    assert named(text) == expected


def test_a_combination_covers_what_its_modules_give():
    assert covers("pim", ["calendar", "caldav", "tasks"])
    assert not covers("pim", ["calendar", "infostore"])
    assert covers("webmail", ["something_of_the_site"])
    assert covers("our_gold", ["infostore"])


def test_the_cheapest_profile_that_gives_all_comes_first():
    everything = [PREMIUM, OWN, MAIL, STANDARD, PIM, DRIVE]
    assert candidates(everything, ["calendar"]) == [PIM, DRIVE, STANDARD, PREMIUM, OWN]
    assert candidates(everything, ["infostore", "active_sync"]) == [PREMIUM, OWN]
    assert candidates([MAIL, PIM], ["infostore"]) == []


def test_where_nothing_is_known_to_be_missing_all_but_the_lowest_are_offered():
    assert candidates([PREMIUM, MAIL, PIM], []) == [PIM, PREMIUM]
    assert candidates([PREMIUM, MAIL], ["something_of_the_site"]) == [PREMIUM]
    assert candidates([MAIL], []) == candidates([], []) == []


def test_missing_modules_are_named_for_people():
    assert [module.name for module in modules.missing_modules(["caldav", "tasks", "no_such"])] == ["Calendar", "Tasks"]
