"""SOAP 1.1 messages, written and read by the platform's own description.

Three ways to say nothing differ on this wire: a field left out or nil is left alone, an empty one is cleared. So a
value is never None here: leave the key out, or send "". Values are checked, because the platform may take "False" for
true, and a field that it does not know makes it refuse the whole call.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from oxherd.errors import PlatformRefused, PlatformUnreachable
from oxherd.ox.descriptions import Field, Operation, Record

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

# Fields that came with 8.x: left out where the platform's description lacks them.
NEWER_FIELDS = frozenset({"image1", "image1ContentType", "permissions"})


class Misfit(PlatformUnreachable):
    """The answer is SOAP, but not what the description says; perhaps the platform was updated meanwhile."""

    def __init__(self, detail: str) -> None:
        super().__init__("The platform's answer could not be understood. It is tried again.", detail=detail)


@dataclass(frozen=True, slots=True)
class Fault:
    """`name`: the local name of the element in `detail`, empty when there is none; `text`: the faultstring."""

    code: str
    name: str
    text: str


def write(operation: Operation, arguments: Mapping[str, Any]) -> bytes:
    """The request; TypeError for a value of the wrong type, PlatformRefused for text that XML cannot hold."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    root = etree.SubElement(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), operation.tag)
    _fill(root, operation.parameters, arguments)
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def _fill(parent: etree._Element, record: Record, values: Mapping[str, Any]) -> None:
    for described in sorted(_described(record, values), key=_position):
        value = values[described.name]
        for item in value if described.many else (value,):
            _put(etree.SubElement(parent, described.tag), described, item)


def _described(record: Record, values: Mapping[str, Any]) -> Iterator[Field]:
    for name in values:
        if name in record.fields:
            yield record.fields[name]
        elif name not in NEWER_FIELDS:
            raise PlatformRefused(f'The platform does not know the field "{name}".')


def _position(described: Field) -> int:
    return described.position


def _put(element: etree._Element, described: Field, value: Any) -> None:
    if described.record is not None:
        _fill(element, described.record, value)
        return
    if type(value) is not described.leaf:
        raise TypeError(f"{described.name} takes {described.leaf.__name__}, not {type(value).__name__}")
    try:
        element.text = _WRITERS[described.leaf](value)
    except ValueError:
        unwritable = described.name
    else:
        return
    raise PlatformRefused(f'The field "{unwritable}" holds a character that cannot be sent. Remove it.')


def _write_boolean(value: bool) -> str:  # noqa: FBT001 - one of four writers with the same signature
    return "true" if value else "false"


def _write_bytes(value: bytes) -> str:
    return b64encode(value).decode("ascii")


_WRITERS: dict[type, Callable[[Any], str]] = {bool: _write_boolean, int: str, str: str, bytes: _write_bytes}


def body_of(content: bytes) -> etree._Element | None:
    """The soap:Body, or None when the content is no SOAP message or brings a document type of its own."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        envelope = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if _has_document_type(envelope) or envelope.tag != f"{{{ENVELOPE}}}Envelope":
        return None
    return envelope.find(f"{{{ENVELOPE}}}Body")


def _has_document_type(element: etree._Element) -> bool:
    return element.getroottree().docinfo.internalDTD is not None


def fault_in(body: etree._Element) -> Fault | None:
    fault = body.find(f"{{{ENVELOPE}}}Fault")
    if fault is None:
        return None
    detail = fault.find("detail/*")
    name = "" if detail is None else etree.QName(detail).localname
    return Fault(fault.findtext("faultcode") or "", name, fault.findtext("faultstring") or "")


def returned(operation: Operation, body: etree._Element) -> list[etree._Element]:
    """The `return` elements; Misfit when the answer is not this operation's."""
    if operation.response_tag is None or operation.returns is None:
        return []
    answer = body.find(operation.response_tag)
    if answer is None:
        raise Misfit(f"no {operation.response_tag} in the answer")
    return answer.findall(operation.returns.tag)


def returned_in_pieces(operation: Operation, chunks: Iterable[bytes]) -> Iterator[etree._Element]:
    """The `return` elements, each forgotten once the next is asked for; Misfit as for `returned`, at the end."""
    wanted, complete = operation.returned_field().tag, False
    for element in _elements(chunks, wanted, operation.response_tag or wanted):
        if element.tag != wanted:
            complete = True
        else:
            yield element
            _forget(element)
    if not complete:
        raise Misfit(f"no {operation.response_tag} in the answer")


def _elements(chunks: Iterable[bytes], *tags: str) -> Iterator[etree._Element]:
    parser = etree.XMLPullParser(events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            for event in parser.read_events():
                element: Any = event[1]
                if _has_document_type(element):
                    raise Misfit("the answer brings a document type")
                yield element
        parser.close()
    except etree.XMLSyntaxError as error:
        failure = Misfit(f"broken XML: {error}")
    else:
        return
    raise failure


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def read(element: etree._Element, record: Record, wanted: frozenset[str]) -> dict[str, Any]:
    """The wanted fields that are there and not nil: text as the described type, repeated ones as lists.

    Misfit for a number or truth value that is none.
    """
    tags = {record.fields[name].tag: record.fields[name] for name in wanted if name in record.fields}
    values: dict[str, Any] = {}
    for child in element.iterchildren(*tags):
        if child.get(NIL) not in ("true", "1"):
            described = tags[child.tag]
            value = leaf_value(child, described) if described.record is None else child
            if described.many:
                values.setdefault(described.name, []).append(value)
            else:
                values[described.name] = value
    return values


def leaf_value(element: etree._Element, described: Field) -> Any:
    try:
        return _READERS[described.leaf](element.text or "")
    except (ValueError, KeyError) as error:
        raise Misfit(f"{described.name} cannot be read") from error


def _read_boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.strip()]


_READERS: dict[type, Callable[[str], Any]] = {bool: _read_boolean, int: int, str: str, bytes: b64decode}
