"""What a service of the platform looks like, read from its WSDL at run time: operations, fields, order, namespaces.

zeep reads the WSDL. Of its model only what it takes to write and read messages is kept: far smaller, stricter (zeep
sends "False" as true) and quicker for each call than zeep's own objects.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from oxherd.errors import PlatformError, PlatformMisconfigured, PlatformUnreachable


@dataclass(frozen=True, slots=True)
class Field:
    """One element: `leaf` is the Python type of its text, unless `record` says what stands inside."""

    name: str
    tag: str
    position: int
    many: bool
    leaf: type[bool] | type[int] | type[bytes] | type[str]
    record: "Record | None"


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of a complex type by name, in wire order."""

    fields: dict[str, Field] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """`returns` None: the platform answers with an empty body."""

    name: str
    tag: str
    action: str
    parameters: Record
    response_tag: str | None
    returns: Field | None

    def returned_field(self) -> Field:
        """For callers that need an answer; PlatformMisconfigured when the platform describes none."""
        if self.returns is not None:
            return self.returns
        raise PlatformMisconfigured(
            f"The platform's operation {self.name} answers nothing. Its release is not supported."
        )


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    operations: dict[str, Operation] = field(repr=False)

    def operation(self, name: str) -> Operation:
        if name in self.operations:
            return self.operations[name]
        raise PlatformMisconfigured(
            f"The platform's {self.name} has no operation {name}. Use a release of App Suite that offers it."
        )


class _Compiler:
    """Turns zeep's types into records, each type once (types may contain each other)."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}

    def record(self, kind: Any) -> Record:
        if id(kind) not in self.records:
            record = self.records[id(kind)] = Record()
            for position, (name, element) in enumerate(kind.elements):
                record.fields[name] = self.element(name, element, position)
        return self.records[id(kind)]

    def element(self, name: str, element: Any, position: int) -> Field:
        from zeep import xsd

        inside = self.record(element.type) if isinstance(element.type, xsd.ComplexType) else None
        return Field(name, element.qname.text, position, element.accepts_multiple, _leaf(element.type), inside)

    def operation(self, name: str, operation: Any) -> Operation:
        request, answer = operation.input.body, getattr(operation.output, "body", None)
        # Some answers of the services for resellers are bare: `Caller.bare` takes them, `returns` means nothing there.
        answers = getattr(answer.type, "elements", []) if answer is not None else []
        return Operation(
            name=name,
            tag=request.qname.text,
            action=operation.soapaction or f"urn:{name}",
            parameters=self.record(request.type),
            response_tag=None if answer is None else answer.qname.text,
            returns=self.element(answers[0][0], answers[0][1], 0) if answers else None,
        )


def _leaf(kind: Any) -> type[bool] | type[int] | type[bytes] | type[str]:
    from zeep import xsd

    table: tuple[tuple[Any, Any], ...] = ((xsd.Boolean, bool), (xsd.Integer, int), (xsd.Base64Binary, bytes))
    return next((leaf for builtin, leaf in table if isinstance(kind, builtin)), str)


class _Loader:
    """zeep's way to documents: only from the platform itself, whatever port a WSDL names for its parts."""

    def __init__(self, base: str, get: Callable[[str], bytes]) -> None:
        self.base, self.get = urlsplit(base), get

    def load(self, url: str) -> bytes:
        wanted = urlsplit(url)
        if wanted.scheme not in ("http", "https") or wanted.hostname != self.base.hostname:
            raise PlatformMisconfigured("The platform's WSDL refers to a document elsewhere, which is not read.")
        query = f"?{wanted.query}" if wanted.query else ""
        content = self.get(f"{self.base.scheme}://{self.base.netloc}{wanted.path}{query}")
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"<html" in content[:1000].lower():
            raise _not_a_platform(self.base.geturl(), "answered with something else than XML")
        return content


def _not_a_platform(base: str, detail: str) -> PlatformMisconfigured:
    sentence = f"The address {base} does not answer like an Open-Xchange platform. Check the API URL."
    return PlatformMisconfigured(sentence, detail=detail)


def _compile(base: str, name: str, get: Callable[[str], bytes]) -> Service:
    from zeep.settings import Settings
    from zeep.wsdl.wsdl import Document

    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=False)  # _Loader bounds what is external
    transport: Any = _Loader(base, get)
    document = Document(f"{base}/webservices/{name}?wsdl", transport, settings=settings)
    bindings = {etree.QName(key).localname: binding for key, binding in document.bindings.items()}
    operations = bindings[f"{name}SoapBinding"]._operations.items()  # noqa: SLF001 - zeep has no untyped-free way
    compiler = _Compiler()
    return Service(name, {key: compiler.operation(key, operation) for key, operation in operations})


_importing = Lock()


def _import_zeep() -> None:
    """In one thread: zeep's modules import each other in a circle, and threads that do so at once get halves of them.

    Not with our own modules, because it takes longer than all of them together, and the panel never needs it.
    """
    with _importing:
        importlib.import_module("zeep.wsdl.wsdl")


def read_service(base: str, name: str, get: Callable[[str], bytes]) -> Service:
    """The service as its WSDL has it now; `get` fetches an address and raises PlatformErrors itself.

    PlatformUnreachable when the WSDL is damaged, PlatformMisconfigured when it is none.
    """
    _import_zeep()
    from zeep.exceptions import Error, XMLSyntaxError

    try:
        return _compile(base, name, get)
    except XMLSyntaxError as error:
        sentence = f"The platform's description of {name} arrived damaged. It is tried again."
        failure: PlatformError = PlatformUnreachable(sentence, detail=str(error))
    except (Error, AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
        failure = _not_a_platform(base, f"WSDL of {name}: {type(error).__name__}: {error}")
    raise failure


class Descriptions:
    """The services of all platforms of this process: each is read once, by one thread, when it is first needed."""

    def __init__(self) -> None:
        self._slots: dict[tuple[str, str], _Slot] = {}

    def service(self, base: str, name: str, get: Callable[[str], bytes]) -> Service:
        slot = self._slot(base, name)
        if slot.service is None:
            with slot.lock:
                slot.service = slot.service or read_service(base, name, get)
        return slot.service

    def reread(self, stale: Service, base: str, get: Callable[[str], bytes]) -> Service:
        """The service anew, unless another thread has replaced `stale` already."""
        slot = self._slot(base, stale.name)
        with slot.lock:
            if slot.service is None or slot.service is stale:
                slot.service = read_service(base, stale.name, get)
            return slot.service

    def _slot(self, base: str, name: str) -> "_Slot":
        return self._slots.setdefault((base, name), _Slot())


@dataclass(slots=True)
class _Slot:
    service: Service | None = None
    lock: Any = field(default_factory=Lock)


DESCRIPTIONS = Descriptions()
