"""The pages of the provider and of its customers, as somebody without JavaScript gets them."""

import re

import pytest
import requests
from tests.controller.conftest import KEY, SECRET, add_customer
from tests.controller.package import BASE, built, package, usual_files

from oxherd.controller import sales


def get(panel, path):
    return requests.get(f"{panel.server.url}{path}")


def post(panel, path, **parts):
    return requests.post(f"{panel.server.url}{path}", allow_redirects=False, **parts)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Applications"),
        ("/provider/customers", "Customers"),
        ("/provider/tasks", "Tasks"),
        ("/provider/events", "Events"),
        ("/provider/types", "Types"),
        ("/provider/calls", "Last calls"),
        ("/customers", "Choose a customer"),
        ("/customers/ACCOUNT/users", "Users"),
        ("/customers/ACCOUNT/users/new", "Add New Service User"),
        ("/customers/ACCOUNT/users/USER", "&lt;b&gt;Anna&lt;/b&gt;"),
        ("/customers/ACCOUNT/domains", "Domains"),
        ("/customers/ACCOUNT/views/users", "People"),
        ("/provider/instances/APP", "Mail"),
    ],
)
def test_a_page_is_whole_and_has_nothing_inline(acme, path, title):
    user = sales.add_user(acme.hub, acme.account, "anna@acme.test", displayName="<b>Anna</b>")["id"]
    path = path.replace("ACCOUNT", acme.account).replace("USER", user).replace("APP", acme.app)
    answer = get(acme, path)
    assert (answer.status_code, re.findall("<title>(.*?)</title>", answer.text)) == (
        200,
        [f"{title} · Example Hosting (stand-in)"],
    )
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text) == []
    assert "<b>Anna" not in answer.text


@pytest.mark.parametrize(
    "path", ["/nothing", "/customers/00000000-0000-4000-8000-000000000000/users", "/static/hub.py"]
)
def test_what_is_not_there_is_not_found(panel, path):
    assert get(panel, path).status_code == 404


@pytest.mark.parametrize("name", ["style.css", "panel.css", "panel.js", "wizard.js", "icon.svg", "follow.js"])
def test_static_files_are_served(panel, name):
    assert get(panel, f"/static/{name}").status_code == 200


def test_a_package_is_uploaded_and_an_instance_made(panel):
    files = {"package": ("mail.app.zip", package(release="2"))}
    assert post(panel, "/provider/packages", files=files).headers["Location"] == "/"
    form = {
        "application": BASE,
        "endpoint": panel.endpoint.url,
        "key": KEY,
        "secret": SECRET,
        "settings": '{"server": "a"}',
    }
    assert post(panel, "/provider/instances", data=form).status_code == 303
    assert panel.endpoint.of("POST /app")[0].body["server"] == "a"
    assert "1-2" in get(panel, "/").text


def test_a_bad_package_is_refused_where_it_was_uploaded(panel):
    files = {"package": ("mail.app.zip", built(usual_files(), {"ui/new.html": {"size": 3}}))}
    answer = post(panel, "/provider/packages", files=files)
    assert (answer.status_code, re.findall('role="alert">ui/new.html has [0-9]+ bytes, (.*?)<', answer.text)) == (
        400,
        ["and 3 by APP-LIST.xml."],
    )


def test_customers_are_added_and_subscribed(instance):
    post(instance, "/provider/accounts", data={"name": "Acme"})
    account = instance.rest("GET", "collections/accounts?eq(companyName,Acme)").json()[0]["aps"]["id"]
    form = {"account": account, "name": "Mail", f"offer-{instance.offer}": "on", "limit-USERS": "7"}
    assert post(instance, "/provider/subscriptions", data=form).status_code == 303
    instance.settled()
    assert instance.tenant["USERS"] == {"limit": 7}
    subscription = instance.tenant["aps"]["subscription"]
    post(instance, f"/provider/subscriptions/{subscription}/limits", data={"limit-USERS": "8"})
    post(instance, f"/provider/subscriptions/{subscription}/suspend")
    instance.settled()
    assert (instance.tenant["USERS"], instance.tenant["aps"]["status"]) == ({"limit": 8}, "aps:disabled")
    post(instance, f"/provider/subscriptions/{subscription}/cancel")
    instance.settled()
    assert "No customer yet" not in get(instance, "/provider/customers").text
    assert instance.rest("GET", "collections/subscriptions").json() == []
    assert post(instance, "/provider/accounts", data={"name": ""}).status_code == 400


def test_a_failed_task_is_run_again_from_its_page(instance):
    instance.endpoint.expect("POST /tenant", (500, {"message": "The disk is full."}), (200, {}))
    add_customer(instance)
    instance.settled(but_failed=True)
    page = get(instance, "/provider/tasks").text
    assert "The endpoint answered 500: The disk is full." in page
    again = re.findall('action="(/provider/tasks/[0-9]+/again)"', page)
    assert post(instance, again[0]).status_code == 303
    instance.settled()
    assert instance.tenant["aps"]["status"] == "aps:ready"


WHOLE = {
    "display_name": "Anna",
    "login": "anna",
    "domain": "acme.test",
    "password": "a-good-password",
    "confirm": "a-good-password",
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"display_name": ""}, "Enter a display name."),
        ({"login": "an na"}, "Enter letters, digits and . _ + - only."),
        ({"domain": "other.test"}, "Choose a domain; add one on the page Domains first."),
        ({"login": "bert"}, "bert@acme.test is there already."),
        ({"password": "a"}, "Enter at least 6 characters."),
        ({"confirm": "another"}, "The two passwords are not the same."),
    ],
)
def test_the_first_step_tells_what_is_wrong_at_its_field(acme, change, sentence):
    sales.add_domain(acme.hub, acme.account, "acme.test")
    sales.add_user(acme.hub, acme.account, "bert@acme.test")
    answer = post(acme, f"/customers/{acme.account}/users/new", data={**WHOLE, **change})
    assert (answer.status_code, re.findall('-wrong">(.*?)<', answer.text)) == (422, [sentence])


def test_a_user_without_services_needs_two_steps(acme):
    sales.add_domain(acme.hub, acme.account, "acme.test")
    photo = {"photo": ("a.png", b"\x89PNG", "image/png")}
    begun = post(acme, f"/customers/{acme.account}/users/new", data=WHOLE, files=photo)
    summary = begun.headers["Location"]
    assert "anna@acme.test" in get(acme, summary).text
    assert "a-good-password" not in get(acme, summary).text
    finish = summary.replace("/summary", "/finish")
    assert post(acme, finish).headers["Location"] == f"/customers/{acme.account}/users"
    assert post(acme, finish).status_code == 404
    user = acme.rest("GET", "collections/pa-service-users").json()[0]
    assert (user["login"], user["photo"]) == ("anna@acme.test", "data:image/png;base64,iVBORw==")


def test_a_user_is_removed_after_what_leans_on_it(acme):
    service = acme.user().json()["aps"]["id"]
    user = acme.rest("GET", "collections/pa-service-users").json()[0]["aps"]["id"]
    assert "ready" in get(acme, f"/customers/{acme.account}/users").text
    post(acme, f"/customers/{acme.account}/users/{user}/remove")
    acme.settled()
    assert acme.rest("GET", "collections/pa-service-users").json() == []
    assert f"DELETE /user/{service}" in acme.endpoint.lines


def test_what_failed_for_a_user_is_told_and_run_again_from_its_pages(acme):
    failing = (500, {"message": "The disk is full."})
    acme.endpoint.expect("POST /user", (202, {}, {"APS-Retry-Timeout": "1"}), failing, (200, {"status": "active"}))
    acme.user()
    acme.settled(but_failed=True)
    user = acme.rest("GET", "collections/pa-service-users").json()[0]["aps"]["id"]
    place = f"/customers/{acme.account}/users"
    for path in (place, f"{place}/{user}"):
        page = get(acme, path).text
        assert ("provisioning" in page, re.findall('class="state off">(.*?)<', page)) == (False, ["failed"])
        assert "The endpoint answered 500: The disk is full." in page
    again = re.findall(f'action="({place}/{user}/tasks/[0-9]+/again)"', page)[0]
    other = sales.add_account(acme.hub, "Other")["id"]
    assert post(acme, again.replace(acme.account, other)).status_code == 404
    assert post(acme, again).headers["Location"] == f"{place}/{user}"
    acme.settled()
    assert ("failed" in get(acme, place).text, "Run again" in get(acme, place).text) == (False, False)


def test_what_the_application_calls_broken_has_failed(acme):
    service = acme.user().json()["aps"]["id"]
    acme.settled()
    told = {"status": "error"}
    assert acme.rest("PUT", f"application/user/{service}", told, application=True).status_code == 200
    page = get(acme, f"/customers/{acme.account}/users").text
    assert (re.findall('class="state off">(.*?)<', page), "Run again" in page) == (["failed"], False)


def test_domains_are_added(acme):
    path = f"/customers/{acme.account}/domains"
    assert post(acme, path, data={"name": "acme.test"}).status_code == 303
    answer = post(acme, path, data={"name": "acme.test"})
    assert (answer.status_code, "The domain acme.test is there already." in answer.text) == (422, True)


def test_files_of_the_package_and_the_runtime_are_served_to_frames(acme):
    view = re.findall('data-src="(.*?)"', get(acme, f"/customers/{acme.account}/views/users").text)[0]
    answer = get(acme, view)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert get(acme, view + "x").status_code == 404
    assert get(acme, "/aps/2/ui/runtime/client/aps/aps.js").headers["Content-Type"] == "text/javascript; charset=utf-8"
