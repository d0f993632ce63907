from typing import Any


def after_push(sent: dict[str, Any], *, before: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """What the platform is known to hold after a push.

    sent: all fields as the push left them. before: what was known when it began. stored: what the row says now. Where
    a repair has noted meanwhile what the platform really holds, that stays: the repair's own job follows.
    """
    return sent | {field: value for field, value in stored.items() if field not in before or before[field] != value}
