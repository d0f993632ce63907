import pytest
from allauth.mfa.models import Authenticator
from tests.cast import Cast
from tests.rows import last_entry, refused
from tests.signin.factors import give_app

from oxherd.errors import NotYours
from oxherd.signin import factor_commands as commands
from oxherd.signin.queries import factors_of


def add(cast: Cast, name: str = "Laptop", *, by=None):
    administrator = by or cast.bob
    return commands.add_passkey(
        actor=cast.actor(administrator), administrator=administrator, name=name, credential={"id": name}
    )


def test_a_passkey_is_added_and_brings_recovery_codes_the_first_time(cast: Cast) -> None:
    passkey, codes = add(cast, "  Blue   key ")
    assert str(passkey) == "Blue key"
    assert (len(codes), len(set(codes))) == (10, 10)
    assert add(cast, "Another")[1] == []
    factors = factors_of(cast.bob)
    assert ([str(key) for key in factors.passkeys], factors.number, factors.codes_left) == (
        ["Blue key", "Another"],
        2,
        10,
    )


def test_what_is_done_to_factors_is_audited_where_the_administrator_has_roles_and_without_secrets(cast: Cast) -> None:
    secret, codes = give_app(cast, cast.bob)
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id) == ("sign_in:app_add", "Bob", cast.acme.pk)
    assert (entry.subject_kind, entry.subject_id) == ("administrator", cast.bob.pk)
    stored = str(list(Authenticator.objects.values_list("data", flat=True))) + str(entry.__dict__)
    assert "gAAAA" in stored  # there is something sealed
    assert not [word for word in (secret, *codes) if word in stored]


def test_a_passkey_is_renamed_and_a_name_is_needed(cast: Cast) -> None:
    passkey, _ = add(cast)
    actor = cast.actor(cast.bob)
    commands.rename_passkey(actor=actor, administrator=cast.bob, pk=passkey.pk, name="Desk")
    assert (last_entry().before, last_entry().after) == ({"passkey": "Laptop"}, {"passkey": "Desk"})
    with refused("name") as caught:
        commands.rename_passkey(actor=actor, administrator=cast.bob, pk=passkey.pk, name=" ")
    assert caught.value.sentence == "Give the passkey a name, so that you know it again."


def test_recovery_codes_go_with_the_last_factor(cast: Cast) -> None:
    passkey, _ = add(cast)
    give_app(cast, cast.bob)
    commands.remove_passkey(actor=cast.actor(cast.bob), administrator=cast.bob, pk=passkey.pk)
    assert factors_of(cast.bob).codes_left == 10
    commands.remove_app(actor=cast.actor(cast.bob), administrator=cast.bob)
    assert not Authenticator.objects.exists()


def test_the_last_factor_stays_where_one_is_required(cast: Cast, settings) -> None:
    passkey, _ = add(cast)
    settings.SECOND_FACTOR_REQUIRED = True
    with refused(None) as caught:
        commands.remove_passkey(actor=cast.actor(cast.bob), administrator=cast.bob, pk=passkey.pk)
    assert caught.value.sentence == (
        "A second factor is required for you. Add another one first, then remove this one."
    )
    give_app(cast, cast.bob)
    commands.remove_passkey(actor=cast.actor(cast.bob), administrator=cast.bob, pk=passkey.pk)
    with refused(None):
        commands.remove_app(actor=cast.actor(cast.bob), administrator=cast.bob)


def test_new_recovery_codes_replace_the_old_ones_and_need_a_factor(cast: Cast) -> None:
    with refused(None):
        commands.renew_codes(actor=cast.actor(cast.bob), administrator=cast.bob)
    _, old = give_app(cast, cast.bob)
    new = commands.renew_codes(actor=cast.actor(cast.bob), administrator=cast.bob)
    assert not set(old) & set(new)
    stored = Authenticator.objects.get(type="recovery_codes").wrap()
    assert (stored.validate_code(old[0]), stored.validate_code(new[0]), stored.validate_code(new[0])) == (
        False,
        True,
        False,
    )
    assert factors_of(cast.bob).codes_left == 9


def test_an_app_is_replaced_by_a_new_one(cast: Cast) -> None:
    give_app(cast, cast.bob)
    _, codes = give_app(cast, cast.bob)
    assert (codes, last_entry().after) == ([], {"replaces": True})
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_nobody_reaches_the_factors_of_somebody_else(cast: Cast) -> None:
    passkey, _ = add(cast)
    alice = cast.actor(cast.alice)
    with pytest.raises(NotYours):
        commands.remove_passkey(actor=alice, administrator=cast.bob, pk=passkey.pk)
    with pytest.raises(NotYours):
        commands.rename_passkey(actor=alice, administrator=cast.alice, pk=passkey.pk, name="Mine now")
    with pytest.raises(NotYours):
        commands.renew_codes(actor=alice, administrator=cast.bob)


def test_passkeys_are_limited_in_number(cast: Cast) -> None:
    for number in range(20):
        add(cast, f"Key {number}")
    with refused(None) as caught:
        add(cast, "One more")
    assert caught.value.sentence == "You have 20 passkeys, and can have no more. Remove one first."
