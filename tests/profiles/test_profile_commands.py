import pytest
from tests.cast import make_cast
from tests.rows import last_entry, refused
from tests.threads import overlapping

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import add_brand
from oxherd.errors import Refused
from oxherd.profiles.commands import add_profile, change_profile
from oxherd.profiles.models import Profile

ME = system("Tests", Door.CLI)


def add(brand, **changes):
    return add_profile(actor=ME, brand=brand, **{"name": "Gold", "access_combination": "groupware_premium"} | changes)


def test_a_profile_is_added_to_a_brand(cast):
    gold = add(cast.brand, name=" Gold ", mail_quota_mb=0, drive_quota_mb=None, rank=3, price_label="9 EUR")
    gold.refresh_from_db()
    assert (gold.name, gold.mail_quota_mb, gold.drive_quota_mb, gold.rank) == ("Gold", 0, None, 3)
    assert (last_entry().action, last_entry().brand_id) == ("profile:add", cast.brand.pk)
    assert last_entry().after["access_combination"] == "groupware_premium"


REFUSALS = [
    ("name", ""),
    ("name", "G" * 101),
    ("name", "Go\x00ld"),
    ("name", "gROUPWARE"),
    ("access_combination", ""),
    ("access_combination", "groupware standard"),
    ("access_combination", "g" * 101),
    ("access_combination", "groupware\n"),
    ("mail_quota_mb", -1),
    ("drive_quota_mb", -1),
    ("drive_quota_mb", 2**31),
    ("rank", -1),
    ("price_label", "9" * 101),
]


@pytest.mark.parametrize(("field", "value"), REFUSALS)
def test_what_a_profile_cannot_be_is_refused_at_its_field(cast, field, value):
    with refused(field):
        add(cast.brand, **{field: value})
    with refused(field):
        change_profile(actor=ME, profile=cast.mail, **{field: value})


def test_another_brand_may_have_a_profile_of_the_same_name(cast):
    other = add_brand(actor=ME, name="Sunset", api_url="http://127.0.0.1:9", username="x", password="y")
    assert add(other, name="Mail").brand == other


def test_a_change_writes_what_was_and_what_is(cast):
    change_profile(actor=ME, profile=cast.groupware, mail_quota_mb=None, name="GROUPWARE")
    assert last_entry().before == {"name": "Groupware", "mail_quota_mb": 5000}
    assert last_entry().after == {"name": "GROUPWARE", "mail_quota_mb": None}


def test_a_setting_that_no_profile_has_is_a_mistake_of_the_caller(cast):
    with pytest.raises(TypeError):
        change_profile(actor=ME, profile=cast.mail, brand=cast.brand)


@pytest.mark.django_db(transaction=True)
def test_of_two_profiles_of_one_name_at_once_one_is_refused(transactional_db):
    brand = make_cast().brand
    _, second = overlapping(lambda: add(brand, name="Gold"), lambda: add(brand, name="GOLD"))
    assert (type(second), second.field) == (Refused, "name")
    assert Profile.objects.filter(name__iexact="gold").count() == 1
