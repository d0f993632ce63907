"""One SOAP call from the bytes that came to the bytes that go."""

import logging
import time
from pathlib import Path
from typing import Any

from oxherd.sandbox.contract import service
from oxherd.sandbox.faults import ClientFault, Fault, ServiceFault, Storage
from oxherd.sandbox.journal import Entry, Journal, now
from oxherd.sandbox.mischief import Action, Mischief, Rule, Subject
from oxherd.sandbox.reading import Request, read_request
from oxherd.sandbox.replies import Fate, Reply, xml
from oxherd.sandbox.services import HANDLERS, Call, Handler, every_operation
from oxherd.sandbox.sessions import Sessions
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.store import Store, restrictions
from oxherd.sandbox.subjects import subject_of
from oxherd.sandbox.wizard import WizardSettings
from oxherd.sandbox.writing import write_answer, write_fault

log = logging.getLogger(__name__)


class Platform:
    """Everything that the stand-in is, apart from HTTP."""

    def __init__(self, data: Path, settings: Settings | None = None) -> None:
        self.store = Store(data)
        with self.store.writing() as db:
            restrictions.prepare(db)
        self.settings = settings or Settings()
        self.mischief = Mischief()
        self.journal = Journal()
        self.sessions = Sessions()
        self.wizard = WizardSettings(self.settings.wizard)
        every_operation()

    def call(self, service_name: str, body: bytes) -> Reply:
        """Raises KeyError for an unknown service; every other trouble is in the reply."""
        contract = service(service_name)
        started = time.perf_counter()
        try:
            request = read_request(contract, body)
        except ClientFault as fault:
            self.record(Subject(service_name, "?", None, frozenset()), _outcome(fault), started, writes=False)
            return xml(500, write_fault(contract, fault))
        handler = HANDLERS[service_name, request.operation.name]
        # Rules match names also where a call gives ids.
        subject = subject_of(service_name, request, self.store if self.mischief.minds_names else None)
        self.mischief.delay()
        rule = self.mischief.strike(subject)
        reply, outcome = self._reply(service_name, request, handler, rule)
        self.record(subject, outcome, started, writes=handler.writes)
        return reply

    def struck(self, rule: Rule | None) -> Reply | None:
        """What a rule of mischief answers before any work; None where the work comes first."""
        action = rule.action if rule else None
        if rule and action in (Action.RESET, Action.TIME_OUT):
            fate = Fate.RESET if action is Action.RESET else Fate.HOLD
            return Reply(500, b"", fate=fate, hold_seconds=rule.seconds)
        if action is Action.STATUS_503:
            return Reply(503, b"Service Unavailable\n", "text/plain")
        return None

    def _reply(self, service_name: str, request: Request, handler: Handler, rule: Rule | None) -> tuple[Reply, str]:
        action = rule.action if rule else None
        contract = service(service_name)
        struck = self.struck(rule)
        if struck is not None and action:
            return struck, action.value
        try:
            value = self._work(service_name, request, handler, rule)
        except ServiceFault as raised:
            fault = _declared(raised, request)
            return xml(500, write_fault(contract, fault)), _outcome(fault)
        except Exception:
            log.exception("%s.%s failed", service_name, request.operation.name)
            trouble = Storage("Internal error of the stand-in; its log tells more")
            return xml(500, write_fault(contract, trouble)), _outcome(trouble)
        reply = xml(200, write_answer(contract, request.operation.name, value))
        if action is Action.ANSWER_LOST:
            return Reply(reply.status, reply.content, reply.content_type, fate=Fate.RESET), action.value
        return reply, "ok"

    def _work(self, service_name: str, request: Request, handler: Handler, rule: Rule | None) -> Any:
        """One transaction; a fault takes back everything."""
        if rule and (refusal := rule.refusal()):
            raise refusal
        transaction = self.store.writing() if handler.writes else self.store.reading()
        with transaction as db:
            call = Call(db, self.settings, service_name, request.arguments)
            handler.authenticate(call)
            return handler.work(call)

    def record(self, subject: Subject, outcome: str, started: float, *, writes: bool) -> None:
        milliseconds = round((time.perf_counter() - started) * 1000, 2)
        name = ", ".join(sorted(subject.names))
        call = (subject.service, subject.operation, subject.context_id, name)
        self.journal.add(Entry(now(), *call, outcome, milliseconds, writes))


def _declared(fault: ServiceFault, request: Request) -> ServiceFault:
    """A few operations do not declare what their work can raise; the platform then answers a StorageException."""
    return fault if fault.kind in request.operation.faults else Storage.saying(fault.text)


def _outcome(fault: Fault) -> str:
    kind = fault.kind if isinstance(fault, ServiceFault) else "Client"
    return f"{kind}: {fault.text}"
