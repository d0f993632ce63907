"""Quotas of users: one for mail and files together, or one for each.

Source: unified quota is the user attribute `config/com.openexchange.unifiedquota.enabled`, on when it is not set, and
the same figure for the file store and for the mailbox. Without limit a file store has -1, a mailbox 0.
"""

import json
from functools import lru_cache
from typing import Any

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.store import Row
from oxherd.sandbox.store.mailboxes import Mailbox

NAMES = ("unifiedQuota", "mailQuota", "fileQuota")
PROPERTY = "com.openexchange.unifiedquota.enabled"
UNLIMITED_FILES, UNLIMITED_MAIL = -1, 0


def check(sent: dict[str, Any]) -> None:
    """Raises CloudRefusal."""
    if "unifiedQuota" in sent and ("mailQuota" in sent or "fileQuota" in sent):
        raise CloudRefusal(11)
    if any(sent[name] <= 0 for name in NAMES if name in sent):
        raise CloudRefusal(12)


def of_files(sent: dict[str, Any], held: int) -> int:
    return int(sent.get("unifiedQuota") or sent.get("fileQuota") or held)


def of_mail(sent: dict[str, Any], held: int) -> int:
    return int(sent.get("unifiedQuota") or sent.get("mailQuota") or held)


@lru_cache(maxsize=1024)
def _is_unified(attributes: str) -> bool:
    kept: dict[str, dict[str, str]] = json.loads(attributes)
    return kept.get("config", {}).get(PROPERTY) != "false"


def told(row: Row, mailbox: Mailbox, *, with_usage: bool) -> dict[str, int]:
    """What has no limit is left out."""
    files = row["max_quota"] if row["filestore_id"] is not None else UNLIMITED_FILES
    if _is_unified(row["attributes"]) and files == mailbox["quota"] > 0:
        used = {"usedQuota": mailbox["used_files"] + mailbox["used"] // 1024}
        return {"unifiedQuota": files} | (used if with_usage else {})
    limits = {"mailQuota": mailbox["quota"], "fileQuota": files}
    used = {"usedMailQuota": mailbox["used"] // 1024, "usedFileQuota": mailbox["used_files"]}
    return {name: limit for name, limit in limits.items() if limit > 0} | (used if with_usage else {})
