"""What stands below App Suite's own address: the page that closes the wizard, and the way into the webmail."""

import re
from http.cookies import CookieError, SimpleCookie

from oxherd.sandbox import rendering
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply
from oxherd.sandbox.user_pages import HOME

PREFIX = "/appsuite/"
CLOSE = "/appsuite/apps/plugins/upsell/simple-wizard/close.html"
PLACE = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")


def answer(message: Message) -> Reply:
    if message.path == CLOSE:
        return rendering.page("close.html", policy={"frame-ancestors": "'self'"})
    if message.path == PREFIX:
        return rendering.see(_home(message))
    return rendering.page("missing.html", status=404, path=message.path)


def _home(message: Message) -> str:
    """The page of the user for whom the wizard was opened last; all contexts for nobody."""
    try:
        cookies = SimpleCookie(message.headers.get("cookie", ""))
    except CookieError:
        return "/"
    place = PLACE.fullmatch(cookies[HOME].value) if HOME in cookies else None
    return f"/contexts/{place[1]}/users/{place[2]}" if place else "/"
