"""Application passwords: made, shown once, kept as what Dovecot compares, and revoked."""

import re
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from tests.cast import PASSWORD, Cast
from tests.rows import everything, last_entry, refused

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.app_passwords import queries
from oxherd.app_passwords.commands import add_app_password, change_password, revoke_all, revoke_app_password
from oxherd.app_passwords.models import AppPassword
from oxherd.app_passwords.rules import MOST
from oxherd.audit.models import AuditEntry
from oxherd.errors import NotAllowed, NotYours, Refused
from oxherd.people import passwords
from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import delete_user, remove_user, restore_user

NEW = "a wholly different staple"


def names(user: ServiceUser) -> list[str]:
    return list(AppPassword.objects.filter(user=user).order_by("id").values_list("name", flat=True))


def add(cast: Cast, user: ServiceUser, name: str = "Telephone") -> AppPassword:
    add_app_password(actor=cast.system, user=user, name=name)
    return AppPassword.objects.get(user=user, name=name)


def test_what_is_kept_is_the_digest_of_exactly_what_is_shown(cast: Cast, anna) -> None:
    secret = add_app_password(actor=cast.actor(cast.bob), user=anna, name="  Thunderbird   on the laptop ")
    kept = AppPassword.objects.get()
    assert kept.digest == sha256(secret.encode()).hexdigest()
    assert (kept.user, kept.name, kept.created_by) == (anna, "Thunderbird on the laptop", "Bob")


def test_it_has_140_bits_and_can_be_read_out(cast: Cast, anna) -> None:
    secrets = [add_app_password(actor=cast.system, user=anna, name=f"No. {number}") for number in range(20)]
    assert len(set(secrets)) == 20
    for secret in secrets:
        assert re.fullmatch(r"([a-km-np-z2-9]{4}-){6}[a-km-np-z2-9]{4}", secret), secret
    assert len(set("".join(secrets))) == 33  # each of the 32 signs, and the hyphen


def test_the_audit_tells_the_name_and_nothing_that_opens_a_mailbox(cast: Cast, anna) -> None:
    secret = add_app_password(actor=cast.actor(cast.dora), user=anna, name="Telephone")
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id, entry.subject_id, entry.before, entry.after) == (
        *("app_password:add", "Dora", cast.acme.pk, anna.pk, {}),
        {"app_passwords": ["Telephone"]},
    )
    told = str(list(AuditEntry.objects.values()))
    assert (secret in told, AppPassword.objects.get().digest in told) == (False, False)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "tele\x00phone"])
def test_a_name_that_will_not_do_is_refused(cast: Cast, anna, name: str) -> None:
    with refused("name"):
        add_app_password(actor=cast.system, user=anna, name=name)


def test_a_name_stands_for_one_alone(cast: Cast, anna) -> None:
    add(cast, anna, "Telephone")
    with refused("name"):
        add_app_password(actor=cast.system, user=anna, name="TELEPHONE ")
    ben = cast.user("Ben Oak", ox=True)
    assert add(cast, ben, "Telephone").user == ben


def test_there_is_a_limit(cast: Cast, anna) -> None:
    AppPassword.objects.bulk_create(
        AppPassword(user=anna, name=f"No. {number}", digest=f"{number:064x}", created_by="x") for number in range(MOST)
    )
    with refused(None) as caught:
        add_app_password(actor=cast.system, user=anna, name="One more")
    assert caught.value.sentence.startswith("Anna Becker has 50 application passwords")
    revoke_app_password(actor=cast.system, app_password=AppPassword.objects.first())
    assert add(cast, anna, "One more").name == "One more"


def test_where_others_keep_the_mail_there_are_none(cast: Cast) -> None:
    user = cast.user(ox=True)
    with refused(None) as caught:
        add_app_password(actor=cast.system, user=user, name="Telephone")
    assert (
        caught.value.sentence == "The mail of Anna Becker is kept elsewhere, where no application passwords are known."
    )


def test_without_a_mailbox_there_are_none(cast: Cast) -> None:
    cast.carry_mail()
    user = cast.user()
    with refused(None):
        add_app_password(actor=cast.system, user=user, name="Telephone")


def test_the_help_desk_may_a_reader_may_not_and_a_stranger_finds_nothing(cast: Cast, anna) -> None:
    kept = add(cast, anna)
    before = everything()
    for who, error in ((cast.rita, NotAllowed), (cast.charlie, NotYours)):
        for act in (
            lambda actor: add_app_password(actor=actor, user=anna, name="Another"),
            lambda actor: revoke_app_password(actor=actor, app_password=kept),
            lambda actor: revoke_all(actor=actor, user=anna),
            lambda actor: change_password(actor=actor, user=anna, password=NEW, revoke=True),
        ):
            with pytest.raises(error):
                act(cast.actor(who))
    assert everything() == before
    assert queries.of_user(cast.actor(cast.charlie), anna) == []
    with pytest.raises(NotYours):
        queries.one(cast.actor(cast.charlie), anna, kept.pk)
    revoke_app_password(actor=cast.actor(cast.dora), app_password=kept)
    assert names(anna) == []


def test_who_is_signed_in_to_self_service_does_nothing_by_the_administrators_verbs(cast: Cast, anna) -> None:
    actor = Actor(str(anna), Door.SELF_SERVICE, service_user_id=anna.pk)
    with pytest.raises(NotYours):
        add_app_password(actor=actor, user=anna, name="Telephone")


def test_a_revoked_one_is_gone_and_told_once(cast: Cast, anna) -> None:
    kept, other = add(cast, anna), add(cast, anna, "Tablet")
    revoke_app_password(actor=cast.actor(cast.bob), app_password=kept)
    revoke_app_password(actor=cast.actor(cast.bob), app_password=kept)
    assert names(anna) == ["Tablet"]
    told = AuditEntry.objects.filter(action="app_password:revoke")
    assert [(each.actor, each.before, each.after) for each in told] == [("Bob", {"app_passwords": ["Telephone"]}, {})]
    assert queries.of_user(cast.actor(cast.bob), anna) == [other]


def test_all_are_revoked_by_one_entry(cast: Cast, anna) -> None:
    for name in ("Telephone", "Tablet"):
        add(cast, anna, name)
    stays = add(cast, cast.user("Ben Oak", ox=True))
    revoke_all(actor=cast.system, user=anna)
    assert list(AppPassword.objects.all()) == [stays]
    assert last_entry().before == {"app_passwords": ["Telephone", "Tablet"]}
    before = everything()
    revoke_all(actor=cast.system, user=anna)
    assert everything() == before


@pytest.mark.parametrize(("revoke", "left"), [(False, ["Telephone"]), (True, [])])
def test_another_password_ends_them_only_if_asked_to(cast: Cast, anna, revoke: bool, left: list[str]) -> None:
    add(cast, anna)
    change_password(actor=cast.system, user=anna, password=NEW, revoke=revoke)
    assert passwords.verifies(ServiceUser.objects.get(pk=anna.pk).password_hash, NEW)
    assert names(anna) == left


def test_a_password_that_is_refused_ends_none(cast: Cast, anna) -> None:
    add(cast, anna)
    with refused("password"):
        change_password(actor=cast.system, user=anna, password="short", revoke=True)


def test_who_is_disabled_or_removed_keeps_them_for_the_way_back(cast: Cast, anna) -> None:
    add(cast, anna)
    disable_ox(actor=cast.system, user=anna)
    ben = cast.user("Ben Oak", ox=True)
    add(cast, ben)
    remove_user(actor=cast.system, user=ben)
    assert (names(anna), names(ben)) == (["Telephone"], ["Telephone"])
    for user in (anna, ben):
        with pytest.raises(Refused):
            add_app_password(actor=cast.system, user=user, name="Another")
    restore_user(actor=cast.system, user=ben)
    assert add(cast, ben, "Another").name == "Another"


def test_deleting_a_user_for_good_deletes_them(cast: Cast) -> None:
    cast.carry_mail()
    user = cast.user()
    AppPassword.objects.create(user=user, name="Old", digest="0" * 64, created_by="x")
    delete_user(actor=cast.system, user=user)
    assert not AppPassword.objects.exists()


def test_an_empty_digest_cannot_be_stored(cast: Cast, anna) -> None:
    with pytest.raises(IntegrityError, match="app_password_has_a_digest"), transaction.atomic():
        AppPassword.objects.create(user=anna, name="Bad", digest="", created_by="x")


def test_the_password_of_the_user_is_none_of_them(cast: Cast, anna) -> None:
    add(cast, anna)
    assert not AppPassword.objects.filter(digest=sha256(PASSWORD.encode()).hexdigest()).exists()
