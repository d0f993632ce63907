"""Passwords of users, kept as salted hashes.

Every call brings its credentials, so a check that succeeded once is remembered in memory.
"""

import hashlib
import hmac
import os
from functools import lru_cache

ROUNDS = 600  # of a stand-in: enough not to hold passwords in clear, few enough for a thousand new users in a second


def hashed(password: str) -> str:
    salt = os.urandom(12)
    return f"{salt.hex()}:{_digest(password, salt).hex()}"


@lru_cache(maxsize=4096)
def matches(stored: str, password: str) -> bool:
    salt, _, digest = stored.partition(":")
    return hmac.compare_digest(_digest(password, bytes.fromhex(salt)).hex(), digest)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
