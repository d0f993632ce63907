"""The upgrade wizard of App Suite's user interface: `plugins/upsell/simple-wizard` (7.x, register.js)."""

import re
import threading
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

VARIABLE = re.compile(r"\$(\w+)")
TOKEN = "[token]"  # noqa: S105 - stands for a login token in the addresses of settings pages
KEPT = "-_.!~*'()"  # what encodeURIComponent leaves as it is
MOST_PIXELS = 4000
# What a user can lack, and what is clicked then: module, words, type, id and missing capability of the event.
CLICKS = (
    ("calendar", "Calendar", "app", "io.ox/calendar", "calendar"),
    ("tasks", "Tasks", "app", "io.ox/tasks", "tasks"),
    ("infostore", "Drive", "app", "io.ox/files", "infostore"),
    ("contacts", "Address book", "app", "io.ox/contacts", "contacts"),
    ("webmail", "Mail", "app", "io.ox/mail", "webmail"),
    ("activeSync", "Phones (ActiveSync)", "custom", "secondary-launcher", "active_sync"),
)


@dataclass(frozen=True)
class Click:
    """What the user clicked that needs more than there is."""

    type: str
    id: str
    missing: str


@dataclass(frozen=True)
class Wizard:
    """The settings below `plugins/upsell/simple-wizard//`; `append_token` is what iframe apps do, not the wizard."""

    url: str = ""
    width: int = 750
    height: int = 390
    append_token: bool = False

    def address(self, variables: dict[str, str], token: str) -> str:
        """The frame's address: every `$name` of ours replaced whatever its case, and encoded; others stay."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1).lower()
            return quote(variables[name], safe=KEPT) if name in variables else match.group(0)

        address = VARIABLE.sub(value, self.url).replace(TOKEN, quote(token, safe=KEPT))
        if not self.append_token:
            return address
        parts = urlsplit(address)
        query = "&".join(part for part in (parts.query, urlencode({"ox_token": token})) if part)
        return urlunsplit(parts._replace(query=query))


def origin(address: str) -> str:
    """Of an address, for a policy about frames; empty for one that has none or cannot stand there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    known = parts.scheme in {"http", "https"} and re.fullmatch(r"[\w.:\[\]-]+", parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if known else ""


class WizardSettings:
    """The wizard as it is set up now; a restart brings back what was given at the start."""

    def __init__(self, wizard: Wizard) -> None:
        self._lock = threading.Lock()
        self.now = wizard

    def change(self, *, url: str, width: str, height: str, append_token: bool) -> None:
        """Raises ValueError with a sentence about what is wrong, changing nothing."""
        if url and not origin(url):
            raise ValueError("The address begins with http:// or https:// and a host.")
        wide, high = _pixels(width, "width"), _pixels(height, "height")
        with self._lock:
            self.now = replace(self.now, url=url, width=wide, height=high, append_token=append_token)


def _pixels(text: str, name: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_PIXELS:
        raise ValueError(f"The {name} is a number of pixels from 1 to {MOST_PIXELS}.")
    return int(text)
