"""What the controller answers when it will not."""

from typing import Any

from oxherd.sandbox.replies import Reply, as_json


class Refusal(Exception):
    """A status and a sentence; `more` is what an endpoint has answered, if the refusal is its own."""

    def __init__(self, status: int, sentence: str, more: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.more = more or {}

    def reply(self) -> Reply:
        """With all the members that clients of the bus look for."""
        usual = {"code": self.status, "error": "Controller", "type": "Exception", "message": self.sentence}
        return as_json({**usual, **self.more}, self.status)
