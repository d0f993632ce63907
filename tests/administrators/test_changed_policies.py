"""Sign-in rules are set per level, by those who manage administrators there."""

import pytest
from tests.rows import everything, last_entry, refused

from oxherd.accounts.queries import forbids_acting_for, policy_of
from oxherd.administrators.policies import PolicyWish, change_policy
from oxherd.errors import NotAllowed, NotYours


def test_rules_are_set_and_told(cast):
    wish = PolicyWish(second_factor="some", second_factor_roles=["read_only"], idle_minutes=30, forbids_acting_for=True)
    change_policy(actor=cast.actor(cast.bob), wish=wish, tenant=cast.acme)
    entry = last_entry()
    assert (entry.action, entry.tenant_id, entry.after["idle_minutes"]) == ("policy:change", cast.acme.pk, 30)
    assert (policy_of(cast.rita).second_factor, policy_of(cast.bob).second_factor) == (True, False)
    assert (forbids_acting_for(cast.acme.pk), forbids_acting_for(cast.globex.pk)) == (True, False)
    before = everything()
    change_policy(actor=cast.actor(cast.bob), wish=wish, tenant=cast.acme)
    assert everything() == before


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"idle_minutes": 4}, "idle_minutes"),
        ({"session_hours": 1000}, "session_hours"),
        ({"shortest_password": 7}, "shortest_password"),
        ({"second_factor": "some"}, "second_factor_roles"),
        ({"second_factor": "few"}, "second_factor"),
    ],
)
def test_what_is_out_of_range_is_refused_at_its_field(cast, wish, field):
    with refused(field):
        change_policy(actor=cast.actor(cast.bob), wish=PolicyWish(**wish), tenant=cast.acme)


def test_only_a_customer_forbids_acting_and_only_by_its_own_people(cast):
    change_policy(actor=cast.system, wish=PolicyWish(forbids_acting_for=True), brand=cast.brand)
    assert not forbids_acting_for(cast.acme.pk)


def test_others_set_nothing(cast):
    for who, error in (("dora", NotAllowed), ("charlie", NotYours)):
        with pytest.raises(error):
            change_policy(actor=cast.actor(getattr(cast, who)), wish=PolicyWish(), tenant=cast.acme)
    with pytest.raises(NotAllowed):
        change_policy(actor=cast.actor(cast.bob), wish=PolicyWish())
