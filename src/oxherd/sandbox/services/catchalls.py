"""OXaaSService: who receives the mail to all unknown addresses of a domain, and which domains contexts may share."""

from typing import Any

from oxherd.sandbox.callers import require_context_admin, require_master
from oxherd.sandbox.faults import CloudRefusal, NoSuchUser, missing_argument
from oxherd.sandbox.rules import folded
from oxherd.sandbox.services import Call, Operations, cloud_rules
from oxherd.sandbox.store import Row, maildomains, users

operations = Operations(("OXaaSService",), require_context_admin)


@operations.writes("createDomainCatchall")
def create_domain_catchall(call: Call) -> None:
    row = _user(call)
    if row is None:
        raise NoSuchUser(f"No such user {call.argument('user')} in context {call.context_id}")
    add(call, row, call.argument("domain"))


def add(call: Call, user: Row, domain: str) -> None:
    """A domain has one at most, of a context that may use it."""
    cloud_rules.check_domain_name(domain)
    if not cloud_rules.has_mailbox(user):
        raise CloudRefusal(29, user["name"])
    if maildomains.catchall(call.db, domain) is not None:
        raise CloudRefusal(31, domain)
    cloud_rules.check_domains(call.db, call.context_id, [folded(domain)])
    maildomains.add_catchall(call.db, domain, call.context_id, user["id"])


@operations.writes("deleteDomainCatchall")
def delete_domain_catchall(call: Call) -> None:
    row = _user(call)
    if row is None:
        raise NoSuchUser(f"No such user {call.argument('user')} in context {call.context_id}")
    remove(call, row, call.argument("domain"))


def remove(call: Call, user: Row, domain: str) -> None:
    found = maildomains.catchall(call.db, domain)
    if found is None or (found["context_id"], found["user_id"]) != (call.context_id, user["id"]):
        raise CloudRefusal(30, domain, user["name"])
    maildomains.remove_catchall(call.db, domain)


@operations.reads("listDomainCatchalls")
def list_domain_catchalls(call: Call) -> list[dict[str, Any]]:
    rows = maildomains.catchalls(call.db, call.context_id)
    return [{"domain": row["domain"], "user": row["name"]} for row in rows]


def _user(call: Call) -> Row | None:
    if not call.argument("domain") or not call.argument("user"):
        raise missing_argument()
    return users.find_named(call.db, call.context_id, call.argument("user"))


@operations.writes("createSharedDomain", require_master)
def create_shared_domain(call: Call) -> None:
    """Its contexts, and those of the resellers below, may all have addresses of it."""
    domain = call.argument("domainname")
    if not domain:
        raise missing_argument()
    share(call, domain)


def share(call: Call, domain: str) -> None:
    cloud_rules.check_domain_name(domain)
    reseller_id = call.reseller["id"] if call.reseller is not None else None
    if maildomains.shared(call.db, domain) is not None:
        raise CloudRefusal(28, domain)
    if maildomains.is_used_by_others(call.db, reseller_id, domain):
        raise CloudRefusal(40)
    maildomains.share(call.db, domain, reseller_id)
