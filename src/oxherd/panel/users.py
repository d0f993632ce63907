"""The Users tab: the list of a tenant's users, and what is done to several of them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers, paging, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, chosen, has_ox, tell
from oxherd.panel.forms.removal import RemovalForm
from oxherd.people import commands, queries
from oxherd.people.models import ServiceUser
from oxherd.people.states import UserStatus
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

STATUSES = [("", "All"), *UserStatus.choices]
SORT_KEYS = {"name": "sort_name", "login": "login", "newest": "created_at"}


@require_GET
def home(request: PanelRequest, tenant_id: int) -> HttpResponse:
    return redirect("users", tenants.one(request.actor, tenant_id).pk)


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filter, order and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = wish_of(request)
    found = queries.found(request.actor, tenant, text=wish["q"], status=wish["status"])
    page = page_of(request, found, wish, "users", tenant)
    context = {
        "tenant": tenant,
        "page": page,
        "photos": photos.addresses(page.rows),
        "in_progress": in_progress(page.rows),
        "statuses": STATUSES,
        "sorts": {order: address_of("users", tenant, wish | {"sort": order}) for order in SORT_KEYS},
        "narrowed": bool(wish["q"] or wish["status"]),
        **wish,
    }
    address = address_of("users", tenant, wish | paging.kept(request.GET))
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


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Remove the ticked users, after the effects were named and the word was typed."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    ticked = chosen((request.POST if request.method == "POST" else request.GET).getlist("user"))
    users = queries.some(request.actor, tenant, ticked[: paging.SIZE])
    if not users:
        raise Refused("Tick the users that you want to delete first.")
    form = RemovalForm(users, request.POST if request.method == "POST" else None)
    if form.is_valid():
        outcome = act(users, lambda user: commands.remove_user(actor=request.actor, user=user))
        tell(request, outcome, "Deletion has begun")
        return answers.done(request, reverse("users", args=[tenant.pk]))
    with_ox = [user for user in users if has_ox(user)]
    context = {"tenant": tenant, "form": form, "users": users, "with_ox": with_ox}
    return answers.dialog(request, "panel/users/remove.html", context, status=422 if form.errors else 200)


def wish_of(request: PanelRequest) -> dict[str, str]:
    """What the address asks of a list; what is unknown counts as not asked."""
    status, sort = request.GET.get("status", ""), request.GET.get("sort", "")
    return {
        "q": request.GET.get("q", "").replace("\x00", "").strip()[:200],
        "status": status if status in UserStatus.values else "",
        "sort": sort if sort in SORT_KEYS else "name",
    }


def page_of(
    request: PanelRequest, found: QuerySet[ServiceUser], wish: dict[str, str], name: str, tenant: Tenant
) -> paging.Page:
    """One page of users. name: of the list's URL."""
    field = SORT_KEYS[wish["sort"]]

    def fetch(cursor: paging.Cursor | None) -> tuple[list[ServiceUser], bool]:
        key, backwards = (cursor.key, cursor.backwards) if cursor else (None, False)
        return queries.page(found, order=wish["sort"], after=key, backwards=backwards, size=paging.SIZE)

    def address(**cursor: str) -> str:
        return address_of(name, tenant, wish | cursor)

    return paging.build(
        fetch,
        paging.read(request.GET, dates=field == "created_at"),
        queries.counted(found),
        lambda user: (getattr(user, field), user.pk),
        address,
    )


def in_progress(users: Iterable[ServiceUser]) -> str:
    """The ids whose states the page asks for again, separated by commas."""
    return ",".join(str(user.pk) for user in users if user.status == UserStatus.IN_PROGRESS)


def address_of(name: str, tenant: Tenant, wish: dict[str, Any]) -> str:
    """The list's address without what is as always."""
    said = {key: value for key, value in wish.items() if value and (key, value) != ("sort", "name")}
    return reverse(name, args=[tenant.pk]) + (f"?{urlencode(said)}" if said else "")
