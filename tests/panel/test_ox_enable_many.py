import pytest
from tests.panel.ox import said, settle

from oxherd.domains.commands import add_domain
from oxherd.people.models import OxAccount


@pytest.fixture
def people(cast):
    return [cast.user(name, login=name.lower()) for name in ("Anna", "Ben", "Cleo")]


def ids(users):
    return {"user": [user.pk for user in users]}


def rows(response):
    return [(str(user), address) for user, address in response.context["rows"]]


def test_many_are_enabled_after_one_saw_who_gets_which_address(cast, bob, base, people):
    add_domain(actor=cast.system, tenant=cast.acme, name="sales.test")
    cast.user("Zoe", ox=True, aliases=("ben@sales.test",))
    dialog = bob.get(f"{base}enable/", ids(people))
    assert rows(dialog) == [("Anna", "anna@acme.test"), ("Ben", "ben@acme.test"), ("Cleo", "cleo@acme.test")]
    looked = bob.post(f"{base}enable/", {**ids(people), "domain": "sales.test", "do": "look"})
    assert looked.status_code == 200
    assert rows(looked) == [("Anna", "anna@sales.test"), ("Cleo", "cleo@sales.test")]
    assert [(str(each.user), each.why) for each in looked.context["left_out"]] == [("Ben", "ben@sales.test is taken.")]
    done = bob.post(f"{base}enable/", {**ids(people), "domain": "sales.test", "profile": cast.mail.pk})
    assert (done.url, said(done)) == (base, ["2 users are being set up in OX. 1 left out."])
    made = OxAccount.objects.filter(user__in=people).order_by("user_id")
    assert [(account.primary_address, str(account.profile)) for account in made] == [
        ("anna@sales.test", "Mail"),
        ("cleo@sales.test", "Mail"),
    ]


def test_seats_are_checked_up_front(cast, bob, base, people):
    cast.acme.seats.filter(profile=cast.mail).update(number=2)
    page = bob.get(f"{base}enable/", ids(people)).content.decode()
    assert "3 seats needed" in page
    assert f'<option value="{cast.mail.pk}" disabled>Mail · 2 of 2 seats left</option>' in page
    refused = bob.post(f"{base}enable/", {**ids(people), "domain": "acme.test", "profile": cast.mail.pk})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "profile": ["Only 2 of 2 seats of the profile Mail are left. Choose fewer users."]
    }
    assert OxAccount.objects.count() == 0


def test_profile_and_domain_are_asked_for(bob, base, people):
    refused = bob.post(f"{base}enable/", {**ids(people), "domain": "globex.test"})
    assert refused.context["form"].errors == {
        "profile": ["Choose a profile."],
        "domain": ["This is not offered, or no longer. Choose one from the list."],
    }


def test_one_who_is_ticked_gets_the_dialog_for_one(bob, base, people):
    dialog = bob.get(f"{base}enable/", ids(people[:1]))
    assert (dialog.context["user"], dialog.context["form"]["primary_address"].value()) == (people[0], "anna")


def test_where_nobody_can_be_enabled_there_is_no_button(cast, bob, base):
    users = [settle(cast.user(name, ox=True)) for name in ("Anna", "Ben")]
    page = bob.get(f"{base}enable/", ids(users)).content.decode()
    assert "Who is left out, and why" in page
    assert "Who gets OX" not in page
    assert 'type="submit">\n    \n    <span>' not in page
    refused = bob.post(f"{base}enable/", {**ids(users), "domain": "acme.test", "profile": cast.mail.pk})
    assert refused.status_code == 200
    assert OxAccount.objects.filter(profile=cast.mail).count() == 0


def test_all_who_match_are_enabled_and_others_are_not(cast, bob, base, people):
    asked = {"all": "yes", "status": "disabled", "q": "acme"}
    seen = {"seen": bob.get(f"{base}enable/", asked).context["seen"]}
    wish = asked | seen | {"domain": "acme.test", "profile": cast.groupware.pk}
    cast.user("Dan", login="dan")
    late = bob.post(f"{base}enable/", wish)
    told = "Others match now than when you looked. Look at them, and confirm once more."
    assert late.context["form"].errors == {"__all__": [told]}
    done = bob.post(f"{base}enable/", wish | {"seen": late.context["seen"]})
    assert said(done) == ["4 users are being set up in OX."]


def test_looking_costs_the_same_for_few_and_for_many(cast, bob, base, people, django_assert_num_queries):
    for number in (2, 3):
        with django_assert_num_queries(14):
            bob.get(f"{base}enable/", ids(people[:number]))


def test_a_stranger_enables_nobody_of_ours(cast, base, people):
    charlie = cast.client(cast.charlie)
    assert charlie.post(f"{base}enable/", ids(people)).status_code == 404
    assert charlie.post(f"/t/{cast.globex.pk}/ox/users/enable/", ids(people)).status_code == 422
    assert OxAccount.objects.count() == 0
