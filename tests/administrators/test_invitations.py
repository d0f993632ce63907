"""A role is offered by a link that works once, for a while; nobody gives more than they hold."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import PASSWORD
from tests.rows import everything, last_entry, refused
from tests.threads import overlapping

from oxherd.accounts.commands import grant
from oxherd.accounts.models import Administrator, CustomRole, Membership, SignInPolicy
from oxherd.accounts.states import Role
from oxherd.administrators import invitations
from oxherd.administrators.invitations import accept, accept_as, by_digest, digest_of, invite, revoke, send_again
from oxherd.administrators.models import Invitation
from oxherd.administrators.states import InvitationState
from oxherd.errors import NotAllowed, NotYours, Refused

HELP = Role.HELP_DESK


def invited(cast, by=None, **changes):
    by = cast.actor(by or cast.bob)
    place = {} if {"brand", "tenant"} & set(changes) else {"tenant": cast.acme}
    return invite(actor=by, **{"email": "eve@panel.test", "name": "Eve Fox", "role": HELP} | place | changes)


def token(link):
    return link.rstrip("/").rpartition("/")[2]


def taken(made, **changes):
    return accept(**{"digest": digest_of(token(made.link)), "name": "Eve Fox", "password": PASSWORD} | changes)


def test_an_invited_person_gets_the_role_by_the_link(cast):
    made = invited(cast, email=" Eve@Panel.TEST")
    assert made.link.startswith("http://localhost:8000/invitation/")
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id) == ("administrator:invite", "Bob", cast.acme.pk)
    assert entry.after == {"email": "eve@panel.test", "role": "Help desk"}
    eve = taken(made)
    assert (eve.email, eve.name, eve.check_password(PASSWORD)) == ("eve@panel.test", "Eve Fox", True)
    assert [(held.role, held.tenant) for held in eve.memberships.all()] == [("help_desk", cast.acme)]
    entry = last_entry()
    assert (entry.action, entry.administrator_id, entry.tenant_id) == ("administrator:accept", eve.pk, cast.acme.pk)
    assert entry.after == {"email": "eve@panel.test", "role": "Help desk", "invited_by": "Bob"}


def test_the_link_works_once(cast):
    made = invited(cast)
    taken(made)
    with refused(None) as caught:
        taken(made)
    assert "has been used already" in caught.value.sentence


def test_what_stands_in_the_link_is_stored_sealed_only_and_in_no_job(cast):
    made = invited(cast)
    secret = token(made.link)
    assert len(secret) > 40
    assert secret not in repr(everything())
    job = ProcrastinateJob.objects.get(task_name="oxherd.tell_invited")
    assert job.args == {"invitation_id": made.invitation.pk}
    taken(made)
    assert Invitation.objects.get().sealed_token == ""


def test_an_expired_link_is_refused_and_a_new_invitation_is_not_in_its_way(cast):
    made = invited(cast)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Invitation.objects.get().state == InvitationState.EXPIRED
    with refused(None) as caught:
        taken(made)
    assert "has expired" in caught.value.sentence
    again = invited(cast)
    with refused(None) as caught:
        taken(made)
    assert "withdrawn" in caught.value.sentence
    assert taken(again).email == "eve@panel.test"


def test_a_withdrawn_link_is_refused(cast):
    made = invited(cast)
    revoke(actor=cast.actor(cast.bob), invitation=made.invitation)
    assert (last_entry().action, Invitation.objects.get().sealed_token) == ("invitation:revoke", "")
    with refused(None):
        taken(made)
    with refused(None):
        revoke(actor=cast.actor(cast.bob), invitation=made.invitation)


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_an_altered_link_is_refused(cast, digest):
    invited(cast)
    with refused(None) as caught:
        by_digest(digest)
    assert caught.value.sentence == invitations.UNKNOWN


def test_sent_again_only_the_new_link_is_valid(cast):
    first = invited(cast)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1), tell_error="No.", tell_tries=3)
    second = send_again(actor=cast.actor(cast.bob), invitation=first.invitation)
    assert last_entry().action == "invitation:again"
    assert (second.invitation.tell_error, second.invitation.tell_tries) == ("", 0)
    with refused(None) as caught:
        taken(first)
    assert caught.value.sentence == invitations.UNKNOWN
    assert taken(second).email == "eve@panel.test"


def test_an_administrator_takes_a_further_role_up_after_signing_in(cast):
    made = invited(cast, email="charlie@panel.test", name="")
    assert made.invitation.name == "Charlie"
    accept_as(administrator=cast.charlie, digest=made.invitation.digest)
    assert cast.charlie.memberships.count() == 2
    assert Administrator.objects.count() == 5


def test_somebody_else_who_has_signed_in_cannot_use_the_link(cast):
    made = invited(cast)
    with refused(None):
        accept_as(administrator=cast.rita, digest=made.invitation.digest)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "eve"}, "email"),
        ({"email": "eve@panel.test\nBcc: all@panel.test"}, "email"),
        ({"email": "dora@panel.test"}, "email"),
        ({"name": "E" * 201}, "name"),
        ({"role": Role.OPERATOR}, "role"),
        ({"role": Role.RESELLER}, "role"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast, changes, field):
    with refused(field):
        invited(cast, **changes)


def test_the_same_address_is_invited_once_to_one_place(cast):
    invited(cast)
    with refused("email") as caught:
        invited(cast, role=Role.READ_ONLY)
    assert "has been invited already" in caught.value.sentence
    assert invited(cast, by=cast.charlie, tenant=cast.globex).invitation.pk
    with refused("role"):
        invited(cast, by=cast.alice, tenant=cast.acme, brand=cast.brand)


def test_a_deactivated_administrator_is_not_invited(cast):
    Administrator.objects.filter(pk=cast.rita.pk).update(is_active=False)
    with refused("email") as caught:
        invited(cast, email="rita@panel.test")
    assert "deactivated" in caught.value.sentence


def test_nobody_invites_where_they_do_not_manage_administrators(cast):
    with pytest.raises(NotAllowed):
        invited(cast, by=cast.dora)
    with pytest.raises(NotYours):
        invited(cast, by=cast.charlie)
    with pytest.raises(NotAllowed):
        invited(cast, brand=None)
    assert Invitation.objects.count() == 0


def test_nobody_gives_more_than_they_hold_there(cast):
    lesser = CustomRole.objects.create(
        tenant=cast.acme, name="Deputy", permissions=["view", "manage_administrators", "manage_users"]
    )
    Membership.objects.create(administrator=cast.rita, tenant=cast.acme, custom_role=lesser)
    with refused("role") as caught:
        invited(cast, by=cast.rita, role=Role.CUSTOMER_ADMINISTRATOR)
    assert "allows more than yours does here" in caught.value.sentence
    assert invited(cast, by=cast.rita, role=lesser).invitation.role_name == "Deputy"


def test_a_role_of_another_customer_does_not_exist_here(cast):
    foreign = CustomRole.objects.create(tenant=cast.globex, name="Theirs", permissions=["view"])
    shared = CustomRole.objects.create(brand=cast.brand, name="Of the brand", permissions=["view"])
    with refused("role"):
        invited(cast, role=foreign)
    made = invited(cast, role=shared)
    assert taken(made).memberships.get().custom_role == shared


@pytest.mark.parametrize("what", ["deactivated", "without the role", "with less"])
def test_who_has_lost_rights_gives_none_away_any_more(cast, what):
    made = invited(cast, role=Role.CUSTOMER_ADMINISTRATOR)
    if what == "deactivated":
        Administrator.objects.filter(pk=cast.bob.pk).update(is_active=False)
    else:
        cast.bob.memberships.all().delete()
    if what == "with less":
        grant(cast.bob, Role.READ_ONLY, tenant=cast.acme)
    with refused(None) as caught:
        taken(made)
    assert "withdrawn" in caught.value.sentence


def test_the_password_obeys_the_rules_of_the_place(cast):
    SignInPolicy.objects.create(tenant=cast.acme, shortest_password=30)
    made = invited(cast)
    with refused("password") as caught:
        taken(made)
    assert "30 characters at least" in caught.value.sentence
    with refused("password"):
        taken(made, password="eve@panel.test")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_comes_too_late(transactional_db):
    from tests.cast import make_cast

    cast = make_cast()
    made = invited(cast)
    _, second = overlapping(lambda: taken(made), lambda: taken(made))
    assert (type(second), "used already" in second.sentence) == (Refused, True)
    assert Membership.objects.filter(administrator__email="eve@panel.test").count() == 1
