import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.panel.purchases.conftest import user_with_mail
from tests.panel.upsell.offer_page import open_offer

from oxherd.people.models import ServiceUser
from oxherd.people.ox_commands import change_profile
from oxherd.provisioning.models import SyncJob
from oxherd.purchases.commands import proceed, reject
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants.commands import change_tenant
from oxherd.tenants.models import Seats


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def rows(response) -> list[list[str]]:
    """Of each row of the list its cells, as a person reads them."""
    body = re.search(r"<tbody>(.*?)</tbody>", response.content.decode(), re.DOTALL)
    found = re.findall(r"<tr id=.*?</tr>", body.group(1), re.DOTALL) if body else []
    return [[text(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in found]


def names(response) -> list[str]:
    return [str(row.request) for row in response.context["rows"]]


def test_an_open_request_is_shown_with_all_that_it_takes_to_decide(scene, anna, premium):
    cast, bob, base, asks = scene
    asks(anna, missing=("calendar",), message="For the <b>fair</b>.")
    change_tenant(actor=cast.system, tenant=cast.acme, seats={cast.groupware: 5})
    page = bob.get(base)
    assert rows(page) == [
        [
            "",
            "AB Anna Becker anna.becker@acme.test Unverified",
            "Mail to Groupware Gained: Calendar, Tasks, Drive for files and 2 more",
            "No price given 5 of 5 seats free",
            "For the &lt;b&gt;fair&lt;/b&gt;.",
            "just now",
            "Proceed Reject",
        ]
    ]


@pytest.mark.parametrize(
    ("number", "used", "words"),
    [
        (None, 0, "Seats without limit"),
        (3, 1, "2 of 3 seats free"),
        (1, 1, "No seat free of 1"),
        ("gone", 0, "Not in the"),
    ],
)
def test_seats_are_told_as_they_are(scene, anna, number, used, words):
    cast, bob, base, asks = scene
    asks(anna)
    seats = Seats.objects.filter(tenant=cast.acme, profile=cast.groupware)
    seats.delete() if number == "gone" else seats.update(number=number, used=used)
    assert words in rows(bob.get(base))[0][3]


@pytest.mark.parametrize(
    ("verification", "word"),
    [("unverified", "Unverified"), ("pending", "Being verified"), ("token", "Verified"), ("session", "Verified")],
)
def test_whether_it_is_verified_is_told_in_words(scene, anna, verification, word):
    _, bob, base, asks = scene
    asks(anna)
    PurchaseRequest.objects.update(verification=verification)
    assert rows(bob.get(base))[0][1].endswith(f"acme.test {word}")


def test_what_is_lost_by_a_sideways_upgrade_is_told_too(scene, anna, premium):
    cast, bob, base, asks = scene
    from oxherd.profiles.commands import change_profile as change

    change(actor=cast.system, profile=premium, access_combination="drive")
    asks(anna, premium)
    assert "Without: Mail" in rows(bob.get(base))[0][2]


def test_asking_again_is_told_with_the_first_day(bob, base, anna, asks):
    asks(anna)
    PurchaseRequest.objects.update(asked_at=timezone.now() - timedelta(days=3))
    asks(anna)
    PurchaseRequest.objects.update(last_asked_at=timezone.now() - timedelta(hours=2, minutes=5))
    asked = PurchaseRequest.objects.get().asked_at
    assert rows(bob.get(base))[0][5] == f"2 hours ago 2 times since {asked.day} {asked:%b %Y}"


def test_a_long_message_is_folded_and_there_as_a_whole(bob, base, anna, asks):
    asks(anna, message="word " * 40)
    page = bob.get(base).content.decode()
    assert re.search(r'<details class="message">\s*<summary>', page)
    assert text(re.search(r'<div class="message-whole">(.*?)</div>', page, re.DOTALL).group(1)) == " ".join(
        ["word"] * 40
    )


def test_the_history_tells_who_decided_what_why_and_how_it_went(scene, anna, ben):
    cast, bob, base, asks = scene
    proceed(actor=cast.actor(cast.bob), request=asks(anna))
    SyncJob.objects.update(state="refused", sentence="OX does not take this.")
    reject(actor=cast.actor(cast.bob), request=asks(ben), reason="No budget")
    PurchaseRequest.objects.filter(state="rejected").update(told_at=timezone.now())
    assert names(bob.get(base)) == []
    (approved,) = rows(bob.get(f"{base}?state=approved"))
    assert approved[-1].startswith("Approved by Bob,")
    assert approved[-1].endswith("OX: OX said no. OX does not take this.")
    (rejected,) = rows(bob.get(f"{base}?state=rejected"))
    assert rejected[-1].startswith("Rejected by Bob,")
    assert rejected[-1].endswith("No budget Told by mail")
    assert names(bob.get(f"{base}?state=all")) == ["Ben Oak", "Anna Becker"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tell_error": "The mail server refused the mail to the requester."}, "The mail server refused the mail"),
        ({"tell_tries": 2}, "The mail server cannot be reached; it is tried again."),
    ],
)
def test_a_mail_that_does_not_arrive_is_told(scene, anna, values, words):
    cast, bob, base, asks = scene
    reject(actor=cast.actor(cast.bob), request=asks(anna), reason="No")
    PurchaseRequest.objects.update(**values)
    assert words in rows(bob.get(f"{base}?state=rejected"))[0][-1]


def test_a_forged_request_is_not_among_the_open_ones(bob, base, anna, asks):
    asks(anna)
    PurchaseRequest.objects.update(state="rejected", verification="forged")
    assert names(bob.get(base)) == []
    assert "Forged" in rows(bob.get(f"{base}?state=all"))[0][0]


def test_what_is_left_of_users_and_profiles_that_are_gone_is_shown(scene, anna, premium):
    cast, bob, base, asks = scene
    reject(actor=cast.actor(cast.bob), request=asks(anna, premium), reason="No")
    ServiceUser.objects.filter(pk=anna.pk).delete()
    Seats.objects.filter(profile=premium).delete()
    premium.delete()
    (row,) = rows(bob.get(f"{base}?state=all"))
    assert row[:2] == ["AB Anna Becker anna.becker@acme.test Unverified", "Mail to Premium"]


def test_search_order_and_filter_are_in_the_address(scene, anna, ben):
    _, bob, base, asks = scene
    asks(anna)
    asks(ben)
    assert names(bob.get(base)) == ["Ben Oak", "Anna Becker"]
    assert names(bob.get(f"{base}?sort=oldest")) == ["Anna Becker", "Ben Oak"]
    assert names(bob.get(f"{base}?q=anna.b")) == ["Anna Becker"]
    assert names(bob.get(f"{base}?q=zzz")) == []
    part = bob.get(f"{base}?q=ben", headers={"HX-Request": "true"})
    assert (names(part), part.headers["HX-Push-Url"]) == (["Ben Oak"], f"{base}?q=ben")


def test_an_empty_list_says_what_will_show_here_or_that_nothing_is_offered(cast, bob, base):
    assert "Upgrades are not offered yet" in bob.get(base).content.decode()
    open_offer(cast)
    assert "No open requests" in bob.get(base).content.decode()
    assert "No request was rejected yet." in bob.get(f"{base}?state=rejected").content.decode()
    assert "Nobody who asked matches" in bob.get(f"{base}?q=x").content.decode()


@pytest.mark.parametrize("path", ["ox/users/", "ox/groups/", "ox/resources/", "ox/domains/", "ox/requests/"])
def test_every_tab_counts_the_open_requests(cast, bob, anna, asks, path):
    tab = re.compile(r'<a href="[^"]*/ox/requests/"[^>]*>(.*?)</a>', re.DOTALL)
    url = f"/t/{cast.acme.pk}/{path}"
    assert text(tab.search(bob.get(url).content.decode()).group(1)) == "Purchase requests"
    asks(anna)
    page = bob.get(url).content.decode()
    assert text(tab.search(page).group(1)) == "Purchase requests 1 open"
    assert page.count('aria-current="page"') == 2  # the tab, and OX Service in the menu


def test_a_stranger_finds_nothing_and_a_reader_decides_nothing(cast, base, anna, asks):
    asks(anna)
    assert cast.client(cast.charlie).get(base).status_code == 404
    elsewhere = cast.client(cast.charlie).get(base.replace(f"/{cast.acme.pk}/", f"/{cast.globex.pk}/"))
    assert names(elsewhere) == []
    for who in (cast.rita, cast.dora):
        page = cast.client(who).get(base)
        assert names(page) == ["Anna Becker"]
        assert not re.search(r">\s*Proceed\s*<|data-select", page.content.decode())


def test_the_users_page_tells_what_the_user_has_asked_for(cast, bob, anna, asks, premium):
    url = f"/t/{cast.acme.pk}/users/{anna.pk}/"
    request = asks(anna, premium)
    page = bob.get(url).content.decode()
    assert "Anna Becker asks for the profile Premium" in page
    assert f"/ox/requests/proceed/?request={request.pk}" in page
    assert "/ox/requests/proceed/" not in cast.client(cast.rita).get(url).content.decode()
    reject(actor=cast.actor(cast.bob), request=request, reason="No budget")
    page = bob.get(url).content.decode()
    assert "asks for the profile" not in page
    told = re.findall(r'<span class="history-what">(.*?)</span>', page, re.DOTALL)
    assert [text(each) for each in told][:2] == ["Upgrade rejected", "Upgrade asked for"]
    assert "No budget" in page


def test_list_costs_the_same_queries_for_one_request_and_for_many(cast, bob, base, asks, django_assert_num_queries):
    users = [user_with_mail(cast, f"Person {number}") for number in range(3)]
    asks(users[0])
    bob.get(base)
    with django_assert_num_queries(11):
        bob.get(base)
    for user in users[1:]:
        asks(user)
    with django_assert_num_queries(11):
        bob.get(base)


def test_requests_come_in_pages(cast, bob, base, anna, asks):
    asks(anna)
    first = PurchaseRequest.objects.get()
    for number in range(60):
        first.pk, first.state = None, "rejected"
        first.last_asked_at = timezone.now() - timedelta(minutes=number)
        first.save(force_insert=True)
    page = bob.get(f"{base}?state=all")
    assert (len(names(page)), page.context["page"].range) == (50, "1\u201350 of 61")
    rest = bob.get(page.context["page"].next_url)
    assert (len(names(rest)), rest.context["page"].range) == (11, "51\u201361 of 61")
    change_profile(actor=cast.system, users=[anna], profile=cast.groupware)
    assert bob.get(rest.context["page"].previous_url).context["page"].start == 1
