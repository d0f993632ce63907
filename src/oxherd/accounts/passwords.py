"""What administrators may take as their passwords."""

import hashlib
import logging
from functools import cache
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

from oxherd import guessing, outgoing
from oxherd.accounts.models import Administrator
from oxherd.accounts.policies import USUAL, Policy
from oxherd.accounts.queries import policy_of
from oxherd.errors import Refused

# Somebody waits for the page meanwhile, in seconds: to connect, to answer.
TIMEOUT = (1.0, 2.0)
PREFIX = 5
LARGEST_ANSWER = 400_000  # of padded ranges: about a thousand lines
LEAKED = "This password has appeared in a data breach: others know it. Choose another one."
logger = logging.getLogger(__name__)


def is_allowed(password: str, *, email: str, name: str = "", policy: Policy = USUAL, field: str = "password") -> None:
    """Raise Refused at `field` for a password that is short, common, easily guessed, or close to name or address."""
    person = Administrator(email=email, name=name)
    for validator in (_common_passwords(), UserAttributeSimilarityValidator(("email", "name"))):
        try:
            validator.validate(password, person)
        except ValidationError as error:
            if len(password) >= policy.shortest_password:  # else that is what is wrong
                raise Refused(_sentence(error), field=field) from None
    guessing.is_good_enough(password, about=(email, name), field=field, shortest=policy.shortest_password)


def is_not_leaked(password: str, *, policy: Policy = USUAL, field: str = "password") -> None:
    """Raise Refused at `field` for a password that the configured service knows from a breach.

    It asks over the network: not to be called inside a transaction. Where the service does not answer, the shipped list
    of common passwords has to do, which `is_allowed` looks at in any case.
    """
    if policy.checks_breaches and settings.BREACH_URL and times_seen(password):
        raise Refused(LEAKED, field=field)


def times_seen(password: str) -> int:
    """How often the password was found in breaches; 0 also where the service does not answer.

    The service learns the first 5 of 40 digits of its SHA-1, which hundreds of passwords share, and not even how many
    it knew: https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange
    """
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    url = f"{settings.BREACH_URL.rstrip('/')}/{digest[:PREFIX]}"
    try:
        with (
            outgoing.session(outgoing.PLATFORM) as asking,
            asking.get(url, headers={"Add-Padding": "true"}, timeout=TIMEOUT, stream=True) as answer,
        ):
            answer.raise_for_status()
            text = answer.raw.read(LARGEST_ANSWER, decode_content=True).decode("ascii", "replace")
    except (requests.RequestException, OSError) as error:
        logger.warning("the service for leaked passwords does not answer: %s", type(error).__name__)
        return 0
    return next((_count(line) for line in text.splitlines() if line[:35].upper() == digest[PREFIX:]), 0)


class Rules:
    """The same for the forms of the sign-in package: Django calls this a password validator."""

    def validate(self, password: str, user: Any = None) -> None:
        person = user if isinstance(user, Administrator) else None
        policy = policy_of(person) if person and person.pk else USUAL
        email, name = (person.email, person.name) if person else ("", "")
        try:
            is_allowed(password, email=email, name=name, policy=policy)
            is_not_leaked(password, policy=policy)
        except Refused as refused:
            raise ValidationError(refused.sentence) from None

    def get_help_text(self) -> str:
        return "No common password, and neither name nor address."


@cache
def _common_passwords() -> CommonPasswordValidator:
    """Django's, which reads its list of 20,000 whenever one is made."""
    return CommonPasswordValidator()


def _count(line: str) -> int:
    """Lines are `SUFFIX:COUNT`; those of the padding count 0."""
    number = line.partition(":")[2].strip()
    return int(number) if number.isascii() and number.isdecimal() else 0


def _sentence(error: ValidationError) -> str:
    if error.code == "password_too_common":
        return "This password is on the list of common ones. Choose another one."
    return "This password is too close to your name or address. Choose another one."
