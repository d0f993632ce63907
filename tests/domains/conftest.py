from collections.abc import Callable

import pytest
from tests.cast import Cast, make_cast

from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain


@pytest.fixture
def open_cast(transactional_db: None) -> Cast:
    """The cast with its rows committed, for commands that meet in several threads."""
    return make_cast()


@pytest.fixture
def claim(cast: Cast) -> Callable[..., Domain]:
    """A domain that Bob (or Charlie, for Globex) has added, and that waits for its proof."""

    def make(name: str, *, by: str = "bob", catch_all: str = "") -> Domain:
        tenant = cast.acme if by == "bob" else cast.globex
        return add_domain(actor=cast.actor(getattr(cast, by)), tenant=tenant, name=name, catch_all=catch_all)

    return make
