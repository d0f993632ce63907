"""The Users tab: the list of a tenant's users."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from oxherd.panel import answers, paging, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.lists import Listing
from oxherd.people import queries
from oxherd.people.models import ServiceUser
from oxherd.people.states import UserStatus
from oxherd.tenants import queries as tenants

STATUSES = [("", "All"), *UserStatus.choices]
ORDERS = {"name": "sort_name", "login": "login", "newest": "-created_at"}
LIST = Listing("users", ORDERS, {"status": STATUSES}, frozenset({"newest"}))


@require_GET
def home(request: PanelRequest, tenant_id: int) -> HttpResponse:
    return redirect("users", tenants.one(request.actor, tenant_id).pk)


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filter, order and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = LIST.wish(request)
    found = queries.shown(queries.found(request.actor, tenant, text=wish["q"], status=wish["status"]))
    context = LIST.context(request, tenant, found, wish)
    users = context["page"].rows
    context |= {"photos": photos.addresses(users), "in_progress": in_progress(users), "statuses": STATUSES}
    address = LIST.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/users/list.html", "panel/users/rows.html", context, address=address)


@require_GET
def progress(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The states of the rows that were in progress; rows of users who are gone are taken off the page."""
    tenant = tenants.one(request.actor, tenant_id)
    asked = chosen(request.GET.get("ids", "").split(",")[: paging.SIZE])
    present = queries.some(request.actor, tenant, asked)
    gone = sorted(set(asked) - {user.pk for user in present})
    context = {"tenant": tenant, "users": present, "gone": gone, "in_progress": in_progress(present)}
    return render(request, "panel/users/progress.html", context)


def in_progress(users: Iterable[ServiceUser]) -> str:
    """The ids whose states the page asks for again, separated by commas."""
    return ",".join(str(user.pk) for user in users if user.status == UserStatus.IN_PROGRESS)
