"""Second factors for the tests, as the commands make them; no test knows a secret that it has not got here."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from tests.cast import Cast

from oxherd.accounts.models import Administrator
from oxherd.signin import factor_commands

PERIOD = 30


def code(secret: str, *, periods: int = 0) -> str:
    """What the app shows now, or so many periods later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + periods))


def give_app(cast: Cast, administrator: Administrator) -> tuple[str, list[str]]:
    """The secret of an authenticator app, and the recovery codes that come with the first factor."""
    secret = generate_totp_secret()
    return secret, factor_commands.add_app(actor=cast.actor(administrator), administrator=administrator, secret=secret)


def too_late(client: Any) -> None:
    """As if some time had gone by since the last proof."""
    session = client.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= settings.PROOF_SECONDS + 1
    session.save()
