"""Users of the platform become service users, many at once."""

from typing import Any

import pytest
from tests.cast import Cast
from tests.pictures import picture

from oxherd.audit.models import AuditEntry
from oxherd.domains.models import Address
from oxherd.errors import OxherdError
from oxherd.people import passwords
from oxherd.people.adoption_commands import Newcomer, adopt_users
from oxherd.people.models import OxAccount, Photo, ServiceUser
from oxherd.people.repair_commands import Stranger
from oxherd.provisioning.models import SyncJob
from oxherd.tenants.models import Seats


def newcomer(cast: Cast, who: str, ox_id: int, *, photo: bytes | None = None, **more: Any) -> Newcomer:
    address = f"{who.lower()}@acme.test"
    held = {
        "mail_enabled": True,
        "name": address,
        "display_name": f"{who} Adler",
        "given_name": who,
        "surname": "Adler",
        "primary_address": address,
        "aliases": [address],
        "language": "de_DE",
        "timezone": "Europe/Berlin",
        "drive_quota_mb": 1000,
        "photo": None,
        "access_combination": "groupware_standard",
        "marker": None,
    }
    return Newcomer(Stranger(ox_id, held | more, photo), cast.groupware)


def adopt(cast: Cast, *newcomers: Newcomer) -> list[str]:
    outcome = adopt_users(actor=cast.system, tenant=cast.acme, newcomers=newcomers)
    return [sentence for _, sentence in outcome]


def test_all_who_are_in_order_come_with_a_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    jpeg = picture("JPEG")
    anna = newcomer(cast, "Anna", 3, photo=jpeg, aliases=["anna@acme.test", "info@acme.test"])
    others = [newcomer(cast, f"User{number}", 10 + number) for number in range(40)]
    with django_assert_max_num_queries(26):
        assert adopt(cast, anna, *others) == [""] * 41
    user = ServiceUser.objects.get(login="anna@acme.test")
    assert (user.display_name, user.status, user.language) == ("Anna Adler", "enabled", "de_DE")
    assert (user.password_hash, passwords.verifies(user.password_hash, "")) == (passwords.NONE, False)
    assert bytes(Photo.objects.get(user=user).jpeg) == jpeg
    kinds = dict(Address.objects.filter(user=user).values_list("address", "kind"))
    assert kinds == {"anna@acme.test": "primary", "info@acme.test": "alias"}
    account = OxAccount.objects.get(user=user)
    assert (account.ox_id, account.ox_name, account.claimed_name) == (3, "anna@acme.test", "anna adler")
    assert (account.applied["language"], "marker" in account.applied) == ("de_DE", False)
    assert Seats.objects.get(tenant=cast.acme, profile=cast.groupware).used == 41
    assert AuditEntry.objects.filter(action="user:adopt").count() == 41
    assert not SyncJob.objects.filter(subject_kind="account").exists()


def test_the_same_comes_of_many_as_of_one(cast: Cast) -> None:
    """Whoever is not plainly in order goes the long way: the same rows must come of it."""
    login = "anna@acme.test"
    one = newcomer(cast, "Anna", 3, name=login, primary_address="a.adler@acme.test", aliases=["a.adler@acme.test"])
    adopt(cast, one)
    fields = ("display_name", "sort_name", "search_text", "login", "status", "time_zone")
    many = ServiceUser.objects.values_list(*fields).get(login=login)
    addresses = dict(Address.objects.filter(user__login=login).values_list("address", "kind"))
    ServiceUser.objects.all().delete()
    Seats.objects.update(used=0)
    slow = newcomer(cast, "Anna", 3, display_name="Anna Adler ", **{
        key: one.stranger.held[key] for key in ("name", "primary_address", "aliases")
    })  # fmt: skip
    cast.user("Taken", login="taken")
    adopt(cast, slow, newcomer(cast, "Taken", 4))
    assert ServiceUser.objects.values_list(*fields).get(login=login) == many
    assert dict(Address.objects.filter(user__login=login).values_list("address", "kind")) == addresses


def test_each_who_is_not_in_order_is_told_why_and_holds_up_nobody(cast: Cast) -> None:
    cast.user("Zoe Adler", login="zoe", ox=True)
    told = adopt(
        cast,
        newcomer(cast, "Anna", 3),
        newcomer(cast, "Locked", 4, mail_enabled=False),
        newcomer(cast, "Zoe", 5),
        newcomer(cast, "Bert", 6, aliases=["anna@acme.test", "bert@acme.test"]),
        newcomer(cast, "Carl", 7, name="carl", primary_address="carl@globex.test", aliases=["carl@globex.test"]),
        newcomer(cast, "Dora", 8, timezone="Mars/Olympus"),
        newcomer(cast, "Emil", 9),
        newcomer(cast, "emil", 10, display_name="Another Emil"),
    )
    assert told == [
        "",
        "Locked Adler is locked in OX. Unlock the user there first.",
        "The login zoe@acme.test is taken. Choose another.",
        "anna@acme.test is taken. Choose another address.",
        "carl@globex.test is in no domain of Acme. Add its domain first.",
        "There is no time zone Mars/Olympus. Enter one such as Europe/Berlin.",
        "",
        "The login emil@acme.test is taken. Choose another.",
    ]
    assert sorted(ServiceUser.objects.values_list("login", flat=True)) == [
        "anna@acme.test",
        "emil@acme.test",
        "zoe@acme.test",
    ]
    assert Seats.objects.get(tenant=cast.acme, profile=cast.groupware).used == 3


def test_without_seats_for_all_they_come_while_there_are_some(cast: Cast) -> None:
    Seats.objects.filter(tenant=cast.acme, profile=cast.groupware).update(number=2)
    told = adopt(cast, *(newcomer(cast, f"User{number}", 10 + number) for number in range(3)))
    assert told == [
        "",
        "",
        "All 2 seats of the profile Groupware are taken. Choose another profile or order more seats.",
    ]


def test_a_mark_of_another_time_is_kept_where_nobody_has_it(cast: Cast) -> None:
    marker = "7b0e7c43-51a2-4a3e-9f3a-0a9d9f6f6f01"
    adopt(cast, newcomer(cast, "Anna", 3, marker=marker), newcomer(cast, "Bert", 4, marker="nonsense"))
    assert str(OxAccount.objects.get(ox_id=3).marker) == marker
    assert OxAccount.objects.count() == 2


@pytest.mark.parametrize("who", ["charlie", "rita"])
def test_nobody_else_adopts_users(cast: Cast, who: str) -> None:
    with pytest.raises(OxherdError):
        list(adopt_users(actor=cast.actor(getattr(cast, who)), tenant=cast.acme, newcomers=[newcomer(cast, "Anna", 3)]))
    assert not ServiceUser.objects.exists()
