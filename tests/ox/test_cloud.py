"""The dialect of OX Cloud against the stand-in, over HTTP."""

import json
from dataclasses import replace

import pytest
from tests.ox.cloud import ANNA_IN_THE_CLOUD as ANNA
from tests.ox.cloud import cloud_connection, found_brands
from tests.ox.conftest import ACME, ADMIN

from oxherd.errors import PlatformMisconfigured, PlatformNotFound, PlatformRefused, PlatformTaken, PlatformUnreachable
from oxherd.ox.interface import (
    ContextAccess,
    ContextChange,
    GroupChange,
    GroupData,
    ResourceData,
    UserChange,
    platform_for,
)
from oxherd.sandbox.mischief import Action, Rule
from oxherd.sandbox.store import mailboxes, users

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


@pytest.fixture
def platform(sandbox, tmp_path):
    found_brands(sandbox, tmp_path)
    return platform_for(cloud_connection(sandbox.url))


@pytest.fixture
def south(sandbox, platform):
    return platform_for(cloud_connection(sandbox.url, "south", "south-secret"))


@pytest.fixture
def acme(platform):
    made = platform.create_context(None, ACME, ADMIN, "cloud_pim")
    return ContextAccess(made.context_id, "nobody", "needs this")


def calls(sandbox):
    return [entry.operation for entry in reversed(sandbox.platform.journal.last())]


def test_a_context_gets_its_id_from_the_platform_and_the_brand_into_its_name(platform, sandbox):
    made = platform.create_context(None, ACME, ADMIN, "cloud_pim")
    other = platform.create_context(4711, replace(ACME, name="beta", login_mappings=()), ADMIN, "cloud_pim")
    assert other.context_id == made.context_id + 1
    found = platform.find_context(name="acme")
    assert (found.name, found.marker, found.quota_mb, found.enabled) == ("acme", "tenant-1", 1000, True)
    assert sorted(found.login_mappings) == sorted([str(made.context_id), "acme", "acme.test"])
    assert platform.find_context(context_id=made.context_id) == found
    master = platform_for(replace(cloud_connection(sandbox.url, "oxadminmaster", "secret"), kind="app_suite"))
    assert master.find_context(context_id=made.context_id).name == "north_acme"


def test_a_context_is_changed_disabled_and_removed(platform, acme):
    number = acme.context_id
    platform.change_context(number, ContextChange(name="acme2", login_mappings=("acme.example",), quota_mb=None))
    changed = platform.find_context(name="acme2")
    assert (changed.context_id, changed.name, changed.quota_mb, changed.marker) == (number, "acme2", None, "tenant-1")
    assert sorted(changed.login_mappings) == sorted([str(number), "acme.example", "acme2"])
    platform.disable_context(number)
    platform.disable_context(number)
    assert platform.find_context(context_id=number).enabled is False
    platform.enable_context(number)
    platform.remove_context(number)
    platform.remove_context(number)
    assert platform.find_context(name="acme2") is None
    assert platform.find_context(context_id=number) is None


def test_a_context_that_is_not_there_is_told_from_a_wrong_password(platform, south, acme, sandbox):
    """The platform says the same of both."""
    for act in (
        lambda: south.change_context(acme.context_id, ContextChange(quota_mb=1)),
        lambda: platform.disable_context(99),
        lambda: platform.enable_context(99),
    ):
        with pytest.raises(PlatformNotFound) as gone:
            act()
        assert gone.value.sentence == "The platform does not know this context."
    assert south.find_context(context_id=acme.context_id) is None
    with pytest.raises(PlatformMisconfigured) as wrong:
        platform_for(cloud_connection(sandbox.url, password="wrong")).find_context(context_id=acme.context_id)
    assert wrong.value.sentence == (
        "The platform does not accept the login or password of this brand. Correct them in its settings."
    )


def test_a_name_that_is_taken_in_the_brand_is_told_and_another_brand_may_have_it(platform, south, acme):
    with pytest.raises(PlatformTaken):
        platform.create_context(None, replace(ACME, login_mappings=()), ADMIN, "cloud_pim")
    assert south.create_context(None, replace(ACME, login_mappings=()), ADMIN, "cloud_pim").name == "acme"
    assert [context.name for context in platform.list_contexts("ac*")] == ["acme"]
    assert [context.context_id for context in platform.list_contexts()] == [acme.context_id]


def test_a_user_is_made_found_changed_and_removed(platform, acme):
    ox_id = platform.create_user(acme, replace(ANNA, photo=PHOTO))
    found = platform.find_user(acme, name="anna@acme.test", with_access_combination=True)
    assert (found.ox_id, found.photo, found.marker) == (ox_id, PHOTO, "account-1")
    assert (found.access_combination, found.drive_quota_mb) == ("cloud_productivity", 2048)
    assert platform.mail.mail_quota(acme, ox_id) == 2048
    assert platform.mail.class_of_service(acme, ox_id) == ("cloud_productivity",)
    change = UserChange(
        name="anna.b@acme.test", access_combination="cloud_pim", class_of_service=("cloud_pim", "cloud_security"),
        drive_quota_mb=None, mail_quota_mb=None,
    )  # fmt: skip
    platform.change_user(acme, ox_id, change)
    changed = platform.find_user(acme, ox_id=ox_id, with_access_combination=True)
    assert (changed.name, changed.access_combination, changed.drive_quota_mb) == ("anna.b@acme.test", "cloud_pim", None)
    assert platform.mail.mail_quota(acme, ox_id) is None
    assert platform.mail.class_of_service(acme, ox_id) == ("cloud_pim", "cloud_security")
    assert changed.marker == "account-1"
    platform.remove_user(acme, ox_id)
    platform.remove_user(acme, ox_id)
    assert [user.name for user in platform.list_users(acme)] == ["oxadmin"]


@pytest.mark.parametrize(("drive", "mail"), [(2048, 2048), (500, 2048), (None, 2048), (None, None)])
def test_equal_quotas_are_one_for_mail_and_files(platform, acme, sandbox, drive, mail):
    sandbox.platform.journal.reset()
    ox_id = platform.create_user(acme, replace(ANNA, drive_quota_mb=drive, mail_quota_mb=mail))
    lifted = ["change"] if drive is None else []
    assert calls(sandbox) == ["createByModuleAccessName", *lifted, "setMailQuota"]
    assert platform.find_user(acme, ox_id=ox_id).drive_quota_mb == drive
    assert platform.mail.mail_quota(acme, ox_id) == mail
    with sandbox.platform.store.reading() as db:
        attributes = json.loads(users.find(db, acme.context_id, ox_id)["attributes"])
    is_one = "true" if drive == 2048 else "false"
    assert attributes["config"] == {"com.openexchange.unifiedquota.enabled": is_one}


@pytest.mark.parametrize("broken_at", ["createByModuleAccessName", "change", "setMailQuota"])
@pytest.mark.parametrize("action", [Action.ANSWER_LOST, Action.STATUS_503])
def test_what_breaks_off_between_two_steps_is_mended_by_adoption(platform, acme, sandbox, broken_at, action):
    """As the worker does it: what is taken and has our mark gets all of it as a change."""
    user = replace(ANNA, drive_quota_mb=None)
    sandbox.platform.mischief.add(Rule(action, {"operation": broken_at}, times=1))
    with pytest.raises(PlatformUnreachable):
        platform.create_user(acme, user)
    try:
        ox_id = platform.create_user(acme, user)
    except PlatformTaken:
        left = platform.find_user(acme, name=user.name)
        assert left.marker == "account-1"
        ox_id = left.ox_id
        rest = UserChange(
            drive_quota_mb=None, mail_quota_mb=2048,
            class_of_service=("cloud_productivity",), access_combination="cloud_productivity",
        )  # fmt: skip
        platform.change_user(acme, ox_id, rest)
    found = platform.find_user(acme, ox_id=ox_id, with_access_combination=True)
    assert (found.drive_quota_mb, found.access_combination) == (None, "cloud_productivity")
    assert platform.mail.mail_quota(acme, ox_id) == 2048
    assert len(list(platform.list_users(acme))) == 2


def test_who_is_locked_has_no_permission_left(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    assert platform.mail.permissions(acme, ox_id) == {"send", "receive", "maillogin", "weblogin"}
    platform.change_user(acme, ox_id, UserChange(mail_enabled=False))
    assert platform.mail.permissions(acme, ox_id) == frozenset()
    assert platform.find_user(acme, ox_id=ox_id).mail_enabled is False
    platform.change_user(acme, ox_id, UserChange(mail_enabled=True))
    platform.mail.set_permissions(acme, ox_id, off=["send"])
    assert platform.mail.permissions(acme, ox_id) == {"receive", "maillogin", "weblogin"}


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            {},
            PlatformTaken,
            "The platform has a user named anna@acme.test already, perhaps another customer's. Choose another login.",
        ),
        (
            {"name": "else@other.test"},
            PlatformTaken,
            "The address anna@acme.test is in use on the platform, perhaps by another customer. Choose another.",
        ),
        (
            {"name": "else@other.test", "primary_address": "else@acme.test", "aliases": ("else@acme.test",)},
            PlatformRefused,
            "Another customer of the platform has a domain of these addresses. Have it released or shared first.",
        ),
        (
            {
                "name": "else@other.test", "primary_address": "else@other.test", "aliases": ("else@other.test",),
                "class_of_service": ("gold",),
            },
            PlatformRefused,
            "The platform does not know the class of service gold. Correct the profile.",
        ),
    ],
)  # fmt: skip
def test_what_another_customer_has_is_told(platform, acme, change, kind, sentence):
    platform.create_user(acme, ANNA)
    other = platform.create_context(None, replace(ACME, name="beta", login_mappings=()), ADMIN, "cloud_pim")
    access = replace(acme, context_id=other.context_id)
    with pytest.raises(kind) as caught:
        platform.create_user(access, replace(ANNA, **change))
    assert (type(caught.value), caught.value.sentence) == (kind, sentence)


def test_groups_and_resources_need_no_context_administrator(platform, acme):
    anna = platform.create_user(acme, ANNA)
    sales = platform.create_group(acme, GroupData("sales", "Sales", (anna,)))
    platform.change_group(acme, sales, GroupChange(display_name="Selling"))
    found = platform.find_group(acme, name="sales")
    assert (found.display_name, found.members) == ("Selling", (anna,))
    room = platform.create_resource(acme, ResourceData("blue", "Blue room", "", "blue@acme.test", anna))
    assert platform.find_resource(acme, ox_id=room).manager_id == anna


def test_a_catch_all_moves_from_one_user_to_another_and_goes(platform, acme, sandbox):
    platform.create_user(acme, ANNA)
    bert = replace(
        ANNA, name="bert@acme.test", display_name="Bert", primary_address="bert@acme.test", aliases=("bert@acme.test",)
    )
    platform.create_user(acme, bert)
    mail = platform.mail
    assert mail.catch_alls(acme) == {}
    mail.set_catch_all(acme, "acme.test", "anna@acme.test")
    sandbox.platform.journal.reset()
    mail.set_catch_all(acme, "Acme.test", "anna@acme.test")
    assert calls(sandbox) == ["listDomainCatchalls"]
    mail.set_catch_all(acme, "acme.test", "bert@acme.test")
    assert mail.catch_alls(acme) == {"acme.test": "bert@acme.test"}
    with pytest.raises(PlatformNotFound):
        mail.set_catch_all(acme, "other.test", "nobody@acme.test")
    mail.set_catch_all(acme, "acme.test", None)
    mail.set_catch_all(acme, "acme.test", None)
    assert mail.catch_alls(acme) == {}


def test_mailboxes_tell_their_use_in_begun_megabytes(platform, acme, sandbox):
    ox_id = platform.create_user(acme, ANNA)
    with sandbox.platform.store.writing() as db:
        mailboxes.change(db, acme.context_id, ox_id, used=2049)
    assert platform.mail.mail_usage(acme, ox_id) == 3
    assert platform.mail.mail_usage_of_all(acme) == 3
    sandbox.platform.mischief.add(Rule(Action.REFUSE, {"operation": "getQuotaUsagePerUser"}, times=1))
    assert platform.mail.mail_usage(acme, ox_id) is None
    with pytest.raises(PlatformNotFound):
        platform.mail.mail_usage(acme, 99)


def test_spam_levels_and_forwards_go_by_rest(platform, acme):
    ox_id = platform.create_user(acme, ANNA)
    mail = platform.mail
    assert mail.spam_level(acme, ox_id) == "high"
    mail.set_spam_level(acme, ox_id, "low")
    assert mail.spam_level(acme, ox_id) == "low"
    with pytest.raises(PlatformRefused) as caught:
        mail.set_spam_level(acme, ox_id, "none")
    assert caught.value.sentence == "The platform does not know the spam level none."
    mail.set_forward(acme, "info+all@acme.test", ["anna@acme.test"])
    mail.set_forward(acme, "info+all@acme.test", ["anna@acme.test", "else@away.test"])
    assert mail.forwards(acme) == {"info+all@acme.test": ("anna@acme.test", "else@away.test")}
    mail.set_forward(acme, "info+all@acme.test", [])
    mail.set_forward(acme, "info+all@acme.test", [])
    assert mail.forwards(acme) == {}
    with pytest.raises(PlatformNotFound):
        mail.class_of_service(acme, 99)


def test_rest_trouble_is_told_apart(platform, acme, sandbox):
    sandbox.platform.mischief.add(Rule(Action.STATUS_503, {"service": "oxaas"}, times=1))
    with pytest.raises(PlatformUnreachable):
        platform.mail.forwards(acme)
    wrong = platform_for(cloud_connection(sandbox.url, password="wrong"))
    with pytest.raises(PlatformMisconfigured) as caught:
        wrong.mail.forwards(acme)
    assert caught.value.sentence == (
        "The platform does not accept the login or password of this brand. Correct them in its settings."
    )
    assert "wrong" not in caught.value.detail


def test_a_context_of_another_brand_is_not_entered(south, acme):
    with pytest.raises(PlatformMisconfigured) as caught:
        south.find_user(acme, name="anna@acme.test")
    assert caught.value.sentence == (
        f"The platform does not let this brand into context {acme.context_id}: either the login or password is wrong, "
        "or the context no longer exists there. Correct the brand's settings, or restore the context."
    )


def test_the_doctor_finds_a_healthy_platform(platform, sandbox):
    report = platform.check()
    assert report.ok
    assert [finding.name for finding in report.findings] == [
        "OXResellerContextService", "OXResellerUserService", "OXResellerGroupService", "OXResellerResourceService",
        "OXaaSService", "release", "cloud_api", "credentials", "limits",
    ]  # fmt: skip
    refused = platform_for(cloud_connection(sandbox.url, password="wrong")).check()
    assert [finding.name for finding in refused.findings if not finding.ok] == ["cloud_api", "credentials"]


def test_app_suite_keeps_no_mailboxes(sandbox):
    connection = replace(cloud_connection(sandbox.url, "oxadminmaster", "secret"), kind="app_suite")
    assert platform_for(connection).mail is None
