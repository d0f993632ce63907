"""Where the package's views stand in the controller's panels: that of providers, of customers, and of their users."""

from dataclasses import dataclass

from oxherd.aps.types import type_id

APPLICATION_TAB = "http://www.aps-standard.org/ui/application"
CUSTOMER_CLASSIC = "http://www.aps-standard.org/ui/service"
CUSTOMER = "http://www.parallels.com/ccp/2"
USER_CLASSIC = "http://www.aps-standard.org/ui/user"
USER = "http://www.aps-standard.org/ui/user/2"
WIZARD = "http://www.aps-standard.org/ui/service/suwizard.new"
WIZARD_SUMMARY = "http://www.aps-standard.org/ui/service/suwizard.overview"
SERVICE_TAB = "http://www.aps-standard.org/ui/service/suservice.view"
WIZARD_UX1 = "http://www.aps-standard.org/ui/service/suwizard.new/2"
BUSINESS = "http://www.aps-standard.org/core/package#biz"

OURS = "Open-Xchange"


@dataclass(frozen=True, slots=True)
class View:
    """A screen. controls: buttons that the panel draws below it."""

    id: str
    label: str
    src: str
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Navigation:
    """Views below one socket of a panel. var: (name, type id) of what they need to know, found by the panel."""

    id: str
    plugs_to: str
    var: tuple[str, str]
    views: tuple[View, ...]
    label: str = OURS
    sockets: tuple[str, ...] = ()


TENANT = ("tenant", type_id("tenant"))
OURSELVES = ("user", type_id("user"))
PAGES = {
    "users": "Users",
    "groups": "Groups",
    "resources": "Resources",
    "domains": "Domains",
    "requests": "Purchase requests",
}

NAVIGATION = (
    Navigation("provider", APPLICATION_TAB, ("app", type_id("app")), (View("provider", "Brands", "ui/provider.html"),)),
    Navigation(
        "customer",
        CUSTOMER_CLASSIC,
        TENANT,
        tuple(View(page, label, f"ui/{page}.html") for page, label in PAGES.items()),
    ),
    Navigation(
        "customer-ux1",
        CUSTOMER,
        TENANT,
        tuple(View(f"ox-{page}", label, f"ui/ox-{page}.js") for page, label in PAGES.items()),
    ),
    Navigation(
        "wizard", WIZARD, TENANT, (View("suwizard.new", OURS, "ui/suwizard.new.html", ("prev", "next")),), label=""
    ),
    Navigation(
        "wizard-summary",
        WIZARD_SUMMARY,
        TENANT,
        (View("suwizard.overview", OURS, "ui/suwizard.overview.html"),),
        label="",
    ),
    Navigation(
        "service-user",
        SERVICE_TAB,
        TENANT,
        (View("suservice.view", OURS, "ui/suservice.view.html"),),
        label="",
    ),
    Navigation(
        "wizard-ux1",
        WIZARD_UX1,
        TENANT,
        (View("ox-new-user", OURS, "ui/ox-new-user.js", ("prev", "next")),),
        sockets=(BUSINESS,),
    ),
    Navigation("person", USER_CLASSIC, OURSELVES, (View("me", OURS, "ui/me.html"),)),
    Navigation("person-ux1", USER, OURSELVES, (View("ox-me", OURS, "ui/ox-me.js"),)),
)
