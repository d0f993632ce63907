import pytest
from tests.cast import make_cast
from tests.rows import last_entry, refused, waiting
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain
from oxherd.domains.queries import present
from oxherd.errors import NotYours, Refused
from oxherd.people.ox_commands import change_aliases

ME = system("Tests", Door.CLI)
SPELLINGS = [
    "Bücher.example",
    "xn--bcher-kva.example",
    "BÜCHER.EXAMPLE",
    "XN--BCHER-KVA.example",
    " bücher。example。 ",
]


def add(tenant, name):
    return add_domain(actor=ME, tenant=tenant, name=name)


@pytest.fixture
def open_cast(transactional_db):
    return make_cast()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_domain_has_one_form_however_it_is_written(cast, spelling):
    domain = add(cast.acme, spelling)
    assert (domain.name, str(domain)) == ("xn--bcher-kva.example", "bücher.example")
    after = {"domain": "xn--bcher-kva.example", "catch_all": "", "proof": "approved"}
    assert (last_entry().action, last_entry().after) == ("domain:add", after)
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1
    for other in SPELLINGS:
        with refused("name") as caught:
            add(cast.globex, other)
        assert caught.value.sentence == (
            "bücher.example is in use by another customer. If it is yours, ask your provider."
        )
    with refused("name") as caught:
        add(cast.acme, "BÜCHER.example")
    assert caught.value.sentence == "bücher.example is on the list of Acme already."


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "localhost", "a..b", "-a.test", "a b.test", "a@b.test", "under_score.test", "a/b.test"),
        *("192.168.0.1", "[::1]", "xn--a.test", "xn--.test", "☃.test", "a\x00.test", "a\n.test", "*.test"),
        *("l" * 64 + ".test", "a." * 130 + "test", "ü" * 100_000 + ".test"),
    ],
)
def test_what_is_no_domain_name_is_refused(cast, name):
    with refused("name"):
        add(cast.acme, name)


@pytest.mark.parametrize("name", ["co.uk", "gov.uk", "公司.cn"])
def test_a_public_suffix_belongs_to_nobody(cast, name):
    with refused("name") as caught:
        add(cast.acme, name)
    assert caught.value.sentence == f"{name} is a public suffix, which no customer can own."


def test_below_a_public_suffix_there_is_room(cast):
    assert [add(cast.acme, name).name for name in ("acme.co.uk", "mail.acme.co.uk")] == [
        "acme.co.uk",
        "mail.acme.co.uk",
    ]


def test_an_unused_domain_is_removed_and_kept_for_a_restore(cast):
    spare = add(cast.acme, "spare.test")
    remove_domain(actor=ME, domain=spare)
    assert list(present(cast.acme).values_list("name", flat=True)) == ["acme.test"]
    before = {"domain": "spare.test", "catch_all": "", "proof": "approved"}
    assert (last_entry().action, last_entry().before) == ("domain:remove", before)
    spare.refresh_from_db()
    assert (spare.presence, spare.removed_by, spare.next_check_at) == ("removed", "Tests", None)
    assert spare.removed_at is not None
    assert len(waiting(f"tenant:{cast.acme.pk}")) == 1
    with pytest.raises(NotYours):
        remove_domain(actor=ME, domain=spare)


def test_a_domain_in_use_stays(cast):
    cast.user("Anna Becker")
    with refused("domain") as caught:
        remove_domain(actor=ME, domain=Domain.objects.get(name="acme.test"))
    assert caught.value.sentence == "acme.test is in use. Move or remove its addresses first (1)."


@pytest.mark.django_db(transaction=True)
def test_of_two_customers_who_add_the_same_domain_at_once_one_is_refused(open_cast):
    _, second = overlapping(lambda: add(open_cast.acme, "new.test"), lambda: add(open_cast.globex, "NEW.test"))
    assert (type(second), second.field) == (Refused, "name")
    assert Domain.objects.get(name="new.test").tenant == open_cast.acme


@pytest.mark.django_db(transaction=True)
def test_a_domain_is_not_removed_under_an_address_that_is_being_added(open_cast):
    spare, anna = add(open_cast.acme, "spare.test"), open_cast.user("Anna Becker", ox=True)
    _, second = overlapping(
        lambda: change_aliases(actor=ME, user=anna, aliases=("anna@spare.test",)),
        lambda: remove_domain(actor=ME, domain=spare),
    )
    assert (type(second), second.field) == (Refused, "domain")
    assert Domain.objects.get(pk=spare.pk).presence == "present"


@pytest.mark.django_db(transaction=True)
def test_an_address_is_not_added_to_a_domain_that_is_being_removed(open_cast):
    spare, anna = add(open_cast.acme, "spare.test"), open_cast.user("Anna Becker", ox=True)
    _, second = overlapping(
        lambda: remove_domain(actor=ME, domain=spare),
        lambda: change_aliases(actor=ME, user=anna, aliases=("anna@spare.test",)),
    )
    assert (type(second), second.field) == (Refused, "aliases")
    assert second.sentence == "The domain spare.test has just been removed."
