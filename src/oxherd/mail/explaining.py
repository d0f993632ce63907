"""Where the mail of an address goes, and why, in sentences: asked of the very look-ups that Postfix asks."""

from collections.abc import Iterator

from django.db import connection

from oxherd.domains.models import Domain, readable
from oxherd.domains.rules import domain_name, local_part
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.tenants.states import TenantState

DEEPEST = 20


def explained(typed: str) -> list[str]:
    """What becomes of a message to this address, step by step. Raises Refused for what is no address."""
    before, _, after = typed.strip().rpartition("@")
    domain = domain_name(after, "address")
    address = f"{local_part(before, 'address')}@{domain}"
    if not _ask("domain", domain):
        return [_why_no_mail(domain)]
    return list(_steps(address, domain))


def _steps(address: str, domain: str) -> Iterator[str]:
    known = next((key for key in (address, _without_tag(address)) if _ask("route", key)), "")
    if known:
        if known != address:
            yield f"{readable(address)} is {readable(known)} with a tag."
        if action := next(iter(_ask("restriction", known)), ""):
            if action != "inside_only":
                yield f"Refused: {action}."
                return
            yield f"{readable(known)} takes mail of signed-in users of its own customer only."
        yield from _onward(known, [])
        return
    yield f"Nobody has {readable(address)}."
    caught = _ask("route", f"@{domain}")
    if not caught:
        yield f"Refused: 550 5.1.1, and {readable(domain)} has no catch-all."
        return
    yield f"The catch-all of the domain takes it: {readable(caught[0])}."
    yield from _onward(caught[0], [])


def _onward(address: str, came_by: list[str]) -> Iterator[str]:
    indent = "  " * len(came_by)
    if hold := _ask("transport", address):
        yield f"{indent}{readable(address)} is on hold: {hold[0].partition(':')[2]}."
        return
    destinations = _ask("route", address)
    if destinations in ([], [address]):
        boxes = _ask("mailbox", address)
        place = f"the mailbox of {readable(boxes[0])}" if boxes else "a server elsewhere"
        yield f"{indent}{readable(address)}: {place}."
        if boxes and (fullness := _fullness(boxes[0])):
            yield f"{indent}{fullness}"
        return
    if address in came_by or len(came_by) > DEEPEST:
        yield f"{indent}{readable(address)}: round in a circle, once is enough."
        return
    yield f"{indent}{readable(address)} goes to:"
    for destination in destinations:
        yield from _onward(destination, [*came_by, address])


def _fullness(login: str) -> str:
    """Whether a mailbox has room, as Dovecot told last, in whole megabytes that have begun; empty where it has."""
    accounts = OxAccount.objects.filter(primary_address=login, presence=Presence.PRESENT)
    used, quota = accounts.values_list("mail_used_mb", "profile__mail_quota_mb").first() or (None, None)
    if used is None or not quota or used < quota:
        return ""
    if used == quota:
        return f"It is full, or nearly: the last of its {quota:,} MB has begun."
    return (
        f"It is full, with more than its {quota:,} MB: mail to it is refused (552 5.2.2), or put off (452 4.2.2) where "
        "the servers are set up so."
    )


def _why_no_mail(name: str) -> str:
    rows = Domain.objects.filter(name=name).exclude(presence=Presence.REMOVED).select_related("tenant__brand")
    domain = rows.order_by("verified_at").first()
    refused = "Refused: 554 5.7.1 Relay access denied."
    if domain is None:
        return f"{refused} {readable(name)} is no domain of this installation."
    if not domain.is_verified:
        return f"{refused} {domain} is not verified yet."
    if domain.tenant.state != TenantState.ACTIVE:
        return f"{refused} The customer {domain.tenant} is {TenantState(domain.tenant.state).label.lower()}."
    return f"{refused} The mail of {domain.tenant.brand} is not carried here: see the brand's mail servers."


def _without_tag(address: str) -> str:
    before, _, domain = address.rpartition("@")
    return f"{before.partition('+')[0]}@{domain}"


def _ask(function: str, key: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM mail.{function}(%s)", [key])  # noqa: S608 - ours
        return sorted(value for (value,) in cursor.fetchall())
