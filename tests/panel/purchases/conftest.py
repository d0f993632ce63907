from typing import NamedTuple

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from tests.cast import Cast
from tests.purchases.conftest import Asks, anna, asks, premium

from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile

__all__ = ["anna", "asks", "premium"]


@pytest.fixture
def bob(cast):
    return cast.client(cast.bob)


@pytest.fixture
def base(cast) -> str:
    return f"/t/{cast.acme.pk}/ox/requests/"


class Scene(NamedTuple):
    """What most tests need: Bob's browser, the address of the list, and somebody who asks."""

    cast: Cast
    bob: Client
    base: str
    asks: Asks


@pytest.fixture
def scene(cast, bob, base, asks) -> Scene:
    return Scene(cast, bob, base, asks)


def user_with_mail(cast: Cast, name: str) -> ServiceUser:
    user = cast.user(name, ox=True)
    change_profile(actor=cast.system, users=[user], profile=cast.mail)
    return user


@pytest.fixture
def ben(cast) -> ServiceUser:
    return user_with_mail(cast, "Ben Oak")


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]
