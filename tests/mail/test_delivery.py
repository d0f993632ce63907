"""Mail through a real Postfix and a real Dovecot, which read what was saved a moment ago."""

import time

import idna
import psycopg
import pytest
from tests.cast import PASSWORD, make_cast
from tests.mail.conftest import Town, make_town
from tests.mail.talking import Talking

from oxherd.app_passwords.commands import add_app_password, revoke_app_password
from oxherd.app_passwords.models import AppPassword
from oxherd.brands.models import Brand
from oxherd.domains.models import Domain
from oxherd.groups.models import Group
from oxherd.people.commands import change_password
from oxherd.people.models import OxAccount
from oxherd.people.ox_commands import disable_ox, enable_ox
from oxherd.people.records import OxWish
from oxherd.profiles.models import Profile
from oxherd.tenants.commands import suspend_tenant

ANNA, BEN, CARLA, DAN = (f"{name}@acme.test" for name in ("anna.becker", "ben.ode", "carla.vo", "dan.fox"))
GUS = "gus.grey@globex.test"
OPEN_SECRET = "a brand-new password 47"


@pytest.fixture
def town(transactional_db) -> Town:
    return make_town(make_cast())


@pytest.fixture
def mail(servers) -> Talking:
    return Talking(servers)


def test_each_kind_of_address_is_delivered_to_who_it_belongs(town, mail):
    cases = {
        ANNA.upper(): [ANNA],
        "anna.becker+tag@acme.test": [ANNA],
        "sales@acme.test": [ANNA],
        "sales+tag@acme.test": [ANNA],
        "anna@shop.acme.test": [ANNA],
        f"ben@{idna.encode('grüße.test').decode()}": [BEN],
        "team@acme.test": [ANNA, BEN],
        "info@acme.test": [ANNA, BEN],  # Anna by herself and by the group: once
        "red.room@acme.test": [DAN],
        "nobody.by.this.name@acme.test": [ANNA],  # the catch-all
        "ben.ode+nobody@acme.test": [BEN],  # a tag is nearer than the catch-all
        GUS: [GUS],
    }
    sent = {address: mail.send(address) for address in cases}
    for address, owners in cases.items():
        for owner in owners:
            mail.arrived(sent[address], owner)
    everybodys = {owner: mail.subjects(owner) for owner in (ANNA, BEN, DAN, GUS)}

    for owner, subjects in everybodys.items():
        assert subjects == sorted(sent[address] for address, owners in cases.items() if owner in owners), owner
    mail.until(lambda: mail.outside().count(sent["team@acme.test"]) == 1, "the group's member outside got nothing")
    assert "press@agency.test" in mail.outside()


def test_what_cannot_be_delivered_is_refused_while_the_sender_is_there(town, mail):
    Domain.objects.filter(name="grüße.test").delete()
    refusals = {
        "nobody@shop.acme.test": "550 5.1.1",
        CARLA: "550 5.2.1",
        "alone@acme.test": "550 5.2.4",
        "void@acme.test": "550 5.2.4",
        "somebody@elsewhere.test": "554 5.7.1",
        "deeper@below.shop.acme.test": "554 5.7.1",
    }
    told = dict(zip(refusals, mail.offered(*refusals), strict=True))

    assert {address: answer[:9] for address, answer in told.items()} == refusals
    assert [answer[:3] for answer in mail.offered("nobody@acme.test", "blue.room@acme.test")] == ["250", "250"]


def test_a_claimed_domain_and_a_suspended_customer_get_no_mail(town, mail):
    assert mail.offered("anna@shop.acme.test", GUS) == ["250 2.1.5 Ok", "250 2.1.5 Ok"]

    Domain.objects.filter(name="shop.acme.test").update(verified_at=None, proof="")
    suspend_tenant(actor=town.cast.system, tenant=town.cast.globex)

    told = mail.offered("anna@shop.acme.test", GUS)
    assert [answer[:3] in {"550", "554"} for answer in told] == [True, True]
    assert not mail.opens(GUS)


def test_mail_to_who_lost_ox_is_refused_or_waits_until_it_is_enabled_again(town, mail):
    disable_ox(actor=town.cast.system, user=town.ben)
    assert mail.offered(BEN)[0].startswith("550 5.2.1")
    assert not mail.opens(BEN)

    Brand.objects.update(mail_of_disabled="hold")
    held = mail.send(BEN, ANNA)
    mail.arrived(held, ANNA)
    OxAccount.objects.filter(user=town.ben).delete()  # the platform has let go
    enable_ox(actor=town.cast.system, user=town.ben, wish=OxWish(town.cast.groupware))
    mail.servers.reload()  # the queue manager remembers for a while whom it has asked for last
    mail.until(lambda: _flushed(mail, held), "the held message was not released")


def test_the_next_sign_in_needs_the_new_password(town, mail):
    assert mail.opens(BEN)

    change_password(actor=town.cast.system, user=town.ben, password=OPEN_SECRET)

    assert mail.opens(BEN, OPEN_SECRET)
    assert not mail.opens(BEN, PASSWORD)
    with mail.signed_in(BEN, OPEN_SECRET):
        pass


def test_a_password_of_an_application_opens_the_mailbox_until_it_is_revoked(town, mail):
    secret = add_app_password(actor=town.cast.system, user=town.ben, name="Telephone")
    assert mail.opens(BEN, secret)
    with mail.signed_in(BEN, secret):
        pass
    assert not mail.opens(ANNA, secret)
    assert mail.opens(BEN, PASSWORD)

    revoke_app_password(actor=town.cast.system, app_password=AppPassword.objects.get())

    assert not mail.opens(BEN, secret)


def test_a_full_mailbox_is_refused_under_each_of_its_addresses_and_told_to_the_panel(town, mail):
    Profile.objects.filter(pk=town.cast.groupware.pk).update(mail_quota_mb=1)
    arrived = mail.send("sales@acme.test", size=1_100_000)
    mail.arrived(arrived, ANNA)

    mail.until(lambda: mail.offered(ANNA)[0].startswith("552 5.2.2"), "a full mailbox takes more mail")
    assert mail.offered("sales@acme.test")[0].startswith("552 5.2.2")
    mail.until(
        lambda: OxAccount.objects.get(user=town.anna).mail_used_mb == 2, "the panel does not know how full a mailbox is"
    )
    assert OxAccount.objects.get(user=town.anna).mail_used_at is not None


def test_one_sends_as_oneself_only(town, mail):
    answers = {sender: mail.asked(ANNA, sender)[:3] for sender in (ANNA, "sales@acme.test", "sales+x@acme.test")}
    assert set(answers.values()) == {"250"}

    for foreign in (BEN, "nobody@acme.test", "somebody@elsewhere.test", "team@acme.test"):
        assert mail.asked(ANNA, foreign).startswith("553 5.7.1"), foreign


def test_a_group_for_inside_senders_takes_mail_of_its_own_customer_only(town, mail):
    Group.objects.filter(name="Team").update(senders="inside")

    assert mail.offered("team@acme.test")[0].startswith("554 5.7.1")
    assert mail.asked(GUS, GUS, "team@acme.test").startswith("554 5.7.1")
    mail.arrived(mail.submit(BEN, "team@acme.test"), ANNA)


def test_mail_is_taken_the_moment_a_user_is_saved(town, mail):
    assert mail.offered("new.one@globex.test")[0].startswith("550")

    town.cast.user("New One", tenant=town.cast.globex, ox=True)
    saved = time.monotonic()

    assert mail.offered("new.one@globex.test") == ["250 2.1.5 Ok"]
    assert time.monotonic() - saved < 5  # seconds; how quick it is, bench/mail.py measures


def test_the_server_s_roles_read_nothing_else(town, servers):
    for role, password in (
        (servers.site.postfix_role, servers.site.postfix_password),
        (servers.site.dovecot_role, servers.site.dovecot_password),
    ):
        place = servers.site.database
        with psycopg.connect(host=place.host, port=place.port, dbname=place.name, user=role, password=password) as link:
            for table in ("public.oxherd_serviceuser", "public.oxherd_brand", "mail.logins", "mail.addresses"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    link.execute(f"SELECT * FROM {table}")
                link.rollback()


def _flushed(mail: Talking, subject: str) -> bool:
    mail.servers.flush()
    return subject in mail.subjects(BEN)
