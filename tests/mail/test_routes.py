"""Where mail goes, as Postfix asks: by its look-ups in the database."""

import idna
import pytest
from django.db import connection
from tests.mail.conftest import ask

from oxherd.brands.models import Brand
from oxherd.domains.models import Domain
from oxherd.groups.models import Group
from oxherd.people.commands import change_user
from oxherd.people.ox_commands import disable_ox
from oxherd.people.removal_commands import remove_user
from oxherd.tenants.commands import suspend_tenant

ANNA, BEN, CARLA = "anna.becker@acme.test", "ben.ode@acme.test", "carla.vo@acme.test"
DISABLED = "550 5.2.1 This mailbox is disabled"


@pytest.mark.parametrize(
    ("address", "destinations"),
    [
        (ANNA, [ANNA]),
        ("sales@acme.test", [ANNA]),
        ("anna@shop.acme.test", [ANNA]),
        (f"ben@{idna.encode('grüße.test').decode()}", [BEN]),
        ("team@acme.test", [ANNA, BEN, "press@agency.test"]),
        ("info@acme.test", [ANNA, "press@agency.test", "team@acme.test"]),
        ("blue.room@acme.test", ["blue.room@acme.test"]),
        ("red.room@acme.test", ["dan.fox@acme.test"]),
        ("@acme.test", [ANNA]),
        ("@shop.acme.test", []),
        ("@globex.test", []),
        ("nobody@acme.test", []),
        # Known, and wanted by nobody: to itself, so that the catch-all does not get it.
        (CARLA, [CARLA]),
        ("alone@acme.test", ["alone@acme.test"]),
        ("void@acme.test", ["void@acme.test"]),
    ],
)
def test_each_address_leads_to_who_gets_its_mail(town, address, destinations):
    assert ask("route", address) == sorted(destinations)


def test_what_nobody_gets_is_refused_with_the_reason(town):
    told = {address: ask("restriction", address) for address in (CARLA, "alone@acme.test", "void@acme.test", ANNA)}

    assert told == {
        CARLA: [DISABLED],
        "alone@acme.test": ["550 5.2.4 Nobody gets the mail of this address"],
        "void@acme.test": ["550 5.2.4 Nobody gets the mail of this address"],
        ANNA: [],
    }


def test_a_login_that_is_no_address_is_refused(town):
    change_user(actor=town.cast.system, user=town.ben, primary_address="ben@acme.test", aliases=())

    assert ask("restriction", BEN) == ["550 5.1.1 This address is not in use"]
    assert ask("route", BEN) == [BEN]
    assert ask("mailbox", BEN) == []
    assert ask("mailbox", "ben@acme.test") == ["ben@acme.test"]


def test_mail_to_who_lost_ox_is_refused_or_held_as_the_brand_says(town):
    disable_ox(actor=town.cast.system, user=town.ben)

    assert ask("restriction", BEN) == [DISABLED]
    assert ask("transport", BEN) == []
    assert ask("route", "team@acme.test") == [ANNA, "press@agency.test"]

    Brand.objects.update(mail_of_disabled="hold")

    assert ask("restriction", BEN) == []
    assert ask("transport", BEN) == ["retry:4.2.1 This mailbox is on hold"]
    assert ask("route", BEN) == [BEN]


def test_the_address_of_who_was_removed_is_free(town):
    remove_user(actor=town.cast.system, user=town.ben)

    assert ask("route", BEN) == []
    assert ask("mailbox", BEN) == []
    assert ask("credential", BEN) == []


def test_a_claimed_domain_carries_no_mail(town):
    Domain.objects.filter(name="globex.test").update(verified_at=None, proof="")

    assert ask("domain", "globex.test") == []
    assert ask("route", "gus.grey@globex.test") == []
    assert ask("domain", "acme.test") == ["acme.test"]


def test_a_suspended_customer_gets_no_mail_and_none_is_sent_around_to_it(town):
    group = Group.objects.get(name="Team")
    group.outside_members.create(address="gus.grey@globex.test")
    assert "gus.grey@globex.test" in ask("route", "team@acme.test")

    suspend_tenant(actor=town.cast.system, tenant=town.cast.globex)

    assert ask("domain", "globex.test") == []
    assert ask("mailbox", "gus.grey@globex.test") == []
    assert ask("credential", "gus.grey@globex.test") == []
    assert "gus.grey@globex.test" not in ask("route", "team@acme.test")


def test_nothing_is_told_of_a_brand_whose_mail_is_elsewhere(town):
    Brand.objects.update(carries_mail=False)

    assert ask("domain", "acme.test") == []
    assert ask("route", ANNA) == []
    assert ask("credential", ANNA) == []
    assert ask("box", ANNA) == []


def test_one_sends_as_the_own_addresses_only(town):
    assert ask("sender", ANNA) == [ANNA]
    assert ask("sender", "sales@acme.test") == [ANNA]
    assert ask("sender", "team@acme.test") == []
    assert ask("sender", CARLA) == []


def test_a_group_takes_mail_of_its_own_customer_only_where_it_says_so(town):
    assert ask("restriction", "team@acme.test") == []

    Group.objects.filter(name="Team").update(senders="inside")

    assert ask("restriction", "team@acme.test") == ["inside_only"]
    assert ask("may_post", "team@acme.test", BEN) == [True]
    assert ask("may_post", "team+tag@acme.test", BEN) == [True]
    assert ask("may_post", "team@acme.test", "gus.grey@globex.test") == [False]
    assert ask("may_post", "team@acme.test", "") == [False]


def test_a_mailbox_is_found_by_each_address_and_has_the_size_of_the_profile(town):
    expected = (ANNA, f"{town.cast.acme.pk}/{town.anna.pk}", 5000)

    assert ask("box", ANNA) == [expected]
    assert ask("box", "sales@acme.test") == [expected]
    assert ask("box", "team@acme.test") == []
    assert ask("box", "blue.room@acme.test")[0][0] == "blue.room@acme.test"


def test_one_signs_in_by_login_and_by_primary_address(town):
    change_user(actor=town.cast.system, user=town.ben, primary_address="ben@acme.test", aliases=())
    town.ben.refresh_from_db()

    assert ask("credential", BEN) == [("ben@acme.test", town.ben.password_hash)]
    assert ask("credential", "ben@acme.test") == [("ben@acme.test", town.ben.password_hash)]
    assert ask("credential", "sales@acme.test") == []
    assert ask("credential", CARLA) == []
    assert ask("credential", "blue.room@acme.test") == []


VIEWS = {
    "domain": "SELECT domain, domain FROM mail.domains",
    "route": "SELECT address, destination FROM mail.recipients"
    " UNION ALL SELECT '@' || domain, destination FROM mail.catch_alls",
    "mailbox": "SELECT address, login FROM mail.mailboxes",
    "transport": "SELECT address, transport FROM mail.transports",
    "restriction": "SELECT address, action FROM mail.access",
    "sender": "SELECT sender, login FROM mail.senders",
}
KEYS = (
    "SELECT address FROM oxherd_address UNION SELECT name FROM oxherd_domain"
    " UNION SELECT '@' || name FROM oxherd_domain"
)


@pytest.mark.parametrize("mail_of_disabled", ["refuse", "hold"])
def test_look_ups_answer_what_the_views_say_for_every_key(town, mail_of_disabled):
    Brand.objects.update(mail_of_disabled=mail_of_disabled)
    disable_ox(actor=town.cast.system, user=town.ben)
    suspend_tenant(actor=town.cast.system, tenant=town.cast.globex)
    with connection.cursor() as cursor:
        for function, view in VIEWS.items():
            cursor.execute(f"({view}) EXCEPT ALL SELECT key, f FROM ({KEYS}) keys (key), mail.{function}(key) f")
            assert cursor.fetchall() == [], function
            cursor.execute(f"SELECT key, f FROM ({KEYS}) keys (key), mail.{function}(key) f EXCEPT ALL ({view})")
            assert cursor.fetchall() == [], function
