"""The Users tab: the list of a tenant's users, and what is done to several of them."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.states import Permission
from oxherd.errors import Refused
from oxherd.panel import answers, paging, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, chosen, has_ox, tell
from oxherd.panel.forms.removal import RemovalForm
from oxherd.panel.lists import Listing
from oxherd.people import commands, queries
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


def in_progress(users: Iterable[ServiceUser]) -> str:
    """The ids whose states the page asks for again, separated by commas."""
    return ",".join(str(user.pk) for user in users if user.status == UserStatus.IN_PROGRESS)
