"""A long JSON list, element by element while it arrives, in the memory of one of them."""

import json
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import Any

_WHITE = " \t\r\n"
_DECODER = json.JSONDecoder()
# Of one element: a user with the largest picture is a tenth of it.
MOST_CHARACTERS = 32 * 1024 * 1024


class NoList(ValueError):
    """What arrived is no list of JSON objects, or broke off."""


def objects_in(chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Raises NoList, maybe after some of them."""
    text = _Text(chunks)
    if text.next_mark() != "[":
        raise NoList("it does not begin as a list")
    mark = text.next_mark()
    while mark != "]":
        if mark != "{":
            raise NoList(f"{mark!r} stands where an object should begin")
        yield text.object()
        mark = text.next_mark()
        if mark == ",":
            mark = text.next_mark()


class _Text:
    """What has arrived and is not read yet. A mark is the one character that stands next, but for blanks."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decode = getincrementaldecoder("utf-8")().decode
        self._held, self._at = "", 0

    def next_mark(self) -> str:
        while True:
            while self._at < len(self._held) and self._held[self._at] in _WHITE:
                self._at += 1
            if self._at < len(self._held):
                self._at += 1
                return self._held[self._at - 1]
            self._more()

    def object(self) -> dict[str, Any]:
        """The object whose brace was the last mark."""
        self._at -= 1
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._held, self._at)
            except ValueError:
                self._more()
            else:
                found: dict[str, Any] = value
                return found

    def _more(self) -> None:
        """Twice as much as is left, so that a long object is not begun again with every piece of it."""
        self._held, self._at = self._held[self._at :], 0
        wanted = 2 * len(self._held)
        if wanted > MOST_CHARACTERS:
            raise NoList("an element is too long")
        pieces, size = [self._held], len(self._held)
        while size <= wanted:
            piece = self._next()
            if piece is None:
                if size == len(self._held):
                    raise NoList("it breaks off")
                break
            pieces.append(piece)
            size += len(piece)
        self._held = "".join(pieces)

    def _next(self) -> str | None:
        try:
            return self._decode(next(self._chunks))
        except StopIteration:
            return None
        except UnicodeDecodeError as error:
            raise NoList(str(error)) from None
