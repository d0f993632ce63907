"""OX Service > Users: what can be done to the OX accounts of the ticked users, or of one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from oxherd.accounts.states import Permission
from oxherd.domains.models import Domain, readable
from oxherd.domains.queries import of_tenant
from oxherd.errors import Refused
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, chosen, has_ox, tell
from oxherd.panel.forms.aliases import AliasRow, addresses_of, as_data, check_rows, read_rows, rearrange, rows_of
from oxherd.panel.forms.bulk import DisableForm, ProfileForm
from oxherd.panel.forms.ox import EnableForm
from oxherd.panel.forms.refusals import show
from oxherd.panel.forms.seen import fingerprint, is_stale
from oxherd.people import ox_commands, queries
from oxherd.people.models import ServiceUser
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

TICK_FIRST = "Tick the users for this first."


@require_http_methods(["GET", "POST"])
def profile(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Manage Profiles: one profile for one or many, all or none."""
    tenant, users = _ticked(request, tenant_id)
    with_ox = [user for user in users if has_ox(user)]
    form = ProfileForm(with_ox, list(tenants.seats_of(tenant)), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            chosen_profile = form.cleaned_data["profile"]
            changed = ox_commands.change_profile(actor=request.actor, users=with_ox, profile=chosen_profile)
        except Refused as refused:
            show(form, refused)
        else:
            messages.success(request, _changed(changed, with_ox, str(chosen_profile)))
            return _back(request, tenant)
    left_out = [user for user in users if not has_ox(user)]
    return _dialog(request, tenant, "profile", {"form": form, "users": with_ox, "left_out": left_out})


@require_http_methods(["GET", "POST"])
def disable(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Take the OX accounts away, after the effects were named and the name was typed."""
    tenant, users = _ticked(request, tenant_id)
    with_ox = [user for user in users if has_ox(user)]
    left_out = [user for user in users if not has_ox(user)]
    form = DisableForm(with_ox, request.POST if request.method == "POST" else None)
    if with_ox and form.is_valid():
        outcome = act(with_ox, lambda user: ox_commands.disable_ox(actor=request.actor, user=user))
        tell(request, outcome, "OX is being disabled")
        return _back(request, tenant)
    return _dialog(request, tenant, "disable", {"form": form, "users": with_ox, "left_out": left_out})


@require_http_methods(["GET", "POST"])
def enable(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Enable OX App Suite for a user who has none."""
    tenant, user = _one(request, tenant_id, pk)
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
            return _back(request, tenant)
    return _dialog(request, tenant, "enable", {"form": form, "user": user})


@require_http_methods(["GET", "POST"])
def aliases(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Edit: the aliases of one user."""
    tenant, user = _one(request, tenant_id, pk)
    errors: list[str] = []
    domains = list(of_tenant(tenant))
    present = user.account.aliases if has_ox(user) else []
    seen = request.POST.get("seen", fingerprint(present))
    if request.method == "GET":
        rows = rows_of(present)
    else:
        rows = read_rows(request.POST.getlist("alias_local"), request.POST.getlist("alias_domain"))
        if not rearrange(rows, request.POST.get("do", "")):
            if is_stale(seen, present):
                seen, errors = fingerprint(present), [_what_others_did(present)]
            else:
                errors = _save_aliases(request, user, rows, domains)
            if not errors:
                messages.success(request, f"The aliases of {user} were saved.")
                return _back(request, tenant)
    context = {"user": user, "alias_rows": rows, "domains": domains, "errors": errors, "seen": seen}
    return _dialog(request, tenant, "aliases", context)


@require_http_methods(["GET", "POST"])
def enable_ticked(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """From the toolbar of the Classic list, where one row is ticked."""
    return enable(request, tenant_id, _only(request))


@require_http_methods(["GET", "POST"])
def aliases_of_ticked(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """From the toolbar of the Classic list, where one row is ticked."""
    return aliases(request, tenant_id, _only(request))


@require_POST
def retry(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Try again for one or many; who has nothing to try again is named."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.RETRY, tenant)
    users = queries.some(request.actor, tenant, chosen(request.POST.getlist("user")))
    if not users:
        raise Refused(TICK_FIRST)
    outcome = act(users, lambda user: ox_commands.retry_ox(actor=request.actor, user=user))
    tell(request, outcome, "OX is being tried again")
    return _back(request, tenant)


def _save_aliases(request: PanelRequest, user: ServiceUser, rows: list[AliasRow], domains: list[Domain]) -> list[str]:
    """Save what is sound; else the sentences, and what is wrong with a row in the row."""
    errors = check_rows(rows, domains, user_id=user.pk)
    if any(row.error for row in rows):
        errors.append("Mend the marked aliases, or remove them.")
    if errors:
        return errors
    try:
        ox_commands.change_aliases(actor=request.actor, user=user, aliases=addresses_of(rows))
    except Refused as refused:
        return [refused.sentence]
    return []


def _what_others_did(present: list[str]) -> str:
    stored = ", ".join(map(readable, present)) or "none"
    return f"The aliases were changed meanwhile. Stored now: {stored}. Save again to replace them by what stands here."


def _ticked(request: PanelRequest, tenant_id: int) -> tuple[Tenant, list[ServiceUser]]:
    """The tenant and the ticked users of it. Raises Refused where there are none."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    source = request.POST if request.method == "POST" else request.GET
    users = queries.some(request.actor, tenant, chosen(source.getlist("user")))
    if not users:
        raise Refused(TICK_FIRST)
    return tenant, users


def _only(request: PanelRequest) -> int:
    ticked = chosen(request.GET.getlist("user"))
    if len(ticked) != 1:
        raise Refused("Tick one user for this.")
    return ticked[0]


def _one(request: PanelRequest, tenant_id: int, pk: int) -> tuple[Tenant, ServiceUser]:
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_USERS, tenant)
    return tenant, queries.one(request.actor, tenant, pk)


def _typed(request: PanelRequest) -> dict[str, Any]:
    post = request.POST
    fields: dict[str, Any] = {name: post.get(name, "") for name in ("profile", "primary_address", "primary_domain")}
    rows = read_rows(post.getlist("alias_local"), post.getlist("alias_domain"))
    return fields | {"password": post.get("password", ""), "aliases": as_data(rows)}


def _prefilled(user: ServiceUser) -> dict[str, Any]:
    local, _, domain = user.login.rpartition("@")
    return {"primary_address": local, "primary_domain": domain}


def _changed(changed: int, users: list[ServiceUser], profile_name: str) -> str:
    if not changed:
        return f"Nothing to change: the profile is {profile_name} already."
    if len(users) == 1:
        return f"{users[0]} gets the profile {profile_name}."
    return f"{changed} of {len(users)} users get the profile {profile_name}."


def _back(request: PanelRequest, tenant: Tenant) -> HttpResponse:
    return answers.back(request, tenant, reverse("ox_users", args=[tenant.pk]))


def _dialog(request: PanelRequest, tenant: Tenant, name: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    wrong = bool(context.get("errors")) or (form is not None and form.is_bound and bool(form.errors))
    context |= {"tenant": tenant, "back": reverse("ox_users", args=[tenant.pk])}
    return answers.dialog(request, f"panel/ox/{name}.html", context, status=422 if wrong else 200)
