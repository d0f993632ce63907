"""Addresses that look like another one with a tag, and logins of unusual letters: real servers never mix them up."""

import pytest
from tests.cast import make_cast
from tests.mail.conftest import Town, ask, make_town
from tests.mail.talking import Talking

from oxherd.app_passwords.commands import add_app_password
from oxherd.domains.models import Address, AddressKind, Domain
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.ox_commands import disable_ox
from oxherd.people.rename_commands import rename_user

BEN = "ben.ode@acme.test"
LIKE_BEN = "ben.ode+sales@acme.test"


@pytest.fixture
def town(transactional_db) -> Town:
    return make_town(make_cast())


@pytest.fixture
def mail(servers) -> Talking:
    return Talking(servers)


def as_before(town: Town, address: str) -> ServiceUser:
    """Somebody with a login and primary address that is not made any more."""
    user = town.cast.user("Eve Sales", ox=True)
    domain = Domain.objects.get(name=address.rpartition("@")[2])
    Address.objects.filter(user=user).exclude(kind=AddressKind.ALIAS).delete()
    Address.objects.create(address=address, domain=domain, user=user, kind=AddressKind.PRIMARY)
    ServiceUser.objects.filter(pk=user.pk).update(login=address)
    OxAccount.objects.filter(user=user).update(primary_address=address)
    user.refresh_from_db()
    return user


def test_who_has_an_address_with_a_tag_from_before_gets_its_mail_and_nobody_else(town, mail):
    as_before(town, LIKE_BEN)

    to_eve, to_ben = mail.send(LIKE_BEN), mail.send("ben.ode+other@acme.test")

    mail.arrived(to_eve, LIKE_BEN)
    mail.arrived(to_ben, BEN)
    assert mail.subjects(LIKE_BEN) == [to_eve]
    assert mail.subjects(BEN) == [to_ben]
    with mail.signed_in(LIKE_BEN):
        pass


def test_mail_to_such_an_address_is_refused_when_its_owner_lost_ox(town, mail):
    disable_ox(actor=town.cast.system, user=as_before(town, LIKE_BEN))

    assert mail.offered(LIKE_BEN)[0].startswith("550 5.2.1")


@pytest.mark.parametrize("login", ["pct%u", "dollar$x", "under_score-x"])
def test_everybody_signs_in_by_login_whatever_letters_it_has(town, mail, login):
    user = town.cast.user("Pat Cent", login=login, ox=True)
    rename_user(actor=town.cast.system, user=user, primary_address="pat@acme.test")

    assert mail.opens(f"{login}@acme.test")
    assert mail.opens("pat@acme.test")
    assert not mail.opens("pat+x@acme.test")
    secret = add_app_password(actor=town.cast.system, user=user, name="Telephone")
    assert mail.opens(f"{login}@acme.test", secret)


def test_a_mailbox_is_found_by_exact_address_first_and_then_without_the_tag(town):
    eve = as_before(town, LIKE_BEN)

    assert [box[0] for box in ask("box", LIKE_BEN)] == [LIKE_BEN]
    assert [box[0] for box in ask("box", "ben.ode+x+y@acme.test")] == [BEN]
    assert ask("box", "+x@acme.test") == []
    disable_ox(actor=town.cast.system, user=eve)
    assert ask("box", LIKE_BEN) == []
