import hashlib
import re

import pytest
import requests
from tests.sandbox.soap import ACME

IMAGE = b"\x89PNG\r\n\x1a\n-a-picture"


@pytest.fixture
def peopled(acme):
    acme.add(
        "anna",
        display_name="<b>Anna</b>",
        image1=IMAGE,
        image1ContentType="image/png",
        aliases=["info@acme.test"],
        city_business="Kiel & Lübeck",
    )
    acme.add_group("team", 3)
    acme.add_resource(
        "blue", description="<b>Anna</b>", permissions=[{"entity": 4, "group": True, "privilege": "none"}]
    )
    return acme


def get(caller, path):
    return requests.get(f"{caller.url}{path}")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Contexts"),
        ("/contexts/10", "acme"),
        ("/contexts/10/groups", "acme"),
        ("/contexts/10/resources", "acme"),
        ("/contexts/10/users/3", "&lt;b&gt;Anna&lt;/b&gt;"),
        ("/contexts/10/groups/4", "Group team"),
        ("/mischief", "Mischief"),
        ("/calls", "Last calls"),
    ],
)
def test_a_page_is_whole_and_has_nothing_inline(peopled, path, title):
    answer = get(peopled, path)
    assert (answer.status_code, re.findall("<title>(.*?)</title>", answer.text)) == (200, [f"{title} · OX stand-in"])
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text) == []
    assert "<b>Anna" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/contexts/99", "/contexts/10/users/99", "/static/../server.py"),
        *("/contexts/99/groups", "/contexts/10/groups/99", "/contexts/99/groups/1", "/contexts/99/resources"),
    ],
)
def test_what_is_not_there_is_not_found(peopled, path):
    assert get(peopled, path).status_code == 404


@pytest.mark.parametrize("name", ["style.css", "follow.js", "icon.svg"])
def test_static_files_are_served(sandbox, name):
    assert requests.get(f"{sandbox.url}/static/{name}").status_code == 200


@pytest.mark.parametrize(("search", "found"), [("info@", 1), ("ANNA", 1), ("oxadmin", 1), ("beispiel", 1), ("_", 0)])
def test_users_are_searched_by_name_and_address(peopled, search, found):
    page = requests.get(f"{peopled.url}/contexts/10", params={"search": search}).text
    assert page.count('data-label="Primary address"') == found


@pytest.mark.parametrize(
    ("path", "search", "found"),
    [
        ("groups", "", 2),
        ("groups", "TEA", 1),
        ("groups", "standard", 1),
        ("groups", "4", 1),
        ("groups", "_", 0),
        ("groups/4", "", 1),
        ("groups/1", "info@", 1),
        ("groups/1", "ANNA", 1),
        ("resources", "", 1),
        ("resources", "BLUE@", 1),
        ("resources", "room b", 1),
        ("resources", "x", 0),
    ],
)
def test_groups_members_and_resources_are_searched(peopled, path, search, found):
    page = requests.get(f"{peopled.url}/contexts/10/{path}", params={"search": search}).text
    assert page.count('<td data-label="Id">') == found


@pytest.mark.parametrize("path", ["/contexts/10", "/contexts/10/groups", "/contexts/10/resources", "/contexts/10/mail"])
def test_the_tabs_of_a_context_have_their_counts(peopled, path):
    page = get(peopled, path).text
    tabs = re.findall(r'<a href="([^"]+)"( aria-current="page")?>(\w+) <span class="count">(\d+)</span>', page)
    assert [(name, count) for _, _, name, count in tabs] == [
        ("Users", "2"),
        ("Groups", "2"),
        ("Resources", "1"),
        ("Mail", "0"),
    ]
    assert [address for address, current, _, _ in tabs if current] == [path]


def test_a_user_is_shown_with_groups_and_a_resource_with_those_who_may_book(peopled):
    user, resources = get(peopled, "/contexts/10/users/3").text, get(peopled, "/contexts/10/resources").text
    links = re.findall(r'href="/contexts/10/groups/(\d+)">([^<]+)<', user)
    assert links == [("1", "Standard group"), ("4", "Group team")]
    assert re.findall(r'group team: <span class="privilege">(\w+)<', resources) == ["NONE"]


def test_members_come_in_pages_of_a_hundred(peopled):
    peopled.group("addMember", grp={"id": 4}, members=[{"id": peopled.add(f"user{number}")} for number in range(102)])
    rows = [get(peopled, f"/contexts/10/groups/4?page={page}").text.count('<td data-label="Id">') for page in (1, 2)]
    assert rows == [100, 3]


def test_a_long_list_comes_in_pages_of_a_hundred(peopled):
    for number in range(101):
        peopled.add(f"user{number}")
    rows = [get(peopled, f"/contexts/10?page={page}").text.count('data-label="User"') for page in (1, 2, 3)]
    assert rows == [100, 3, 3]
    assert 'href="?page=2" rel="next"' in get(peopled, "/contexts/10").text


def test_what_is_held_is_told_as_json(peopled):
    user = get(peopled, "/sandbox/api/contexts/10/users/3").json()
    assert (user["aliases"], user["combination"]) == (["info@acme.test", "anna@acme.test"], "groupware_standard")
    assert (user["access"]["calendar"], user["access"]["USM"], user["groups"]) == (True, False, [1, 4])
    assert user["image_sha256"] == hashlib.sha256(IMAGE).hexdigest()
    context = get(peopled, "/sandbox/api/contexts/10").json()
    assert (context["users"], context["loginMappings"]) == (2, ["10", "acme", "acme.test"])


def test_lists_of_the_interface_have_a_total_and_pages(peopled):
    users = get(peopled, "/sandbox/api/contexts/10/users?limit=1&offset=1").json()
    assert (users["total"], [user["id"] for user in users["users"]]) == (2, [3])
    contexts = get(peopled, "/sandbox/api/contexts?search=ACM").json()
    assert (contexts["total"], [context["id"] for context in contexts["contexts"]]) == (1, [10])


def test_groups_and_resources_are_told_as_json(peopled):
    groups = get(peopled, "/sandbox/api/contexts/10/groups?limit=1&offset=1").json()
    team = {"id": 4, "name": "team", "displayname": "Group team", "members": [3]}
    assert groups == {"total": 2, "groups": [team]}
    assert get(peopled, "/sandbox/api/contexts/10/groups/4").json() == team
    resources = get(peopled, "/sandbox/api/contexts/10/resources?search=BLUE").json()
    blue = {
        "id": 5,
        "name": "blue",
        "displayname": "Room blue",
        "email": "blue@acme.test",
        "description": "<b>Anna</b>",
        "available": True,
        "permissions": [{"entity": 4, "group": True, "privilege": "NONE"}],
    }
    assert resources == {"total": 1, "resources": [blue]}
    assert get(peopled, "/sandbox/api/contexts/10/resources/5").json() == blue


def test_a_photo_is_served_only_as_a_picture(peopled):
    photo = get(peopled, "/sandbox/api/contexts/10/users/3/photo")
    assert (photo.content, photo.headers["Content-Type"]) == (IMAGE, "image/png")
    peopled.admin("change", usrdata={"id": 3, "image1": b"<script>", "image1ContentType": "text/html"})
    assert get(peopled, "/sandbox/api/contexts/10/users/3/photo").headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path",
    [
        *("contexts/99", "contexts/99/users", "contexts/10/users/2/photo", "nothing"),
        *("contexts/99/groups", "contexts/10/groups/9", "contexts/99/resources", "contexts/10/resources/9"),
    ],
)
def test_the_interface_says_not_found_as_json(peopled, path):
    answer = get(peopled, f"/sandbox/api/{path}")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_a_wrong_method_is_told_the_right_ones(sandbox):
    answer = requests.post(f"{sandbox.url}/sandbox/api/log")
    assert (answer.status_code, answer.json()) == (405, {"error": "Use GET or DELETE here."})


def test_forms_set_mischief_and_take_it_back(peopled):
    def post(path, **form):
        return requests.post(f"{peopled.url}{path}", data=form, allow_redirects=False).status_code

    assert post("/mischief", latency_ms="5", jitter_ms="", error_rate="0", error_action="reset") == 303
    assert post("/mischief/rules", operation="create*", action="refuse", times="2", context_id="10") == 303
    mischief = get(peopled, "/sandbox/api/mischief").json()
    assert (mischief["latency_ms"], mischief["rules"][0]["match"]) == (5, {"operation": "create*", "context_id": 10})
    assert post("/mischief/rules/remove", position="0") == 303
    assert get(peopled, "/sandbox/api/mischief").json()["rules"] == []
    assert post("/mischief/clear") == 303
    assert get(peopled, "/sandbox/api/mischief").json()["latency_ms"] == 0


@pytest.mark.parametrize("form", [{"latency_ms": "fast"}, {"error_rate": "7"}])
def test_a_form_with_nonsense_says_so(sandbox, form):
    answer = requests.post(f"{sandbox.url}/mischief", data={"error_action": "reset", **form})
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)


def test_a_page_of_somebody_else_cannot_change_anything(sandbox):
    foreign = {"Origin": "http://elsewhere.test"}
    assert requests.post(f"{sandbox.url}/mischief/clear", headers=foreign).status_code == 403
    assert requests.delete(f"{sandbox.url}/sandbox/api/log", headers=foreign).status_code == 403
    own = {"Origin": sandbox.url}
    assert requests.delete(f"{sandbox.url}/sandbox/api/log", headers=own).status_code == 200


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda caller: None, None),
        (lambda caller: caller.admin("change", usrdata={"id": 3, "mailenabled": False}), "the user is disabled"),
        (lambda caller: caller.master("disable", ctx=ACME), "the context is disabled"),
        (lambda caller: caller.admin("delete", user={"id": 3}), "wrong name or password"),
    ],
)
def test_whether_somebody_could_sign_in(peopled, prepare, reason):
    prepare(peopled)
    sent = {"context_id": 10, "name": "anna", "password": "anna-secret"}
    answer = requests.post(f"{peopled.url}/sandbox/api/sign-in", json=sent).json()
    assert answer == {"allowed": reason is None, "reason": reason}


def test_forms_of_the_pages_work_in_a_browser_at_360_pixels(peopled, page):
    """Headers can keep a browser from sending a form that a script sends with ease."""
    page.set_viewport_size({"width": 360, "height": 740})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{peopled.url}/contexts/10/users/3")
    page.goto(f"{peopled.url}/mischief")
    page.get_by_label("Latency (ms)").fill("7")
    page.get_by_role("button", name="Apply").click()
    assert page.get_by_label("Latency (ms)").input_value() == "7"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert complaints == []
