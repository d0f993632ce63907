"""The views of UX1: modules that the panel loads by AMD. They draw the same views as the classic panels' pages do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.aps.little_panel import RUNTIME, LittlePanel
from tests.aps.test_views import ANNA, BEN, CONTEXT, OURS, PROFILES

# The least of an AMD loader and of a view's life: init, then onContext, for the view that the address names.
AMD = (
    RUNTIME
    + """
const parts = {
  "aps/xhr": xhr,
  "aps/_View": class {
    genId(name) { return "view-" + name; }
    byId(name) { return { domNode: document.getElementById(this.genId(name)) }; }
  },
  "dojo/_base/declare": (base, members) => {
    class Made extends base {}
    Object.assign(Made.prototype, members);
    return Made;
  },
  "aps/load": (widgets, place) => window.view(place)
};
const views = new URL("./", location.href).href;
let given = null;
window.define = (names, make) => { given = [names, make]; };
window.define.amd = {};
async function load(url) {
  await new Promise((done) => {
    const made = document.createElement("script");
    made.src = url;
    made.onload = done;
    document.head.append(made);
  });
  const [names, make] = given;
  const found = [];
  for (const name of names) { found.push(await resolved(name, url)); }
  return make(...found);
}
async function resolved(name, from) {
  if (name === "require") { return { toUrl: (path) => new URL(path, from).href }; }
  return name.startsWith(".") ? load(new URL(name + ".js", from).href) : parts[name];
}
window.require = (names, act) => {
  document.addEventListener("DOMContentLoaded", () => act(...names.map((name) => parts[name])));
};
window.aps.biz = {
  getResourcesToBind: async () => ({ users: aps.context.people }),
  requestUsageChange: async (change) => { told.push(["requestUsageChange", change]); if (aps.context.refusal) {
    throw { response: { text: JSON.stringify({ message: aps.context.refusal }) } }; } }
};
window.view = async (place) => {
  const made = new (await load(views + aps.context.view + ".js"))();
  const [[widget, { id }]] = made.init();
  const node = document.createElement("div");
  node.id = id;
  document.getElementById(place).append(node);
  window.shown = made;
  await made.onContext(aps.context);
};
"""
)


@pytest.fixture
def panel() -> Iterator[LittlePanel]:
    with LittlePanel(runtime=AMD) as panel:
        panel.answers = {
            ("POST", "/t1/entry"): (200, {"url": f"{panel.url}/frame/enter/", "ticket": "once"}),
            ("GET", f"?implementing({OURS}/profile/1.0)"): (200, PROFILES),
            ("GET", "?implementing(http://aps-standard.org/types/core/service-user/1.0)"): (200, [ANNA, BEN]),
            ("GET", "/t1/domains"): (200, [{"aps": {"id": "d1"}, "name": "acme.test"}]),
        }
        yield panel


def until(page: Page, true: str) -> None:
    """As Playwright's `wait_for_function`, which makes its function within the page, where no policy lets it."""
    for _ in range(300):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {true}")


def opened(panel: LittlePanel, page: Page, view: str, **context) -> None:
    page.goto(panel.view("bootstrapApp", {**CONTEXT, "view": view, **context}))
    until(page, "window.told && window.told.some((one) => one[0] === 'hideLoading')")


def resource(person: str | None = "u1", *, address: str | None = "anna@acme.test") -> dict:
    made = {
        "aps": {"type": f"{OURS}/user/1.0"},
        "ox": True,
        "aliases": [],
        "profile": {"aps": {"id": "p1"}},
        "tenant": {"aps": {"id": "t1"}},
        "user": {"aps": {"id": person}},
    }
    return {**made, "primaryAddress": address} if address else made


@pytest.mark.parametrize("name", ["users", "groups", "resources", "domains", "requests"])
def test_each_page_of_ours_opens_in_its_view(panel, page: Page, name):
    opened(panel, page, f"ox-{name}")
    expect(page.frame_locator("iframe").get_by_role("heading", name="Our page")).to_be_visible()
    assert panel.entered == [{"ticket": ["once"], "page": [name], "tabs": ["no"]}]


def test_users_see_their_own(panel, page: Page):
    panel.answers[("GET", "/x1")] = (200, {"aps": {"id": "x1"}, "status": "enabled"})
    opened(panel, page, "ox-me", vars={"user": {"aps": {"id": "x1"}}})
    expect(page.locator("dd")).to_have_text(["Enabled"])


def test_one_new_user_gets_profile_and_addresses(panel, page: Page):
    opened(panel, page, "ox-new-user", people=[ANNA])
    expect(page.get_by_label("Primary address", exact=True)).to_have_value("anna")
    page.evaluate("shown.onNext()")
    until(page, "told.at(-1)[0] === 'next'")
    change = {
        "subscriptionId": "s1",
        "deltas": [{"apsType": f"{OURS}/user/1.0", "delta": 1}],
        "operations": [{"provision": resource()}],
    }
    assert page.evaluate("told.slice(1)") == [["requestUsageChange", change], ["next"]]


def test_several_new_users_get_the_same_profile(panel, page: Page):
    opened(panel, page, "ox-new-user", people=[ANNA, BEN])
    expect(page.get_by_label("Profile")).to_be_visible()
    expect(page.get_by_label("Primary address")).to_have_count(0)
    page.evaluate("shown.onNext()")
    until(page, "told.at(-1)[0] === 'next'")
    change = page.evaluate("told.at(-2)[1]")
    assert change["deltas"] == [{"apsType": f"{OURS}/user/1.0", "delta": 2}]
    assert change["operations"] == [{"provision": resource(one, address=None)} for one in ("u1", "u2")]


def test_what_the_business_side_refuses_is_told_and_the_step_stays(panel, page: Page):
    opened(panel, page, "ox-new-user", people=[ANNA], refusal="The plan has no more users.")
    page.evaluate("shown.onNext()")
    expect(page.get_by_role("alert")).to_have_text("The plan has no more users.")
    until(page, "told.at(-1)[0] === 'cancelProcessing'")
