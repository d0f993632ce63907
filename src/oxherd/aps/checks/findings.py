"""One finding is one sentence: the file, what is wrong, and how to mend it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """is_error: a controller refuses the package, or a part of it does not work; else it is advice."""

    file: str
    sentence: str
    is_error: bool = True

    def __str__(self) -> str:
        return f"{self.file}: {self.sentence}"


@dataclass(slots=True)
class Findings:
    """missing: files that are not there, of which much of the rest may only follow."""

    missing: list[Finding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)

    @property
    def all(self) -> list[Finding]:
        return [*self.missing, *self.others]

    def is_missing(self, file: str, sentence: str) -> None:
        self.missing.append(Finding(file, sentence))

    def error(self, file: str, sentence: str) -> None:
        self.others.append(Finding(file, sentence))

    def advice(self, file: str, sentence: str) -> None:
        self.others.append(Finding(file, sentence, is_error=False))
