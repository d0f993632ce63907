"""An administrator's own second factors. That they have just proved who they are is the door's matter."""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Administrator
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.errors import NotYours, Refused
from oxherd.signin import letters, rules
from oxherd.signin.queries import Factors, factors_of, spot_of
from oxherd.signin.states import LetterKind


@transaction.atomic
def add_passkey(
    *, actor: Actor, administrator: Administrator, name: str, credential: Mapping[str, Any]
) -> tuple[Authenticator, list[str]]:
    """Keep a passkey whose registration was verified; with the first factor come recovery codes, else none.

    credential: what the browser answered. Raises Refused at `name`.
    """
    factors = _locked(actor, administrator)
    rules.one_more_passkey(factors)
    passkey = WebAuthn.add(administrator, rules.passkey_name(name), dict(credential)).instance
    letters.write(LetterKind.FACTOR_ADDED, administrator, what=f"The passkey “{passkey}”")
    _record(actor, Action.PASSKEY_ADD, administrator, after={"passkey": str(passkey)})
    return passkey, _first_codes(administrator, factors)


@transaction.atomic
def rename_passkey(*, actor: Actor, administrator: Administrator, pk: int, name: str) -> None:
    """Raises Refused at `name`, NotYours for a passkey of somebody else."""
    passkey = own_passkey(_locked(actor, administrator), pk)
    before, name = str(passkey), rules.passkey_name(name)
    if name == before:
        return
    passkey.wrap().name = name
    passkey.save(update_fields=["data"])
    _record(actor, Action.PASSKEY_RENAME, administrator, before={"passkey": before}, after={"passkey": name})


@transaction.atomic
def remove_passkey(*, actor: Actor, administrator: Administrator, pk: int) -> None:
    """Raises Refused where it is the last factor and one is required, NotYours for somebody else's."""
    factors = _locked(actor, administrator)
    passkey = own_passkey(factors, pk)
    rules.may_lose_a_factor(administrator, factors)
    name = str(passkey)
    passkey.delete()
    _drop_codes_without_factor(administrator, factors)
    letters.write(LetterKind.FACTOR_REMOVED, administrator, what=f"The passkey “{name}”")
    _record(actor, Action.PASSKEY_REMOVE, administrator, before={"passkey": name})


@transaction.atomic
def add_app(*, actor: Actor, administrator: Administrator, secret: str) -> list[str]:
    """Keep the secret of an authenticator app that has shown a right code; the first factor brings recovery codes.

    An app from before is replaced.
    """
    factors = _locked(actor, administrator)
    if factors.app:
        factors.app.delete()
    TOTP.activate(administrator, secret)
    letters.write(LetterKind.FACTOR_ADDED, administrator, what="An authenticator app")
    _record(actor, Action.APP_ADD, administrator, after={"replaces": factors.app is not None})
    return _first_codes(administrator, factors)


@transaction.atomic
def remove_app(*, actor: Actor, administrator: Administrator) -> None:
    """Raises Refused where it is the last factor and one is required. Without an app nothing happens."""
    factors = _locked(actor, administrator)
    if factors.app is None:
        return
    rules.may_lose_a_factor(administrator, factors)
    factors.app.delete()
    _drop_codes_without_factor(administrator, factors)
    letters.write(LetterKind.FACTOR_REMOVED, administrator, what="The authenticator app")
    _record(actor, Action.APP_REMOVE, administrator)


@transaction.atomic
def renew_codes(*, actor: Actor, administrator: Administrator) -> list[str]:
    """New recovery codes; the old ones stop working. Raises Refused without a second factor that they stand in for."""
    factors = _locked(actor, administrator)
    if not factors.number:
        raise Refused("Recovery codes stand in for a passkey or an authenticator app. Add one of these first.")
    if factors.codes:
        factors.codes.delete()
    codes = _make_codes(administrator)
    _record(actor, Action.CODES_RENEW, administrator)
    return codes


def _locked(actor: Actor, administrator: Administrator) -> Factors:
    """The factors, which nobody else changes meanwhile."""
    rules.is_own(actor, administrator)
    Administrator.objects.select_for_update().get(pk=administrator.pk)
    return factors_of(administrator)


def own_passkey(factors: Factors, pk: int) -> Any:
    for passkey in factors.passkeys:
        if passkey.pk == pk:
            return passkey
    raise NotYours("There is no such passkey.")


def _first_codes(administrator: Administrator, before: Factors) -> list[str]:
    return [] if before.codes else _make_codes(administrator)


def _make_codes(administrator: Administrator) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(administrator).generate_codes()
    return codes


def _drop_codes_without_factor(administrator: Administrator, before: Factors) -> None:
    if before.number == 1:
        Authenticator.objects.filter(user=administrator).delete()


def _record(actor: Actor, action: Action, administrator: Administrator, **changes: dict[str, Any]) -> None:
    record(actor, action, administrator, place=spot_of(administrator), **changes)
