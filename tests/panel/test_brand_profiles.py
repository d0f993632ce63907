"""Brands > Profiles: how they are added, changed for all who have them, and removed."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tests.cast import PASSWORD, Cast

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.brands import inquiries
from oxherd.brands.inquiries import Outcome
from oxherd.panel.forms.sizes import SizeField, written
from oxherd.people.models import Rollout
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.provisioning.models import SyncJob

HTMX = {"HX-Request": "true"}
GOLD = {
    "name": "Gold",
    "access_combination": "groupware_premium",
    "mail_quota_mb": "20 GB",
    "drive_quota_mb": "unlimited",
    "documents": "on",
    "guard": "",
    "rank": "3",
    "price_label": "9.00 EUR a month",
}


@pytest.fixture
def rafael(cast: Cast) -> Client:
    """Sells the brand."""
    administrator = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(administrator, Role.RESELLER, brand=cast.brand)
    return cast.client(administrator)


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/brands/{cast.brand.pk}/profiles/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def stored(profile: Profile, **changes: Any) -> dict[str, Any]:
    kept = {"name": profile.name, "access_combination": profile.access_combination, "rank": profile.rank}
    sizes = {name: written(getattr(profile, name)) for name in ("mail_quota_mb", "drive_quota_mb")}
    return kept | sizes | changes


def test_the_list_tells_what_each_gives_and_who_has_it(
    cast: Cast, rafael: Client, base: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.user(ox=True)
    for number in range(5):
        add_profile(actor=cast.system, brand=cast.brand, name=f"Extra {number}", access_combination="pim", rank=9)
    rafael.get(base)
    with django_assert_num_queries(10):  # session, who it is; brand, inquiry, breaker, logo; profiles, seats, use
        page = text(rafael.get(base))
    assert page.index("Mail") < page.index("Groupware") < page.index("Extra 0")
    assert "1,000 MB" in page
    assert "Calendar" in page


def test_a_profile_is_added_with_sizes_as_people_write_them(cast: Cast, rafael: Client, base: str) -> None:
    assert rafael.get(f"{base}add/").context["form"]["rank"].value() == 3  # above the others
    answer = rafael.post(f"{base}add/", GOLD)
    assert (answer.status_code, answer.headers["Location"]) == (302, base)
    gold = Profile.objects.get(name="Gold")
    assert (gold.mail_quota_mb, gold.drive_quota_mb, gold.rank) == (20480, None, 3)
    assert (gold.documents, gold.guard, gold.price_label) == (True, None, "9.00 EUR a month")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the profile a name."),
        ("name", "mail", "has a profile named mail already"),
        ("access_combination", "", "Give the name of an access combination"),
        ("access_combination", "two words", "Give the name of an access combination"),
        ("mail_quota_mb", "20", "Give a size with its unit"),
        ("drive_quota_mb", "-5 GB", "Give a size with its unit"),
        ("drive_quota_mb", "0.3 MB", "Give whole megabytes."),
        ("drive_quota_mb", "999999 TB", "Give a number from 0"),
        ("rank", "-1", "Give 0 or more."),
        ("rank", "first", "Give a whole number."),
        ("guard", "maybe", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(rafael: Client, base: str, field: str, value: str, sentence: str) -> None:
    answer = rafael.post(f"{base}add/", GOLD | {field: value})
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert not Profile.objects.filter(name="Gold").exists()


def test_the_feature_level_is_picked_from_what_the_platform_offers(cast: Cast, rafael: Client) -> None:
    url = f"/brands/{cast.brand.pk}/combinations/"
    assert "Found on the platform" not in text(rafael.get(url))
    found = Outcome(((True, "Fine."),), ("our_gold", "groupware_standard"))
    inquiries.note(actor=cast.system, brand=cast.brand, outcome=found)
    part = text(rafael.get(url))
    assert part.index('data-value="our_gold"') < part.index('data-value="webmail"')
    assert "A name of the platform&#x27;s own · Found on the platform" in part
    assert "cloud_pim" not in part
    assert 'data-value="pim_infostore"' in text(rafael.get(f"{url}?q=drive for files"))
    assert "Another name" in text(rafael.get(f"{url}?q=our_silver"))
    assert "Another name" not in text(rafael.get(f"{url}?q=two words"))


def test_without_script_the_feature_level_is_searched_for_and_nothing_is_saved(rafael: Client, base: str) -> None:
    wish = GOLD | {"access_combination": "", "access_combination_text": "premium", "do": "find"}
    answer = rafael.post(f"{base}add/", wish)
    assert (answer.status_code, 'value="groupware_premium"' in text(answer)) == (200, True)
    assert not Profile.objects.filter(name="Gold").exists()


def test_what_reaches_users_is_told_first_and_then_brought_to_them(cast: Cast, rafael: Client, base: str) -> None:
    cast.user(ox=True)
    cast.user("Bert Blum", ox=True)
    edit = f"{base}{cast.groupware.pk}/edit/"
    answer = rafael.post(edit, stored(cast.groupware, drive_quota_mb="2 GB"))
    assert (answer.status_code, "2 users of 2 customers get this." in text(answer)) == (422, True)
    assert Profile.objects.get(pk=cast.groupware.pk).drive_quota_mb == 1000
    seen = answer.context["form"].print_of_change
    other = rafael.post(edit, stored(cast.groupware, drive_quota_mb="3 GB", seen_change=seen))
    assert other.status_code == 422  # these values were not seen yet
    answer = rafael.post(edit, stored(cast.groupware, drive_quota_mb="2 GB", seen_change=seen))
    assert answer.headers["Location"] == f"{base}{cast.groupware.pk}/"
    rollout = Rollout.objects.get()
    assert "The last change comes to its users: 0 of 2." in text(rafael.get(answer.headers["Location"]))
    SyncJob.objects.filter(request_id=rollout.request_id).update(state="done")
    part = text(rafael.get(f"{base}{cast.groupware.pk}/progress/", headers=HTMX))
    assert "hx-get" not in part


def test_a_new_name_or_price_is_saved_at_once(cast: Cast, rafael: Client, base: str) -> None:
    cast.user(ox=True)
    answer = rafael.post(f"{base}{cast.groupware.pk}/edit/", stored(cast.groupware, name="Office", price_label="5 EUR"))
    assert answer.status_code == 302
    assert not Rollout.objects.exists()


def test_who_saves_second_is_told(cast: Cast, rafael: Client, base: str) -> None:
    edit = f"{base}{cast.mail.pk}/edit/"
    seen = rafael.get(edit).context["form"].seen
    Profile.objects.update(rank=7)
    assert "This profile was changed meanwhile." in text(rafael.post(edit, stored(cast.mail, seen=seen)))


def test_the_page_of_a_profile_tells_where_it_is_used(cast: Cast, rafael: Client, base: str) -> None:
    cast.user(ox=True)
    page = text(rafael.get(f"{base}{cast.groupware.pk}/"))
    assert f'href="/t/{cast.acme.pk}/ox/users/"' in page
    assert page.index("Acme") < page.index("Globex")  # the most users first


def test_a_profile_in_use_stays_and_says_who_has_it(cast: Cast, rafael: Client, base: str) -> None:
    cast.user(ox=True)
    url = f"{base}{cast.groupware.pk}/remove/"
    assert "1 user has this profile." in text(rafael.get(url))
    assert rafael.post(url).status_code == 422
    answer = rafael.post(f"{base}{cast.mail.pk}/remove/", headers=HTMX)
    assert answer.headers["HX-Redirect"] == base
    assert not Profile.objects.filter(pk=cast.mail.pk).exists()


def test_ox_cloud_has_classes_of_service_and_no_add_ons_apart(cast: Cast, rafael: Client, base: str) -> None:
    type(cast.brand).objects.update(platform="ox_cloud")
    form = rafael.get(f"{base}add/").context["form"]
    assert ("class_of_service" in form.fields, "documents" in form.fields) == (True, False)
    wish = GOLD | {"access_combination": "cloud_productivity", "class_of_service": "cloud_productivity, guard"}
    rafael.post(f"{base}add/", wish)
    assert Profile.objects.get(name="Gold").class_of_service == "cloud_productivity, guard"


def test_strangers_find_no_profiles(cast: Cast, base: str) -> None:
    other = add_profile(actor=cast.system, brand=cast.brand, name="Other", access_combination="pim")
    for name in ("bob", "charlie", "dora", "rita"):
        client, own = cast.client(getattr(cast, name)), f"{base}{other.pk}/"
        for url in (base, f"{base}add/", own, f"{own}edit/", f"{own}remove/", f"{own}progress/"):
            assert client.get(url).status_code == 404, url
        assert client.post(f"{base}add/", GOLD).status_code == 404
        assert client.get(f"/brands/{cast.brand.pk}/combinations/").status_code == 404


@pytest.mark.parametrize(
    ("said", "megabytes"), [("20 GB", 20480), ("500mb", 500), ("1.5 TB", 1572864), ("", None), ("Unlimited", None)]
)
def test_sizes_are_read_and_written_with_their_units(said: str, megabytes: int | None) -> None:
    assert SizeField().clean(said) == megabytes
    assert SizeField().clean(written(megabytes)) == megabytes
