"""The stand-in's own pages."""

from oxherd.sandbox.http11 import Message
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply, text


def answer(platform: Platform, message: Message) -> Reply:
    return text(404, "There is nothing here.")
