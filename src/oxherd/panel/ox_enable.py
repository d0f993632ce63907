"""Enable OX App Suite: for one user with all that can be wished, for many with one profile and one domain."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from oxherd.domains.models import Domain
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.panel import selection
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forms.aliases import as_data, read_rows, rearrange
from oxherd.panel.forms.enable_many import EnableManyForm
from oxherd.panel.forms.ox import EnableForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.ox_dialogs import back, dialog, manages, one
from oxherd.panel.selection import MOST_SHOWN, Selection, whole
from oxherd.people import bulk_commands, ox_commands
from oxherd.people.enabling import Enabling, plan
from oxherd.people.models import ServiceUser
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant


@require_http_methods(["GET", "POST"])
def enable(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Enable OX App Suite for a user who has none."""
    tenant, user = one(request, tenant_id, pk)
    fields = _typed(request) if request.method == "POST" else _prefilled(user)
    domains, seats = list(of_tenant(tenant)), list(tenants.seats_of(tenant))
    form = EnableForm(user, tenant, domains, seats, fields, complete="save" in request.POST.getlist("do"))
    rearrange(form.alias_rows, request.POST.get("do", ""))
    if form.complete and form.is_valid():
        password = form.cleaned_data["password"]
        try:
            ox_commands.enable_ox(actor=request.actor, user=user, wish=form.wish(), password=password)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, f"{user} is being set up in OX.")
            return back(request, tenant)
    return dialog(request, tenant, "enable", {"form": form, "user": user})


@require_http_methods(["GET", "POST"])
def enable_many(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """For those who are ticked, or all whom the list finds; who cannot have OX is named before, and left out."""
    tenant = manages(request, tenant_id)
    chosen = selection.read(request, tenant)
    if (alone := _alone(chosen)) is not None:
        return enable(request, tenant_id, alone)
    domains, seats = list(of_tenant(tenant)), list(tenants.seats_of(tenant))
    users = whole(chosen.users.select_related("domain"))
    made = _plan(tenant, users, domains, request.POST.get("domain", ""))
    data = None if request.POST.get("do") == "look" or request.method == "GET" else request.POST
    form = EnableManyForm(len(made.ready), domains, seats, data, initial=_initial(request))
    if made.ready and form.is_valid() and _is_current(request, form, chosen):
        profile, domain = form.cleaned_data["profile"], form.domain_chosen
        try:
            done = bulk_commands.enable_ox_of_all(
                actor=request.actor, tenant=tenant, users=users, profile=profile, domain=domain
            )
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, _enabled(done))
            return back(request, tenant)
    context = {
        "form": form,
        "made": made,
        "rows": made.rows[:MOST_SHOWN],
        "more": len(made.ready) - MOST_SHOWN,
        "left_out": made.left_out[:MOST_SHOWN],
        "more_left_out": len(made.left_out) - MOST_SHOWN,
        "hidden": chosen.hidden,
        "seen": chosen.seen(chosen.users),
    }
    return dialog(request, tenant, "enable_many", context)


def _alone(chosen: Selection) -> int | None:
    """The id of the user who was ticked, if it is only one."""
    ticked = list(chosen.users.values_list("pk", flat=True)[:2])
    return ticked[0] if len(ticked) == 1 and not chosen.everyone else None


def _plan(tenant: Tenant, users: list[ServiceUser], domains: list[Domain], asked: str) -> Enabling:
    if not domains:
        return Enabling()
    return plan(tenant, users, next((domain for domain in domains if domain.name == asked), domains[0]))


def _is_current(request: PanelRequest, form: EnableManyForm, chosen: Selection) -> bool:
    if not chosen.is_stale(request.POST.get("seen", ""), chosen.users):
        return True
    form.add_error(None, "Others match now than when you looked. Look at them, and confirm once more.")
    return False


def _initial(request: PanelRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("profile", "domain")}


def _enabled(done: Enabling) -> str:
    who = str(done.ready[0]) if len(done.ready) == 1 else f"{len(done.ready):,} users"
    told = f"{who} {'is' if len(done.ready) == 1 else 'are'} being set up in OX."
    return f"{told} {len(done.left_out):,} left out." if done.left_out else told


def _typed(request: PanelRequest) -> dict[str, Any]:
    post = request.POST
    fields: dict[str, Any] = {name: post.get(name, "") for name in ("profile", "primary_address", "primary_domain")}
    rows = read_rows(post.getlist("alias_local"), post.getlist("alias_domain"))
    return fields | {"password": post.get("password", ""), "aliases": as_data(rows)}


def _prefilled(user: ServiceUser) -> dict[str, Any]:
    local, _, domain = user.login.rpartition("@")
    return {"primary_address": local, "primary_domain": domain}
