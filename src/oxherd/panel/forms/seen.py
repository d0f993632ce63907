"""Two people with the same form open: who saves second is told, instead of undoing the first unawares."""

import json
from collections.abc import Iterable
from hashlib import sha256


def fingerprint(values: Iterable[str]) -> str:
    """What a form carries along of the values that it was filled in with."""
    return sha256(json.dumps(list(values)).encode()).hexdigest()[:32]


def is_stale(carried: str, values: Iterable[str]) -> bool:
    """Whether the stored values are others than those that the form began with. A form that carries nothing is not."""
    return bool(carried) and carried != fingerprint(values)
