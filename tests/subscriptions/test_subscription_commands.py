"""A customer is made in one go, and limits are held against their use."""

import pytest
from tests.rows import everything, last_entry, refused, waiting

from oxherd.accounts.actor import Actor, Grant, system
from oxherd.accounts.states import Door, Role
from oxherd.administrators.models import Invitation
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.domains.models import Domain
from oxherd.errors import NotAllowed, NotYours
from oxherd.groups.commands import remove_group, restore_group
from oxherd.profiles.commands import add_profile
from oxherd.resources.commands import remove_resource, restore_resource
from oxherd.subscriptions.commands import NewCustomer, add_customer, change_subscription, rehearse
from oxherd.subscriptions.queries import figures, holder_of, in_use, stored, with_domain
from oxherd.tenants.commands import change_tenant, take_seat
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.removal_commands import remove_tenant

ME = system("Tests", Door.CLI)


def wish(cast, **changes):
    given = {"brand": cast.brand, "name": "Initech", "domain": "initech.test", "seats": {cast.mail: 3}}
    return NewCustomer(**given | changes)


def test_a_customer_is_made_with_its_domain_in_one_act(cast):
    limits = {"domain_limit": 2, "group_limit": 5}
    alice = Actor("Alice", Door.PANEL, (Grant(Role.OPERATOR),), request_id="one")
    made = add_customer(actor=alice, new=wish(cast, limits=limits, quota_mb=500, context_name="initech"))
    assert (made.context_name, made.quota_mb, made.domain_limit, made.group_limit) == ("initech", 500, 2, 5)
    domain = Domain.objects.get(tenant=made)
    assert (domain.name, domain.proof, domain.approved_by) == ("initech.test", "approved", "Alice")
    acts = AuditEntry.objects.filter(tenant_id=made.pk).order_by("id").values_list("action", "request_id")
    assert list(acts) == [("tenant:add", "one"), ("domain:add", "one")]
    assert len(waiting(f"tenant:{made.pk}")) == 1


def test_the_first_administrator_is_invited_in_the_same_act(cast):
    made = add_customer(actor=ME, new=wish(cast, administrator_email="Ada@Initech.TEST", administrator_name="Ada Lo"))
    invitation = Invitation.objects.get(tenant=made)
    assert (invitation.email, invitation.name, invitation.role) == (
        "ada@initech.test",
        "Ada Lo",
        "customer_administrator",
    )
    actions = AuditEntry.objects.filter(tenant_id=made.pk).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["tenant:add", "domain:add", "administrator:invite"]


def test_the_domain_may_come_later(cast):
    made = add_customer(actor=ME, new=wish(cast, domain=" "))
    assert not Domain.objects.filter(tenant=made).exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("domain", {"domain": "no domain"}),
        ("domain", {"domain": "co.uk"}),
        ("domain", {"domain": "globex.test"}),
        ("domain", {"domain": "mail.globex.test"}),
        ("domain", {"limits": {"domain_limit": 0}}),
        ("context_name", {"context_name": "not allowed"}),
        ("seats", {"seats": "too many"}),
        ("group_limit", {"limits": {"group_limit": -1}}),
        ("administrator_email", {"administrator_email": "nobody"}),
        ("administrator_email", {"administrator_name": "Ada Lo"}),
        ("administrator_name", {"administrator_email": "ada@initech.test", "administrator_name": "A" * 201}),
    ],
)
def test_a_refusal_is_at_its_field_and_leaves_nothing(cast, field, changes):
    if "seats" in changes:
        changes = {"seats": {cast.mail: 2**31}}
    with refused(field):
        add_customer(actor=ME, new=wish(cast, **changes))
    with refused(field):
        rehearse(actor=ME, new=wish(cast, **changes))


def test_who_has_the_domain_is_told_to_who_may_know(cast):
    other = add_brand(actor=ME, name="Sunset", api_url="http://127.0.0.1:9", username="x", password="y")
    with refused("domain") as caught:
        add_customer(actor=ME, new=wish(cast, domain="globex.test"))
    assert caught.value.sentence == "globex.test belongs to Globex already."
    remove_tenant(actor=ME, tenant=cast.globex)
    assert holder_of(ME, "www.globex.test") == "Globex (recently removed)"
    elsewhere = Actor("Rosa", Door.PANEL, (Grant(Role.RESELLER, brand_id=other.pk),))
    assert holder_of(elsewhere, "globex.test") == ""
    with refused("domain") as caught:
        add_customer(actor=elsewhere, new=NewCustomer(other, "Initech", "globex.test"))
    assert "Globex" not in caught.value.sentence


def test_a_rehearsal_changes_nothing(cast):
    before = everything()
    rehearse(actor=ME, new=wish(cast))
    assert everything() == before


def test_only_who_manages_customers_adds_one(cast):
    for who, error in ((cast.bob, NotYours), (cast.rita, NotYours)):
        with pytest.raises(error):
            add_customer(actor=cast.actor(who), new=wish(cast))
    with pytest.raises(NotAllowed):
        change_subscription(actor=cast.actor(cast.bob), tenant=cast.acme, domain_limit=9)


def test_groups_and_resources_stop_at_their_limits(cast):
    change_tenant(actor=ME, tenant=cast.acme, group_limit=1, resource_limit=1)
    cast.acme.refresh_from_db()
    group, room = cast.group("Sales"), cast.resource("Blue room")
    with refused("display_name") as caught:
        cast.group("Support")
    sentence = "The subscription of Acme has room for 1 group. Remove one first, or ask your provider for more."
    assert caught.value.sentence == sentence
    with refused("display_name"):
        cast.resource("Red room")
    remove_group(actor=ME, group=group)
    remove_resource(actor=ME, resource=room)
    cast.group("Support")
    cast.resource("Red room")
    with refused("display_name"):
        restore_group(actor=ME, group=group)
    with refused("display_name"):
        restore_resource(actor=ME, resource=room)


def test_no_limit_falls_below_what_is_in_use(cast):
    cast.group("Sales")
    cast.group("Support")
    assert in_use(cast.acme) == {"domain_limit": 1, "subdomain_limit": 0, "group_limit": 2, "resource_limit": 0}
    with refused("group_limit") as caught:
        change_subscription(actor=ME, tenant=cast.acme, group_limit=1)
    assert caught.value.sentence == "There are 2 groups already: give at least 2, or remove some first."
    changed = change_subscription(actor=ME, tenant=cast.acme, group_limit=2, name="Acme AG")
    assert (changed.group_limit, changed.name) == (2, "Acme AG")


def test_a_profile_is_taken_away_while_nobody_has_it(cast):
    take_seat(cast.acme.pk, cast.groupware)
    with refused("seats") as caught:
        change_subscription(actor=ME, tenant=cast.acme, without=[cast.mail, cast.groupware])
    assert caught.value.sentence == ("1 user has the profile Groupware. Give them another one before you take it away.")
    change_subscription(actor=ME, tenant=cast.acme, without=[cast.mail])
    assert list(Seats.objects.filter(tenant=cast.acme).values_list("profile", flat=True)) == [cast.groupware.pk]
    assert last_entry().after == {"seats": {"Groupware": None}}
    change_subscription(actor=ME, tenant=cast.acme, without=[add_gold(cast)])


def add_gold(cast):
    return add_profile(actor=ME, brand=cast.brand, name="Gold", access_combination="all")


def test_figures_of_a_list_cost_the_same_for_any_number(cast, django_assert_num_queries):
    cast.user("Anna Becker", ox=True)
    cast.user("Bert Conrad")
    with django_assert_num_queries(2):
        found = figures([cast.acme, cast.globex])
    assert (found[cast.acme.pk].users_shown, found[cast.acme.pk].used, found[cast.acme.pk].bought) == ("2", 1, None)
    change_subscription(actor=ME, tenant=cast.globex, without=[cast.groupware])
    assert (figures([cast.globex])[cast.globex.pk].users, figures([cast.globex])[cast.globex.pk].bought) == (0, 10)
    assert figures([cast.globex])[cast.globex.pk].changed_at == last_entry().at


def test_what_mail_and_drive_take_is_told_as_far_as_it_is_known(cast):
    anna, _ = cast.user("Anna Becker", ox=True), cast.user("Bert Conrad", ox=True)
    assert (stored(cast.acme).accounts, stored(cast.acme).drive_known, stored(cast.acme).drive) == (2, 0, 0)
    from oxherd.people.usage import note_use

    note_use(anna.account.pk, drive=300, mail=None)
    found = stored(cast.acme)
    assert (found.drive_known, found.drive, found.mail_known, found.mail) == (1, 300, 1, 0)
    assert found.since is not None


def test_a_customer_is_found_by_a_domain_in_any_script(cast):
    assert list(with_domain(ME, " Acme.TEST ")) == [cast.acme.pk]
    assert list(with_domain(cast.actor(cast.charlie), "acme.test")) == []
    assert list(with_domain(ME, "acme")) == []
    assert Tenant.objects.filter(pk__in=with_domain(ME, "globex.test")).get() == cast.globex
