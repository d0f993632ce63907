"""Turns the bytes of a request into an operation and its arguments, as strictly as the platform does.

A known element in the wrong place is as unexpected as an unknown one. Absent and nil look the same to the caller: the
key is missing. Nothing outside the message is ever loaded.
"""

import base64
import binascii
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from lxml import etree

from oxherd.sandbox.contract import Field, Operation, Service, service
from oxherd.sandbox.faults import ClientFault

Value = dict[str, Any]
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
DROPPED_SILENTLY = "clusterWeight"
_RANGES: dict[str, int] = {"xs:int": 2**31, "xs:long": 2**63}
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2}|T.*)?")
_parsers = threading.local()


@dataclass(frozen=True)
class Request:
    operation: Operation
    arguments: Value


class _Slot(NamedTuple):
    """Where an element stands in its sequence and how its content is read; `shape` only for complex types."""

    position: int
    name: str
    many: bool
    simple: Callable[[str], Any] | None
    shape_of: str | None


Shape = dict[str, _Slot]


def read_request(contract: Service, body: bytes) -> Request:
    """What the first child of the SOAP body asks for. Raises ClientFault if the message is not as it must be."""
    content = _content(_parsed(body))
    namespace, _, name = content.tag[1:].rpartition("}")
    operation = contract.operations.get(name)
    if operation is None or namespace != contract.namespace:
        raise ClientFault(
            f"Message part {content.tag} was not recognized.  (Does it exist in service WSDL?)",
        )
    reader = _Reader(contract.name, body)
    return Request(operation, reader.read(content, _operation_shape(contract.name, name)))


def _parsed(body: bytes) -> etree._Element:
    parser = getattr(_parsers, "parser", None)
    if parser is None:
        parser = _parsers.parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ClientFault(f"Error reading XMLStreamReader: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ClientFault("Error reading XMLStreamReader: a document type is not allowed here")
    return root


def _content(root: etree._Element) -> etree._Element:
    if root.tag == f"{{{SOAP_12}}}Envelope":
        text = "A SOAP 1.2 message is not valid when sent to a SOAP 1.1 only endpoint."
        raise ClientFault(text, "VersionMismatch")
    body = root.find(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else None
    if body is None:
        raise ClientFault(f'"{root.tag}" is not a SOAP 1.1 envelope with a body.')
    if len(body) == 0:
        raise ClientFault("The SOAP body is empty: there is no operation to call.")
    return body[0]


class _Reader:
    def __init__(self, service_name: str, body: bytes) -> None:
        self.service_name = service_name
        self.body = body

    def read(self, element: etree._Element, shape: Shape) -> Value:
        value: Value = {}
        reached = -1
        for child in element:
            slot = shape.get(child.tag)
            if slot is None and etree.QName(child).localname == DROPPED_SILENTLY:
                continue
            if slot is None or slot.position < reached or (slot.position == reached and not slot.many):
                raise _unexpected(child)
            reached = slot.position
            content = self._child(child, slot)
            if content is None:
                continue
            if slot.many:
                value.setdefault(slot.name, []).append(content)
            else:
                value[slot.name] = content
        return value

    def _child(self, child: etree._Element, slot: _Slot) -> Any:
        if child.attrib and child.get(NIL) in ("true", "1"):
            return None
        if slot.shape_of is not None:
            return self.read(child, _shape(self.service_name, slot.shape_of))
        if len(child):
            raise _unexpected(child[0])
        if slot.simple is None:
            return None
        try:
            return slot.simple(child.text or "")
        except ValueError:
            raise self._invalid(child) from None

    def _invalid(self, element: etree._Element) -> ClientFault:
        line = element.sourceline if isinstance(element.sourceline, int) else 1
        lines = self.body.split(b"\n")
        text = (element.text or "").strip().encode()
        row = lines[line - 1].find(text) + 1 if line <= len(lines) else 0
        return ClientFault(f"Invalid value in line {line} in row {max(row, 1)}. Please correct SOAP request.")


def _unexpected(element: etree._Element) -> ClientFault:
    name = etree.QName(element)
    return ClientFault(
        f'Unexpected element "{name.localname}" (URI={name.namespace or ""}). '
        "Please remove that element from SOAP request."
    )


@cache
def _operation_shape(service_name: str, operation: str) -> Shape:
    contract = service(service_name)
    parameters = contract.operations[operation].parameters
    return _slots([(contract.namespace, parameter) for parameter in parameters])


@cache
def _shape(service_name: str, type_name: str) -> Shape:
    return _slots(service(service_name).fields_of(type_name))


def _slots(fields: list[tuple[str, Field]]) -> Shape:
    return {
        f"{{{namespace}}}{field.name}": _Slot(
            position,
            field.name,
            field.many,
            SIMPLE.get(field.type),
            None if field.is_simple else field.type,
        )
        for position, (namespace, field) in enumerate(fields)
    }


def _text(text: str) -> str:
    return text


def _integer(type_name: str) -> Callable[[str], int]:
    limit = _RANGES[type_name]

    def read(text: str) -> int:
        number = int(text) if _INTEGER.fullmatch(text.strip()) else limit
        if not -limit <= number < limit:
            raise ValueError(text)
        return number

    return read


def _boolean(text: str) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if text.strip() not in words:
        raise ValueError(text)
    return words[text.strip()]


def _date(text: str) -> str | None:
    """An unparsable date is ignored, without a fault."""
    match = _DATE.fullmatch(text.strip())
    try:
        return date.fromisoformat(match[1]).isoformat() if match else None
    except ValueError:
        return None


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


SIMPLE: dict[str, Callable[[str], Any]] = {
    "xs:string": _text,
    "xs:int": _integer("xs:int"),
    "xs:long": _integer("xs:long"),
    "xs:boolean": _boolean,
    "xs:date": _date,
    "xs:base64Binary": _bytes,
}
