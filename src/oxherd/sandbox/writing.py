"""Turns what an operation returned into the bytes of the answer.

Source of the shapes: a list is the repeated element without a wrapper; a nillable field without a value is written as
nil, a list or a field that is not nillable is left out; an operation without a value answers an empty body.
"""

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

from oxherd.sandbox.contract import Field, Service, service
from oxherd.sandbox.faults import ClientFault, Fault, ServiceFault

START = '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
END = "</soap:Body></soap:Envelope>"
EMPTY = '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

Write = Callable[[Any], str]


def write_answer(contract: Service, operation: str, value: Any) -> bytes:
    """`value` as the contract says: None, a plain value, a dict of fields, or a list of those."""
    if contract.operations[operation].result is None:
        return EMPTY.encode()
    return f"{START}{_answer(contract.name, operation)(value)}{END}".encode()


def write_fault(contract: Service, fault: Fault) -> bytes:
    """The whole message of a fault; a ServiceFault brings its detail in the target namespace of the service."""
    code = fault.code if isinstance(fault, ClientFault) else "Server"
    detail = _detail(contract, fault.kind) if isinstance(fault, ServiceFault) else ""
    text = f"<faultcode>soap:{code}</faultcode><faultstring>{escaped(fault.text)}</faultstring>"
    return f"{START}<soap:Fault>{text}{detail}</soap:Fault>{END}".encode()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _detail(contract: Service, kind: str) -> str:
    writer = _writer(contract.name)
    name = writer.name(contract.namespace, kind)
    content = writer.content_of(kind)({})
    return f"<detail><{name} {writer.declarations}><{name}>{content}</{name}></{name}></detail>"


@cache
def _answer(service_name: str, operation: str) -> Write:
    contract = service(service_name)
    writer = _writer(service_name)
    result = contract.operations[operation].result
    if result is None:
        raise ValueError(operation)
    name = writer.name(contract.namespace, f"{operation}Response")
    if result.field is None:
        return lambda _: f"<{name} {writer.declarations}/>"
    write = writer.element(contract.namespace, result.field)
    if result.bare:
        bare = writer.name(contract.namespace, result.field.name)
        return lambda value: write(value).replace(f"<{bare}", f"<{bare} {writer.declarations}", 1)
    return lambda value: f"<{name} {writer.declarations}>{write(value)}</{name}>"


class _Writer:
    """One per service: a function per element, made once, so that an answer is a walk over ready pieces."""

    def __init__(self, contract: Service) -> None:
        self.service = contract
        used = sorted({contract.namespace} | {contract.namespace_of(key) for key in contract.types})
        self.prefixes = {namespace: f"ns{number}" for number, namespace in enumerate(used, start=1)}
        spaces = (f'xmlns:{prefix}="{namespace}"' for namespace, prefix in self.prefixes.items())
        self.declarations = " ".join([*spaces, XSI])
        self.parts: dict[str, list[tuple[str, Write]]] = {}

    def name(self, namespace: str, local: str) -> str:
        return f"{self.prefixes[namespace]}:{local}"

    def element(self, namespace: str, field: Field) -> Write:
        name = self.name(namespace, field.name)
        content = SIMPLE[field.type] if field.is_simple else self.content_of(field.type)
        absent = f'<{name} xsi:nil="true"/>' if field.nillable and not field.many else ""

        def one(value: Any) -> str:
            return absent if value is None else f"<{name}>{content(value)}</{name}>"

        def many(values: Any) -> str:
            return "".join(map(one, values or ()))

        return many if field.many else one

    def content_of(self, type_name: str) -> Write:
        """Its parts are made when first written, since types may hold each other.

        Objects with the same fields, of which a list may have 100,000, share the text of all that they have not.
        """
        pieces: dict[frozenset[str], list[tuple[str, str, Write | None]]] = {}

        def write(value: Any) -> str:
            present = frozenset(value)
            known = pieces.get(present) or pieces.setdefault(present, self._pieces(type_name, present))
            return "".join([text + part(value[name]) if part else text for text, name, part in known])

        return write

    def _pieces(self, type_name: str, present: frozenset[str]) -> list[tuple[str, str, Write | None]]:
        """What stands before each field that is present, that field, and at the end the rest."""
        pieces: list[tuple[str, str, Write | None]] = []
        absent = ""
        for name, part in self.parts.get(type_name) or self._make_parts(type_name):
            if name in present:
                pieces.append((absent, name, part))
                absent = ""
            else:
                absent += part(None)
        return [*pieces, (absent, "", None)]

    def _make_parts(self, type_name: str) -> list[tuple[str, Write]]:
        fields = self.service.fields_of(type_name)
        parts = [(field.name, self.element(namespace, field)) for namespace, field in fields]
        self.parts[type_name] = parts
        return parts


@cache
def _writer(service_name: str) -> _Writer:
    return _Writer(service(service_name))


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _bytes(value: Any) -> str:
    return base64.b64encode(value).decode("ascii")


SIMPLE: dict[str, Write] = {
    "xs:string": escaped,
    "xs:int": str,
    "xs:long": str,
    "xs:boolean": _boolean,
    "xs:date": str,
    "xs:base64Binary": _bytes,
    "xs:anyType": str,
}
