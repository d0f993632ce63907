import pytest
from tests.cast import PASSWORD
from tests.pictures import picture
from tests.rows import last_entry, refused, waiting
from tests.threads import at_once, overlapping

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Address, Domain
from oxherd.errors import Refused
from oxherd.people import passwords
from oxherd.people.commands import add_user
from oxherd.people.models import ServiceUser
from oxherd.people.records import OxWish
from oxherd.people.search import folded
from oxherd.provisioning.models import SyncJob

ME = system("Tests", Door.CLI)


def add(cast, new):
    return add_user(actor=ME, tenant=cast.acme, new=new)


def test_a_user_without_ox_is_kept_and_no_platform_is_asked(cast, new_user):
    jobs = SyncJob.objects.count()
    eve = ServiceUser.objects.get(pk=add(cast, new_user(display_name="  Eve  van der\nFox ")).pk)
    assert (eve.display_name, eve.given_name, eve.surname) == ("Eve van der Fox", "Eve van der", "Fox")
    assert (eve.login, eve.status, eve.presence) == ("eve@acme.test", "disabled", "present")
    assert [(row.address, row.kind) for row in eve.addresses.all()] == [("eve@acme.test", "login")]
    assert passwords.verifies(eve.password_hash, PASSWORD)
    assert SyncJob.objects.count() == jobs


def test_a_user_with_ox_is_on_the_way_to_the_platform(cast, new_user):
    wish = OxWish(cast.groupware, ("fox@acme.test", "EVE@acme.test"), "e.fox@acme.test")
    eve = ServiceUser.objects.get(pk=add(cast, new_user(ox=wish)).pk)
    account = eve.account
    assert (eve.status, account.primary_address, account.profile) == ("in_progress", "e.fox@acme.test", cast.groupware)
    assert account.aliases == ["eve@acme.test", "fox@acme.test"]
    assert sealing.unseal(account.sealed_password) == PASSWORD
    (job,) = waiting(f"account:{account.pk}")
    assert (job.brand_id, job.tenant_id, job.requested_by, job.tries) == (cast.brand.pk, cast.acme.pk, "Tests", 0)


def test_what_was_added_is_written_down(cast, new_user):
    wish = OxWish(cast.mail, ("fox@acme.test",))
    add_user(actor=cast.actor(cast.bob), tenant=cast.acme, new=new_user(ox=wish, language="de_DE"))
    assert (last_entry().action, last_entry().actor, last_entry().tenant_id) == ("user:add", "Bob", cast.acme.pk)
    assert (last_entry().before, last_entry().after) == (
        {},
        {
            "display_name": "Eve Fox",
            "given_name": "Eve",
            "surname": "Fox",
            "login": "eve@acme.test",
            "language": "de_DE",
            "time_zone": "Europe/Berlin",
            "profile": "Mail",
            "primary_address": "eve@acme.test",
            "aliases": ["fox@acme.test"],
        },
    )


def test_the_login_is_the_primary_address_if_nothing_else_is_wanted(cast, new_user):
    eve = add(cast, new_user(login=" EVE ", ox=OxWish(cast.mail)))
    assert [(row.address, row.kind) for row in eve.addresses.all()] == [("eve@acme.test", "primary")]


def test_a_photo_is_kept(cast, new_user):
    assert add(cast, new_user(photo=picture())).photo.jpeg[:3] == b"\xff\xd8\xff"


def test_a_domain_of_any_script_is_found_however_it_is_written(cast, new_user):
    add_domain(actor=ME, tenant=cast.acme, name="bücher.example")
    eve = add(cast, new_user(domain="BÜCHER.example"))
    assert (eve.login, eve.login_name) == ("eve@xn--bcher-kva.example", "eve@bücher.example")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", " \t"),
        ("display_name", "E" * 201),
        ("display_name", "Eve\x00"),
        ("display_name", "Eve\u202eFox"),
        ("display_name", "Eve\ud800"),
        ("given_name", "E" * 101),
        ("given_name", "Eve\x00"),
        ("surname", "F" * 101),
        ("surname", "Fox\u200b"),
        ("login", ""),
        ("login", "eve fox"),
        ("login", "eve@acme.test"),
        ("login", "e" * 65),
        ("login", "ève"),
        ("domain", ""),
        ("domain", "nowhere.test"),
        ("domain", "globex.test"),
        ("domain", "acme"),
        ("password", ""),
        ("password", "short"),
        ("password", "password123"),
        ("password", "EveFox1234"),
        ("password", "correct horse\x00 battery"),
        ("password", "x" * 129),
        ("language", ""),
        ("language", "deutsch"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("photo", b"not a picture"),
        ("photo", b""),
    ],
)
def test_what_a_user_cannot_be_is_refused_at_its_field(cast, new_user, field, value):
    with refused(field):
        add(cast, new_user(**{field: value}))


@pytest.mark.parametrize(
    ("field", "aliases", "primary"),
    [
        ("aliases", ("fox@globex.test",), ""),
        ("aliases", ("zoe@acme.test",), ""),
        ("aliases", ("fox",), ""),
        ("aliases", ("fox@acme.test", "ZOE.ALIAS@ACME.test"), ""),
        ("aliases", tuple(f"fox{number}@acme.test" for number in range(101)), ""),
        ("primary_address", (), "zoe@acme.test"),
        ("primary_address", ("zoe@acme.test",), "zoe@acme.test"),
        ("primary_address", (), "fox@globex.test"),
        ("primary_address", (), "fox"),
    ],
)
def test_an_address_that_cannot_be_had_is_refused_at_its_field(cast, new_user, field, aliases, primary):
    cast.user("Zoe Adler", login="zoe", ox=True, aliases=("zoe.alias@acme.test",))
    with refused(field):
        add(cast, new_user(ox=OxWish(cast.mail, aliases, primary)))


@pytest.mark.parametrize("login", ["zoe", "ZOE", "zoe.alias"])
def test_a_login_that_anybody_has_as_any_address_is_refused(cast, new_user, login):
    cast.user("Zoe Adler", login="zoe", ox=True, aliases=("zoe.alias@acme.test",))
    with refused("login") as caught:
        add(cast, new_user(login=login))
    assert caught.value.sentence == f"The login {login.lower()}@acme.test is taken. Choose another."


def test_a_hundred_aliases_are_not_too_many(cast, new_user):
    aliases = tuple(f"fox{number}@acme.test" for number in range(100))
    assert len(add(cast, new_user(ox=OxWish(cast.mail, aliases))).account.aliases) == 100


@pytest.mark.parametrize("name", ["Zoe Adler", "ZOE ADLER", "Zoë  Adler"])
def test_a_display_name_that_the_platform_has_is_refused(cast, new_user, name):
    cast.user("Zoe Adler", ox=True)
    with refused("display_name"):
        add(cast, new_user(display_name=name, ox=OxWish(cast.mail)))


def test_without_ox_or_elsewhere_or_where_the_platform_does_not_mind_a_display_name_may_be_taken(cast, new_user):
    cast.user("Zoe Adler", ox=True)
    cast.user("Zoe Adler", tenant=cast.globex, ox=True)
    add(cast, new_user(display_name="Zoe Adler", login="zoe2"))
    change_brand(actor=ME, brand=cast.brand, unique_display_names=False)
    add(cast, new_user(display_name="Zoe Adler", login="zoe3", ox=OxWish(cast.mail)))
    assert ServiceUser.objects.filter(display_name="Zoe Adler").count() == 4


def test_a_name_that_grows_when_it_is_folded_fits_all_the_same(cast, new_user):
    name = "ß" * 200
    assert len(folded(name)) == 400
    eve = add(cast, new_user(display_name=name, ox=OxWish(cast.mail)))
    assert (eve.display_name, eve.given_name, eve.surname) == (name, "ß" * 100, "ß" * 100)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("login", ["eve", "EVE"])
def test_of_two_who_add_the_same_login_one_is_refused_there(open_cast, new_user, login):
    _, second = overlapping(
        lambda: add(open_cast, new_user()),
        lambda: add(open_cast, new_user(login=login, display_name="Eve Two")),
    )
    assert (type(second), second.field) == (Refused, "login")
    assert ServiceUser.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_five_who_add_the_same_login_at_once_one_gets_it(open_cast, new_user):
    outcomes = at_once(*[lambda: add(open_cast, new_user())] * 5)
    failed = [(type(outcome), outcome.field) for outcome in outcomes if isinstance(outcome, Exception)]
    assert failed == [(Refused, "login")] * 4
    assert Address.objects.filter(address="eve@acme.test").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_display_name_to_ox_one_is_refused_there(open_cast, new_user):
    _, second = overlapping(
        lambda: add(open_cast, new_user(ox=OxWish(open_cast.mail))),
        lambda: add(open_cast, new_user(login="eve2", ox=OxWish(open_cast.mail))),
    )
    assert (type(second), second.field) == (Refused, "display_name")


@pytest.mark.django_db(transaction=True)
def test_a_login_that_is_just_becoming_an_alias_is_refused_there(open_cast, new_user):
    wish = OxWish(open_cast.mail, ("eve@acme.test",))
    _, second = overlapping(
        lambda: add(open_cast, new_user(display_name="Zoe", login="zoe", ox=wish)),
        lambda: add(open_cast, new_user()),
    )
    assert (type(second), second.field) == (Refused, "login")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_added_to_a_domain_that_is_being_removed(open_cast, new_user):
    spare = add_domain(actor=ME, tenant=open_cast.acme, name="spare.test")
    _, second = overlapping(
        lambda: remove_domain(actor=ME, domain=spare),
        lambda: add(open_cast, new_user(domain="spare.test")),
    )
    assert (type(second), second.field) == (Refused, "login")
    assert not Domain.objects.filter(name="spare.test", presence="present").exists()
    assert ServiceUser.objects.count() == 0
