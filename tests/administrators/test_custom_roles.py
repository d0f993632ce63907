"""Roles of one's own making: sets of permissions that hold no more than their maker's."""

import pytest
from tests.rows import everything, last_entry, refused

from oxherd.accounts.models import CustomRole, Membership, SignInPolicy
from oxherd.accounts.states import Permission, Role
from oxherd.administrators import queries
from oxherd.administrators.commands import change_role as change_role_of
from oxherd.administrators.invitations import invite, revoke
from oxherd.administrators.roles import add_role, change_role, remove_role
from oxherd.errors import NotAllowed, NotYours

P = Permission


def deputy(cast, by=None, **changes):
    wish = {"name": " Deputy ", "permissions": [P.MANAGE_USERS, P.MANAGE_ADMINISTRATORS], "tenant": cast.acme} | changes
    return add_role(actor=cast.actor(by or cast.bob), **wish)


def give(cast, role, who):
    row = who.memberships.get()
    return change_role_of(actor=cast.system, membership=row, role=role)


def test_a_role_is_made_changed_and_deleted(cast):
    role = deputy(cast)
    assert (role.name, role.gives) == ("Deputy", {P.VIEW, P.MANAGE_USERS, P.MANAGE_ADMINISTRATORS})
    assert last_entry().after == {
        "name": "Deputy",
        "permissions": ["See", "Manage service users", "Manage administrators, roles and sign-in rules"],
    }
    give(cast, role, cast.rita)
    assert cast.actor(cast.rita).may(P.MANAGE_USERS, cast.acme)
    change_role(actor=cast.actor(cast.bob), role=role, name="Phone", permissions=[P.SET_PASSWORD])
    assert cast.actor(cast.rita).held(cast.acme) == {P.VIEW, P.SET_PASSWORD}
    assert last_entry().after == {"name": "Phone", "permissions": ["See", "Set passwords"]}
    before = everything()
    change_role(actor=cast.actor(cast.bob), role=role, name="Phone", permissions=[P.SET_PASSWORD])
    assert everything() == before
    change_role_of(actor=cast.actor(cast.bob), membership=cast.rita.memberships.get(), role=Role.READ_ONLY)
    remove_role(actor=cast.actor(cast.bob), role=role)
    assert (CustomRole.objects.count(), last_entry().action) == (0, "role:remove")
    with pytest.raises(NotYours):
        remove_role(actor=cast.actor(cast.bob), role=role)


def test_a_role_in_use_stays(cast):
    role = deputy(cast)
    give(cast, role, cast.rita)
    bob = cast.actor(cast.bob)
    made = invite(actor=bob, email="eve@panel.test", role=role, tenant=cast.acme)
    with refused(None) as caught:
        remove_role(actor=bob, role=role)
    assert "in use by 1 administrator and 1 invitation" in caught.value.sentence
    revoke(actor=bob, invitation=made.invitation)
    change_role_of(actor=bob, membership=cast.rita.memberships.get(), role=Role.READ_ONLY)
    policy = SignInPolicy.objects.create(
        tenant=cast.acme, second_factor="some", second_factor_roles=["help_desk", f"custom:{role.pk}"]
    )
    remove_role(actor=bob, role=role)
    policy.refresh_from_db()
    assert policy.second_factor_roles == ["help_desk"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "D" * 101}, "name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": [P.MANAGE_BRANDS]}, "permissions"),
        ({"permissions": [P.ACT_FOR]}, "permissions"),
    ],
)
def test_what_cannot_be_is_refused(cast, changes, field):
    with refused(field):
        deputy(cast, **changes)


def test_names_are_taken_once_at_a_place(cast):
    deputy(cast)
    with refused("name"):
        deputy(cast, name="DEPUTY")
    deputy(cast, by=cast.charlie, tenant=cast.globex)
    deputy(cast, by=cast.alice, tenant=None)


def test_nobody_makes_or_changes_a_role_beyond_their_own(cast):
    role = deputy(cast)
    give(cast, role, cast.rita)
    greater = deputy(cast, name="Greater", permissions=[P.MANAGE_DOMAINS])
    rita = cast.actor(cast.rita)
    with refused("permissions"):
        add_role(actor=rita, name="More", permissions=[P.MANAGE_DOMAINS], tenant=cast.acme)
    with refused("permissions"):
        change_role(actor=rita, role=greater, name="Lesser", permissions=[P.MANAGE_USERS])
    with refused("permissions") as caught:
        change_role(actor=rita, role=role, name="Deputy", permissions=[P.MANAGE_USERS])
    assert "Nobody changes their own role" in caught.value.sentence


def test_others_do_not_touch_the_roles_of_a_place(cast):
    role = deputy(cast)
    with pytest.raises(NotYours):
        change_role(actor=cast.actor(cast.charlie), role=role, name="X", permissions=[P.VIEW])
    with pytest.raises(NotAllowed):
        deputy(cast, by=cast.dora)
    with pytest.raises(NotYours):
        queries.owned_role(cast.actor(cast.charlie), cast.acme, role.pk)


def test_roles_are_offered_where_they_belong_and_below_and_to_those_who_hold_as_much(cast):
    own = deputy(cast)
    shared = deputy(cast, by=cast.alice, tenant=None, brand=cast.brand, name="Shared")
    deputy(cast, by=cast.charlie, tenant=cast.globex, name="Theirs")
    bob = cast.actor(cast.bob)
    labels = [str(getattr(role, "label", role)) for role in queries.offered(bob, cast.acme)]
    assert labels == ["Customer administrator", "Help desk", "Read-only", "Deputy", "Shared"]
    give(cast, own, cast.rita)
    offered = queries.offered(cast.actor(cast.rita), cast.acme)
    assert [getattr(role, "name", "") for role in offered if isinstance(role, CustomRole)] == ["Deputy", "Shared"]
    assert Role.HELP_DESK not in offered
    assert list(queries.owned_roles(cast.brand)) == [shared]
    assert [row.administrator for row in queries.holders(own)] == [cast.rita]
    assert Membership.objects.filter(custom_role=shared).count() == 0
