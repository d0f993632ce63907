"""APP-META.xml and APP-LIST.xml: what the package says of itself, and of its files."""

import hashlib
from collections.abc import Iterable, Mapping

from lxml import etree
from lxml.builder import ElementMaker

from oxherd.aps.definitions import Type
from oxherd.aps.navigation import NAVIGATION, Navigation, View
from oxherd.aps.types import PACKAGE, TYPES

LIST_NAMESPACE = "http://apstandard.com/ns/1"
META_NAMESPACE = "http://aps-standard.org/ns/2"
NAME = "oxherd"
# A whole number: the Connect command line tool compares it with the version of the root type.
VERSION = 1
HOMEPAGE = "https://oxherd.example/"
SUMMARY = "Mail and groupware of Open-Xchange"
DESCRIPTION = (
    "Customers manage users, groups, resources and domains of Open-Xchange in their control panel; "
    "oxherd brings them to the platform."
)
CHANGES = "First build"
META = ElementMaker(namespace=META_NAMESPACE, nsmap={None: META_NAMESPACE})


def app_meta(release: int) -> bytes:
    """APP-META.xml of this build. release: tells builds of one version apart."""
    # Without `packaged`, the moment of the build, so that the same sources give the same bytes.
    root = _made(
        "application",
        _made("id", PACKAGE),
        _made("name", NAME),
        _made("version", str(VERSION)),
        _made("release", str(release)),
        _made("homepage", HOMEPAGE),
        _made("vendor", _made("name", NAME), _made("homepage", HOMEPAGE)),
        _made("packager", _made("name", NAME), _made("homepage", HOMEPAGE)),
        _presentation(release),
        _licence(),
        _made("upgrade", match=f"version=ge={VERSION},release=ge=0"),
        *(_service(one) for one in TYPES),
        version="2.0",
    )
    return _written(root)


def app_list(files: Mapping[str, bytes]) -> bytes:
    """APP-LIST.xml: names, sizes and SHA-256 of all other files."""
    maker = ElementMaker(namespace=LIST_NAMESPACE, nsmap={None: LIST_NAMESPACE})
    entries = (
        maker.file(name=name, size=str(len(content)), sha256=hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    )
    return _written(maker.files(*entries))


def _made(name: str, *children: etree._Element | str, **attributes: str) -> etree._Element:
    made: etree._Element = META(name, *children, **attributes)
    return made


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _presentation(release: int) -> etree._Element:
    change = _made("version", _made("entry", CHANGES), version=str(VERSION), release=str(release))
    return _made(
        "presentation",
        _made("summary", SUMMARY),
        _made("description", DESCRIPTION),
        _made("icon", path="images/icon.png"),
        _made("changelog", change),
        _made("categories", _made("category", "Collaboration/Email"), _made("category", "Collaboration/Calendaring")),
        _made("languages", _made("language", "en"), _made("language", "de")),
        *(_navigation(one) for one in NAVIGATION),
    )


def _licence() -> etree._Element:
    text = _made("text", _made("name", "Terms of the package"), _made("file", "LICENSE"))
    made = _made("license-agreement", _made("free"), text)
    made.set("must-accept", "false")
    return made


def _navigation(one: Navigation) -> etree._Element:
    name, of_type = one.var
    label = {"label": one.label} if one.label else {}
    return _made(
        "navigation",
        _variable(name, of_type),
        _made("plugs-to", id=one.plugs_to),
        *(_made("plugin-placeholder", id=socket) for socket in one.sockets),
        *_views(one),
        id=one.id,
        **label,
    )


def _variable(name: str, of_type: str) -> etree._Element:
    made = _made("var")
    made.set("name", name)
    made.set("type-id", of_type)
    return made


def _views(one: Navigation) -> Iterable[etree._Element]:
    """In the classic customer panel a view stands in an item, its tab."""
    for view in one.views:
        drawn = _view(view)
        yield _made("item", drawn, id=f"{view.id}-tab", label=view.label) if one.id == "customer" else drawn


def _view(view: View) -> etree._Element:
    controls = [_made("controls", *(_made(name) for name in view.controls))] if view.controls else []
    return _made("view", *controls, id=view.id, label=view.label, src=view.src)


def _service(one: Type) -> etree._Element:
    return _made(
        "service",
        _made("schema", path=f"schemas/{one.service}.schema"),
        _made(
            "presentation",
            _made("name", one.title),
            _made("summary", one.summary),
            _made("icon", path="images/icon.png"),
        ),
        id=one.service,
    )
