"""Forwarders in the panel: the list, the form, and where else they are told of."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from tests.cast import Cast, make_cast
from tests.rows import last_entry, waiting

from oxherd.brands.states import PlatformKind
from oxherd.domains.commands import add_domain
from oxherd.forwarders.commands import remove_forwarder
from oxherd.forwarders.models import Forwarder
from oxherd.forwarders.recipients import typed_of
from oxherd.provisioning.models import SyncJob

HTMX = {"HX-Request": "true"}
FIELDS = {"address": "info", "domain": "acme.test", "recipients": "press@agency.test"}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(kind=PlatformKind.OX_CLOUD)


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/ox/forwarders/"


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def names(answer: Any) -> list[str]:
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def arrived(forwarder: Forwarder, status: str = "in_ox", sentence: str = "") -> Forwarder:
    Forwarder.objects.filter(pk=forwarder.pk).update(status=status)
    state = "refused" if sentence else "done"
    SyncJob.objects.filter(subject_kind="forwarder", subject_id=forwarder.pk).update(state=state, sentence=sentence)
    return forwarder


def test_a_forwarder_is_added_from_a_pasted_list(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    client = cast.client(cast.bob)
    page = client.get(f"{base}add/").content.decode()
    order = ["Address", "Passes mail on to", "Save forwarder"]
    places = [page.rindex(label) for label in order]
    assert places == sorted(places)
    pasted = "Anna Becker <anna.becker@acme.test>; press@agency.test\r\nPress@Agency.test"
    done = client.post(f"{base}add/", FIELDS | {"recipients": pasted})
    forwarder = Forwarder.objects.get()
    assert done.headers["Location"] == f"{base}{forwarder.pk}/"
    assert said(done) == ["info@acme.test is being set up in OX."]
    assert (typed_of(forwarder), len(waiting(f"forwarder:{forwarder.pk}"))) == ([anna.login, "press@agency.test"], 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "a b"}, "address"),
        ({"address": "anna.becker"}, "address"),
        ({"domain": "globex.test"}, "domain"),
        ({"recipients": " \n"}, "recipients"),
        ({"recipients": "anna"}, "recipients"),
        ({"recipients": "info@acme.test"}, "recipients"),
        ({"recipients": "x" * 100_001}, "recipients"),
    ],
)
def test_what_cannot_be_comes_back_at_its_field(cast: Cast, base: str, fields: dict[str, str], field: str) -> None:
    cast.user(ox=True)
    answer = cast.client(cast.bob).post(f"{base}add/", FIELDS | fields)
    assert (answer.status_code, field in errors(answer)) == (422, True)
    assert Forwarder.objects.count() == 0


def test_a_new_forwarder_to_itself_is_told_so_at_the_field(cast: Cast, base: str) -> None:
    answer = cast.client(cast.bob).post(f"{base}add/", FIELDS | {"recipients": f"{FIELDS['address']}@acme.test"})
    assert errors(answer)["recipients"] == [
        f"{FIELDS['address']}@acme.test would pass mail on to itself. Remove it here."
    ]


def test_all_that_is_to_be_mended_shows_at_once(cast: Cast, base: str) -> None:
    recipients = "\n".join(["anna", "nobody@acme.test", *(f"{number}@b" for number in range(5))])
    answer = cast.client(cast.bob).post(f"{base}add/", {"domain": "acme.test", "recipients": recipients})
    assert errors(answer)["address"] == ["Fill in the part before the @."]
    assert (errors(answer)["recipients"][0], errors(answer)["recipients"][-1]) == (
        "“anna” is not an address.",
        "And 2 more.",
    )
    assert f">\n{recipients}</textarea>" in answer.content.decode()


def test_a_user_who_is_chosen_becomes_one_more_line(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    client = cast.client(cast.bob)
    sent = FIELDS | {"do": "add", "user": anna.pk}
    part = client.post(f"{base}add/", sent, headers=HTMX)
    assert (part.status_code, part.content.decode().count("field-error"), Forwarder.objects.count()) == (200, 0, 0)
    assert ">\npress@agency.test\nanna.becker@acme.test</textarea>" in part.content.decode()
    stranger = cast.user("Ines Novak", tenant=cast.globex, ox=True)
    part = client.post(f"{base}add/", sent | {"user": stranger.pk}, headers=HTMX)
    assert ">\npress@agency.test</textarea>" in part.content.decode()


def test_without_script_a_user_is_searched_and_added_with_save(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    cast.user("Bert Blum", ox=True)
    client = cast.client(cast.bob)
    page = client.post(f"{base}add/", FIELDS | {"do": "find", "user_text": "ann"})
    assert (page.status_code, Forwarder.objects.count()) == (200, 0)
    assert re.findall(r'type="radio"\s+name="user"\s+value="([^"]*)"', page.content.decode()) == [str(anna.pk)]
    sent = FIELDS | {"user_text": "ann", "user_sought": "ann", "user": anna.pk}
    assert client.post(f"{base}add/", sent).status_code == 302
    assert typed_of(Forwarder.objects.get()) == [anna.login, "press@agency.test"]


def test_a_forwarder_is_changed_its_history_tells_it_and_takes_it_back(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login)
    client = cast.client(cast.bob)
    url = f"{base}{forwarder.pk}/"
    page = client.get(url)
    assert f'<a href="/t/{cast.acme.pk}/users/{anna.pk}/">Anna Becker</a>' in page.content.decode()
    done = client.post(url, FIELDS | {"seen": page.context["form"].seen})
    assert done.headers["Location"] == url
    history = client.get(url).context["history"]
    assert [(change.label, change.before, change.after) for change in history[0].changes] == [
        ("Passes mail on to", "anna.becker@acme.test", "press@agency.test")
    ]
    client.post(history[0].undo_url)
    assert typed_of(forwarder) == [anna.login]
    assert last_entry().undoes is not None


def test_who_saves_second_is_told_what_happened(cast: Cast, base: str) -> None:
    url = f"{base}{cast.forwarder().pk}/"
    client = cast.client(cast.bob)
    seen = client.get(url).context["form"].seen
    client.post(url, FIELDS | {"seen": seen, "recipients": "one@agency.test"})
    second = client.post(url, FIELDS | {"seen": seen, "recipients": "two@agency.test"})
    assert (second.status_code, "changed meanwhile" in errors(second)["__all__"][0]) == (422, True)
    again = client.post(url, FIELDS | {"seen": second.context["form"].seen, "recipients": "two@agency.test"})
    assert (again.status_code, last_entry().after["recipients"]) == (302, ["two@agency.test"])


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_readers_see_who_gets_the_mail_and_change_nothing(cast: Cast, base: str, who: str) -> None:
    forwarder = cast.forwarder("info@acme.test", "press@agency.test")
    client = cast.client(getattr(cast, who))
    page = client.get(f"{base}{forwarder.pk}/").content.decode()
    assert ("press@agency.test" in page, "Save forwarder" in page) == (True, False)
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{forwarder.pk}/", FIELDS).status_code == 403
    assert client.post(f"{base}remove/", {"forwarder": forwarder.pk}).status_code == 403
    assert "Add new forwarder" not in client.get(base).content.decode()
    assert Forwarder.objects.get().presence == "present"


@pytest.mark.parametrize("path", ["", "progress/?ids=1", "remove/?forwarder=1", "add/", "{pk}/", "{pk}/status/"])
def test_a_stranger_finds_nothing(cast: Cast, base: str, path: str) -> None:
    pk = cast.forwarder().pk
    assert cast.client(cast.charlie).get(base + path.format(pk=pk)).status_code == 404
    assert cast.client(cast.charlie).get(f"/t/{cast.globex.pk}/ox/forwarders/{pk}/").status_code == 404


def test_the_list_shows_where_each_leads_with_its_state_and_cause(cast: Cast, base: str) -> None:
    anna = cast.user(ox=True)
    arrived(cast.forwarder("info@acme.test", anna.login, "a@b.test", "c@d.test", "e@f.test"))
    arrived(cast.forwarder("all@acme.test"), "error", "OX does not take this.")
    answer = cast.client(cast.bob).get(base)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert names(answer) == ["all@acme.test", "info@acme.test"]
    assert '<div>Anna Becker <span class="text-muted">anna.becker@acme.test</span></div> <div>a@b.test</div>' in page
    assert "and 2 more" in page
    assert re.findall(r'<div class="cause">(.*?)</div>', page) == ["OX does not take this."]
    assert re.findall(r'aria-label="Retry ([^"]*)"', page) == ["all@acme.test"]


def test_it_is_searched_filtered_and_sorted_by_its_address(cast: Cast, base: str) -> None:
    arrived(cast.forwarder("info@acme.test", cast.user(ox=True).login))
    arrived(cast.forwarder("all@acme.test", "press@agency.test"), "error", "No.")
    client = cast.client(cast.rita)
    assert names(client.get(f"{base}?q=becker")) == ["info@acme.test"]
    assert names(client.get(f"{base}?q=agency")) == ["all@acme.test"]
    assert names(client.get(f"{base}?status=in_ox")) == ["info@acme.test"]
    assert names(client.get(f"{base}?sort=newest")) == ["all@acme.test", "info@acme.test"]
    part = client.get(f"{base}?q=inf", headers=HTMX)
    assert (part.headers["HX-Push-Url"], "<html" in part.content.decode()) == (f"{base}?q=inf", False)
    assert "No forwarder found" in client.get(f"{base}?q=zzz").content.decode()


def test_an_empty_list_says_what_to_do(cast: Cast, base: str) -> None:
    page = cast.client(cast.bob).get(base).content.decode()
    assert ("No forwarders yet" in page, ">Forwarders</a>" in page) == (True, True)


def test_app_suite_has_no_tab_and_says_why(db: None) -> None:
    cast = make_cast()
    client = cast.client(cast.bob)
    assert ">Forwarders</a>" not in client.get(f"/t/{cast.acme.pk}/ox/groups/").content.decode()
    page = client.get(f"/t/{cast.acme.pk}/ox/forwarders/").content.decode()
    assert ("OX App Suite takes no forwarders from here." in page, "Add new forwarder" in page) == (True, False)
    assert client.get(f"/t/{cast.acme.pk}/ox/forwarders/add/").status_code == 422
    user = cast.client(cast.bob).get(f"/t/{cast.acme.pk}/users/{cast.user(ox=True).pk}/").content.decode()
    assert ("OX App Suite takes no forwarders from here." in user, "<dt>Forwarders</dt>" in user) == (True, False)
    for path in ("removed/", "ox/differences/"):
        assert "Forwarders" not in client.get(f"/t/{cast.acme.pk}/{path}").content.decode()


def test_pages_cost_the_same_queries_however_much_there_is(
    cast: Cast, base: str, django_assert_num_queries: Any
) -> None:
    anna = cast.user(ox=True)
    for number in range(3):
        arrived(cast.forwarder(f"three{number}@acme.test", anna.login))
    client = cast.client(cast.bob)
    # Session, administrator, roles; tenant; rows, count; recipients, mailboxes, sizes; outage, tenant's job; requests.
    with django_assert_num_queries(12):
        assert len(names(client.get(base))) == 3
    for number in range(50):
        arrived(cast.forwarder(f"fifty{number:02}@acme.test", anna.login, "a@b.test", "c@d.test"))
    with django_assert_num_queries(12):
        first = client.get(base)
    assert (len(names(first)), first.context["page"].range) == (50, "1\u201350 of 53")
    assert names(client.get(first.context["page"].next_url)) == [f"three{number}@acme.test" for number in range(3)]
    url = f"{base}{Forwarder.objects.get(address='fifty00@acme.test').pk}/"
    # Session, administrator, roles; tenant; forwarder; the form's domains, recipients, logins, mailboxes; who gets it,
    # mailboxes, how many; jobs, history, undone; outage, the tenant's job.
    with django_assert_num_queries(17):
        client.get(url)


def test_several_are_deleted_at_once_after_the_effect_was_named(cast: Cast, base: str) -> None:
    made = [cast.forwarder(f"{name}@acme.test") for name in ("info", "all", "stays")]
    client = cast.client(cast.bob)
    cast.forwarder("outer@acme.test", "info@acme.test")
    ticked = {"forwarder": [each.pk for each in made[:2]]}
    dialog = re.sub(r"\s+", " ", client.get(f"{base}remove/", ticked, headers=HTMX).content.decode())
    assert ("is refused from then on" in dialog, "pass mail on to them:</strong> outer@acme.test." in dialog) == (
        True,
        True,
    )
    done = client.post(f"{base}remove/", ticked, headers=HTMX)
    assert (done.headers["HX-Redirect"], said(done)) == (base, ["2 forwarders were deleted."])
    assert names(client.get(base)) == ["outer@acme.test", "stays@acme.test"]
    assert client.get(f"{base}{made[0].pk}/").status_code == 404


def test_recently_removed_has_forwarders_and_asks_for_another_address_where_it_is_taken(cast: Cast) -> None:
    forwarder = cast.forwarder("info@acme.test")
    remove_forwarder(actor=cast.system, forwarder=forwarder)
    cast.group("Info", address="info@acme.test")
    client, base = cast.client(cast.bob), f"/t/{cast.acme.pk}/removed/"
    page = client.get(f"{base}?kind=forwarder").content.decode()
    assert re.findall(r'aria-label="Restore ([^"]*)"', page) == ["info@acme.test"]
    item = f"forwarder:{forwarder.pk}"
    asked = client.post(f"{base}restore/", {"item": item}, headers=HTMX).content.decode()
    assert "info@acme.test belongs to Info now." in asked
    prefix = f"forwarder-{forwarder.pk}"
    sent = {"item": item, "do": "restore", f"{prefix}-address": "old", f"{prefix}-address_domain": "acme.test"}
    client.post(f"{base}restore/", sent)
    assert Forwarder.objects.get().address == "old@acme.test"


def test_a_users_page_and_removal_tell_of_the_forwarders_that_lead_there(cast: Cast) -> None:
    anna = cast.user(ox=True)
    forwarder = cast.forwarder("info@acme.test", anna.login)
    client = cast.client(cast.bob)
    url = f"/t/{cast.acme.pk}/users/{anna.pk}/"
    page = client.get(url).content.decode()
    assert f'<a href="/t/{cast.acme.pk}/ox/forwarders/{forwarder.pk}/">info@acme.test</a>' in page
    removal = re.sub(r"\s+", " ", client.get(f"{url}remove/", headers=HTMX).content.decode())
    assert "<strong>Forwarders lead to this user:</strong> info@acme.test." in removal
    disabling = client.get(f"/t/{cast.acme.pk}/ox/users/disable/?user={anna.pk}", headers=HTMX).content.decode()
    assert "Forwarders lead to this user:" in disabling


def test_a_domain_takes_its_forwarders_to_another_one(cast: Cast) -> None:
    shop = add_domain(actor=cast.system, tenant=cast.acme, name="shop.test")
    inner = cast.forwarder("info@shop.test")
    outer = cast.forwarder("all@acme.test", "info@shop.test")
    client = cast.client(cast.bob)
    url = f"/t/{cast.acme.pk}/ox/domains/remove/"
    dialog = client.get(url, {"domain": shop.pk}, headers=HTMX).content.decode()
    assert ("1 forwarder." in dialog, f"/ox/forwarders/{inner.pk}/" in dialog) == (True, True)
    done = client.post(url, {"domain": shop.pk, "to": "acme.test"})
    assert said(done) == ["shop.test was removed. 1 forwarder moved to acme.test."]
    inner.refresh_from_db()
    assert (inner.address, typed_of(outer)) == ("info@acme.test", ["info@acme.test"])
