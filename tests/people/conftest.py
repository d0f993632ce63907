import pytest
from tests.cast import PASSWORD, make_cast

from oxherd.people.commands import NewUser


@pytest.fixture
def open_cast(transactional_db):
    """The cast with its rows committed, for commands that meet in several threads."""
    return make_cast()


@pytest.fixture
def new_user():
    """What a door knows of Eve, with changes."""

    def make(**changes):
        fields = {"display_name": "Eve Fox", "login": "eve", "domain": "acme.test", "password": PASSWORD}
        return NewUser(**fields | changes)

    return make
