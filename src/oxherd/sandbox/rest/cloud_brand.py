"""Cloud API: how a brand looks."""

from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, route
from oxherd.sandbox.store import themes
from oxherd.sandbox.store.themes import Theme


@route(CLOUD, "GET", "/brand/theme")
def get_theme(asked: Asked) -> Theme:
    return themes.of(asked.db, "reseller_id", [asked.brand["id"]]).get(asked.brand["id"], {})


@route(CLOUD, "POST", "/brand/theme")
def change_theme(asked: Asked) -> None:
    merge_theme(asked, "reseller_id", asked.brand["id"], asked.body)


@route(CLOUD, "DELETE", "/brand/theme")
def remove_theme(asked: Asked) -> None:
    themes.change(asked.db, "reseller_id", asked.brand["id"], {})


def merge_theme(asked: Asked, owner: str, owner_id: int, sent: dict[str, Any]) -> None:
    """An empty one takes all away, null a single thing. Raises CloudRefusal for a dark logo without a light one."""
    held = themes.of(asked.db, owner, [owner_id]).get(owner_id, {}) if sent else {}
    merged = {name: value for name, value in {**held, **sent}.items() if value is not None}
    if merged.get("logoUrlDark") and not merged.get("logoUrlLight"):
        raise CloudRefusal(16)
    themes.change(asked.db, owner, owner_id, merged)
