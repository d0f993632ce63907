"""Roles are given, changed and taken by those who hold as much; the last operator stays."""

import pytest
from tests.cast import PASSWORD
from tests.rows import everything, last_entry, refused
from tests.threads import overlapping

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator, CustomRole, Membership
from oxherd.accounts.states import Role
from oxherd.administrators.commands import change_role, deactivate, give_role, reactivate, take_role
from oxherd.audit.models import AuditEntry
from oxherd.errors import NotAllowed, NotYours, Refused


def held(administrator):
    return administrator.memberships.select_related("tenant", "brand", "custom_role").get()


def test_a_role_is_given_changed_and_taken_and_each_is_in_the_audit(cast):
    bob = cast.actor(cast.bob)
    given = give_role(actor=bob, administrator=cast.charlie, role=Role.READ_ONLY, tenant=cast.acme)
    assert (last_entry().action, last_entry().after) == ("administrator:grant", {"role": "Read-only"})
    change_role(actor=bob, membership=given, role=Role.HELP_DESK)
    entry = last_entry()
    assert (entry.action, entry.before, entry.after, entry.tenant_id) == (
        "administrator:role",
        {"role": "Read-only"},
        {"role": "Help desk"},
        cast.acme.pk,
    )
    before = everything()
    change_role(actor=bob, membership=given, role=Role.HELP_DESK)
    assert everything() == before
    take_role(actor=bob, membership=given)
    assert (last_entry().action, cast.charlie.memberships.count()) == ("administrator:remove", 1)
    with pytest.raises(NotYours):
        take_role(actor=bob, membership=given)


def test_a_role_of_ones_own_making_can_take_the_place_of_another(cast):
    deputy = CustomRole.objects.create(tenant=cast.acme, name="Deputy", permissions=["view", "manage_users"])
    changed = change_role(actor=cast.actor(cast.bob), membership=held(cast.rita), role=deputy)
    assert (changed.role, held(cast.rita).custom_role, held(cast.rita).role_name) == ("", deputy, "Deputy")


def test_nobody_decides_about_themselves(cast):
    bob, own = cast.actor(cast.bob), held(cast.bob)
    with refused("role"):
        change_role(actor=bob, membership=own, role=Role.READ_ONLY)
    with refused("role"):
        take_role(actor=bob, membership=own)
    with refused("role"):
        give_role(actor=bob, administrator=cast.bob, role=Role.HELP_DESK, tenant=cast.acme)
    with refused("role"):
        deactivate(actor=bob, administrator=cast.bob)


def test_nobody_takes_or_gives_more_than_they_hold(cast):
    grant(cast.charlie, Role.RESELLER, brand=cast.brand)
    alice = add_administrator(email="amy@panel.test", name="Amy", password=PASSWORD)
    grant(alice, Role.OPERATOR)
    reseller = cast.actor(cast.charlie)
    with pytest.raises(NotAllowed):
        take_role(actor=reseller, membership=held(alice))
    deputy = CustomRole.objects.create(tenant=cast.acme, name="Deputy", permissions=["view", "manage_administrators"])
    change_role(actor=reseller, membership=held(cast.rita), role=deputy)
    rita = cast.actor(cast.rita)
    for act in (
        lambda: take_role(actor=rita, membership=held(cast.bob)),
        lambda: change_role(actor=rita, membership=held(cast.bob), role=Role.READ_ONLY),
        lambda: give_role(actor=rita, administrator=cast.dora, role=Role.CUSTOMER_ADMINISTRATOR, tenant=cast.acme),
    ):
        with refused("role"):
            act()
    with refused(""):
        deactivate(actor=rita, administrator=cast.bob)


def test_strangers_and_those_without_the_permission_do_nothing(cast):
    for who, error in (("dora", NotAllowed), ("charlie", NotYours)):
        actor = cast.actor(getattr(cast, who))
        with pytest.raises(error):
            take_role(actor=actor, membership=held(cast.rita))
        with pytest.raises(error):
            give_role(actor=actor, administrator=cast.rita, role=Role.HELP_DESK, tenant=cast.acme)
    with refused(None):
        deactivate(actor=cast.actor(cast.charlie), administrator=cast.bob)


def test_a_role_is_held_once_and_belongs_to_its_level(cast):
    bob = cast.actor(cast.bob)
    with refused("role"):
        give_role(actor=bob, administrator=cast.dora, role=Role.HELP_DESK, tenant=cast.acme)
    extra = give_role(actor=bob, administrator=cast.dora, role=Role.READ_ONLY, tenant=cast.acme)
    with refused("role"):
        change_role(actor=bob, membership=extra, role=Role.HELP_DESK)
    with refused("role"):
        give_role(actor=cast.system, administrator=cast.rita, role=Role.OPERATOR, brand=cast.brand)


def test_the_last_operator_stays(cast):
    for act in (
        lambda: take_role(actor=cast.system, membership=held(cast.alice)),
        lambda: change_role(actor=cast.system, membership=held(cast.alice), role=Role.READ_ONLY),
        lambda: deactivate(actor=cast.system, administrator=cast.alice),
    ):
        with refused("role") as caught:
            act()
        assert "last operator" in caught.value.sentence
    grant(cast.bob, Role.OPERATOR)
    deactivate(actor=cast.system, administrator=cast.bob)  # who is deactivated does not count
    with refused("role"):
        take_role(actor=cast.system, membership=held(cast.alice))


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_who_remove_each_other_one_stays(transactional_db):
    from tests.cast import make_cast

    cast = make_cast()
    amy = add_administrator(email="amy@panel.test", name="Amy", password=PASSWORD)
    grant(amy, Role.OPERATOR)
    _, second = overlapping(
        lambda: deactivate(actor=cast.actor(amy), administrator=cast.alice),
        lambda: deactivate(actor=cast.actor(cast.alice), administrator=amy),
    )
    assert isinstance(second, Refused)
    assert Administrator.objects.filter(memberships__role="operator", is_active=True).count() == 1


def test_deactivating_ends_all_sessions_at_once_and_reactivating_brings_none_back(cast):
    client = cast.client(cast.rita)
    assert client.get(f"/t/{cast.acme.pk}/users/").status_code == 200
    deactivate(actor=cast.actor(cast.bob), administrator=cast.rita)
    assert client.get(f"/t/{cast.acme.pk}/users/").status_code == 302
    reactivate(actor=cast.actor(cast.bob), administrator=cast.rita)
    assert client.get(f"/t/{cast.acme.pk}/users/").status_code == 302
    assert cast.client(Administrator.objects.get(pk=cast.rita.pk)).get(f"/t/{cast.acme.pk}/users/").status_code == 200
    actions = AuditEntry.objects.filter(subject_id=cast.rita.pk, tenant_id=cast.acme.pk).order_by("id")
    assert [entry.action for entry in actions] == ["administrator:deactivate", "administrator:reactivate"]


def test_who_has_roles_elsewhere_is_deactivated_by_those_above_only(cast):
    give_role(actor=cast.actor(cast.charlie), administrator=cast.rita, role=Role.HELP_DESK, tenant=cast.globex)
    with refused(None) as caught:
        deactivate(actor=cast.actor(cast.bob), administrator=cast.rita)
    assert "Take away the role here instead" in caught.value.sentence
    deactivate(actor=cast.actor(cast.alice), administrator=cast.rita)
    told = AuditEntry.objects.filter(action="administrator:deactivate").values_list("tenant_id", flat=True)
    assert set(told) == {cast.acme.pk, cast.globex.pk}
    before = everything()
    deactivate(actor=cast.actor(cast.alice), administrator=cast.rita)
    assert everything() == before
    rita = Administrator.objects.get(pk=cast.rita.pk)
    with refused("email"):
        give_role(actor=cast.actor(cast.bob), administrator=rita, role=Role.HELP_DESK, tenant=cast.acme)


def test_a_customer_is_deleted_with_its_roles(cast):
    deputy = CustomRole.objects.create(tenant=cast.acme, name="Deputy", permissions=["view"])
    change_role(actor=cast.system, membership=held(cast.rita), role=deputy)
    assert Membership.objects.filter(custom_role=deputy).count() == 1
    for model in ("domains", "seats"):
        getattr(cast.acme, model).all().delete()
    cast.acme.delete()
    assert (CustomRole.objects.count(), Membership.objects.filter(administrator=cast.rita).count()) == (0, 0)
