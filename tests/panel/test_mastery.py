"""Pages of a customer that is managed in a controller: what is changed there is shown, and not offered."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import PASSWORD, Cast
from tests.panel.frame import an_instance, managed
from tests.rows import everything

from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.aps.models import ApsResource
from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.removal_commands import remove_user
from oxherd.profiles.commands import add_profile
from oxherd.profiles.models import Profile
from oxherd.tenants.commands import switch_self_service
from oxherd.tenants.models import Tenant

USERS = "Users of Acme are managed in Odin. Add, rename and delete them there."
PASSWORDS = "Passwords of users of Acme are managed in Odin. Set them there."
DOMAINS = "Domains of Acme are managed in Odin. Add and remove them there."
CUSTOMER = "Acme is managed in Odin. Change, suspend and remove it there."


@pytest.fixture
def anna(cast: Cast) -> ServiceUser:
    """Of Acme, which Odin manages, with a subdomain and much that was removed."""
    anna, zoe = cast.user("Anna Becker", ox=True), cast.user("Zoe Quist")
    for name in ("lab.acme.test", "gone.test", "old.acme.test"):
        add_domain(actor=cast.system, tenant=cast.acme, name=name)
    for name in ("gone.test", "old.acme.test"):
        remove_domain(actor=cast.system, domain=Domain.objects.get(name=name))
    remove_user(actor=cast.system, user=zoe)
    managed(cast.acme)
    return anna


def text(client: Client, cast: Cast, path: str, **query: Any) -> str:
    answer = client.get(f"/t/{cast.acme.pk}/{path}", query)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def test_lists_offer_nothing_that_is_done_elsewhere(cast: Cast, anna) -> None:
    bob = cast.client(cast.bob)
    users, ox, domains = (text(bob, cast, path) for path in ("users/", "ox/users/", "ox/domains/"))
    for page in (users, ox, domains):
        assert "Managed in Odin: users, domains and the subscription are changed there." in page
    assert "users/add/" not in users + ox
    assert "users/remove/" not in users
    assert "data-select" not in users
    assert "Manage Profiles" in ox
    assert "domains/add/" not in domains
    assert "Add subdomain" in domains
    assert 'aria-label="Select lab.acme.test"' in domains
    assert 'aria-label="Select acme.test"' not in domains


def test_a_customer_of_ours_has_all_of_it(cast: Cast) -> None:
    cast.user()
    bob = cast.client(cast.bob)
    assert "users/add/" in text(bob, cast, "users/")
    assert "data-select" in text(bob, cast, "users/")
    assert "domains/add/" in text(bob, cast, "ox/domains/")
    assert "Managed in" not in text(bob, cast, "users/")


def test_the_users_page_says_where_names_and_password_are_changed(cast: Cast, anna) -> None:
    page = text(cast.client(cast.bob), cast, f"users/{anna.pk}/")
    assert "Names are managed in Odin. Change them there." in page
    assert "Login and password are managed in Odin. Change them there." in page
    for word in ("Set password", "Change login", f"users/{anna.pk}/remove/"):
        assert word not in page
    for word in ("Change address", "Change profile", "Edit aliases", "Disable"):
        assert word in page


def test_a_removed_user_is_restored_there(cast: Cast, anna) -> None:
    zoe = ServiceUser.objects.get(display_name="Zoe Quist")
    page = text(cast.client(cast.bob), cast, f"users/{zoe.pk}/")
    assert "everything can be restored in Odin." in page
    assert "removed/restore/" not in page
    removed = text(cast.client(cast.bob), cast, "removed/")
    assert 'aria-label="Restore old.acme.test"' in removed
    assert 'aria-label="Restore Zoe Quist"' not in removed
    assert 'aria-label="Restore gone.test"' not in removed


def test_a_domains_page_offers_removal_of_subdomains_alone(cast: Cast, anna) -> None:
    bob, remove = cast.client(cast.bob), "domains/remove/?domain="
    assert remove in text(bob, cast, f"ox/domains/{Domain.objects.get(name='lab.acme.test').pk}/")
    assert remove not in text(bob, cast, f"ox/domains/{Domain.objects.get(name='acme.test').pk}/")


def test_the_provider_sees_who_manages_a_customer_and_what_is_left(cast: Cast, anna) -> None:
    alice = cast.client(cast.alice)
    rows = " ".join(alice.get("/customers/").content.decode().split())
    assert rows.count("Managed in Odin") == 1
    page = text(alice, cast, "overview/")
    assert "<dt>Managed in</dt> <dd> Odin </dd>" in page
    assert "Export" in page
    for word in ("Rename", "Suspend", "overview/remove/", "Change seats", "Change limits"):
        assert word not in page


def test_lists_cost_what_they_cost_for_others(cast: Cast, anna, django_assert_num_queries) -> None:
    alice = cast.client(cast.alice)
    with django_assert_num_queries(8):
        alice.get("/customers/")
    for path in ("users/", "ox/users/", "ox/domains/", "removed/"):
        with CaptureQueriesContext(connection) as theirs:
            text(alice, cast, path)
        Tenant.objects.update(managed_by="")
        with CaptureQueriesContext(connection) as ours:
            text(alice, cast, path)
        managed(cast.acme)
        assert len(theirs) == len(ours) + (path == "ox/users/"), path  # and who could not be added


ADDRESSES = [
    *(("get", "users/add/", USERS), ("get", "users/{anna}/password/", PASSWORDS)),
    *(("get", "users/remove/?user={anna}", USERS), ("get", "users/{anna}/remove/", USERS)),
    *(("post", "users/{anna}/remove/", USERS), ("post", "users/{anna}/password/", PASSWORDS)),
    ("get", "ox/domains/add/", DOMAINS),
    *(("get", "ox/domains/remove/?domain={domain}", DOMAINS), ("post", "ox/domains/add/", DOMAINS)),
    *(("get", f"overview/{name}/", CUSTOMER) for name in ("seats", "limits", "name", "suspend", "remove", "delete")),
    *(("post", f"overview/{name}/", CUSTOMER) for name in ("suspend", "resume", "remove", "restore", "seats")),
]


@pytest.mark.parametrize(("method", "path", "sentence"), ADDRESSES)
def test_an_address_that_is_called_by_hand_answers_with_the_sentence(
    cast: Cast, anna, method: str, path: str, sentence: str
) -> None:
    alice, before = cast.client(cast.alice), everything()
    domain = Domain.objects.get(name="acme.test").pk
    address = f"/t/{cast.acme.pk}/{path.format(anna=anna.pk, domain=domain)}"
    whole = getattr(alice, method)(address)
    assert whole.status_code == 422
    assert sentence in whole.content.decode()
    part = getattr(alice, method)(address, headers={"HX-Request": "true"})
    assert (part.status_code, sentence in part["HX-Trigger"]) == (422, True)
    assert everything() == before


def test_restoring_by_hand_is_told_too(cast: Cast, anna) -> None:
    zoe = ServiceUser.objects.get(display_name="Zoe Quist")
    bob = cast.client(cast.bob)
    page = bob.post(f"/t/{cast.acme.pk}/removed/restore/", {"item": f"user:{zoe.pk}"}, follow=True)
    assert USERS in page.content.decode()
    gone = bob.post(f"/t/{cast.acme.pk}/removed/delete/", {"item": f"user:{zoe.pk}", "typed": "Zoe Quist"}, follow=True)
    assert USERS in gone.content.decode()
    assert ServiceUser.objects.filter(pk=zoe.pk).exists()


def test_what_is_sent_for_a_name_changes_nothing_and_the_rest_is_saved(cast: Cast, anna) -> None:
    bob = cast.client(cast.bob)
    dialog = text(bob, cast, f"users/{anna.pk}/person/")
    assert dialog.count(" disabled") == 3
    assert USERS in dialog
    sent = {"display_name": "X", "given_name": "Y", "surname": "Z", "language": "de_DE", "time_zone": "Europe/Vienna"}
    assert bob.post(f"/t/{cast.acme.pk}/users/{anna.pk}/person/", sent).status_code == 302
    anna.refresh_from_db()
    assert (anna.display_name, anna.given_name, anna.surname) == ("Anna Becker", "Anna", "Becker")
    assert (anna.language, anna.time_zone) == ("de_DE", "Europe/Vienna")


def test_the_address_moves_and_the_login_stays(cast: Cast, anna) -> None:
    bob, path = cast.client(cast.bob), f"users/{anna.pk}/rename/"
    dialog = text(bob, cast, path)
    assert 'name="login"' not in dialog
    assert USERS in dialog
    sent = {"login": "x", "login_domain": "acme.test", "primary_address": "ab", "primary_domain": "acme.test"}
    assert bob.post(f"/t/{cast.acme.pk}/{path}", sent).status_code == 302
    anna.refresh_from_db()
    account = OxAccount.objects.get(user=anna)
    assert (anna.login, account.primary_address) == ("anna.becker@acme.test", "ab@acme.test")


def test_edit_in_the_list_saves_aliases_and_no_name(cast: Cast, anna) -> None:
    bob, path = cast.client(cast.bob), f"ox/users/{anna.pk}/edit/"
    assert USERS in text(bob, cast, path)
    sent = {"do": "save", "display_name": "X", "language": "en_US", "time_zone": "Europe/Berlin"}
    sent |= {"primary_address": "anna.becker@acme.test", "alias_local": "sales", "alias_domain": "acme.test"}
    assert bob.post(f"/t/{cast.acme.pk}/{path}", sent).status_code == 302
    anna.refresh_from_db()
    assert anna.display_name == "Anna Becker"
    assert OxAccount.objects.get(user=anna).aliases == ["sales@acme.test"]


def test_ox_is_enabled_without_a_password(cast: Cast, anna) -> None:
    ben = cast.user("Ben Oak")
    bob, path = cast.client(cast.bob), f"ox/users/{ben.pk}/enable/"
    dialog = text(bob, cast, path)
    assert 'name="password"' not in dialog
    assert "The password is managed in Odin, and comes from there." in dialog
    before = ben.password_hash
    sent = {"do": "save", "profile": cast.mail.pk, "primary_address": "ben", "primary_domain": "acme.test"}
    assert bob.post(f"/t/{cast.acme.pk}/{path}", sent | {"password": "another staple of words"}).status_code == 302
    ben.refresh_from_db()
    assert (ben.password_hash, OxAccount.objects.get(user=ben).presence) == (before, "present")


def test_users_change_no_password_of_their_own(cast: Cast, anna) -> None:
    switch_self_service(actor=cast.system, tenant=cast.acme, on=True)
    me = Client(raise_request_exception=False)
    assert me.post("/me/sign-in/", {"login": "anna.becker@acme.test", "password": PASSWORD}).status_code == 302
    page = me.get("/me/").content.decode()
    assert "Change password" not in page
    assert "Add a photo" in page
    assert me.get("/me/password/").status_code == 422
    assert PASSWORDS in me.get("/me/password/").content.decode()
    Tenant.objects.update(managed_by="")
    assert "Change password" in me.get("/me/").content.decode()


def test_who_could_not_be_added_for_the_controller_is_named_with_the_reason(cast: Cast, anna) -> None:
    bob = cast.client(cast.bob)
    assert "could not be added" not in text(bob, cast, "ox/users/")
    told = {"service": "user", "tenant": cast.acme, "state": "failed", "problem": "other.test is not a domain of Acme."}
    ApsResource.objects.create(instance=an_instance(), aps_id=uuid4(), reported={"who": "Nora Lund"}, **told)
    page = text(bob, cast, "ox/users/")
    assert "One user of Odin could not be added:" in page
    assert "<strong>Nora Lund</strong>: other.test is not a domain of Acme." in page
    charlie = cast.client(cast.charlie)
    assert charlie.get(f"/t/{cast.acme.pk}/ox/users/").status_code == 404


def test_who_is_on_the_way_is_told_until_the_list_has_them(cast: Cast, anna) -> None:
    bob, path = cast.client(cast.bob), f"/t/{cast.acme.pk}/ox/users/arrivals/"
    told = {"service": "user", "tenant": cast.acme, "state": "asked"}
    row = ApsResource.objects.create(instance=an_instance(), aps_id=uuid4(), **told)
    page = text(bob, cast, "ox/users/")
    assert "1 user of Odin is being added." in page
    assert f'hx-get="{path}?asked=1"' in page
    answer = bob.get(path, {"asked": "1"})
    assert (answer.status_code, answer.headers.get("HX-Trigger")) == (200, None)
    row.state = "done"
    row.save()
    answer = bob.get(path, {"asked": "1"})
    assert "refresh-list" in answer.headers["HX-Trigger"]
    assert "hx-get" not in answer.content.decode()
    assert cast.client(cast.charlie).get(path).status_code == 404


def test_a_brand_and_a_profile_that_a_controller_sells_are_not_removed_here(cast: Cast) -> None:
    gold = add_profile(actor=cast.system, brand=cast.brand, name="Gold", access_combination="pim", rank=9)
    seller = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(seller, Role.RESELLER, brand=cast.brand)
    client, page = cast.client(seller), f"/brands/{cast.brand.pk}/profiles/{gold.pk}/"
    assert "Managed in" not in client.get(page).content.decode()
    instance = an_instance()
    for service, pk in (("brand", cast.brand.pk), ("profile", gold.pk)):
        ApsResource.objects.create(instance=instance, service=service, aps_id=uuid4(), object_id=pk, state="done")

    for address in (page, f"/brands/{cast.brand.pk}/"):
        assert "What is changed here stays until Odin changes the same." in client.get(address).content.decode()
    answer = client.post(f"{page}remove/")
    assert answer.status_code == 422
    assert "This profile is managed in Odin. Remove it there." in answer.content.decode()
    assert Profile.objects.filter(pk=gold.pk).exists()
    operator = cast.client(cast.alice)
    answer = operator.post(f"/brands/{cast.brand.pk}/remove/", {"typed": cast.brand.name})
    assert answer.status_code == 422
    assert "This brand is managed in Odin. Remove it there." in answer.content.decode()
    ApsResource.objects.update(state="removed")
    assert client.post(f"{page}remove/").status_code == 302
