"""The panel in a controller's frame: who comes in, for how long, what is there, and who may show it."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone
from tests.cast import Cast, make_cast
from tests.panel.frame import PANEL, WHO, a_ticket, an_instance, ancestors, browser, entered, managed
from tests.rows import everything, last_entry
from tests.threads import at_once

from oxherd.accounts.models import Administrator, Membership, SignInPolicy
from oxherd.aps.models import ApsEntry, ApsInstance, ApsResource
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.groups.commands import remove_group
from oxherd.tenants.models import Tenant

AGAIN = "Open this from your control panel again"


@pytest.fixture
def odin(cast: Cast) -> ApsInstance:
    managed(cast.acme)
    return an_instance()


def says(answer: Any, *sentences: str, heading: str = AGAIN) -> None:
    """The small page, which nobody but known control panels may show, and which asks for no password."""
    text = " ".join(answer.content.decode().split())
    assert answer.status_code in {403, 429}
    for sentence in (heading, *sentences):
        assert sentence in text
    mends = "Choose Open-Xchange in the menu again, or reload the page of your control panel."
    assert (mends in text, "cookies" in text) == ((True, True) if heading == AGAIN else (False, False))
    assert "password" not in text.lower()
    assert answer["Cache-Control"] == "no-store"


def test_a_ticket_leads_to_the_page_it_was_asked_for(cast: Cast, odin) -> None:
    anna, client = cast.user("Anna Becker", ox=True), browser()
    ticket = a_ticket(odin, cast.acme, page="users")
    answer = client.post("/frame/enter/", {"ticket": ticket, "page": "users"}, headers={"Origin": PANEL})
    assert (answer.status_code, answer["Location"]) == (303, f"/frame/t/{cast.acme.pk}/ox/users/")
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "Anna Becker" in page.content.decode()
    assert client.get(f"/frame/t/{cast.acme.pk}/users/{anna.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("page", "there"),
    [
        *(("groups", "ox/groups/"), ("resources", "ox/resources/"), ("domains", "ox/domains/")),
        *(("requests", "ox/requests/"), ("nonsense", "ox/users/")),
    ],
)
def test_each_page_has_its_place(cast: Cast, odin, page: str, there: str) -> None:
    answer = browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme, page=page)})
    assert answer["Location"] == f"/frame/t/{cast.acme.pk}/{there}"


def test_a_ticket_is_good_once(cast: Cast, odin) -> None:
    ticket = a_ticket(odin, cast.acme)
    assert browser().post("/frame/enter/", {"ticket": ticket}).status_code == 303
    thief = browser()
    says(thief.post("/frame/enter/", {"ticket": ticket}), "was used already, or is too old")
    says(thief.get(f"/frame/t/{cast.acme.pk}/ox/users/"))
    entry = last_entry()
    assert (entry.action, entry.actor, entry.tenant_id) == (Action.SIGN_IN_FAILED, "Somebody in Odin", cast.acme.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_bring_it_at_once_one_comes_in() -> None:
    cast = make_cast()
    instance = an_instance()
    ticket = a_ticket(instance, managed(cast.acme))
    answers = at_once(*[lambda: browser().post("/frame/enter/", {"ticket": ticket}).status_code] * 2)
    assert sorted(answers) == [303, 403]


def test_a_ticket_ends_after_a_minute(cast: Cast, odin) -> None:
    ticket = a_ticket(odin, cast.acme, expires_at=timezone.now() - timedelta(seconds=1))
    says(browser().post("/frame/enter/", {"ticket": ticket}), "was used already, or is too old")
    assert ApsEntry.objects.get().used_at is None


@pytest.mark.parametrize(
    "sent", [{}, {"ticket": ""}, {"ticket": "x" * 5000}, {"ticket": "nonsense"}, {"ticket": "\x00"}]
)
def test_what_is_no_ticket_opens_nothing_and_leaves_nothing(cast: Cast, odin, sent: dict[str, str]) -> None:
    before = everything()
    says(browser().post("/frame/enter/", sent), "was used already, or is too old")
    assert everything() == before


def test_who_guesses_is_slowed_down_and_who_is_right_is_not(cast: Cast, odin) -> None:
    for _ in range(25):
        assert browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}).status_code == 303
    for _ in range(20):
        assert browser().post("/frame/enter/", {"ticket": "nonsense"}).status_code == 403
    says(browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}), "Too many attempts")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("suspended", "Acme is suspended. These pages open again when it is resumed in Odin."),
        ("removed", "Acme was removed."),
        ("leaving", "Acme was removed."),
    ],
)
def test_nobody_is_with_a_customer_that_is_not_there(cast: Cast, odin, state: str, sentence: str) -> None:
    client = entered(odin, cast.acme)
    Tenant.objects.filter(pk=cast.acme.pk).update(state=state)
    heading = "Open-Xchange is suspended" if state == "suspended" else AGAIN
    says(browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}), sentence, heading=heading)
    says(client.get(f"/frame/t/{cast.acme.pk}/ox/users/"), sentence, heading=heading)
    assert (last_entry().action, last_entry().tenant_id) == (Action.SIGN_OUT, cast.acme.pk)


def test_with_the_instance_all_access_ends(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    ApsInstance.objects.update(removed_at=timezone.now())
    sentence = "This application was removed from Odin"
    answer = client.get(f"/frame/t/{cast.acme.pk}/ox/users/")
    says(answer, sentence)
    assert ancestors(answer) == "'none'"
    says(browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}), sentence)


def test_who_was_switched_off_here_does_not_come_in(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    Administrator.objects.filter(name__startswith="Administrator in Odin").update(is_active=False)
    says(browser().post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}), "This account is switched off here.")
    says(client.get(f"/frame/t/{cast.acme.pk}/ox/users/"))


def test_the_person_has_a_name_in_the_audit_and_nothing_but_that(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    person = Administrator.objects.get(name="Administrator in Odin (3e0d6a54)")
    assert person.email == f"{WHO}@{odin.aps_id}.controller.invalid"
    assert not person.has_usable_password()
    assert not Membership.objects.filter(administrator=person).exists()
    told = AuditEntry.objects.get(action=Action.SIGN_IN)
    assert (told.actor, told.tenant_id, told.door) == (str(person), cast.acme.pk, "panel")
    assert told.after["with"] == ["controller"]
    client.post(f"/frame/t/{cast.acme.pk}/ox/groups/remove/", {"group": cast.group().pk})
    assert (last_entry().action, last_entry().actor) == (Action.GROUP_REMOVE, str(person))
    entered(odin, cast.acme)
    assert Administrator.objects.filter(pk=person.pk).count() == 1
    assert Administrator.objects.filter(email__endswith=".invalid").count() == 1


def test_an_identity_of_any_letters_or_none_has_a_person_too(cast: Cast, odin) -> None:
    for identity in ("", "a b@c\x7f", "x" * 100):
        entered(odin, cast.acme, identity=identity)
    people = Administrator.objects.filter(email__endswith=".invalid").order_by("pk")
    names = [person.name for person in people]
    assert names[0] == "Administrator in Odin"
    assert len(set(names)) == 3


def test_who_is_a_user_too_goes_by_that_name(cast: Cast, odin) -> None:
    anna = cast.user("Anna Becker")
    told = {"service": "user", "tenant": cast.acme, "object_id": anna.pk, "links": {"user": WHO}}
    ApsResource.objects.create(instance=odin, aps_id=uuid4(), **told)
    entered(odin, cast.acme)
    assert Administrator.objects.get(email__endswith=".invalid").name == "Anna Becker in Odin"


def test_only_the_panels_of_the_instance_may_show_it(cast: Cast, odin) -> None:
    other = an_instance("https://other.test:8443", name="CloudBlue")
    client = entered(odin, cast.acme)
    for path in (
        f"/frame/t/{cast.acme.pk}/ox/users/",
        f"/frame/t/{cast.acme.pk}/users/999/",
    ):
        answer = client.get(path)
        assert ancestors(answer) == PANEL, path
        assert "X-Frame-Options" not in answer
    other.panel_hosts = ["https://other.test:8443", "*", "javascript:x", "https://a.test; script-src *", 7]
    other.save()
    answer = browser().get("/frame/")
    assert ancestors(answer) == f"{PANEL} https://other.test:8443"
    says(answer)


def test_without_any_instance_nobody_may_show_anything(db) -> None:
    assert ancestors(browser().get("/frame/")) == "'none'"


def test_outside_all_stays_as_strict_as_it_was(cast: Cast, odin) -> None:
    for path in ("/", f"/t/{cast.acme.pk}/ox/users/", "/sign-in/login/", "/enter/", "/framed/", "/frames"):
        answer = cast.client(cast.bob).get(path)
        assert ancestors(answer) == "'none'", path
        assert answer["X-Frame-Options"] == "DENY"
    assert cast.client(cast.bob).get("/enter/").status_code == 404
    assert cast.client(cast.bob).post("/enter/", {"ticket": a_ticket(odin, cast.acme)}).status_code == 404


def test_the_two_sessions_know_nothing_of_each_other(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    assert client.get(f"/t/{cast.acme.pk}/ox/users/")["Location"].startswith("/sign-in/login/")
    bob = cast.client(cast.bob)
    says(bob.get(f"/frame/t/{cast.acme.pk}/ox/users/"))
    assert bob.get(f"/t/{cast.acme.pk}/ox/users/").status_code == 200


def test_a_session_that_is_carried_to_the_other_cookie_opens_nothing(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    key = client.cookies[f"frame-sessionid-{cast.acme.pk}"].value
    carried = browser()
    carried.cookies["sessionid"] = key
    assert carried.get(f"/t/{cast.acme.pk}/ox/users/")["Location"].startswith("/sign-in/login/")
    says(client.get(f"/frame/t/{cast.acme.pk}/ox/users/"))  # it is ended, too
    bob = cast.client(cast.bob)
    back = browser()
    back.cookies[f"frame-sessionid-{cast.acme.pk}"] = bob.cookies["sessionid"].value
    says(back.get(f"/frame/t/{cast.acme.pk}/ox/users/"))


def test_cookies_stay_in_the_frame(cast: Cast, odin, settings) -> None:
    settings.SERVED_BY_TLS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    client = browser()
    answer = client.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)})
    assert set(answer.cookies) == {f"frame-sessionid-{cast.acme.pk}", f"frame-csrftoken-{cast.acme.pk}"}
    for cookie in answer.cookies.values():
        said = cookie.output(header="")
        assert f"Path=/frame/t/{cast.acme.pk};" in said
        assert "HttpOnly" in said
        assert "SameSite=Lax" in said
        assert "Secure" not in said


def test_by_tls_cookies_are_for_frames_of_one_site(cast: Cast, odin, settings) -> None:
    settings.SERVED_BY_TLS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.COOKIE_PREFIX = "__Host-"
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    client = browser()
    answer = client.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)}, secure=True)
    names = {f"__Secure-frame-sessionid-{cast.acme.pk}", f"__Secure-frame-csrftoken-{cast.acme.pk}"}
    assert set(answer.cookies) == names
    for cookie in answer.cookies.values():
        said = cookie.output(header="")
        for part in (f"Path=/frame/t/{cast.acme.pk};", "HttpOnly", "SameSite=None", "Secure;", "; Partitioned"):
            assert part in said, said
        assert "Domain" not in said
    assert client.get(answer["Location"], secure=True).status_code == 200


def test_two_tabs_show_two_customers_and_neither_ends_the_other(cast: Cast, odin) -> None:
    managed(cast.globex)
    client = entered(odin, cast.globex)
    assert client.get(f"/frame/t/{cast.globex.pk}/ox/users/").status_code == 200
    says(client.get(f"/frame/t/{cast.acme.pk}/ox/users/"))
    again = client.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)})
    assert client.get(again["Location"]).status_code == 200
    assert client.get(f"/frame/t/{cast.globex.pk}/ox/users/").status_code == 200


def test_a_session_for_one_customer_opens_nothing_of_another(cast: Cast, odin) -> None:
    managed(cast.globex)
    client = entered(odin, cast.globex)
    client.cookies[f"frame-sessionid-{cast.acme.pk}"] = client.cookies[f"frame-sessionid-{cast.globex.pk}"].value
    assert client.get(f"/frame/t/{cast.acme.pk}/ox/users/").status_code == 404
    assert client.get(f"/frame/t/{cast.globex.pk}/ox/users/").status_code == 200


def test_forms_ask_for_the_frames_own_token(cast: Cast, odin) -> None:
    client = browser(enforce_csrf_checks=True)
    there = client.post("/frame/enter/", {"ticket": a_ticket(odin, cast.acme)})["Location"]
    client.get(there)
    address, sent = f"/frame/t/{cast.acme.pk}/ox/groups/remove/", {"group": cast.group().pk}
    assert client.post(address, sent).status_code == 403
    token = client.cookies[f"frame-csrftoken-{cast.acme.pk}"].value
    foreign = {"Origin": PANEL}
    assert client.post(address, sent | {"csrfmiddlewaretoken": token}, headers=foreign).status_code == 403
    assert client.post(address, sent | {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_session_ends_after_eight_hours_or_sooner(cast: Cast, odin) -> None:
    def after(hours: float) -> Any:
        client = entered(odin, cast.acme)
        session = _session(client)
        session["began_at"] = int(time.time() - hours * 3600)
        session.save()
        return client.get(f"/frame/t/{cast.acme.pk}/ox/users/")

    assert after(7.9).status_code == 200
    says(after(8.1), "because you signed in long ago. Open this page from your control panel again.")
    SignInPolicy.objects.create(tenant=cast.acme, session_hours=2)
    says(after(2.1), "because you signed in long ago")


def _session(client: Client) -> Any:
    (key,) = [cookie.value for name, cookie in client.cookies.items() if name.startswith("frame-sessionid-")]
    return SessionStore(session_key=key)


def test_second_factors_are_the_controllers_matter(cast: Cast, odin, settings) -> None:
    SignInPolicy.objects.create(tenant=cast.acme, second_factor="all")
    settings.SECOND_FACTOR_REQUIRED = True
    assert entered(odin, cast.acme).get(f"/frame/t/{cast.acme.pk}/ox/users/").status_code == 200


def test_what_is_for_good_asks_for_a_fresh_entry(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    group = cast.group()
    remove_group(actor=cast.system, group=group)
    address = f"/frame/t/{cast.acme.pk}/removed/delete/?item=group:{group.pk}"
    assert client.get(address).status_code == 200
    session = _session(client)
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    answer = client.get(address)
    assert answer.status_code == 422
    assert "open the page from Odin again, and repeat it within 10 minutes" in answer.content.decode()
    part = client.get(address, headers={"HX-Request": "true"})
    assert "repeat it within 10 minutes" in part["HX-Trigger"]


def test_a_part_of_a_page_whose_session_is_over_loads_the_page_anew(cast: Cast, odin) -> None:
    answer = browser().get(f"/frame/t/{cast.acme.pk}/ox/users/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_the_ticket_stands_nowhere(cast: Cast, odin) -> None:
    ticket = a_ticket(odin, cast.acme)
    client = browser()
    client.post("/frame/enter/", {"ticket": ticket})
    assert ticket not in str(everything())
    assert ticket not in str(dict(_session(client)))


def test_a_session_outlives_its_ticket(cast: Cast, odin) -> None:
    client = entered(odin, cast.acme)
    ApsEntry.objects.all().delete()
    assert client.get(f"/frame/t/{cast.acme.pk}/ox/users/").status_code == 200
