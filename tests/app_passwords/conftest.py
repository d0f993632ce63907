import pytest
from tests.cast import Cast

from oxherd.people.models import ServiceUser


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """With OX, of a customer whose mail we carry."""
    cast.carry_mail()
    return cast.user(ox=True)
