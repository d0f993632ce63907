"""The dialect of the Cloud API v2 against the stand-in, over HTTP: users by REST, all else by SOAP."""

import json
import logging
from dataclasses import replace

import pytest
from tests.ox.cloud import ANNA_IN_THE_CLOUD as ANNA
from tests.ox.cloud import cloud_connection, found_brands
from tests.ox.conftest import ACME, ADMIN

from oxherd.errors import PlatformMisconfigured, PlatformNotFound, PlatformRefused, PlatformTaken, PlatformUnreachable
from oxherd.ox.interface import UNSET, ContextAccess, GroupData, UserChange, platform_for
from oxherd.sandbox.mischief import Action, Rule
from oxherd.sandbox.store import mailboxes, users

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
BERT = replace(
    ANNA, name="bert@acme.test", display_name="Bert", primary_address="bert@acme.test", aliases=("bert@acme.test",)
)


@pytest.fixture
def platform(sandbox, tmp_path):
    found_brands(sandbox, tmp_path)
    return platform_for(cloud_connection(sandbox.url, api="cloud_api"))


@pytest.fixture
def by_soap(platform, sandbox):
    return platform_for(cloud_connection(sandbox.url))


@pytest.fixture
def acme(platform):
    made = platform.create_context(None, ACME, ADMIN, "cloud_pim")
    return ContextAccess(made.context_id, "nobody", "needs this")


def calls(sandbox):
    found = [entry.operation for entry in reversed(sandbox.platform.journal.last())]
    sandbox.platform.journal.reset()
    return found


def listed(platform, acme, ox_id):
    return next(user for user in platform.list_users(acme) if user.ox_id == ox_id)


def test_a_user_is_made_in_one_call_with_all_of_it(platform, by_soap, acme, sandbox):
    calls(sandbox)
    ox_id = platform.create_user(acme, replace(ANNA, photo=PHOTO))
    assert calls(sandbox) == ["POST /users"]
    found = by_soap.find_user(acme, ox_id=ox_id, with_access_combination=True)
    told = ("name", "display_name", "given_name", "surname", "primary_address", "aliases", "language", "timezone")
    assert [getattr(found, name) for name in told] == [getattr(ANNA, name) for name in told]
    assert (found.photo, found.drive_quota_mb, found.mail_enabled) == (PHOTO, 2048, True)
    assert (found.access_combination, found.marker) == ("cloud_productivity", None)
    assert by_soap.mail.mail_quota(acme, ox_id) == 2048
    assert by_soap.mail.class_of_service(acme, ox_id) == ("cloud_productivity",)
    assert platform.find_user(acme, name=ANNA.name) == replace(found, access_combination=None)


def test_who_is_made_locked_can_do_nothing(platform, acme):
    ox_id = platform.create_user(acme, replace(ANNA, mail_enabled=False))
    assert (platform.mail.permissions(acme, ox_id), listed(platform, acme, ox_id).mail_enabled) == (frozenset(), False)


@pytest.mark.parametrize(("drive", "mail"), [(2048, 2048), (500, 2048), (None, 2048), (500, None), (None, None)])
def test_equal_quotas_are_one_and_no_limit_is_left_out(platform, acme, sandbox, drive, mail):
    by_soap = platform_for(cloud_connection(sandbox.url))
    calls(sandbox)
    ox_id = platform.create_user(acme, replace(ANNA, drive_quota_mb=drive, mail_quota_mb=mail))
    assert calls(sandbox) == ["POST /users"]
    assert (by_soap.find_user(acme, ox_id=ox_id).drive_quota_mb, by_soap.mail.mail_quota(acme, ox_id)) == (drive, mail)
    found = listed(platform, acme, ox_id)
    assert (found.drive_quota_mb, found.mail_quota_mb, platform.mail.mail_quota(acme, ox_id)) == (drive, mail, mail)
    with sandbox.platform.store.reading() as db:
        attributes = json.loads(users.find(db, acme.context_id, ox_id)["attributes"])
    is_one = "true" if drive == mail == 2048 else "false"
    assert attributes["config"] == {"com.openexchange.unifiedquota.enabled": is_one}


def test_a_list_tells_what_soap_tells_and_the_mailboxes_too(platform, by_soap, acme, sandbox):
    ids = [platform.create_user(acme, replace(ANNA, photo=PHOTO)), by_soap.create_user(acme, BERT)]
    platform.change_user(acme, ids[1], UserChange(mail_enabled=False, drive_quota_mb=7, mail_quota_mb=70))
    calls(sandbox)
    found = list(platform.list_users(acme))
    assert calls(sandbox) == ["GET /users"]
    mailbox = {"mail_quota_mb": UNSET, "class_of_service": UNSET}
    alike = [replace(user, used_quota_mb=0, marker=None, **mailbox) for user in found]
    assert alike == [replace(user, used_quota_mb=0, marker=None) for user in by_soap.list_users(acme)]
    told = [(user.mail_quota_mb, user.class_of_service, user.used_quota_mb) for user in found if user.ox_id in ids]
    assert told == [(2048, ("cloud_productivity",), None), (70, ("cloud_productivity",), 0)]


def test_all_of_a_change_goes_in_one_call(platform, by_soap, acme, sandbox):
    ox_id = platform.create_user(acme, ANNA)
    calls(sandbox)
    change = UserChange(
        name="anna.b@acme.test", display_name="Anna B.", given_name="Ann", surname="B.", language="fr_FR",
        timezone="Asia/Tokyo", primary_address="anna.b@acme.test", aliases=("anna@acme.test",), password="new-secret",
        drive_quota_mb=5, mail_quota_mb=6, photo=PHOTO, mail_enabled=False,
        access_combination="not sent", class_of_service=("cloud_pim", "guard"),
    )  # fmt: skip
    platform.change_user(acme, ox_id, change)
    assert calls(sandbox) == ["getData", "PUT /users/{login}", "getData", "DELETE /sessions"]
    found = listed(platform, acme, ox_id)
    assert sorted(found.aliases) == ["anna.b@acme.test", "anna@acme.test"]
    same = (
        *("name", "display_name", "given_name", "surname", "language", "timezone", "primary_address", "photo"),
        *("drive_quota_mb", "mail_quota_mb", "mail_enabled", "class_of_service"),
    )
    assert [getattr(found, name) for name in same] == [getattr(change, name) for name in same]
    assert by_soap.access_combination(acme, ox_id) == "cloud_pim"
    platform.change_user(acme, ox_id, UserChange())
    platform.change_user(acme, ox_id, UserChange(access_combination="cloud_productivity"))
    assert calls(sandbox) == ["GET /users", "getAccessCombinationName"]


def test_soap_takes_away_what_the_api_cannot(platform, acme, sandbox):
    ox_id = platform.create_user(acme, replace(ANNA, photo=PHOTO))
    calls(sandbox)
    platform.change_user(acme, ox_id, UserChange(given_name="Ann", drive_quota_mb=None, mail_quota_mb=500))
    assert calls(sandbox) == ["getData", "PUT /users/{login}", "change", "setMailQuota"]
    platform.change_user(acme, ox_id, UserChange(drive_quota_mb=None, mail_quota_mb=None))
    found = listed(platform, acme, ox_id)
    assert (found.given_name, found.drive_quota_mb, found.mail_quota_mb) == ("Ann", None, None)
    calls(sandbox)
    platform.change_user(acme, ox_id, UserChange(photo=None))
    assert calls(sandbox) == ["change"]


def test_who_has_got_another_login_meanwhile_is_changed_all_the_same(platform, acme, monkeypatch):
    ox_id = platform.create_user(acme, ANNA)
    logins = iter(["gone@acme.test", ANNA.name, ANNA.name, "gone@acme.test", "gone@acme.test"])
    monkeypatch.setattr(platform, "_login", lambda *_: next(logins))
    platform.change_user(acme, ox_id, UserChange(given_name="Ann"))
    platform.change_user(acme, ox_id, UserChange(surname="B."))
    with pytest.raises(PlatformNotFound):
        platform.change_user(acme, ox_id, UserChange(surname="C."))
    found = listed(platform, acme, ox_id)
    assert (found.given_name, found.surname) == ("Ann", "B.")


def test_who_is_removed_is_gone_and_goes_once_more(platform, acme, sandbox):
    ids = [platform.create_user(acme, user) for user in (ANNA, BERT)]
    with pytest.raises(PlatformRefused) as caught:
        platform.remove_user(acme, ids[0], reassign_to=99)
    assert caught.value.sentence == (
        "The platform does not know the user who is to get what was shared. Choose another."
    )
    calls(sandbox)
    platform.remove_user(acme, ids[0], reassign_to=ids[1])
    platform.remove_user(acme, ids[0])
    assert calls(sandbox) == ["getData", "getData", "DELETE /users/{login}", "getData"]
    platform.remove_user(acme, ids[1], reassign_to=0)
    assert [user.name for user in platform.list_users(acme)] == ["oxadmin"]
    with pytest.raises(PlatformNotFound):
        platform.change_user(acme, ids[1], UserChange(given_name="Nobody"))


REFUSED = [
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
        {"name": "x@o.test", "primary_address": "x@o.test", "aliases": ("x@o.test",), "class_of_service": ("gold",)},
        PlatformRefused,
        "The platform does not know the class of service gold. Correct the profile.",
    ),
    (
        {"name": "x@o.test", "primary_address": "x@o.test", "aliases": ("x@o.test",), "timezone": "Mars/North"},
        PlatformRefused,
        "The platform does not know this time zone. Choose another.",
    ),
    (
        {"surname": "", "password": None},
        PlatformRefused,
        'The platform needs these fields: "password, surname". Fill them in.',
    ),
]


@pytest.mark.parametrize(("change", "kind", "sentence"), REFUSED)
def test_what_the_platform_refuses_is_told_in_our_words(platform, acme, change, kind, sentence):
    platform.create_user(acme, ANNA)
    other = platform.create_context(None, replace(ACME, name="beta", login_mappings=()), ADMIN, "cloud_pim")
    with pytest.raises(kind) as caught:
        platform.create_user(replace(acme, context_id=other.context_id), replace(ANNA, **change))
    assert (type(caught.value), caught.value.sentence) == (kind, sentence)
    assert f"in context {other.context_id}: HTTP 409: " in caught.value.detail or "timezone" in caught.value.detail


def test_a_context_of_another_brand_is_not_entered(platform, acme, sandbox):
    south = platform_for(cloud_connection(sandbox.url, "south", "south-secret", api="cloud_api"))
    sentence = "The platform has no such context for this brand. Restore it there, or correct the brand's settings."
    for act in (lambda: south.create_user(acme, ANNA), lambda: list(south.list_users(acme))):
        with pytest.raises(PlatformMisconfigured) as caught:
            act()
        assert caught.value.sentence == sentence
    with pytest.raises(PlatformMisconfigured):
        south.remove_user(acme, 3)  # or its account would be forgotten, with the user in place


def test_trouble_is_told_from_a_wrong_password(platform, acme, sandbox):
    for action in (Action.STATUS_503, Action.STORAGE_EXCEPTION, Action.RESET, Action.ANSWER_LOST):
        sandbox.platform.mischief.add(Rule(action, {"operation": "POST /users"}, times=1))
        with pytest.raises(PlatformUnreachable):
            platform.create_user(acme, ANNA)
    with pytest.raises(PlatformTaken):
        platform.create_user(acme, ANNA)  # the answer was lost, and no more
    with pytest.raises(PlatformMisconfigured) as caught:
        platform_for(cloud_connection(sandbox.url, password="wrong", api="cloud_api")).create_user(acme, ANNA)
    assert caught.value.sentence == (
        "The platform does not accept the login or password of this brand. Correct them in its settings."
    )


def test_no_password_reaches_log_or_error(platform, acme, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    sandbox.platform.mischief.add(Rule(Action.REFUSE, {"operation": "POST /users"}, text="no anna-secret", times=1))
    with pytest.raises(PlatformRefused) as caught:
        platform.create_user(acme, ANNA)
    ox_id = platform.create_user(acme, ANNA)
    platform.change_user(acme, ox_id, UserChange(password="another-secret"))
    told = f"{caplog.text} {caught.value.sentence} {caught.value.detail} {platform!r}"
    for secret in ("anna-secret", "another-secret", "north-secret", "bm9ydGg6bm9ydGgtc2VjcmV0"):
        assert secret not in told
    assert "no ***" in caught.value.detail


def test_a_catch_all_moves_from_one_user_to_another_and_goes(platform, acme, sandbox):
    for user in (ANNA, BERT):
        platform.create_user(acme, user)
    mail = platform.mail
    mail.set_catch_all(acme, "acme.test", "anna@acme.test")
    calls(sandbox)
    mail.set_catch_all(acme, "Acme.test", "anna@acme.test")
    assert calls(sandbox) == ["GET /mail/catchall"]
    mail.set_catch_all(acme, "acme.test", "bert@acme.test")
    assert mail.catch_alls(acme) == {"acme.test": "bert@acme.test"}
    with pytest.raises(PlatformNotFound) as caught:
        mail.set_catch_all(acme, "other.test", "nobody@acme.test")
    assert caught.value.sentence == (
        "The user nobody@acme.test has no mailbox on the platform. Choose another for the catch-all."
    )
    mail.set_catch_all(acme, "acme.test", None)
    mail.set_catch_all(acme, "acme.test", None)
    assert mail.catch_alls(acme) == {}


def test_a_forward_is_changed_without_a_gap(platform, acme, sandbox):
    mail = platform.mail
    calls(sandbox)
    mail.set_forward(acme, "info@acme.test", ["a@away.test", "b@away.test"])
    mail.set_forward(acme, "info@acme.test", ["B@away.test", "c@away.test"])
    where = "/mail/forwards/{address}"
    assert calls(sandbox) == [
        f"GET {where}/recipients", "POST /mail/forwards",
        f"GET {where}/recipients", f"PUT {where}/recipients", f"DELETE {where}/{{recipient}}",
    ]  # fmt: skip
    assert mail.forwards(acme) == {"info@acme.test": ("b@away.test", "c@away.test")}
    mail.set_forward(acme, "info@acme.test", [])
    mail.set_forward(acme, "info@acme.test", [])
    assert mail.forwards(acme) == {}
    with pytest.raises(PlatformRefused) as caught:
        mail.set_forward(acme, "info@acme.test", ["nonsense"])
    assert caught.value.sentence == "The platform does not accept the address nonsense. Correct it."


def test_recipients_that_do_not_fit_in_beside_the_old_ones_take_their_place(platform, acme, sandbox):
    mail, where = platform.mail, "/mail/forwards/{address}"
    old, new = ([f"{word}{number}@away.test" for number in range(15)] for word in ("old", "new"))
    mail.set_forward(acme, "info@acme.test", old)
    platform._ask("PUT", acme, "/mail/forwards/info@acme.test/spamlevel/low")
    calls(sandbox)
    mail.set_forward(acme, "info@acme.test", new)
    assert mail.forwards(acme) == {"info@acme.test": tuple(new)}
    assert platform._ask("GET", acme, "/mail/forwards/info@acme.test/spamlevel") == {"spamlevel": "low"}
    assert f"PUT {where}/recipients" in calls(sandbox)
    many = [f"more{number}@away.test" for number in range(21)]
    for refused in ([*new, *many], many, ["nonsense"]):
        with pytest.raises(PlatformRefused):
            mail.set_forward(acme, "info@acme.test", refused)
        assert mail.forwards(acme) == {"info@acme.test": tuple(new)}


def test_permissions_and_spam_levels(platform, acme):
    ox_id, mail = platform.create_user(acme, ANNA), platform.mail
    assert mail.permissions(acme, ox_id) == {"send", "receive", "maillogin", "weblogin"}
    mail.set_permissions(acme, ox_id, off=["send"])
    mail.set_permissions(acme, ox_id)
    assert mail.permissions(acme, ox_id) == {"receive", "maillogin", "weblogin"}
    assert mail.spam_level(acme, ox_id) == "high"
    mail.set_spam_level(acme, ox_id, "low")
    assert mail.spam_level(acme, ox_id) == "low"
    with pytest.raises(PlatformRefused) as caught:
        mail.set_spam_level(acme, ox_id, "none")
    assert caught.value.sentence == "The platform does not know the spam level none."
    with pytest.raises(PlatformNotFound):
        mail.class_of_service(acme, 99)


def test_what_the_api_has_not_goes_by_soap(platform, acme, sandbox):
    ox_id = platform.create_user(acme, ANNA)
    group = platform.create_group(acme, GroupData("sales", "Sales", (ox_id,)))
    assert platform.find_group(acme, ox_id=group).members == (ox_id,)
    with sandbox.platform.store.writing() as db:
        mailboxes.change(db, acme.context_id, ox_id, used=2049)
    assert platform.mail.mail_usage(acme, ox_id) == 3
    platform.disable_context(acme.context_id)
    assert platform.find_context(name="acme").enabled is False
    assert platform.not_kept() == {"access_combination"}
