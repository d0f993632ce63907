"""Where in the package a check stands: the schema, its type, and all types that are known."""

from dataclasses import dataclass

from oxherd.aps.checks.findings import Findings
from oxherd.aps.checks.known import Known


@dataclass(frozen=True, slots=True)
class Place:
    path: str
    own: Known
    known: dict[str, Known]
    findings: Findings

    def error(self, sentence: str) -> None:
        self.findings.error(self.path, sentence)

    def advice(self, sentence: str) -> None:
        self.findings.advice(self.path, sentence)
