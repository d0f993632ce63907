"""What is asked at the sign-in: the strictest on the way down holds."""

from datetime import timedelta

import pytest

from oxherd.accounts.commands import grant
from oxherd.accounts.models import CustomRole, Membership, SignInPolicy
from oxherd.accounts.policies import USUAL, Policy
from oxherd.accounts.queries import actor_of, policy_at, policy_of
from oxherd.accounts.states import Door, Permission, Role


def says(brand=None, tenant=None, **said):
    return SignInPolicy.objects.create(brand=brand, tenant=tenant, **said)


def test_without_policies_the_usual_holds(cast):
    assert policy_of(cast.bob) == USUAL
    assert (USUAL.second_factor, USUAL.shortest_password, USUAL.checks_breaches) == (False, 10, True)


def test_the_strictest_of_all_levels_above_holds(cast):
    says(idle_minutes=30, session_hours=12, shortest_password=12)
    says(brand=cast.brand, idle_minutes=60, session_hours=6)
    says(tenant=cast.acme, idle_minutes=45, session_hours=8, shortest_password=8, second_factor="all")
    says(tenant=cast.globex, idle_minutes=1)
    assert policy_of(cast.bob) == Policy(True, timedelta(minutes=30), timedelta(hours=6), 12, True)
    assert policy_of(cast.alice) == Policy(False, timedelta(minutes=30), timedelta(hours=12), 12, True)


def test_the_provider_may_ask_for_less_than_is_usual_and_nobody_below(cast):
    says(tenant=cast.acme, idle_minutes=6000, shortest_password=8, checks_breaches=False)
    assert policy_of(cast.bob) == USUAL
    says(idle_minutes=600, shortest_password=8, checks_breaches=False)
    assert policy_of(cast.bob) == Policy(False, timedelta(minutes=600), USUAL.session, 8, False)
    SignInPolicy.objects.filter(tenant=cast.acme).update(checks_breaches=True)
    assert [policy_of(who).checks_breaches for who in (cast.bob, cast.charlie)] == [True, False]


def test_a_second_factor_can_be_asked_of_some_roles(cast):
    auditor = CustomRole.objects.create(name="Auditor", permissions=["view", "view_audit"])
    Membership.objects.create(administrator=cast.charlie, tenant=cast.globex, custom_role=auditor)
    says(second_factor="some", second_factor_roles=["operator", f"custom:{auditor.pk}"])
    asked = [policy_of(who).second_factor for who in (cast.alice, cast.bob, cast.charlie)]
    assert asked == [True, False, True]


def test_of_several_roles_the_strictest_policy_holds(cast):
    grant(cast.bob, Role.HELP_DESK, tenant=cast.globex)
    says(tenant=cast.globex, session_hours=1)
    assert policy_of(cast.bob).session == timedelta(hours=1)


def test_what_will_be_asked_of_an_invited_person_is_known_before(cast):
    says(tenant=cast.acme, shortest_password=14)
    says(brand=cast.brand, second_factor="some", second_factor_roles=["help_desk"])
    policy = policy_at("help_desk", brand_id=cast.brand.pk, tenant_id=cast.acme.pk)
    assert (policy.shortest_password, policy.second_factor) == (14, True)
    assert policy_at("operator") == USUAL


def test_a_custom_role_gives_what_it_holds_and_costs_no_query_more(cast, django_assert_num_queries):
    role = CustomRole.objects.create(brand=cast.brand, name="Phone", permissions=["view", "set_password", "unknown"])
    Membership.objects.create(administrator=cast.charlie, tenant=cast.acme, custom_role=role)
    with django_assert_num_queries(1):
        actor = actor_of(cast.charlie, door=Door.PANEL, request_id="")
    assert actor.held(cast.acme) == {Permission.VIEW, Permission.SET_PASSWORD}
    assert [grant.label for grant in actor.grants] == ["Customer administrator", "Phone"]
    assert actor.may(Permission.MANAGE_USERS, cast.globex)


@pytest.mark.parametrize("place", ["brand", "tenant"])
def test_a_level_has_one_policy(cast, place):
    from django.db import IntegrityError, transaction

    where = {place: cast.brand if place == "brand" else cast.acme}
    says(**where)
    with pytest.raises(IntegrityError), transaction.atomic():
        says(**where)
