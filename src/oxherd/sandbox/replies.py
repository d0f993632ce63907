"""What goes back over HTTP."""

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Fate(Enum):
    SEND = auto()
    RESET = auto()  # cut the connection instead
    HOLD = auto()  # keep it open for a while, then cut it


@dataclass(frozen=True)
class Reply:
    status: int
    content: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    fate: Fate = Fate.SEND
    hold_seconds: float = 0.0


def xml(status: int, content: bytes) -> Reply:
    return Reply(status, content, "text/xml;charset=UTF-8")


def as_json(data: Any, status: int = 200) -> Reply:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return Reply(status, text.encode() + b"\n", "application/json", {"Cache-Control": "no-store"})


def problem(status: int, sentence: str) -> Reply:
    return as_json({"error": sentence}, status)


def text(status: int, sentence: str) -> Reply:
    return Reply(status, sentence.encode() + b"\n")
