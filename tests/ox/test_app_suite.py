"""Every method against the stand-in, over HTTP."""

from dataclasses import replace

import pytest
from tests.ox.conftest import ACME, ADMIN, ANNA, BERT, connection_to

from oxherd.errors import (
    PlatformMisconfigured,
    PlatformNotFound,
    PlatformRefused,
    PlatformTaken,
    PlatformUnreachable,
)
from oxherd.ox.interface import ContextAccess, ContextChange, ContextData, FoundContext, UserChange, platform_for
from oxherd.sandbox.mischief import Action, Rule

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


def calls(sandbox):
    return sandbox.platform.journal.as_dict()["calls"]


def test_a_context_is_made_found_changed_disabled_and_removed(platform):
    made = platform.create_context(10, ACME, ADMIN, "groupware_premium")
    found = platform.find_context(context_id=10)
    assert made.context_id == 10
    assert found == FoundContext(
        context_id=10,
        name="acme",
        login_mappings=found.login_mappings,
        quota_mb=1000,
        used_quota_mb=0,
        enabled=True,
        marker="tenant-1",
    )
    assert sorted(found.login_mappings) == ["10", "acme", "acme.test"]
    assert platform.find_context(name="acme") == found
    platform.change_context(
        10, ContextChange(name="acme2", login_mappings=("acme.example",), quota_mb=None, marker="t2")
    )
    changed = platform.find_context(context_id=10)
    assert (changed.name, changed.quota_mb, changed.marker) == ("acme2", None, "t2")
    assert sorted(changed.login_mappings) == ["10", "acme.example", "acme2"]
    platform.disable_context(10)
    platform.disable_context(10)
    assert platform.find_context(context_id=10).enabled is False
    platform.enable_context(10)
    platform.enable_context(10)
    assert platform.find_context(context_id=10).enabled is True
    platform.remove_context(10)
    platform.remove_context(10)
    assert platform.find_context(context_id=10) is None
    assert platform.find_context(name="acme2") is None


def test_the_marker_of_a_context_stays_when_something_else_changes(platform, acme):
    platform.change_context(10, ContextChange(quota_mb=5))
    assert platform.find_context(context_id=10).marker == "tenant-1"


@pytest.mark.parametrize(("context_id", "name"), [(10, "other"), (11, "acme"), (11, "ACME")])
def test_a_context_whose_id_or_name_is_taken(platform, acme, context_id, name):
    with pytest.raises(PlatformTaken):
        platform.create_context(context_id, ContextData(name, (), 1, "tenant-2"), ADMIN, "drive")


def test_a_mapping_of_another_context_is_refused_but_the_context_is_not_taken(platform, acme):
    other = ContextData("other", ("acme.test",), 1, "tenant-2")
    with pytest.raises(PlatformRefused) as made:
        platform.create_context(11, other, ADMIN, "drive")
    platform.create_context(11, replace(other, login_mappings=()), ADMIN, "drive")
    with pytest.raises(PlatformRefused) as changed:
        platform.change_context(11, ContextChange(login_mappings=("acme.test",)))
    sentence = 'The login mapping "acme.test" belongs to somebody else. Remove it there first.'
    assert [made.value.sentence, changed.value.sentence] == [sentence, sentence]
    assert [type(made.value), type(changed.value)] == [PlatformRefused, PlatformRefused]


def test_a_context_that_is_not_there_cannot_be_changed(platform):
    for act in (
        lambda: platform.enable_context(99),
        lambda: platform.disable_context(99),
        lambda: platform.change_context(99, ContextChange(quota_mb=1)),
    ):
        with pytest.raises(PlatformNotFound) as caught:
            act()
        assert caught.value.sentence == "The platform does not know this context."


def test_contexts_are_listed(platform, acme):
    platform.create_context(11, ContextData("beta", (), None, "tenant-2"), ADMIN, "drive")
    assert [(context.name, context.marker) for context in platform.list_contexts()] == [
        ("acme", "tenant-1"),
        ("beta", "tenant-2"),
    ]
    assert [context.context_id for context in platform.list_contexts("bet*")] == [11]


def test_a_user_is_made_found_and_removed(platform, acme):
    ox_id = platform.create_user(acme, replace(ANNA, photo=PHOTO))
    found = platform.find_user(acme, ox_id=ox_id, with_access_combination=True)
    assert found.ox_id == ox_id
    assert found.photo == PHOTO
    assert found.access_combination == "groupware_standard"
    assert sorted(found.aliases) == sorted(ANNA.aliases)
    for name in ("name", "display_name", "given_name", "surname", "primary_address", "language", "timezone"):
        assert getattr(found, name) == getattr(ANNA, name)
    assert (found.drive_quota_mb, found.used_quota_mb, found.mail_enabled, found.marker) == (2048, 0, True, "account-1")
    assert platform.find_user(acme, name="anna") == replace(found, access_combination=None)
    assert platform.user_aliases(acme, ox_id) == found.aliases
    platform.remove_user(acme, ox_id)
    platform.remove_user(acme, ox_id)
    assert platform.find_user(acme, ox_id=ox_id) is None
    assert platform.find_user(acme, name="anna") is None


def test_a_limited_user_takes_one_call(platform, acme, sandbox):
    sandbox.platform.journal.reset()
    platform.create_user(acme, replace(ANNA, photo=PHOTO))
    assert calls(sandbox) == {"OXUserService.createByModuleAccessName": 1}


def test_an_unlimited_user_has_a_file_store_and_may_get_a_limit_later(platform, acme, sandbox):
    sandbox.platform.journal.reset()
    ox_id = platform.create_user(acme, replace(ANNA, drive_quota_mb=None))
    assert calls(sandbox) == {"OXUserService.change": 1, "OXUserService.createByModuleAccessName": 1}
    assert platform.find_user(acme, ox_id=ox_id).drive_quota_mb is None
    platform.change_user(acme, ox_id, UserChange(drive_quota_mb=7))
    assert platform.find_user(acme, ox_id=ox_id).drive_quota_mb == 7


def test_a_crash_between_the_two_calls_of_an_unlimited_user_is_mended_by_adoption(platform, acme, sandbox):
    sandbox.platform.mischief.add(Rule(Action.STORAGE_EXCEPTION, {"operation": "change"}, times=1, text="Deadlock"))
    unlimited = replace(ANNA, drive_quota_mb=None)
    with pytest.raises(PlatformUnreachable):
        platform.create_user(acme, unlimited)
    with pytest.raises(PlatformTaken):
        platform.create_user(acme, unlimited)
    left = platform.find_user(acme, name="anna")
    assert (left.marker, left.drive_quota_mb) == ("account-1", 1)
    platform.change_user(acme, left.ox_id, UserChange(drive_quota_mb=None))
    assert platform.find_user(acme, ox_id=left.ox_id).drive_quota_mb is None


def test_an_answer_that_was_lost_is_mended_by_adoption(platform, acme, sandbox):
    sandbox.platform.mischief.add(Rule(Action.ANSWER_LOST, {"operation": "create*"}, times=1))
    with pytest.raises(PlatformUnreachable):
        platform.create_user(acme, ANNA)
    with pytest.raises(PlatformTaken):
        platform.create_user(acme, ANNA)
    assert platform.find_user(acme, name="anna").marker == "account-1"
    assert calls(sandbox)["OXUserService.createByModuleAccessName"] == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "anna"}, "This customer has a user named anna already."),
        (
            {"display_name": "ANNA BEISPIEL"},
            "Another user of this customer has this display name. Choose another.",
        ),
        (
            {"primary_address": "Anna@acme.test", "aliases": ("Anna@acme.test",)},
            "Another user of this customer has the primary address Anna@acme.test. Choose another.",
        ),
    ],
)
def test_what_another_user_has_is_taken(platform, acme, change, sentence):
    platform.create_user(acme, ANNA)
    with pytest.raises(PlatformTaken) as caught:
        platform.create_user(acme, replace(BERT, **change))
    assert caught.value.sentence == sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "änna"}, "The platform does not allow ä in this name. Change the name."),
        ({"language": "de"}, "The language must look like en_US. Choose another."),
        ({"timezone": "Mars/Base"}, "The platform does not know this time zone. Choose another."),
        (
            {"access_combination": "gold"},
            "The platform does not know the access combination gold. Correct the profile.",
        ),
        (
            {"primary_address": "nonsense", "aliases": ("nonsense",)},
            "The platform does not accept the address nonsense. Correct it.",
        ),
        ({"password": ""}, "The platform refused this: Empty password is not allowed."),
        ({"password": None}, "The platform refused this: Empty password is not allowed."),
    ],
)
def test_what_the_platform_does_not_take_is_refused(platform, acme, change, sentence):
    with pytest.raises(PlatformRefused) as caught:
        platform.create_user(acme, replace(ANNA, **change))
    assert type(caught.value) is PlatformRefused
    assert caught.value.sentence == sentence


def test_a_user_is_changed_field_by_field(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    before = platform.find_user(acme, ox_id=ox_id, with_access_combination=True)
    platform.change_user(acme, ox_id, UserChange(surname="Muster", photo=PHOTO, mail_enabled=False))
    platform.change_user(acme, ox_id, UserChange(access_combination="drive", name="anne", marker="account-9"))
    assert platform.find_user(acme, ox_id=ox_id, with_access_combination=True) == replace(
        before,
        surname="Muster",
        photo=PHOTO,
        mail_enabled=False,
        access_combination="drive",
        name="anne",
        marker="account-9",
    )


def test_a_new_primary_address_and_new_aliases_are_one_call(platform, acme, sandbox):
    ox_id = platform.create_user(acme, ANNA)
    sandbox.platform.journal.reset()
    change = UserChange(primary_address="anne@acme.test", aliases=("anne@acme.test", "sales@acme.test"))
    platform.change_user(acme, ox_id, change)
    assert calls(sandbox) == {"OXUserService.change": 1}
    found = platform.find_user(acme, ox_id=ox_id)
    assert (found.primary_address, sorted(found.aliases)) == ("anne@acme.test", ["anne@acme.test", "sales@acme.test"])


def test_an_alias_becomes_the_primary_address(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    platform.change_user(acme, ox_id, UserChange(primary_address="info@acme.test"))
    found = platform.find_user(acme, ox_id=ox_id)
    assert (found.primary_address, sorted(found.aliases)) == ("info@acme.test", ["anna@acme.test", "info@acme.test"])


def test_aliases_are_replaced(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    platform.change_user(acme, ox_id, UserChange(aliases=("anna@acme.test", "new@acme.test")))
    assert sorted(platform.user_aliases(acme, ox_id)) == ["anna@acme.test", "new@acme.test"]


def test_aliases_without_the_primary_address_are_refused(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    with pytest.raises(PlatformRefused) as caught:
        platform.change_user(acme, ox_id, UserChange(aliases=("new@acme.test",)))
    assert caught.value.sentence == (
        "The aliases must hold the primary address and the address that the user sends from. Add it again."
    )


def test_a_user_that_is_not_there_cannot_be_changed(platform, acme):
    for act in (
        lambda: platform.change_user(acme, 99, UserChange(surname="X")),
        lambda: platform.change_user(acme, 99, UserChange(access_combination="drive")),
        lambda: platform.access_combination(acme, 99),
        lambda: platform.user_aliases(acme, 99),
    ):
        with pytest.raises(PlatformNotFound) as caught:
            act()
        assert caught.value.sentence == "The platform does not know this user."


def test_shared_data_may_go_to_another_user(platform, acme):
    anna, bert = platform.create_user(acme, ANNA), platform.create_user(acme, BERT)
    platform.remove_user(acme, anna, reassign_to=bert)
    with pytest.raises(PlatformRefused):
        platform.remove_user(acme, bert, reassign_to=99)
    platform.remove_user(acme, bert, reassign_to=0)
    assert [user.ox_id for user in platform.list_users(acme)] == [2]


def test_the_administrator_of_a_tenant_cannot_be_removed_as_a_user(platform, acme):
    with pytest.raises(PlatformRefused) as caught:
        platform.remove_user(acme, 2)
    assert caught.value.sentence == "A customer's administrator cannot be deleted on the platform."


def test_users_are_listed_with_their_markers(platform, acme):
    platform.create_user(acme, ANNA)
    platform.create_user(acme, BERT)
    assert [(user.name, user.marker) for user in platform.list_users(acme)] == [
        ("oxadmin", None),
        ("anna", "account-1"),
        ("bert", "account-2"),
    ]


def test_wrong_passwords_are_misconfigured(platform, acme, sandbox):
    with pytest.raises(PlatformMisconfigured):
        platform.create_user(replace(acme, password="wrong"), ANNA)
    with pytest.raises(PlatformMisconfigured):
        platform.find_user(ContextAccess(99, "oxadmin", "admin-secret"), name="anna")
    with pytest.raises(PlatformMisconfigured):
        platform_for(connection_to(sandbox.url, password="wrong")).find_context(context_id=10)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Action.REFUSE, PlatformRefused),
        (Action.STORAGE_EXCEPTION, PlatformUnreachable),
        (Action.RESET, PlatformUnreachable),
        (Action.STATUS_503, PlatformUnreachable),
        (Action.ANSWER_LOST, PlatformUnreachable),
    ],
)
def test_every_trouble_passes_and_the_next_call_works(platform, acme, sandbox, action, kind):
    sandbox.platform.mischief.add(Rule(action, {"operation": "getData"}, times=1))
    with pytest.raises(kind) as caught:
        platform.find_context(context_id=10)
    assert type(caught.value) is kind
    assert platform.find_context(context_id=10).name == "acme"


def test_a_call_that_hangs_is_given_up(acme, sandbox):
    impatient = platform_for(connection_to(sandbox.url, read_timeout=0.2))
    sandbox.platform.mischief.add(Rule(Action.TIME_OUT, {"operation": "getData"}, times=1, seconds=1))
    with pytest.raises(PlatformUnreachable):
        impatient.find_context(context_id=10)


def test_the_doctor_finds_a_healthy_platform(platform):
    report = platform.check()
    assert report.ok
    assert [(finding.name, finding.sentence) for finding in report.findings] == [
        ("OXContextService", "OXContextService offers all 8 operations that are needed."),
        ("OXUserService", "OXUserService offers all 8 operations that are needed."),
        ("OXGroupService", "OXGroupService offers all 8 operations that are needed."),
        ("OXResourceService", "OXResourceService offers all 6 operations that are needed."),
        ("release", "The platform is App Suite 8 or newer, by its fields."),
        ("credentials", "The platform accepts the login and password."),
    ]


def test_the_doctor_names_wrong_credentials(sandbox):
    report = platform_for(connection_to(sandbox.url, password="wrong")).check()
    assert [finding.name for finding in report.findings if not finding.ok] == ["credentials"]
    assert report.findings[-1].sentence == (
        "The platform does not accept the login or password of this brand. Correct them in its settings."
    )


def test_the_doctor_names_a_wrong_address(sandbox):
    report = platform_for(connection_to(f"{sandbox.url}/elsewhere")).check()
    assert [finding.ok for finding in report.findings] == [False] * 5
    assert report.findings[0].sentence == (
        "The platform offers no OXContextService at this address. Check the API URL."
    )
