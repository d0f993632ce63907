"""The pages of administrators: of a customer, and of the provider for all."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from tests.cast import PASSWORD, Cast

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.models import Administrator, CustomRole, SignInPolicy
from oxherd.accounts.states import Role
from oxherd.administrators.invitations import Invited, invite
from oxherd.administrators.models import Invitation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def base(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/administrators/"


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def invited(cast: Cast, email: str = "eve@panel.test") -> Invited:
    return invite(actor=cast.actor(cast.bob), email=email, name="Eve", role=Role.READ_ONLY, tenant=cast.acme)


def names(answer: Any) -> list[str]:
    return re.findall(r'class="person-name"[^>]*>([^<]*)<', answer.content.decode())


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_customer_sees_its_own_people_and_open_invitations_first(cast: Cast, base: str, bob: Client) -> None:
    invited(cast)
    page = bob.get(base)
    assert names(page) == ["Eve", "Bob", "Dora", "Rita"]
    assert [word in text_of(page) for word in ("Invited", "Help desk", "Charlie", "Alice")] == [
        True,
        True,
        False,
        False,
    ]
    assert names(bob.get(f"{base}?state=invited")) == ["Eve"]
    assert names(bob.get(f"{base}?q=rita@")) == ["Rita"]
    Administrator.objects.filter(pk=cast.rita.pk).update(is_active=False)
    assert names(bob.get(f"{base}?state=inactive")) == ["Rita"]
    assert "Nobody found" in text_of(bob.get(f"{base}?q=zzz"))
    part = bob.get(f"{base}?q=do", headers=HTMX)
    assert (part.headers["HX-Push-Url"], "<html" in part.content.decode()) == (f"{base}?q=do", False)


def test_the_provider_sees_all_and_narrows_to_a_brand(cast: Cast) -> None:
    alice = cast.client(cast.alice)
    assert names(alice.get("/administrators/")) == ["Alice", "Bob", "Charlie", "Dora", "Rita"]
    assert "Customer administrator" in text_of(alice.get("/administrators/"))
    assert names(alice.get(f"/administrators/?brand={cast.brand.pk}")) == ["Bob", "Charlie", "Dora", "Rita"]
    assert alice.get("/administrators/?brand=4711").status_code == 404
    grant(cast.charlie, Role.RESELLER, brand=cast.brand)
    assert names(cast.client(cast.charlie).get("/administrators/")) == ["Bob", "Charlie", "Dora", "Rita"]


def test_the_list_costs_the_same_queries_however_many_there_are(
    cast: Cast, base: str, bob: Client, django_assert_num_queries: Any
) -> None:
    invited(cast)
    # Session, administrator, roles; tenant; people, count; roles, factors; invitations; outage, tenant's job.
    with django_assert_num_queries(11):
        bob.get(base)
    for number in range(60):
        person = add_administrator(email=f"p{number}@panel.test", name=f"P{number:02}", password=PASSWORD)
        grant(person, Role.READ_ONLY, tenant=cast.acme)
    with django_assert_num_queries(11):
        first = bob.get(base)
    assert (len(names(first)), first.context["page"].range) == (51, "1\u201350 of 63")


def test_somebody_is_invited_and_the_link_is_shown_once(cast: Cast, base: str, bob: Client) -> None:
    dialog = text_of(bob.get(f"{base}invite/", headers=HTMX))
    assert [word in dialog for word in ("Customer administrator", "Help desk", "Operator")] == [True, True, False]
    answer = bob.post(f"{base}invite/", {"email": "eve@panel.test", "name": "Eve", "role": "help_desk"}, headers=HTMX)
    link = re.search(r"http://localhost:8000/invitation/[\w-]{43}/", answer.content.decode())
    assert link
    assert '<strong class="break">eve@panel.test</strong> by mail' in text_of(answer)
    assert "invitation/" not in bob.get(base).content.decode().replace("administrators/", "")
    again = bob.post(f"{base}invitations/{Invitation.objects.get().pk}/again/")
    assert re.search(r"http://localhost:8000/invitation/[\w-]{43}/", again.content.decode())[0] != link[0]  # type: ignore[index]


def test_without_a_mail_server_nobody_is_told_that_mail_goes_out(base: str, bob: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    answer = bob.post(f"{base}invite/", {"email": "eve@panel.test", "role": "help_desk"}, headers=HTMX)
    assert ("No mail goes out" in text_of(answer), "by mail" in text_of(answer)) == (True, False)
    assert re.search(r"ends on <time [^>]*>[^<]* UTC</time>\.", text_of(answer))


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"email": "eve"}, "email"), ({"email": "dora@panel.test"}, "email"), ({"role": "operator"}, "role")],
)
def test_what_cannot_be_comes_back_at_its_field(bob: Client, base: str, fields: dict[str, str], field: str) -> None:
    answer = bob.post(f"{base}invite/", {"email": "eve@panel.test", "role": "help_desk"} | fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Invitation.objects.count() == 0


def test_an_invitation_is_withdrawn(cast: Cast, base: str, bob: Client) -> None:
    url = f"{base}invitations/{invited(cast).invitation.pk}/withdraw/"
    assert "ends at once" in text_of(bob.get(url, headers=HTMX))
    assert said(bob.post(url)) == ["The invitation of Eve is withdrawn."]
    assert names(bob.get(base)) == ["Bob", "Dora", "Rita"]


def test_a_role_is_changed_and_taken_away(cast: Cast, base: str, bob: Client) -> None:
    row = cast.rita.memberships.get()
    page = text_of(bob.get(f"{base}people/{cast.rita.pk}/"))
    assert (f"{base}held/{row.pk}/change/" in page, "Act for" in page) == (True, False)
    done = bob.post(f"{base}held/{row.pk}/change/", {"role": "help_desk"})
    assert said(done) == ["Rita is Help desk of Acme now."]
    assert bob.post(f"{base}held/{row.pk}/change/", {"role": "operator"}).status_code == 422
    done = bob.post(f"{base}held/{row.pk}/take/")
    assert (done.headers["Location"], cast.rita.memberships.count()) == (base, 0)
    own = cast.bob.memberships.get()
    assert "decided by other administrators" in text_of(bob.get(f"{base}people/{cast.bob.pk}/"))
    assert bob.post(f"{base}held/{own.pk}/take/").status_code == 422


def test_somebody_is_deactivated_and_reactivated(cast: Cast, base: str, bob: Client) -> None:
    rita = cast.client(cast.rita)
    url = f"{base}people/{cast.rita.pk}/"
    assert "signed out everywhere" in text_of(bob.get(f"{url}deactivate/", headers=HTMX))
    bob.post(f"{url}deactivate/")
    assert rita.get(f"/t/{cast.acme.pk}/users/").status_code == 302
    assert "Reactivate" in text_of(bob.get(url))
    bob.post(f"{url}reactivate/")
    assert Administrator.objects.get(pk=cast.rita.pk).is_active


def test_a_role_of_ones_own_is_made_given_changed_and_deleted(cast: Cast, base: str, bob: Client) -> None:
    page = text_of(bob.get(f"{base}roles/add/"))
    assert ("Manage service users" in page, "Manage brands" in page) == (True, False)
    bob.post(f"{base}roles/add/", {"name": "Deputy", "permissions": ["manage_users"]})
    role = CustomRole.objects.get()
    bob.post(f"{base}held/{cast.rita.memberships.get().pk}/change/", {"role": f"custom:{role.pk}"})
    page = text_of(bob.get(f"{base}roles/{role.pk}/"))
    assert ("Rita" in page, "holds for all of them at once" in page) == (True, True)
    bob.post(f"{base}roles/{role.pk}/", {"name": "Phone", "permissions": ["set_password"]})
    assert "Set passwords" in text_of(bob.get(f"{base}roles/"))
    refused = bob.post(f"{base}roles/{role.pk}/delete/")
    assert (refused.status_code, "in use by 1 administrator" in text_of(refused)) == (422, True)
    bob.post(f"{base}held/{cast.rita.memberships.get().pk}/change/", {"role": "read_only"})
    bob.post(f"{base}roles/{role.pk}/delete/")
    assert CustomRole.objects.count() == 0
    answer = bob.post(f"{base}roles/add/", {"name": "", "permissions": ["manage_brands"]})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["permissions"])


def test_a_role_of_a_customer_is_offered_nothing_that_is_decided_above(cast: Cast, base: str) -> None:
    alice = cast.client(cast.alice)
    above = ("Manage brands", "Manage customers", "Act for a customer", "Manage profiles")
    at_customer, at_provider = text_of(alice.get(f"{base}roles/add/")), text_of(alice.get("/administrators/roles/add/"))
    assert [word in at_customer for word in above] == [False] * 4
    assert [word in at_provider for word in above] == [True] * 4


def test_sign_in_rules_are_set(cast: Cast, base: str, bob: Client) -> None:
    assert "The provider may not act" in text_of(bob.get(f"{base}rules/"))
    wish = {"second_factor": "some", "second_factor_roles": ["read_only"], "idle_minutes": "30"}
    wish["checks_breaches"] = "yes"
    assert said(bob.post(f"{base}rules/", wish)) == ["Saved. It holds from the next click on."]
    policy = SignInPolicy.objects.get(tenant=cast.acme)
    assert (policy.second_factor_roles, policy.idle_minutes, policy.checks_breaches) == (["read_only"], 30, True)
    answer = bob.post(f"{base}rules/", {"idle_minutes": "1"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["idle_minutes"])
    alice = cast.client(cast.alice)
    assert "The provider may not act" not in text_of(alice.get("/administrators/rules/"))
    alice.post("/administrators/rules/", {"brand": str(cast.brand.pk), "session_hours": "8"})
    assert SignInPolicy.objects.get(brand=cast.brand).session_hours == 8


@pytest.mark.parametrize("who", ["charlie", "dora", "rita"])
def test_nobody_else_finds_any_of_it(cast: Cast, base: str, who: str) -> None:
    pk, row = cast.bob.pk, cast.bob.memberships.get().pk
    client, status = cast.client(getattr(cast, who)), 404 if who == "charlie" else 403
    paths = ["", "invite/", f"people/{pk}/", f"people/{pk}/deactivate/", f"people/{pk}/act/", "roles/", "roles/add/"]
    paths += [f"held/{row}/change/", f"held/{row}/take/", "rules/"]
    assert {path: client.get(base + path).status_code for path in paths} == dict.fromkeys(paths, status)
    own = f"/t/{cast.globex.pk}/administrators/" if who == "charlie" else "/administrators/"
    assert client.get(f"{own}people/{pk}/").status_code == status
    assert client.get("/administrators/").status_code == 403
    assert ("/administrators/" in client.get("/", follow=True).content.decode()) is (who == "charlie")
