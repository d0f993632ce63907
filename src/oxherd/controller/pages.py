"""Which page answers which address."""

from oxherd.controller import customer_pages, provider_pages, rendering
from oxherd.controller.archive import file_of
from oxherd.controller.hub import Hub
from oxherd.controller.packages import get
from oxherd.controller.refusals import Refusal
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.replies import Reply, as_json

RUNTIME = "/aps/2/ui/runtime/"
PACKAGES = "/aps/2/packages/"


def answer(hub: Hub, message: Message) -> Reply:
    method = "GET" if message.method == "HEAD" else message.method
    found = rendering.static(message.path.removeprefix("/static/")) if message.path.startswith("/static/") else None
    if found is not None:
        return found
    try:
        for verb, pattern, work in (*provider_pages.ROUTES, *customer_pages.ROUTES):
            match = pattern.fullmatch(message.path)
            if match and verb == method:
                return work(hub, message, *match.groups())
    except Refusal as refusal:
        return _refused(hub, message, refusal)
    return rendering.page("missing.html", status=404, hub=hub, sentence=f"{message.path} leads nowhere.")


def _refused(hub: Hub, message: Message, refusal: Refusal) -> Reply:
    """On the page with the form that was sent, if that is known."""
    if "json" in message.headers.get("content-type", ""):
        return refusal.reply()
    form = provider_pages.FALLBACKS.get(message.path)
    if message.method == "POST" and form is not None:
        return form(hub, message, refusal.sentence)
    return rendering.page("missing.html", status=refusal.status, hub=hub, sentence=refusal.sentence)


def is_for_views(message: Message) -> bool:
    """The runtime and the files of packages, which a frame loads without saying who it is."""
    return message.path.startswith(RUNTIME) or (message.path.startswith(PACKAGES) and "/files/" in message.path)


def for_views(hub: Hub, message: Message) -> Reply:
    if message.path == f"{RUNTIME}client/aps/aps.js":
        return rendering.runtime()
    if message.path == f"{RUNTIME}version.html":
        return as_json({"version": "1.0"})
    package, _, path = message.path.removeprefix(PACKAGES).partition("/files/")
    try:
        with hub.store.reading() as db:
            content = file_of(get(db, package)["archive"], path)
    except Refusal as refusal:
        return refusal.reply()
    return rendering.of_package(content, path) if content is not None else Refusal(404, f"There is no {path}.").reply()
