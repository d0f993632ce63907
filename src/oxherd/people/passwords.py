"""Passwords of service users: hashed for the mail server, generated, and weighed."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from oxherd.guessing import SHORTEST, is_good_enough, strength

__all__ = ["SHORTEST", "generate", "hashed", "is_good_enough", "strength", "verifies"]

# Without characters that are mistaken for each other when read aloud or from a screen.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
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
