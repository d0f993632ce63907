"""Spoils messages, by dice that a test loads."""

from random import Random
from typing import Any

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# Empty, long, odd, out of range, or of another type than what belongs there.
VALUES = [
    *(
        "",
        " ",
        "0",
        "-1",
        "1",
        "2",
        "3",
        "999999999",
        "2147483648",
        "-9223372036854775809",
        "1e9",
        "NaN",
        "true",
        "nil",
    ),
    *(
        "*",
        "%",
        "_",
        "\\",
        "\\_",
        "'",
        '"',
        "a;b",
        "a@b",
        "@",
        "anna@",
        "x@acme.test",
        "..",
        "../..",
        "{}",
        "[1]",
        "\u00fc",
    ),
    *("\u202e\u200b", "\U0001f9ea", "a" * 5000, "north_", "oxadmin", "users", "2026-02-30", "Subadmin.MaxContext"),
]


def mutated(message: bytes, dice: Random) -> bytes:
    """One to three things wrong with it."""
    for _ in range(dice.randint(1, 3)):
        message = dice.choice(MUTATIONS)(etree.fromstring(message), dice)
    return message


def _inner(root: etree._Element) -> list[etree._Element]:
    """Every argument and field; not the credentials, or hardly anything would get past them."""
    body = root.find(f"{{{SOAP}}}Body")
    assert body is not None
    return [
        element
        for element in body[0].iterdescendants()
        if not any(
            etree.QName(each).localname in ("auth", "creds", "cred") for each in (element, *element.iterancestors())
        )
    ]


def _picked(root: etree._Element, dice: Random) -> Any:
    found = _inner(root)
    return dice.choice(found) if found else None


def drop(root: etree._Element, dice: Random) -> bytes:
    if (element := _picked(root, dice)) is not None:
        element.getparent().remove(element)
    return etree.tostring(root)


def empty(root: etree._Element, dice: Random) -> bytes:
    if (element := _picked(root, dice)) is not None:
        element.text = None
        for child in list(element):
            element.remove(child)
    return etree.tostring(root)


def nil(root: etree._Element, dice: Random) -> bytes:
    if (element := _picked(root, dice)) is not None:
        element.set(NIL, "true")
    return etree.tostring(root)


def replace(root: etree._Element, dice: Random) -> bytes:
    leaves = [element for element in _inner(root) if not len(element)]
    if leaves:
        dice.choice(leaves).text = dice.choice(VALUES)
    return etree.tostring(root)


def repeat(root: etree._Element, dice: Random) -> bytes:
    if (element := _picked(root, dice)) is not None:
        element.addnext(etree.fromstring(etree.tostring(element)))
    return etree.tostring(root)


def rename(root: etree._Element, dice: Random) -> bytes:
    if (element := _picked(root, dice)) is not None:
        element.tag = f"{{{etree.QName(element).namespace}}}unheardOf"
    return etree.tostring(root)


MUTATIONS = (drop, empty, nil, replace, replace, replace, repeat, rename)
