from collections.abc import Callable
from typing import Any

import pytest
from tests.cast import Cast

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Door
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.purchases.commands import Wish, ask
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.commands import change_tenant

REQUESTER = Actor("Anna Becker", Door.APP_SUITE)
Asks = Callable[..., PurchaseRequest]


@pytest.fixture
def premium(cast: Cast) -> Profile:
    """A profile above all others, of which Acme has one seat."""
    profile = add_profile(
        actor=cast.system, brand=cast.brand, name="Premium", access_combination="groupware_premium", rank=3
    )
    change_tenant(actor=cast.system, tenant=cast.acme, seats={profile: 1})
    return profile


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """With the profile Mail, and known to the platform as user 3."""
    user = cast.user(ox=True)
    change_profile(actor=cast.system, users=[user], profile=cast.mail)
    OxAccount.objects.filter(user=user).update(ox_id=3)
    return user


@pytest.fixture
def asks(cast: Cast) -> Asks:
    """Somebody asks for a profile, Groupware if nothing else is said."""

    def asked(user: ServiceUser, profile: Profile | None = None, **wish: Any) -> PurchaseRequest:
        account = OxAccount.objects.select_related("user__tenant", "profile").get(user=user)
        return ask(actor=REQUESTER, account=account, wish=Wish(profile or cast.groupware, **wish))

    return asked
