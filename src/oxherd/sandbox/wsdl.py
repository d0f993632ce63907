"""Writes the WSDL of a service from the contract, with the names that the real, code-first one has.

Sources: message and part of a fault are called `NAME_Exception`; a void operation has an output message without parts;
`wsaw:Action` and `wsam:Action` stand on every message, `urn:OPERATION`, `urn:OPERATIONResponse`, `urn:OPERATIONFAULT`.
"""

from functools import cache
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from oxherd.sandbox.contract import Field, Operation, Service, service

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
XS = "http://www.w3.org/2001/XMLSchema"
WSAW = "http://www.w3.org/2006/05/addressing/wsdl"
WSAM = "http://www.w3.org/2007/05/addressing/metadata"
ADDRESS = "http://address.invalid/"

for prefix, namespace in {"wsdl": WSDL, "soap": SOAP, "xs": XS, "wsaw": WSAW, "wsam": WSAM}.items():
    register_namespace(prefix, namespace)


def wsdl(name: str, address: str) -> bytes:
    """The document of one service, its port at `address`. Raises KeyError if there is no such service."""
    escaped = address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return _document(name).replace(ADDRESS.encode(), escaped.encode())


@cache
def _document(name: str) -> bytes:
    return _Writer(service(name)).document()


class _Writer:
    def __init__(self, contract: Service) -> None:
        self.service = contract
        used = {contract.namespace} | {contract.namespace_of(key) for key in contract.types}
        self.namespaces = sorted(used, key=lambda namespace: (namespace != contract.namespace, namespace))
        self.prefixes = {namespace: f"ns{number}" for number, namespace in enumerate(self.namespaces, start=1)}
        self.faults = sorted({fault for operation in contract.operations.values() for fault in operation.faults})

    def document(self) -> bytes:
        root = Element(f"{{{WSDL}}}definitions", {"name": self.service.name, "targetNamespace": self.service.namespace})
        for namespace, prefix in self.prefixes.items():
            root.set(f"xmlns:{prefix}", namespace)
        types = SubElement(root, f"{{{WSDL}}}types")
        for namespace in self.namespaces:
            self._schema(types, namespace)
        self._messages(root)
        self._port_type(root)
        self._binding(root)
        self._port(root)
        document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
        return document

    def _schema(self, types: Element, namespace: str) -> None:
        names = {"targetNamespace": namespace, "elementFormDefault": "qualified", "attributeFormDefault": "unqualified"}
        schema = SubElement(types, f"{{{XS}}}schema", names)
        for other in self.namespaces:
            if other != namespace:
                SubElement(schema, f"{{{XS}}}import", {"namespace": other})
        for key, kind in self.service.types.items():
            if self.service.namespace_of(key) == namespace:
                self._complex_type(schema, key, kind.name)
        if namespace == self.service.namespace:
            self._wrappers(schema)

    def _complex_type(self, schema: Element, key: str, name: str) -> None:
        kind = self.service.types[key]
        holder = SubElement(schema, f"{{{XS}}}complexType", {"name": name})
        if kind.extends:
            content = SubElement(holder, f"{{{XS}}}complexContent")
            holder = SubElement(content, f"{{{XS}}}extension", {"base": self._type_name(kind.extends)})
        self._sequence(holder, kind.fields)

    def _wrappers(self, schema: Element) -> None:
        for operation in self.service.operations.values():
            self._wrapper(schema, operation.name, operation.parameters)
            self._response(schema, operation)
        for fault in self.faults:
            self._wrapper(schema, fault, (Field(fault, self.service.fault_type(fault)),))

    def _response(self, schema: Element, operation: Operation) -> None:
        if operation.result is None:
            return
        field = operation.result.field
        if field is not None and operation.result.bare:
            SubElement(schema, f"{{{XS}}}element", self._attributes(field, top=True))
        else:
            self._wrapper(schema, f"{operation.name}Response", (field,) if field else ())

    def _wrapper(self, schema: Element, name: str, fields: tuple[Field, ...]) -> None:
        element = SubElement(schema, f"{{{XS}}}element", {"name": name})
        self._sequence(SubElement(element, f"{{{XS}}}complexType"), fields)

    def _sequence(self, holder: Element, fields: tuple[Field, ...]) -> None:
        sequence = SubElement(holder, f"{{{XS}}}sequence")
        for field in fields:
            SubElement(sequence, f"{{{XS}}}element", self._attributes(field))

    def _attributes(self, field: Field, *, top: bool = False) -> dict[str, str]:
        attributes = {"name": field.name, "type": self._type_name(field.type)}
        if field.nillable:
            attributes["nillable"] = "true"
        if field.min == 0 and not top:
            attributes["minOccurs"] = "0"
        if field.many and not top:
            attributes["maxOccurs"] = "unbounded"
        return attributes

    def _type_name(self, key: str) -> str:
        if key.startswith("xs:"):
            return key
        return f"{self.prefixes[self.service.namespace_of(key)]}:{self.service.types[key].name}"

    def _messages(self, root: Element) -> None:
        for operation in self.service.operations.values():
            self._message(root, operation.name, "parameters", operation.name)
            self._message(root, f"{operation.name}Response", "parameters", response_element(operation))
        for fault in self.faults:
            self._message(root, f"{fault}_Exception", f"{fault}_Exception", fault)

    def _message(self, root: Element, name: str, part: str, element: str | None) -> None:
        message = SubElement(root, f"{{{WSDL}}}message", {"name": name})
        if element is not None:
            SubElement(message, f"{{{WSDL}}}part", {"name": part, "element": self._own(element)})

    def _port_type(self, root: Element) -> None:
        port_type = SubElement(root, f"{{{WSDL}}}portType", {"name": self.service.port_type})
        for operation in self.service.operations.values():
            name = operation.name
            element = SubElement(port_type, f"{{{WSDL}}}operation", {"name": name})
            self._port_message(element, "input", name, name, f"urn:{name}")
            self._port_message(element, "output", f"{name}Response", f"{name}Response", f"urn:{name}Response")
            for fault in operation.faults:
                message = f"{fault}_Exception"
                self._port_message(element, "fault", message, message, f"urn:{name}{fault}")

    def _port_message(self, operation: Element, tag: str, message: str, name: str, action: str) -> None:
        actions = {f"{{{WSAW}}}Action": action, f"{{{WSAM}}}Action": action}
        SubElement(operation, f"{{{WSDL}}}{tag}", {"message": self._own(message), "name": name} | actions)

    def _binding(self, root: Element) -> None:
        names = {"name": self.service.binding, "type": self._own(self.service.port_type)}
        binding = SubElement(root, f"{{{WSDL}}}binding", names)
        transport = "http://schemas.xmlsoap.org/soap/http"
        SubElement(binding, f"{{{SOAP}}}binding", {"style": "document", "transport": transport})
        for operation in self.service.operations.values():
            self._bound_operation(binding, operation)

    def _bound_operation(self, binding: Element, operation: Operation) -> None:
        element = SubElement(binding, f"{{{WSDL}}}operation", {"name": operation.name})
        action = {"soapAction": f"urn:{operation.name}", "style": "document"}
        SubElement(element, f"{{{SOAP}}}operation", action)
        for tag, name in (("input", operation.name), ("output", f"{operation.name}Response")):
            SubElement(SubElement(element, f"{{{WSDL}}}{tag}", {"name": name}), f"{{{SOAP}}}body", {"use": "literal"})
        for fault in operation.faults:
            names = {"name": f"{fault}_Exception"}
            SubElement(SubElement(element, f"{{{WSDL}}}fault", names), f"{{{SOAP}}}fault", {**names, "use": "literal"})

    def _port(self, root: Element) -> None:
        element = SubElement(root, f"{{{WSDL}}}service", {"name": self.service.name})
        names = {"name": self.service.port, "binding": self._own(self.service.binding)}
        SubElement(SubElement(element, f"{{{WSDL}}}port", names), f"{{{SOAP}}}address", {"location": ADDRESS})

    def _own(self, name: str) -> str:
        return f"{self.prefixes[self.service.namespace]}:{name}"


def response_element(operation: Operation) -> str | None:
    """The element in the body of the answer; None for an operation whose answer is an empty body."""
    if operation.result is None:
        return None
    field = operation.result.field
    return field.name if field is not None and operation.result.bare else f"{operation.name}Response"
