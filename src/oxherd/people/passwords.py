"""Passwords of service users: hashed for the mail server, generated, and weighed."""

import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from oxherd.errors import Refused

SHORTEST = 10
LONGEST = 128
# Without characters that are mistaken for each other when read aloud or from a screen.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
WORD = re.compile(r"[^\W_]+")
# The hash of nobody's password: in Dovecot's notation too, nothing equals it.
NONE = "{ARGON2ID}*"
# Dovecot verifies these parameters in about 28 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hashed(password: str) -> str:
    """The hash in Dovecot's notation, scheme ARGON2ID."""
    return "{ARGON2ID}" + _hasher.hash(password)


def verifies(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash.removeprefix("{ARGON2ID}"), password)
    except (VerificationError, InvalidHashError):
        return False


def generate() -> str:
    """Four groups of four, about 93 bits, easy to read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def is_good_enough(password: str, *, about: tuple[str, ...] = (), field: str = "password") -> None:
    """Raise Refused for a password that is short, long, unprintable or guessed quickly.

    about: words that an attacker would try first, such as name and login.
    """
    if len(password) < SHORTEST:
        raise Refused(f"The password is too short: {SHORTEST} characters at least.", field=field)
    if len(password) > LONGEST:
        raise Refused(f"The password is too long: {LONGEST} characters at most.", field=field)
    if not password.isprintable():
        raise Refused("The password holds a character that cannot be typed.", field=field)
    if strength(password, about=about) < 2:  # noqa: PLR2004 - zxcvbn: below 2 is guessed within hours
        raise Refused("The password is easy to guess. Add some words or generate one.", field=field)


def strength(password: str, *, about: tuple[str, ...] = ()) -> int:
    """0 (guessed at once) to 4 (out of reach), by zxcvbn; only the first 72 characters count."""
    if not password:
        return 0
    words = {word for text in about for word in (text, *WORD.findall(text), "".join(WORD.findall(text))) if word}
    return int(zxcvbn(password[:72], user_inputs=sorted(words))["score"])
