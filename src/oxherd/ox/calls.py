"""One call: written by the description, sent, its answer read, its fault translated.

The description of a service is read once. When an answer does not fit it, or the platform does not know an element of
the request, the platform was updated: the description is read anew, once, and the call is looked at again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

from lxml.etree import _Element as Element

from oxherd.errors import PlatformError, PlatformNotFound
from oxherd.ox.data import ContextAccess
from oxherd.ox.descriptions import DESCRIPTIONS, Field, Service
from oxherd.ox.faults import Call, NotUnderstood, from_fault, from_status
from oxherd.ox.messages import Misfit, body_of, fault_in, returned, returned_in_pieces, write
from oxherd.ox.transport import Transport

logger = logging.getLogger(__name__)
OK = 200
Value = TypeVar("Value")
Reader = Callable[[Element, Field], Value]


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation with its arguments; `context_id` and `by_brand` as in `faults.Call`."""

    service: str
    operation: str
    arguments: Mapping[str, Any] = field(repr=False)
    context_id: int | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    by_brand: bool = False

    def call(self) -> Call:
        return Call(self.service, self.operation, self.context_id, self.secrets, self.by_brand)


def as_admin(access: ContextAccess, service: str, operation: str, secret: Any = None, **arguments: Any) -> Ask:
    """What a context's administrator asks; `secret` is a further password among the arguments."""
    arguments |= {"ctx": {"id": access.context_id}, "auth": {"login": access.login, "password": access.password}}
    return Ask(service, operation, arguments, access.context_id, secrets_of(access.password, secret))


def secrets_of(*secrets: Any) -> tuple[str, ...]:
    """Those worth hiding in a text of the platform: to replace a very short one would garble it and hide nothing."""
    return tuple(secret for secret in secrets if isinstance(secret, str) and len(secret) > 3)  # noqa: PLR2004 - see above


class Caller:
    """Calls to one platform; threads share one."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def service(self, name: str) -> Service:
        return DESCRIPTIONS.service(self.transport.base, name, self.transport.get)

    def do(self, ask: Ask) -> None:
        """For operations that answer nothing."""
        self._exchange_with_latest(ask)

    def do_unless_gone(self, ask: Ask) -> None:
        """As `do`; no such object is fine."""
        try:
            self.do(ask)
        except PlatformNotFound:
            return

    def all(self, ask: Ask, reader: Reader[Value]) -> list[Value]:
        """What `reader` makes of each `return` element. Read with a new description, if need be, but never sent twice:
        whatever was asked has been done."""
        service, body = self._exchange_with_latest(ask)
        try:
            return _read(ask, service, body, reader)
        except Misfit:
            service = self._reread(service)
        return _read(ask, service, body, reader)

    def one(self, ask: Ask, reader: Reader[Value]) -> Value:
        """For operations that answer exactly one `return`."""
        values = self.all(ask, reader)
        if len(values) == 1:
            return values[0]
        raise Misfit(f"{ask.operation} answered {len(values)} values instead of one")

    def bare(self, ask: Ask) -> Element:
        """The answer itself, of the few operations whose answer is the object and holds no `return`."""
        service, body = self._exchange_with_latest(ask)
        answer = body.find(service.operation(ask.operation).response_tag or "")
        if answer is None:
            raise Misfit(f"no answer to {ask.operation}")
        return answer

    def one_if_any(self, ask: Ask, reader: Reader[Value]) -> Value | None:
        """As `one`; None when the platform knows no such object."""
        try:
            return self.one(ask, reader)
        except PlatformNotFound:
            return None

    def each(self, ask: Ask, reader: Reader[Value]) -> Iterator[Value]:
        """As `all`, but while the answer arrives, in constant memory; for operations that only read."""
        service = self.service(ask.service)
        stream = self._stream(ask, service, reader)
        try:
            first = list(_at_most_one(stream))
        except (Misfit, NotUnderstood):
            stream = self._stream(ask, self._reread(service), reader)
            first = list(_at_most_one(stream))
        yield from chain(first, stream)

    def _exchange_with_latest(self, ask: Ask) -> tuple[Service, Element]:
        service = self.service(ask.service)
        try:
            return service, self._exchange(ask, service)
        except NotUnderstood:
            service = self._reread(service)
        return service, self._exchange(ask, service)

    def _exchange(self, ask: Ask, service: Service) -> Element:
        """The soap:Body of the answer, when it is no fault."""
        operation, call = service.operation(ask.operation), ask.call()
        status, content = self.transport.post(call, operation.action, write(operation, ask.arguments))
        logger.debug("%s.%s answered with HTTP %d", ask.service, ask.operation, status)
        body = body_of(content)
        fault = None if body is None else fault_in(body)
        if fault is not None:
            raise from_fault(fault, call)
        if body is None or status != OK:
            raise from_status(status, call, content)
        return body

    def _stream(self, ask: Ask, service: Service, reader: Reader[Value]) -> Iterator[Value]:
        operation, call = service.operation(ask.operation), ask.call()
        message = write(operation, ask.arguments)
        with self.transport.streamed(call, operation.action, message) as (status, chunks):
            if status != OK:
                raise _failed(status, b"".join(chunks), call)
            for element in returned_in_pieces(operation, chunks):
                yield reader(element, operation.returned_field())

    def _reread(self, stale: Service) -> Service:
        logger.info("the description of %s is read anew", stale.name)
        return DESCRIPTIONS.reread(stale, self.transport.base, self.transport.get)


def _read(ask: Ask, service: Service, body: Element, reader: Reader[Value]) -> list[Value]:
    operation = service.operation(ask.operation)
    return [reader(element, operation.returned_field()) for element in returned(operation, body)]


def _failed(status: int, content: bytes, call: Call) -> PlatformError:
    body = body_of(content)
    fault = None if body is None else fault_in(body)
    return from_status(status, call, content) if fault is None else from_fault(fault, call)


def _at_most_one(stream: Iterator[Value]) -> Iterator[Value]:
    for value in stream:
        yield value
        return
