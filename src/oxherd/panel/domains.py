"""OX Service > Domains: the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from oxherd.accounts.actor import Actor
from oxherd.domains import queries
from oxherd.domains.models import Domain
from oxherd.domains.records import proof_is_gone
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.catch_alls import CatchAll, states_of
from oxherd.panel.lists import Listing
from oxherd.panel.looks import TAKEN, Look, look
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant
from oxherd.walls.crossing import verified_elsewhere

STATES = [("", "All"), ("verified", "Verified"), ("pending", "Pending")]
ORDERS = {"name": "sort_name", "newest": "-created_at"}
LIST = Listing("domains", ORDERS, {"state": STATES}, frozenset({"newest"}))


@dataclass(frozen=True, slots=True)
class Row:
    """catch_all: the address that gets what is addressed to nobody. logins, addresses: how many are in the domain."""

    domain: Domain
    catch_all: str
    logins: str
    addresses: str
    look: Look
    proof_is_gone: bool
    caught: CatchAll | None = None


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filter, order and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = LIST.wish(request)
    found = queries.found(request.actor, tenant, text=wish["q"], state=wish["state"])
    context = LIST.context(request, tenant, found, wish)
    shown = context["page"].rows
    can_tick = not tenant.managed_by or any(domain.parent_id for domain in shown)  # a controller's are removed there
    context |= {"rows": rows_of(request.actor, tenant, shown), "states": STATES, "can_tick": can_tick}
    address = LIST.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/domains/list.html", "panel/domains/rows.html", context, address=address)


def rows_of(actor: Actor, tenant: Tenant, domains: Sequence[Domain]) -> list[Row]:
    """Three queries for all rows together: catch-alls, what is in use, and claims whose name another customer has.

    And one more where the platform keeps catch-alls.
    """
    catch_alls = queries.catch_all_addresses(domains)
    in_use = queries.in_use(domains)
    taken = verified_elsewhere([domain.name for domain in domains if not domain.is_verified], tenant.pk)
    caught = states_of(actor, tenant, domains)
    rows = []
    for domain in domains:
        domain.tenant = tenant  # with its brand
        logins, addresses = in_use[domain.pk]
        seen = TAKEN if domain.name in taken else look(domain)
        catch_all = catch_alls.get(domain.catch_all_id or 0, "")
        counts = number(logins), number(addresses)
        rows.append(Row(domain, catch_all, *counts, seen, proof_is_gone(domain), caught.get(domain.pk)))
    return rows


def number(counted: int) -> str:
    """Such as "12" or "1,000+", where counting stopped."""
    most = queries.MOST_COUNTED
    return f"{most:,}+" if counted > most else f"{counted:,}"
