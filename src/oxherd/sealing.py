"""Secrets at rest: sealed with a key that lives outside the database."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from oxherd.errors import OxherdError


class SealBroken(OxherdError):
    code = "seal_broken"


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(secret: str) -> str:
    """Encrypt a secret for the database. The first configured key is used; an empty secret stays empty."""
    if not secret:
        return ""
    return _box(tuple(settings.OXHERD_ENCRYPTION_KEYS)).encrypt(secret.encode()).decode()


def unseal(token: str) -> str:
    """Give back what `seal` was given, whichever configured key sealed it.

    Raises SealBroken where no configured key opens the token (a wrong key file, or an altered row).
    """
    if not token:
        return ""
    try:
        return _box(tuple(settings.OXHERD_ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise SealBroken("A stored secret cannot be opened with the configured encryption key.") from None


def resealed(token: str) -> str | None:
    """The token sealed anew with the first configured key; None for one that is, or that holds nothing.

    Raises SealBroken as `unseal` does.
    """
    if not token:
        return None
    keys = tuple(settings.OXHERD_ENCRYPTION_KEYS)
    try:
        _box(keys[:1]).decrypt(token.encode())
    except InvalidToken:
        return seal(unseal(token))
    return None
