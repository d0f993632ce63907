import pytest
from django.core.cache import cache
from django.test import Client
from tests.cast import PASSWORD, Cast

from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.tenants.commands import switch_self_service

SIGN_IN = "/me/sign-in/"


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """With OX and the lower profile; self-service is on at Acme."""
    cache.clear()
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    user = cast.user(ox=True, aliases=("a.becker@acme.test",))
    change_profile(actor=cast.system, users=[user], profile=cast.mail)
    return user


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def me(client: Client, anna: ServiceUser) -> Client:
    """The browser in which Anna has just signed in."""
    assert sign_in(client).url == "/me/"
    return client


def sign_in(client: Client, login: str = "anna.becker@acme.test", password: str = PASSWORD):
    return client.post(SIGN_IN, {"login": login, "password": password})
