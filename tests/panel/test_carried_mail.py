"""Pages of customers whose mail is carried by mail servers of this installation, and the switch for it."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from tests.cast import Cast
from tests.panel.test_brands import NEW, as_saved
from tests.panel.test_group_page import FIELDS, begin
from tests.rows import everything, last_entry

from oxherd.brands.models import Brand
from oxherd.forwarders.models import Forwarder
from oxherd.groups.commands import add_group, change_group
from oxherd.groups.models import Group
from oxherd.groups.outside import outside_of
from oxherd.groups.queries import members_of
from oxherd.people.models import OxAccount
from oxherd.profiles.models import Profile

MAIL = FIELDS | {"do": "save", "address": "sales", "senders": "anyone", "outside_addresses": ""}


@pytest.fixture
def carrying(cast: Cast) -> Cast:
    Brand.objects.update(carries_mail=True)
    for tenant in (cast.acme, cast.globex):
        tenant.refresh_from_db()
    return cast


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/ox/groups/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def edit(cast: Cast) -> tuple[Client, str]:
    return cast.client(cast.alice), f"/brands/{cast.brand.pk}/edit/"


def sales(cast: Cast, *outside: str, senders: str = "anyone") -> Group:
    return add_group(
        actor=cast.system,
        tenant=cast.acme,
        display_name="Sales",
        address="sales@acme.test",
        outside=outside,
        senders=senders,
    )


def test_a_brand_is_switched_on_and_the_audit_tells_it(cast: Cast) -> None:
    client, url = edit(cast)
    page = text(client.get(url))
    assert ("Postfix and Dovecot of this installation carry" in page, "is refused here" in page) == (True, False)
    client.post(url, as_saved(cast.brand, carries_mail="on", mail_of_disabled="hold"))
    brand = Brand.objects.get(pk=cast.brand.pk)
    assert (brand.carries_mail, brand.mail_of_disabled) == (True, "hold")
    assert (last_entry().before, last_entry().after) == (
        {"carries_mail": False, "mail_of_disabled": "refuse"},
        {"carries_mail": True, "mail_of_disabled": "hold"},
    )
    page = text(client.get(f"/brands/{cast.brand.pk}/"))
    assert "Carried by Postfix and Dovecot of this installation" in page
    assert '<th scope="col">Mail</th>' in page  # how full mailboxes are, by profile


def test_switching_it_off_names_what_stops_and_wants_a_tick(carrying: Cast) -> None:
    client, url = edit(carrying)
    assert "mail to all 2 customers is refused here" in text(client.get(url))
    before = everything()
    answer = client.post(url, as_saved(carrying.brand))
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"stops_mail"})
    assert everything() == before
    assert client.post(url, as_saved(carrying.brand, stops_mail="on")).status_code == 302
    assert not Brand.objects.get(pk=carrying.brand.pk).carries_mail


def test_another_change_of_a_brand_leaves_its_mail_as_it_is(carrying: Cast) -> None:
    Brand.objects.update(mail_of_disabled="hold")
    client, url = edit(carrying)
    client.post(url, as_saved(carrying.brand, name="Sunset", carries_mail="on"))
    brand = Brand.objects.get(pk=carrying.brand.pk)
    assert (brand.name, brand.carries_mail, brand.mail_of_disabled) == ("Sunset", True, "hold")


def test_a_choice_that_is_none_is_refused_at_its_field(cast: Cast) -> None:
    client, url = edit(cast)
    answer = client.post(url, as_saved(cast.brand, carries_mail="on", mail_of_disabled="burn"))
    assert set(answer.context["form"].errors) == {"mail_of_disabled"}


def test_ox_cloud_keeps_its_mail_itself(cast: Cast) -> None:
    client, url = edit(cast)
    answer = client.post("/brands/add/", NEW | {"platform": "ox_cloud", "carries_mail": "on"})
    assert answer.context["form"].errors["carries_mail"] == [
        (
            "OX Cloud keeps the mail of its customers itself. Mail servers of this installation carry that of OX App "
            "Suite only."
        )
    ]
    Brand.objects.update(platform="ox_cloud")
    assert "Postfix and Dovecot" not in text(client.get(url))
    client.post(url, as_saved(cast.brand, name="Sunset", carries_mail="on"))
    brand = Brand.objects.get(pk=cast.brand.pk)
    assert (brand.name, brand.carries_mail) == ("Sunset", False)


def test_forwarders_are_there_and_work_at_once(carrying: Cast) -> None:
    client, url = carrying.client(carrying.bob), f"/t/{carrying.acme.pk}/ox/forwarders/"
    assert "No forwarders yet" in text(client.get(url))
    done = client.post(
        f"{url}add/", {"address": "info", "domain": "acme.test", "recipients": "press@agency.test", "seen": ""}
    )
    assert said(done) == ["info@acme.test passes mail on now."]
    Forwarder.objects.update(status="in_ox")
    listed = text(client.get(url))
    assert (">Forwarders</a>" in listed, "Active" in listed, "In OX" in listed) == (True, True, False)
    page = text(client.get(f"{url}{Forwarder.objects.get().pk}/"))
    assert ("Active" in page, "Delivery to OX" in page) == (True, False)
    assert carrying.client(carrying.charlie).get(url).status_code == 404
    assert "Forwarders" not in text(client.get(f"/t/{carrying.acme.pk}/ox/differences/")).replace(">Forwarders</a>", "")


def test_suspending_says_that_mail_carried_here_is_refused(carrying: Cast) -> None:
    url = f"/t/{carrying.acme.pk}/overview/suspend/"
    client = carrying.client(carrying.alice)
    told = "mail to acme.test is refused, and goes back to those who send it; mail programs cannot fetch"
    shown = text(client.get(url))
    assert (told in shown, "waits in the mailboxes" in shown) == (True, False)
    Brand.objects.update(carries_mail=False)
    assert "OX does not stop mail to acme.test: as long as your mail server takes it" in text(client.get(url))


@pytest.mark.parametrize("dialog", ["ox/users/disable/", "users/remove/"])
def test_what_takes_ox_away_says_that_mailboxes_carried_here_stay(carrying: Cast, settings: Any, dialog: str) -> None:
    settings.KEEP_REMOVED_DAYS = 0
    url = f"/t/{carrying.acme.pk}/{dialog}?user={carrying.user(ox=True).pk}"
    client = carrying.client(carrying.bob)
    shown = text(client.get(url))
    assert ("the disk of the mail servers" in shown, "mailbox, calendar" in shown) == (True, False)
    Brand.objects.update(carries_mail=False)
    assert "the disk of the mail servers" not in text(client.get(url))


def test_a_circle_is_told_at_the_field_of_the_form(carrying: Cast) -> None:
    carrying.forwarder("all@acme.test", "press@agency.test")
    client, url = carrying.client(carrying.bob), f"/t/{carrying.acme.pk}/ox/forwarders/"
    carrying.forwarder("info@acme.test", "all@acme.test")
    answer = client.post(
        f"{url}{Forwarder.objects.get(address='all@acme.test').pk}/",
        {"address": "all", "domain": "acme.test", "recipients": "info@acme.test"},
    )
    assert answer.context["form"].errors["recipients"] == [
        "info@acme.test passes mail back to all@acme.test, so it would go round in a circle. Remove it here."
    ]


def test_a_group_gets_outside_addresses_from_a_pasted_list(carrying: Cast, base: str) -> None:
    client = carrying.client(carrying.bob)
    url = begin(client, base)
    page = text(client.get(url))
    assert ("Outside addresses" in page, "Who may write to it" in page) == (True, True)
    assert "hold users of the same customer only" not in page
    pasted = "Press <press@agency.test>; news@agency.test\r\nPRESS@agency.test"
    client.post(url, MAIL | {"outside_addresses": pasted, "senders": "inside"})
    group = Group.objects.get()
    assert (outside_of(group), group.senders) == (["news@agency.test", "press@agency.test"], "inside")
    shown = client.get(f"{base}{group.pk}/")
    assert shown.context["form"]["outside"].value() == "news@agency.test\npress@agency.test"
    assert 'value="inside" checked' in text(shown)


def test_what_was_typed_and_not_saved_says_so_on_the_next_visit(carrying: Cast, base: str) -> None:
    client, url = carrying.client(carrying.bob), f"{base}{sales(carrying).pk}/"
    first = client.get(url)
    assert (first.context["form"].unsaved, "changes you have not saved" in text(first)) == ([], False)
    fields = MAIL | {"name": "Sales", "outside_addresses": "nonsense", "seen": first.context["form"].seen}
    refused = client.post(url, fields)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"outside"})
    again = client.get(url)
    assert again.context["form"]["outside"].value() == "nonsense"
    assert "These are changes you have not saved.</strong> Outside addresses: what stands here" in text(again)
    client.post(url, {"do": "discard"})
    assert "changes you have not saved" not in text(client.get(url))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"outside_addresses": "press@agency.test nobody@acme.test"}, "outside"),
        ({"outside_addresses": "nobody"}, "outside"),
        ({"outside_addresses": "press@agency.test", "address": ""}, "address"),
        ({"senders": "everybody"}, "senders"),
        ({"outside_addresses": "back@globex.test"}, "outside"),
    ],
)
def test_what_cannot_be_comes_back_at_its_field(carrying: Cast, base: str, fields: dict[str, str], field: str) -> None:
    other = add_group(
        actor=carrying.system,
        tenant=carrying.globex,
        display_name="Back",
        address="back@globex.test",
        outside=["sales@acme.test"],
    )
    client = carrying.client(carrying.bob)
    url = begin(client, base)
    answer = client.post(url, MAIL | fields)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert list(Group.objects.all()) == [other]
    assert "back@globex.test" not in text(answer) or field == "outside"


def test_ticks_in_the_picker_are_no_outside_addresses(carrying: Cast, base: str) -> None:
    anna, group = carrying.user(), sales(carrying, "press@agency.test")
    client, url = carrying.client(carrying.bob), f"{base}{group.pk}/"
    page = client.get(url)
    fields = MAIL | {"outside_addresses": "press@agency.test", "seen": page.context["form"].seen}
    client.post(url, fields | {"do": "in", "outside": [anna.pk]})
    assert client.get(url).context["form"]["outside"].value() == "press@agency.test"
    client.post(url, fields | {"outside": [anna.pk]})
    assert (outside_of(group), list(members_of(group))) == (["press@agency.test"], [anna])


def test_members_and_mail_change_in_one_save_and_the_history_tells_both(carrying: Cast, base: str) -> None:
    group = sales(carrying, "press@agency.test")
    client, url = carrying.client(carrying.bob), f"{base}{group.pk}/"
    seen = client.get(url).context["form"].seen
    client.post(url, MAIL | {"outside_addresses": "news@agency.test", "senders": "inside", "seen": seen})
    assert outside_of(group) == ["news@agency.test"]
    told = {change.label: (change.before, change.after) for change in client.get(url).context["history"][0].changes}
    assert told == {
        "Outside addresses": ("press@agency.test", "news@agency.test"),
        "Who may write to it": ("Anyone", "Users of this customer, signed in"),
    }


def test_without_an_address_nobody_writes_and_the_choice_stays(carrying: Cast, base: str) -> None:
    group = sales(carrying, senders="inside")
    client, url = carrying.client(carrying.bob), f"{base}{group.pk}/"
    seen = client.get(url).context["form"].seen
    client.post(url, MAIL | {"address": "", "senders": "anyone", "seen": seen})
    group.refresh_from_db()
    assert group.senders == "inside"
    reader = text(carrying.client(carrying.rita).get(url))
    facts = reader.partition("All members")[0]
    assert ("Mail address" in facts, "Who may write to it" in facts) == (True, False)


def test_who_saves_second_is_told_what_is_stored(carrying: Cast, base: str) -> None:
    group = sales(carrying, "press@agency.test")
    client, url = carrying.client(carrying.bob), f"{base}{group.pk}/"
    seen = client.get(url).context["form"].seen
    change_group(actor=carrying.system, group=group, outside=["theirs@agency.test"], senders="inside")
    answer = client.post(url, MAIL | {"outside_addresses": "mine@agency.test", "seen": seen})
    assert "Stored now: Sales, Sales, sales@acme.test, theirs@agency.test, Users of this customer, signed in." in text(
        answer
    )


def test_readers_see_who_else_gets_the_mail(carrying: Cast, base: str) -> None:
    group = sales(carrying, "press@agency.test", senders="inside")
    page = text(carrying.client(carrying.rita).get(f"{base}{group.pk}/"))
    assert ("press@agency.test" in page, "Users of this customer, signed in" in page) == (True, True)
    assert carrying.client(carrying.charlie).get(f"{base}{group.pk}/").status_code == 404


def test_elsewhere_groups_have_no_such_fields(cast: Cast, base: str) -> None:
    client = cast.client(cast.bob)
    url = begin(client, base)
    page = text(client.get(url))
    assert ("Outside addresses" in page, "Who may write to it" in page) == (False, False)
    client.post(url, MAIL | {"outside_addresses": "press@agency.test", "senders": "inside"})
    group = Group.objects.get()
    assert (outside_of(group), group.senders) == ([], "anyone")


def test_mailboxes_have_a_size_and_tell_how_full_they_are(carrying: Cast) -> None:
    user = carrying.user(ox=True)
    page = f"/t/{carrying.acme.pk}/users/{user.pk}/usage/?asked=20"
    client = carrying.client(carrying.rita)
    assert "The mail server knows" not in text(client.get(page))
    OxAccount.objects.update(mail_used_mb=4750, mail_used_at=timezone.now(), ox_id=3)
    Profile.objects.update(drive_quota_mb=5000)  # as large as the mailbox, and not the same store
    shown = text(client.get(page))
    assert ("Mail and Drive together" in shown, "95" in shown) == (False, True)
    assert "The mail server" not in text(client.get(f"/t/{carrying.acme.pk}/stored/"))
    profile = text(carrying.client(carrying.alice).get(f"/brands/{carrying.brand.pk}/profiles/add/"))
    assert "The mail server sets their size" not in profile
