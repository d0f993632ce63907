"""Proving who somebody is: by password, passkey or code. Each try counts, and each failure is written down."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from oxherd.accounts.models import Administrator
from oxherd.errors import Refused
from oxherd.panel.adapter import failed
from oxherd.signin.states import Proof

TOO_MANY_CODES = (
    "Too many wrong codes. Wait five minutes, then try again. After thirty in a day, no code is taken until tomorrow."
)
WRONG_CODE = "This code is wrong, or was used before. Enter another one."
WRONG_PASSKEY = "This passkey does not open this account. Try another one."
# With the tolerance to both sides, a code could be used so long.
CODE_LIFETIME_SECONDS = 120


def is_fresh(request: HttpRequest) -> bool:
    """Whether who is signed in has proved it lately enough for dangerous acts."""
    times = [float(entry.get("at", 0)) for entry in get_authentication_records(request, request.user)]
    return bool(times) and time.time() - max(times) < settings.PROOF_SECONDS


def by_password(request: HttpRequest, administrator: Administrator, password: str) -> None:
    """Raise Refused at `password` for a wrong one, or one too many."""
    try:
        right = get_adapter(request).reauthenticate(administrator, password)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None
    if not right:
        raise Refused("This is not your password.", field="password")
    record_authentication(request, administrator, method="password", reauthenticated=True)


def by_code(request: HttpRequest, administrator: Administrator, code: str) -> Authenticator:
    """Of an app, or a recovery code, which is used up. Raises Refused at `code` for a wrong one, or one too many."""
    with counted(request, administrator) as give_back:
        for factor in Authenticator.objects.filter(user=administrator).exclude(type=Authenticator.Type.WEBAUTHN):
            if factor.wrap().validate_code(code) and _first_use(factor, code):
                give_back()
                post_authentication(request, factor, reauthenticated=request.user.is_authenticated)
                return factor
    failed(request, administrator, Proof.CODE)
    raise Refused(WRONG_CODE, field="code")


def by_passkey(request: HttpRequest, administrator: Administrator, credential: str) -> Authenticator:
    """credential: what the browser answered, as JSON. Raises Refused at `credential`."""
    factor = passkey_of(administrator, credential)
    if factor is None:
        failed(request, administrator, Proof.PASSKEY)
        raise Refused(WRONG_PASSKEY, field="credential")
    post_authentication(request, factor, reauthenticated=request.user.is_authenticated)
    return factor


def passkey_of(administrator: Administrator | None, credential: str) -> Authenticator | None:
    """The passkey by which the browser has answered the session's challenge; None where the answer is no good.

    administrator: whose it must be; None: whose it is, is said by the answer.
    """
    try:
        answer = read(credential)
        if administrator is None:
            administrator = webauthn.extract_user_from_response(answer)
        return webauthn.complete_authentication(administrator, answer)
    except ValidationError:
        return None


def read(credential: str) -> dict[str, Any]:
    """The browser's answer. Raises ValidationError for what is none."""
    try:
        answer = dict(json.loads(credential))
        webauthn.parse_authentication_response(answer)
    except Exception:  # noqa: BLE001 - a forged answer may break the parser anywhere
        raise ValidationError(WRONG_PASSKEY) from None
    return answer


@contextmanager
def counted(request: HttpRequest, administrator: Administrator) -> Iterator[Callable[[], None]]:
    """Count a try with a code, by account and by address; what is yielded gives it back. Raises Refused at `code`."""
    usage = ratelimit.consume(
        request, app="allauth.account", action="second_factor", key=f"second-factor-{administrator.pk}"
    )
    if usage is None:
        raise Refused(TOO_MANY_CODES, field="code")
    yield usage.rollback


def _first_use(factor: Authenticator, code: str) -> bool:
    """A code of an app counts once, also within the tolerance; recovery codes see to that themselves."""
    if factor.type != Authenticator.Type.TOTP:
        return True
    key = f"code-used:{factor.pk}:{normalize_user_code(code)}"
    return bool(cache.add(key, "y", CODE_LIFETIME_SECONDS))
