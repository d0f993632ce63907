"""Trouble on demand: slow answers, faults, cut connections. Kept in memory, so a restart begins in good order.

A setting applies to every SOAP call; a rule strikes the calls that it matches, as often as it says.
"""

import random
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from oxherd.sandbox.faults import ServiceFault, Storage, named

TIME_OUT_SECONDS = 60.0
NUMBERS = {"latency_ms": 600_000.0, "jitter_ms": 600_000.0, "error_rate": 1.0}


class Action(StrEnum):
    REFUSE = "refuse"  # InvalidDataException with a text, or another fault
    STORAGE_EXCEPTION = "storage_exception"
    TIME_OUT = "time_out"  # hold the connection, never answer
    RESET = "reset"  # cut the connection before any work
    STATUS_503 = "status_503"
    ANSWER_LOST = "answer_lost"  # do the work, then cut the connection


@dataclass(frozen=True)
class Subject:
    """What rules can match: a call, with every name that it mentions."""

    service: str
    operation: str
    context_id: int | None
    names: frozenset[str]


@dataclass
class Rule:
    """`times` is how often it still strikes, None for ever; `match` has any of service, operation, name, context_id.

    `fault` is what REFUSE answers: the name of an exception, or a code of the Cloud API.
    """

    action: Action
    match: dict[str, Any] = field(default_factory=dict)
    times: int | None = None
    text: str = "Refused by a rule of the stand-in"
    seconds: float = TIME_OUT_SECONDS
    fault: str = "InvalidDataException"
    struck: int = 0

    def applies_to(self, subject: Subject) -> bool:
        if self.times == 0:
            return False
        match = self.match
        return (
            fnmatchcase(subject.service, match.get("service", "*"))
            and fnmatchcase(subject.operation, match.get("operation", "*"))
            and match.get("context_id") in (None, subject.context_id)
            and ("name" not in match or any(fnmatchcase(name, match["name"]) for name in subject.names))
        )

    def refusal(self) -> ServiceFault | None:
        """What the rule answers instead of the work."""
        if self.action is Action.REFUSE:
            return named(self.fault, self.text)
        return Storage(self.text) if self.action is Action.STORAGE_EXCEPTION else None

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "action": self.action.value}


def rule_from(data: Any) -> Rule:
    """Raises ValueError with a sentence about what is wrong."""
    if not isinstance(data, dict):
        raise ValueError("A rule is an object with match, action and times.")  # noqa: TRY004 - one error for all bad input
    unknown = set(data) - {"match", "action", "times", "text", "seconds", "fault", "struck"}
    match = data.get("match") or {}
    if unknown or not isinstance(match, dict) or set(match) - {"service", "operation", "name", "context_id"}:
        raise ValueError(
            "A rule has match (service, operation, name, context_id), action, times, text, seconds and fault."
        )
    if data.get("action") not in list(Action):
        raise ValueError(f"action is one of: {', '.join(Action)}.")
    times = data.get("times")
    if times is not None and (not isinstance(times, int) or times < 0):
        raise ValueError("times is a number of strikes, or null for ever.")
    rule = Rule(Action(data["action"]), _match(match), times)
    rule.text = str(data.get("text") or rule.text)
    rule.fault = str(data.get("fault") or rule.fault)
    named(rule.fault, rule.text)
    rule.seconds = _number(data.get("seconds", TIME_OUT_SECONDS), "seconds", 86_400.0)
    return rule


def _match(match: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in match.items() if value not in (None, "")}
    return {key: int(value) if key == "context_id" else str(value) for key, value in kept.items()}


def _number(value: Any, name: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{name} is a number from 0 to {most:g}.")
    return float(value)


class Mischief:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self.latency_ms = 0.0
        self.jitter_ms = 0.0
        self.error_rate = 0.0
        self.error_action = Action.STORAGE_EXCEPTION
        self.rules: list[Rule] = []

    def clear(self) -> None:
        with self._lock:
            self._clear()

    def replace(self, data: Any) -> None:
        """Fields that are absent keep their value; `rules` replaces all rules. Raises ValueError, changing nothing."""
        fields = {*NUMBERS, "error_action", "rules"}
        if not isinstance(data, dict) or set(data) - fields:
            raise ValueError(f"Give an object with any of: {', '.join(sorted(fields))}.")
        numbers = {name: _number(data[name], name, most) for name, most in NUMBERS.items() if name in data}
        if data.get("error_action", Action.REFUSE) not in list(Action):
            raise ValueError(f"error_action is one of: {', '.join(Action)}.")
        rules = [rule_from(rule) for rule in data["rules"]] if "rules" in data else None
        with self._lock:
            for name, number in numbers.items():
                setattr(self, name, number)
            self.error_action = Action(data.get("error_action", self.error_action))
            self.rules = self.rules if rules is None else rules

    def add(self, rule: Rule) -> None:
        with self._lock:
            self.rules = [*self.rules, rule]

    def remove(self, position: int) -> None:
        with self._lock:
            self.rules = [rule for number, rule in enumerate(self.rules) if number != position]

    def as_dict(self) -> dict[str, Any]:
        with self._lock:
            rules = [rule.as_dict() for rule in self.rules]
            numbers = {name: getattr(self, name) for name in NUMBERS}
            return {**numbers, "error_action": self.error_action.value, "rules": rules}

    @property
    def minds_names(self) -> bool:
        return any("name" in rule.match for rule in self.rules)

    def delay(self) -> None:
        """Sleeps as long as an answer shall take; nobody else waits for it."""
        seconds = (self.latency_ms + self.jitter_ms * random.random()) / 1000  # noqa: S311 - no secret
        if seconds:
            time.sleep(seconds)

    def strike(self, subject: Subject) -> Rule | None:
        """The first rule that hits this call, or an error drawn by lot; None for a call that goes well."""
        if not self.rules and not self.error_rate:
            return None
        with self._lock:
            for rule in self.rules:
                if rule.applies_to(subject):
                    rule.struck += 1
                    rule.times = None if rule.times is None else rule.times - 1
                    return rule
            if random.random() < self.error_rate:  # noqa: S311 - no secret
                return Rule(self.error_action)
        return None
