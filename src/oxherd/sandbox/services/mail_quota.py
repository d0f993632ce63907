"""OXaaSService: how large a mailbox may be, and is."""

from oxherd.sandbox.callers import require_context_admin
from oxherd.sandbox.faults import InvalidData, missing_argument
from oxherd.sandbox.services import Call, Operations
from oxherd.sandbox.services.lookup import mailbox_owner
from oxherd.sandbox.store import mailboxes

operations = Operations(("OXaaSService",), require_context_admin)


@operations.writes("setMailQuota")
def set_mail_quota(call: Call) -> None:
    """In MB; 0 is unlimited."""
    row, quota = mailbox_owner(call), call.argument("quota")
    if quota is None:
        raise missing_argument()
    if quota < 0:
        raise InvalidData(f"Invalid mail quota: {quota}")
    mailboxes.change(call.db, call.context_id, row["id"], quota=quota)


@operations.reads("getMailQuota")
def get_mail_quota(call: Call) -> int:
    return int(mailboxes.of_user(call.db, call.context_id, mailbox_owner(call)["id"])["quota"])


@operations.reads("getQuotaUsagePerUser")
def get_quota_usage_per_user(call: Call) -> dict[str, int]:
    """In KiB."""
    return {"storage": mailboxes.of_user(call.db, call.context_id, mailbox_owner(call)["id"])["used"]}


@operations.reads("getQuotaUsagePerContext")
def get_quota_usage_per_context(call: Call) -> dict[str, int]:
    """In KiB, over all its mailboxes."""
    return {"storage": mailboxes.used_in_context(call.db, call.context_id)}
