"""Messages that carry Undo: who is told that something was done can take it back on the spot."""

from typing import Any

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage
from django.urls import reverse

from oxherd.undo.queries import can_be_undone

UNDO = "undo"


class Messages(FallbackStorage):
    """Gives Undo to the first good news of a request whose acts have a way back; no view has to think of it."""

    offered = False

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        request_id = getattr(self.request, "request_id", "")
        if level == SUCCESS and not extra_tags and not self.offered and self.request.method == "POST" and request_id:
            tenant_id = can_be_undone(request_id)
            if tenant_id is not None:
                self.offered = True
                extra_tags = f"{UNDO}:{tenant_id}:{request_id}"
        super().add(level, message, extra_tags)


def undo_url(message: Message) -> str:
    """Where the Undo of a message goes; empty for one without."""
    kind, _, rest = (message.extra_tags or "").partition(":")
    tenant_id, _, request_id = rest.partition(":")
    return reverse("undo_act", args=[tenant_id, request_id]) if kind == UNDO else ""


def as_toast(message: Message) -> dict[str, Any]:
    """The message for panel.js."""
    toast = {"level": message.level_tag, "text": str(message)}
    url = undo_url(message)
    return toast | {"undo": url} if url else toast
