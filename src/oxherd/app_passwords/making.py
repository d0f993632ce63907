"""Application passwords themselves: made at random, and kept as a digest that the mail server compares."""

import secrets
from hashlib import sha256

# 32 letters and digits, 5 bits each, without those that are mistaken for each other.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
BLOCKS, LETTERS = 7, 4


def generate() -> str:
    """Seven blocks of four with hyphens between them, 140 bits. The hyphens belong to it."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(BLOCKS))


def digest_of(secret: str) -> str:
    """As Dovecot makes it of what was typed, to the letter: SHA-256, hexadecimal."""
    return sha256(secret.encode()).hexdigest()
