"""Names of domains as people write them."""

import pytest

from oxherd.domains.models import readable, shown


@pytest.mark.parametrize(("stored", "written"), [("acme.test", "acme.test"), ("xn--bcher-kva.test", "bücher.test")])
def test_a_stored_name_is_shown_with_letters_of_all_scripts(stored, written):
    assert shown(stored) == written
    assert readable(f"info@{stored}") == f"info@{written}"


@pytest.mark.parametrize("nonsense", ["xn--", "xn--.test", "xn--\x00", "a.xn--zzzzzzzzzzz"])
def test_what_is_no_name_stays_as_it_is(nonsense):
    assert shown(nonsense) == nonsense
