"""The places of views in the panels: ids, sockets, variables, files."""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from oxherd.aps.checks.findings import Findings
from oxherd.aps.checks.known import Known, find

META = "APP-META.xml"
CLASSIC_ID = re.compile(r"[a-zA-Z_\-][a-zA-Z_0-9.\-]*")
UX1_ID = re.compile(r"[a-z][a-z0-9\-]*")
SCREENS = ("navigation", "item", "group", "view", "popup", "view-plugin", "wizard")
CONTROLS = ("next", "prev", "submit", "finish", "cancel")
UX1_PLACES = (
    "http://www.parallels.com/ccp/2",
    "http://www.aps-standard.org/ui/pcp/2",
    "http://www.aps-standard.org/ui/rcp/2",
    "http://www.aps-standard.org/rcp/2",
    "http://www.aps-standard.org/ui/user/2",
    "http://www.aps-standard.org/ui/service/suwizard.new/2",
)
PLACES = {
    *UX1_PLACES,
    "http://www.aps-standard.org/ui/application",
    "http://www.parallels.com/poa/pcp/services",
    "http://www.parallels.com/poa/pcp/services/cloud",
    "http://www.parallels.com/poa/pcp/system",
    "http://www.aps-standard.org/ui/service",
    "http://www.parallels.com/ccp-dashboard#dashboard",
    "http://www.parallels.com/ccp-dashboard#ux1-dashboard",
    "http://www.parallels.com/ccp-users#usersview",
    "http://www.parallels.com/ccp-users#userInfo",
    "http://www.parallels.com/ccp-activation#wizard",
    "http://www.aps-standard.org/ui/user",
    "http://www.aps-standard.org/ui/service/suwizard.new",
    "http://www.aps-standard.org/ui/service/suwizard.overview",
    "http://www.aps-standard.org/ui/service/suservice.view",
}


def check_navigation(
    root: etree._Element, files: Mapping[str, bytes], known: dict[str, Known], findings: Findings
) -> None:
    """One tree, from its root down."""
    sockets = {one.get("id", "") for one in _all(root, "plugs-to")}
    is_ux1 = bool(sockets & set(UX1_PLACES))
    own = {one.get("id", "") for one in _all(root.getroottree().getroot(), "placeholder")}
    for socket in sorted(sockets - PLACES - own):
        findings.error(META, f"{_named(root)} plugs into {socket}, which no panel offers. Correct plugs-to.")
    if not sockets:
        findings.error(META, f"{_named(root)} plugs into nothing, so nobody sees it. Add plugs-to.")
    for screen in _all(root, *SCREENS):
        _check_id(screen, is_ux1=is_ux1, findings=findings)
    _check_variables(root, known, findings)
    for view in _all(root, "view", "popup", "view-plugin"):
        _check_source(view, files, is_ux1=is_ux1, findings=findings)
    for control in (each for controls in _all(root, "controls") for each in controls):
        name = etree.QName(control).localname
        if name not in CONTROLS:
            findings.error(META, f"There is no control {name}. Use {', '.join(CONTROLS)}.")


def _all(root: etree._Element, *names: str) -> Iterator[etree._Element]:
    return root.iter(*(f"{{*}}{name}" for name in names))


def _named(one: etree._Element) -> str:
    return f"The {etree.QName(one).localname} {one.get('id') or '(without an id)'}"


def _check_id(screen: etree._Element, *, is_ux1: bool, findings: Findings) -> None:
    pattern, rule = (
        (UX1_ID, "small letters, digits and -, and a letter first")
        if is_ux1
        else (CLASSIC_ID, "letters, digits, _, - and dots, and no digit first")
    )
    if not pattern.fullmatch(screen.get("id", "")):
        findings.error(META, f"{_named(screen)} has an id that its panel does not take. Use {rule}.")


def _check_variables(root: etree._Element, known: dict[str, Known], findings: Findings) -> None:
    names = {one.get("name", "") for one in _all(root, "var")}
    for variable in _all(root, "var"):
        _check_variable(variable, known, findings)
    for screen in _all(root, *SCREENS):
        for name in re.findall(r"\{([A-Za-z_][A-Za-z0-9_]*)", screen.get("label", "")):
            if name not in names:
                findings.error(META, f"The label of {_named(screen)} shows {{{name}}}, which is no var. Declare it.")


def _check_variable(variable: etree._Element, known: dict[str, Known], findings: Findings) -> None:
    name, type_id = variable.get("name", ""), variable.get("type-id", "")
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name):
        findings.error(META, f"{name or 'An empty text'} is no name of a var. Use letters, digits and _.")
    if find(type_id, known) is not None:
        return
    application = (variable.getroottree().getroot().findtext("{*}id") or "").strip()
    if type_id.startswith(f"{application}/") or not type_id:
        told = type_id or "(none)"
        findings.error(META, f"The var {name} has the type {told}, which is not in this package. Correct type-id.")
    else:
        findings.advice(META, f"The var {name} has the type {type_id} of another application. See that it is there.")


def _check_source(view: etree._Element, files: Mapping[str, bytes], *, is_ux1: bool, findings: Findings) -> None:
    source = view.get("src") or f"ui/{view.get('id')}.html"
    if source not in files:
        findings.error(META, f"{_named(view)} is made from {source}, which is not in the package. Add it.")
    if source.endswith(".js") and "ui/bootstrapApp.html" not in files:
        findings.error(META, f"{_named(view)} is a script, for which ui/bootstrapApp.html is needed. Add that page.")
    if is_ux1 and not source.endswith(".js"):
        findings.advice(META, f"{_named(view)} stands in a panel of UX1, where views are scripts. Make it one.")
