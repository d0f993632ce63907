"""What a context has because it may belong to a reseller: its login in the name, limits, an id of the client."""

import json
from typing import Any

from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import Call, limits
from oxherd.sandbox.store import resellers


def full_name(call: Call, name: str) -> str:
    """`LOGIN_NAME`; what a client sends with the login in front stays as it is."""
    if call.reseller is None:
        return name
    prefix = f"{call.reseller['name']}_"
    return name if folded(name).startswith(folded(prefix)) else f"{prefix}{name}"


def keep_own_values(call: Call, context_id: int, sent: dict[str, Any]) -> None:
    """The limits that are sent replace the old ones; what is absent stays."""
    columns: dict[str, Any] = {}
    if "restriction" in sent:
        columns["restrictions"] = json.dumps(limits.of_context(call.db, sent["restriction"]))
    if "customid" in sent:
        columns["custom_id"] = sent["customid"] or None
    resellers.change_ownership(call.db, context_id, **columns)
