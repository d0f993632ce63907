import pytest
from django.conf import settings
from tests.cast import Cast, make_cast


def pytest_configure() -> None:
    # The administrators' passwords of tests guard nothing, and each hash would cost a tenth of a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: None) -> Cast:
    """Two customers with domains, profiles and administrators; the platform is not reached."""
    return make_cast()
