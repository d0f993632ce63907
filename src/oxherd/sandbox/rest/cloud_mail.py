"""Cloud API: catch-alls, shared domains, and whether an alias is taken."""

from oxherd.sandbox.faults import CloudRefusal
from oxherd.sandbox.rest import CLOUD, Asked, route
from oxherd.sandbox.services import catchalls, cloud_rules
from oxherd.sandbox.store import Row, maildomains, users


@route(CLOUD, "HEAD", "/mail/alias/{alias}/exists")
def alias_exists(asked: Asked) -> None:
    """In whichever context."""
    if not cloud_rules.alias_exists(asked.db, asked.values["alias"]):
        raise CloudRefusal(21, asked.values["alias"])


@route(CLOUD, "GET", "/mail/catchall")
def list_catchalls(asked: Asked) -> list[dict[str, str]]:
    rows = maildomains.catchalls(asked.db, asked.context()["id"])
    return [{"domain": row["domain"], "login": row["name"]} for row in rows]


@route(CLOUD, "POST", "/mail/catchall")
def add_catchall(asked: Asked) -> None:
    asked.context()
    catchalls.add(asked.call, _catchall_user(asked, asked.body["login"]), asked.body["domain"])


@route(CLOUD, "DELETE", "/mail/catchall/domain/{domain}/login/{login}")
def remove_catchall(asked: Asked) -> None:
    asked.context()
    catchalls.remove(asked.call, _catchall_user(asked, asked.values["login"]), asked.values["domain"])


def _catchall_user(asked: Asked, login: str) -> Row:
    row = users.find_named(asked.db, asked.call.context_id, login)
    if row is None:
        raise CloudRefusal(29, login)
    return row


@route(CLOUD, "GET", "/mail/shareddomains")
def list_shared_domains(asked: Asked) -> list[str]:
    """Those of the brand itself."""
    return maildomains.shared_of(asked.db, asked.brand["id"])


@route(CLOUD, "POST", "/mail/shareddomains/{domain}")
def share_domain(asked: Asked) -> None:
    catchalls.share(asked.call, asked.values["domain"])


@route(CLOUD, "DELETE", "/mail/shareddomains/{domain}")
def unshare_domain(asked: Asked) -> None:
    """Addresses of it that are there already stay."""
    maildomains.unshare(asked.db, own_shared_domain(asked, asked.values["domain"]))


@route(CLOUD, "HEAD", "/mail/shareddomains/{domain}")
def shared_domain_exists(asked: Asked) -> None:
    own_shared_domain(asked, asked.values["domain"])


def own_shared_domain(asked: Asked, domain: str) -> str:
    """Raises CloudRefusal for one of another brand as for none."""
    found = maildomains.shared(asked.db, domain)
    if found is None or found["reseller_id"] != asked.brand["id"]:
        raise CloudRefusal(27, domain)
    return domain
