import re

import pytest
from tests.panel.ox import profile_of, said, settle

from oxherd.people.models import OxAccount
from oxherd.profiles.commands import add_profile, change_profile


@pytest.fixture
def people(cast):
    """Two with Groupware and one without OX."""
    return [settle(cast.user(name, ox=True)) for name in ("Anna", "Ben")] + [cast.user("Cleo")]


def ids(users):
    return {"user": [user.pk for user in users]}


def text(response, part="comparison"):
    """What a person reads in a part of the page."""
    page = response.content.decode()
    inside = page[page.index(f'id="{part}"') :]
    inside = inside[inside.index(">") + 1 : inside.index('<p class="form-label" id="who"')]
    return " ".join(re.sub(r"<[^>]*>", " ", inside).split())


def test_profile_of_many_changes_at_once(cast, bob, base, people):
    asked = ids(people)
    dialog = bob.get(f"{base}profile/", asked)
    assert [str(user) for user in dialog.context["users"]] == ["Anna", "Ben"]
    assert [str(user) for user in dialog.context["left_out"]] == ["Cleo"]
    done = bob.post(f"{base}profile/", {**asked, "profile": cast.mail.pk})
    assert (done.url, said(done)) == (base, ["2 of 2 users get the profile Mail."])
    assert [profile_of(user) for user in people[:2]] == ["Mail", "Mail"]
    bob.get(base)  # shows the message
    again = bob.post(f"{base}profile/", {**asked, "profile": cast.mail.pk})
    assert said(again) == ["Nothing to change: the profile is Mail already."]


def test_profile_without_enough_seats_changes_nobody(cast, bob, base, people):
    cast.acme.seats.filter(profile=cast.mail).update(number=1)
    refused = bob.post(f"{base}profile/", {**ids(people), "profile": cast.mail.pk})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "profile": ["Only 1 of 1 seats of the profile Mail are left. Choose fewer users."],
    }
    assert "1, and 2 needed" in text(refused)
    assert [profile_of(user) for user in people[:2]] == ["Groupware", "Groupware"]
    one = bob.post(f"{base}profile/", {"user": people[0].pk, "profile": cast.mail.pk})
    assert said(one) == ["Anna gets the profile Mail."]


def test_no_profile_and_a_strange_profile_are_refused(cast, bob, base, people):
    strange = add_profile(actor=cast.system, brand=cast.brand, name="Gold", access_combination="all")
    sentences = [
        bob.post(f"{base}profile/", {"user": people[0].pk, "profile": value}).context["form"].errors["profile"]
        for value in ("", "999999", strange.pk)
    ]
    assert sentences == [
        ["Choose a profile."],
        ["This profile is not part of the subscription. Choose one from the list."],
        ["This profile is not part of the subscription. Choose one from the list."],
    ]


def test_what_a_profile_changes_is_told_before_and_nothing_is_changed_by_looking(cast, bob, base, people):
    change_profile(actor=cast.system, profile=cast.groupware, price_label="5 EUR")
    change_profile(actor=cast.system, profile=cast.mail, price_label="2 EUR", drive_quota_mb=100, mail_quota_mb=5000)
    looked = bob.post(f"{base}profile/", {**ids(people), "profile": cast.mail.pk, "do": "compare"})
    assert looked.status_code == 200
    assert text(looked) == (
        "Groupware becomes Mail 2 users "
        "Lost Calendar · Tasks · Drive for files · Address book of all colleagues · Shared folders "
        "and 10 more Public folders · Tasks for others · Further mail accounts · Subscriptions to calendars and "
        "address books · Publications of folders · Groups, to edit oneself · Resources, to edit oneself · Drive as a "
        "network folder (WebDAV) · Calendars as iCal files · Contacts as vCard files "
        "Mail quota 5,000 MB as before Drive quota 1,000 MB → 100 MB Price 5 EUR → 2 EUR "
        "How much of Drive is in use is not known here yet, so nobody is checked against the new quota. "
        "Seats before and after Profile Users Seats free Price "
        "Mail 0 → 2 +2 10 → 8 2 EUR Groupware 2 → 0 \u22122 No limit 5 EUR"
    )
    assert [profile_of(user) for user in people[:2]] == ["Groupware", "Groupware"]
    assert looked.context["form"].errors == {}


def test_what_is_gained_and_who_has_it_already_are_told(cast, bob, base, people):
    bob.post(f"{base}profile/", {"user": people[0].pk, "profile": cast.mail.pk})
    told = text(bob.post(f"{base}profile/", {**ids(people), "profile": cast.groupware.pk, "do": "compare"}))
    assert "Mail becomes Groupware 1 user Gained Calendar · Tasks · Drive for files" in told
    assert "Lost" not in told
    assert "1 of them has Groupware already: nothing changes there." in told


def test_those_who_have_the_profile_are_told_that_nothing_changes(cast, bob, base, people):
    told = text(bob.post(f"{base}profile/", {**ids(people), "profile": cast.groupware.pk, "do": "compare"}))
    assert told == "The profile is Groupware already. Nothing changes."


def test_who_uses_more_than_the_new_quota_is_named(cast, bob, base, people):
    change_profile(actor=cast.system, profile=cast.mail, drive_quota_mb=100)
    OxAccount.objects.filter(user=people[0]).update(drive_used_mb=340)
    told = text(bob.post(f"{base}profile/", {**ids(people), "profile": cast.mail.pk, "do": "compare"}))
    assert "1 user has more in Drive than 100 MB: Anna (340 MB). Nothing is deleted" in told
    assert "How much of Drive is in use is known of 1 of the 2 users." in told


def test_a_combination_of_the_platforms_own_is_said_to_be_unknown(cast, bob, base, people):
    change_profile(actor=cast.system, profile=cast.mail, access_combination="our_own")
    told = text(bob.post(f"{base}profile/", {**ids(people), "profile": cast.mail.pk, "do": "compare"}))
    assert "The access combination our_own is this platform's own. What it holds is not known here." in told


def test_without_ox_there_is_nothing_to_choose(bob, base, people):
    page = bob.get(f"{base}profile/", {"user": people[2].pk}).content.decode()
    assert "OX is not enabled for Cleo." in page
    assert 'name="profile"' not in page


def test_looking_costs_the_same_for_few_and_for_many(cast, bob, base, django_assert_num_queries):
    change_profile(actor=cast.system, profile=cast.mail, drive_quota_mb=100)
    users = []
    for number in range(4):
        users.append(settle(cast.user(f"Anna {number}", ox=True)))
        OxAccount.objects.update(drive_used_mb=200)
        asked = {**ids(users), "profile": cast.mail.pk, "do": "compare"}
        with django_assert_num_queries(14):
            bob.post(f"{base}profile/", asked)


def test_all_who_match_are_changed_wherever_they_stand_in_the_list(cast, bob, base):
    users = [settle(cast.user(f"Sales {number}", ox=True)) for number in range(3)]
    other = settle(cast.user("Zoe", ox=True))
    asked = {"all": "yes", "q": "sales", "status": "enabled"}
    dialog = bob.get(f"{base}profile/", asked)
    assert (str(dialog.context["users"]), dict(dialog.context["hidden"])) == ("3 users", asked)
    done = bob.post(f"{base}profile/", {**asked, "profile": cast.mail.pk, "seen": dialog.context["seen"]})
    assert said(done) == ["3 of 3 users get the profile Mail."]
    assert [profile_of(user) for user in (*users, other)] == ["Mail"] * 3 + ["Groupware"]


def test_who_matches_since_is_not_changed_unawares(cast, bob, base):
    users = [settle(cast.user("Sales 1", ox=True))]
    asked = {"all": "yes", "q": "sales", "profile": cast.mail.pk}
    seen = bob.get(f"{base}profile/", asked).context["seen"]
    users.append(settle(cast.user("Sales 2", ox=True)))
    late = bob.post(f"{base}profile/", asked | {"seen": seen})
    assert late.status_code == 422
    told = "Others match now than when you looked: 2 users. Look at them, and confirm once more."
    assert late.context["form"].errors == {"__all__": [told]}
    assert [profile_of(user) for user in users] == ["Groupware", "Groupware"]
    done = bob.post(f"{base}profile/", asked | {"seen": late.context["seen"]})
    assert said(done) == ["2 of 2 users get the profile Mail."]


def test_all_who_match_are_nobodys_whom_one_has_not_looked_at(cast, bob, base, people):
    refused = bob.post(f"{base}profile/", {"all": "yes", "profile": cast.mail.pk})
    assert (refused.status_code, refused.context["sentence"]) == (422, "Look first at whom this is about.")
    gone = bob.get(f"{base}profile/", {"all": "yes", "q": "nobody"})
    assert (gone.status_code, gone.context["sentence"]) == (422, "Nobody matches this search any more.")
    assert profile_of(people[0]) == "Groupware"


def test_all_who_match_are_disabled_after_their_number_was_typed(cast, bob, base, people):
    asked = {"all": "yes"}
    dialog = bob.get(f"{base}disable/", asked)
    seen = {"seen": dialog.context["seen"]}
    wrong = bob.post(f"{base}disable/", asked | seen | {"typed": "3"})
    assert wrong.context["form"].errors == {"typed": ["Type 2 to confirm."]}
    done = bob.post(f"{base}disable/", asked | seen | {"typed": "2"})
    assert said(done) == ["OX is being disabled for 2 users."]
    assert set(OxAccount.objects.values_list("presence", flat=True)) == {"leaving"}


def test_of_all_who_match_those_that_failed_are_tried_again(cast, base):
    settle(cast.user("Anna", ox=True), "error", "stuck")
    settle(cast.user("Ben", ox=True))
    dora = cast.client(cast.dora)
    done = dora.post(f"{base}retry/", {"all": "yes"})
    assert said(done) == ["OX is being tried again for Anna."]
    again = dora.post(f"{base}retry/", {"all": "yes"})
    assert (again.status_code, again.context["sentence"]) == (422, "There is nothing to try again.")


def test_the_tick_for_all_stands_where_there_are_more_than_the_page_shows(cast, bob, base, monkeypatch):
    tick = re.compile(r"<span>(Select all [^<]*)</span>")
    for number in range(3):
        cast.user(f"Anna {number}")
    assert tick.findall(bob.get(base).content.decode()) == []
    monkeypatch.setattr("oxherd.panel.paging.SIZE", 2)
    assert tick.findall(bob.get(base).content.decode()) == ["Select all 3 users"]
    narrowed = bob.get(f"{base}?q=anna&status=disabled").content.decode()
    assert tick.findall(narrowed) == ["Select all 3 that match"]
    assert re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="(\w+)"\s+form="ticked">', narrowed) == [
        ("q", "anna"),
        ("status", "disabled"),
    ]
    assert tick.findall(cast.client(cast.rita).get(base).content.decode()) == []


def test_a_stranger_selects_nobody_of_ours(cast, base, people):
    charlie = cast.client(cast.charlie)
    assert charlie.get(f"{base}profile/", {"all": "yes"}).status_code == 404
    own = f"/t/{cast.globex.pk}/ox/users/"
    for asked in ({"all": "yes"}, ids(people)):
        assert charlie.get(f"{own}profile/", asked).status_code == 422
