import pytest
from tests.rows import last_entry, refused
from tests.threads import overlapping

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import add_brand, change_brand
from oxherd.brands.models import Brand
from oxherd.errors import Refused

ME = system("Tests", Door.CLI)
SETTINGS = {"name": "Dawn", "api_url": "https://ox.example/", "username": "master", "password": "platform-secret"}


def add(**changes):
    return add_brand(actor=ME, **SETTINGS | changes)


def test_a_brand_is_added_with_its_password_sealed(db):
    brand = Brand.objects.get(pk=add(name="  Dawn   Mail ", concurrency=4).pk)
    assert (brand.name, brand.api_url, brand.concurrency) == ("Dawn Mail", "https://ox.example/", 4)
    assert "platform-secret" not in brand.sealed_password
    assert sealing.unseal(brand.sealed_password) == "platform-secret"
    assert (last_entry().action, last_entry().brand_id, last_entry().tenant_id) == ("brand:add", brand.pk, None)
    assert last_entry().after["api_url"] == "https://ox.example/"


REFUSALS = [
    ("name", " "),
    ("name", "D" * 201),
    ("name", "Da\x00wn"),
    ("name", "SUNRISE"),
    ("username", "m" * 201),
    ("username", "ma\x07ster"),
    ("api_url", ""),
    ("api_url", "ox.example"),
    ("api_url", "ftp://ox.example"),
    ("api_url", "https://"),
    ("api_url", "https://[::1"),
    ("api_url", "https://ox.example:99999"),
    ("api_url", "https://ox.example:abc"),
    ("api_url", "https://ox .example"),
    ("api_url", "https://ox.example\nX: y"),
    ("api_url", "https://master:secret@ox.example"),
    ("api_url", "https://ox.example/" + "a" * 500),
    ("service_url", "nowhere"),
    ("app_suite_url", "javascript:alert(1)"),
    ("concurrency", 0),
    ("concurrency", -1),
    ("concurrency", 2**31),
]


@pytest.mark.parametrize(("field", "value"), REFUSALS)
def test_what_a_brand_cannot_be_is_refused_at_its_field(cast, field, value):
    with refused(field):
        add(**{field: value})


@pytest.mark.parametrize(("field", "value"), [row for row in REFUSALS if row[0] not in {"platform", "name"}])
def test_a_brand_cannot_be_changed_into_it_either(cast, field, value):
    with refused(field):
        change_brand(actor=ME, brand=cast.brand, **{field: value})


def test_a_change_writes_what_was_and_what_is(cast):
    change_brand(actor=ME, brand=cast.brand, name="Sunset", unique_display_names=False)
    cast.brand.refresh_from_db()
    assert (cast.brand.name, cast.brand.unique_display_names) == ("Sunset", False)
    assert sealing.unseal(cast.brand.sealed_password) == "secret"
    assert last_entry().before == {"name": "Sunrise", "unique_display_names": True}
    assert last_entry().after == {"name": "Sunset", "unique_display_names": False}


def test_a_brand_may_keep_its_name_in_other_letters(cast):
    assert change_brand(actor=ME, brand=cast.brand, name="SUNRISE").name == "SUNRISE"


def test_a_setting_that_no_brand_has_is_a_mistake_of_the_caller(cast):
    with pytest.raises(TypeError):
        change_brand(actor=ME, brand=cast.brand, next_context_id=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_brands_of_one_name_at_once_one_is_refused(transactional_db):
    _, second = overlapping(add, add)
    assert (type(second), second.field) == (Refused, "name")
    assert Brand.objects.count() == 1
