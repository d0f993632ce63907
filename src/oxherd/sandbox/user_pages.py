"""The page of a user, and the upgrade wizard that App Suite would open for that user."""

from typing import Any

from oxherd.sandbox import holdings, rendering
from oxherd.sandbox.contract import access
from oxherd.sandbox.http11 import Message
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.replies import Reply
from oxherd.sandbox.wizard import CLICKS, Click, origin

SHOWN_APART = {
    *("id", "name", "display_name", "aliases", "primaryEmail", "email1", "defaultSenderAddress", "userAttributes"),
    *("access", "combination", "image_sha256", "image_content_type", "maxQuota", "usedQuota", "guest", "groups"),
    *("mailbox", "mailenabled", "capabilities", "contextadmin", "default_group", "filestoreId", "filestore_name"),
}
HOME = "stand-in-user"  # the cookie that says whose webmail "/appsuite/" is
NO_CLICK = Click("custom", "upgrade", "")


def show(platform: Platform, _: Message, context_id: int, user_id: int) -> Reply:
    return rendering.page("user.html", **_values(platform, context_id, user_id))


def upgrade(platform: Platform, message: Message, context_id: int, user_id: int) -> Reply:
    """The user's page with the wizard open, as after a click on what the user lacks; the user is signed in for it."""
    values = _values(platform, context_id, user_id)
    wizard = platform.wizard.now
    if not wizard.url:
        return rendering.see("/wizard")
    click = Click(*(message.query.get(name, "")[:200] for name in ("type", "id", "missing")))
    address = _address(platform, message, values, click)
    frame = {"address": address, "width": wizard.width, "height": wizard.height}
    reply = rendering.page("user.html", policy={"frame-src": f"'self' {origin(address)}"}, frame=frame, **values)
    reply.headers["Set-Cookie"] = f"{HOME}={context_id}/{user_id}; Path=/; HttpOnly; SameSite=Lax"
    return reply


def wizard(platform: Platform, _: Message, error: str = "") -> Reply:
    status = 400 if error else 200
    return rendering.page("wizard.html", status=status, here="wizard", wizard=platform.wizard.now, error=error)


def change_wizard(platform: Platform, message: Message) -> Reply:
    form = rendering.form(message)
    try:
        platform.wizard.change(
            url=form.get("url", ""),
            width=form.get("width", ""),
            height=form.get("height", ""),
            append_token="append_token" in form,
        )
    except ValueError as error:
        return wizard(platform, message, str(error))
    return rendering.see("/wizard")


def _values(platform: Platform, context_id: int, user_id: int) -> dict[str, Any]:
    """Raises LookupError if there is no such user."""
    with platform.store.reading() as db:
        context, user = holdings.context(db, context_id), holdings.user(db, context_id, user_id)
        groups = holdings.groups_of(db, context_id, user_id)
    others = {name: value for name, value in sorted(user.items()) if value is not None and name not in SHOWN_APART}
    lists = {
        "groups": groups,
        "others": others,
        "flags": access().flags,
        "clicks": [click for click in CLICKS if not user["access"][click[0]]],
    }
    return {"here": "contexts", "context": context, "user": user, "lists": lists}


def _address(platform: Platform, message: Message, values: dict[str, Any], click: Click) -> str:
    """The wizard's frame: variables as `getVariables` fills them in; two of them are always empty."""
    user, context_id = values["user"], int(values["context"]["id"])
    session = platform.sessions.open(context_id, int(user["id"]))
    variables = {
        "user": str(user["name"]),
        "user_id": str(user["id"]),
        "context_id": str(context_id),
        "mail": str(user.get("defaultSenderAddress") or user["primaryEmail"]),
        "language": str(user.get("language") or "en_US"),
        "session": session.id,
        "hostname": message.headers.get("host", "localhost").rpartition(":")[0] or "localhost",
        "imap_login": "",
        "user_login": "",
        "type": click.type,
        "id": click.id,
        "missing": click.missing,
    }
    return platform.wizard.now.address(variables, platform.sessions.acquire_token(session))
