from random import Random

import pytest

from oxherd.sync.drift_scope import Ids


@pytest.mark.parametrize("is_ordered", [True, False])
def test_numbers_are_found_in_whatever_order_they_came(is_ordered: bool) -> None:
    numbers = list(range(1, 60_000, 3))
    if not is_ordered:
        Random(7).shuffle(numbers)
    ids = Ids()
    for number in numbers:
        ids.add(number)
    assert [number for number in range(3000) if number in ids] == list(range(1, 3000, 3))
    assert 59_998 in ids
    assert 60_001 not in ids
    assert None not in ids
