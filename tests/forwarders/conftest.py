import pytest
from tests.cast import Cast, make_cast

from oxherd.brands.states import PlatformKind


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast as customers of OX Cloud, which passes mail on; the platform is not reached."""
    return make_cast(kind=PlatformKind.OX_CLOUD)
