"""OX Service > Users: the list, in the Active view with its rich rows or as the Classic list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import trigger_client_event

from oxherd.accounts.actor import Actor
from oxherd.aps.arrivals import arrivals_of
from oxherd.panel import answers, paging, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen, has_ox
from oxherd.panel.lists import Listing
from oxherd.panel.users import ORDERS, STATUSES, in_progress
from oxherd.people import queries
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.states import UserStatus
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants import queries as tenants

REFRESH = "refresh-list"  # of the toolbar of lists
VIEWS = [("active", "Active"), ("classic", "Classic list")]
REMEMBERED = "ox_users_view"
LIST = Listing("ox_users", ORDERS, {"status": STATUSES}, frozenset({"newest"}))


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filter, order, place and view are in the address; the view is remembered for the session."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = LIST.wish(request) | {"view": _view(request)}
    found = queries.shown(queries.found(request.actor, tenant, text=wish["q"], status=wish["status"]))
    context = LIST.context(request, tenant, found, wish)
    users = context["page"].rows
    context |= {
        "rows": rows_of(request.actor, users),
        "in_progress": in_progress(users),
        "arrivals": arrivals_of(tenant),
        "statuses": STATUSES,
        "views": [(word, LIST.address(tenant, wish | {"view": key}), key) for key, word in VIEWS],
    }
    address = LIST.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/ox/list.html", "panel/ox/rows.html", context, address=address)


@require_GET
def progress(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The rows that were in progress, as they are now."""
    tenant = tenants.one(request.actor, tenant_id)
    asked = chosen(request.GET.get("ids", "").split(",")[: paging.SIZE])
    present = queries.some(request.actor, tenant, asked)
    context = {
        "tenant": tenant,
        "rows": rows_of(request.actor, present),
        "in_progress": in_progress(present),
        "gone": sorted(set(asked) - {user.pk for user in present}),
        "view": _view(request),
    }
    return render(request, "panel/ox/progress.html", context)


@require_GET
def arrivals(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Who is on the way from the controller; the list is fetched anew when that has changed."""
    tenant = tenants.one(request.actor, tenant_id)
    found = arrivals_of(tenant)
    response = render(request, "panel/ox/arrivals.html", {"tenant": tenant, "arrivals": found})
    has_changed = request.GET.get("asked") != str(found.asked)
    return trigger_client_event(response, REFRESH) if has_changed else response


@dataclass(frozen=True, slots=True)
class Row:
    """A user as the list shows one. failed: the job that says why OX is not as wanted."""

    user: ServiceUser
    photo: str
    account: OxAccount | None
    failed: SyncJob | None

    @property
    def aliases(self) -> list[str]:
        return self.account.aliases if self.account else []


def rows_of(actor: Actor, users: Sequence[ServiceUser]) -> list[Row]:
    """Two queries for all rows together: pictures, and causes where there are any."""
    accounts = {user.pk: user.account for user in users if hasattr(user, "account")}
    troubled = [accounts[user.pk].pk for user in users if user.status == UserStatus.ERROR and user.pk in accounts]
    jobs = provisioning.latest(actor, SubjectKind.ACCOUNT, troubled) if troubled else {}
    pictures = photos.addresses(users)
    rows = []
    for user in users:
        account = accounts.get(user.pk)
        if account:
            account.user = user  # whose addresses are here already
        failed = jobs.get(account.pk) if account else None
        rows.append(Row(user, pictures.get(user.pk, ""), account if has_ox(user) else None, failed))
    return rows


def _view(request: PanelRequest) -> str:
    asked = request.GET.get("view", "")
    if asked in dict(VIEWS):
        if request.session.get(REMEMBERED) != asked:
            request.session[REMEMBERED] = asked
        return asked
    return str(request.session.get(REMEMBERED, "active"))
