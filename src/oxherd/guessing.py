"""How easily passwords are guessed, be they of administrators or of service users."""

import re

from zxcvbn import zxcvbn

from oxherd.errors import Refused

SHORTEST = 10
LONGEST = 128
WORD = re.compile(r"[^\W_]+")


def is_good_enough(
    password: str, *, about: tuple[str, ...] = (), field: str = "password", shortest: int = SHORTEST
) -> None:
    """Raise Refused for a password that is short, long, unprintable or guessed quickly.

    about: words that an attacker would try first, such as name and login. shortest: in characters.
    """
    if len(password) < shortest:
        raise Refused(f"The password is too short: {shortest} characters at least.", field=field)
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
