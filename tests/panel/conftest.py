import pytest


@pytest.fixture
def bob(cast):
    return cast.client(cast.bob)


@pytest.fixture
def base(cast) -> str:
    """The list of OX users."""
    return f"/t/{cast.acme.pk}/ox/users/"
