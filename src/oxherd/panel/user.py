"""The page of one user."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.accounts.states import Permission
from oxherd.app_passwords import queries as app_passwords
from oxherd.brands.abilities import Ability, can, why_not
from oxherd.domains.models import readable
from oxherd.errors import NotYours
from oxherd.panel import answers, photos, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.forwarders import leading_to
from oxherd.panel.memberships import memberships
from oxherd.panel.undo import history
from oxherd.panel.usage import gauges
from oxherd.people import ox_commands, queries
from oxherd.people.models import OxAccount, ServiceUser
from oxherd.people.states import UserStatus
from oxherd.profiles.models import classes_of
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.states import NEEDS_A_PERSON, Presence, SubjectKind
from oxherd.purchases import queries as purchases
from oxherd.removals.kinds import KINDS
from oxherd.removals.queries import Removed
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

MOST_JOBS = 8


@require_GET
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    tenant, user = found(request, tenant_id, pk, removed=True)
    state = _state(request, tenant, user)
    context = {
        **state,
        **(_app_passwords(request, user, state["account"]) if state["present"] else {}),
        "photo": photos.addresses([user]).get(user.pk, ""),
        "days": Removed(KINDS["user"], user).days_left if user.removed_at else 0,
        "history": history(request.actor, tenant, "serviceuser", user),
        **memberships(user),
        **leading_to(tenant, [user]),
        "purchase_requests": purchases.open_of(request.actor, tenant, user_id=user.pk).select_related("tenant"),
    }
    return render(request, "panel/user/page.html", context)


@require_GET
def status(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """State, OX service and jobs as they are now; asks again while something is in progress."""
    tenant = tenants.one(request.actor, tenant_id)
    try:
        user = queries.one(request.actor, tenant, pk, removed=True)
    except NotYours:
        if not request.htmx:
            raise
        return answers.done(request, reverse("users", args=[tenant.pk]))  # deleted while somebody looked on
    return render(request, "panel/user/live.html", _state(request, tenant, user))


@require_POST
def retry(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """Try again. A second click, while the first is on its way, changes nothing."""
    tenant, user = found(request, tenant_id, pk, removed=True)
    request.actor.require(Permission.RETRY, user)
    if user.status != UserStatus.IN_PROGRESS:
        ox_commands.retry_ox(actor=request.actor, user=user)
        messages.success(request, "OX is being tried again.")
    if not request.htmx:
        return redirect("user", tenant_id, pk)
    tenant, user = found(request, tenant_id, pk, removed=True)
    return render(request, "panel/user/live.html", _state(request, tenant, user))


@require_GET
def photo(request: PanelRequest, tenant_id: int, pk: int, digest: str) -> HttpResponse:
    """The picture. Its address changes with it, so a browser may keep it as long as it likes."""
    tenant = tenants.one(request.actor, tenant_id)
    picture = queries.photo(request.actor, tenant, pk, digest)
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def found(request: PanelRequest, tenant_id: int, pk: int, *, removed: bool = False) -> tuple[Tenant, ServiceUser]:
    """Raises NotYours for a tenant or a user out of sight, and Refused for one who was removed, unless `removed`."""
    tenant = tenants.one(request.actor, tenant_id)
    return tenant, queries.one(request.actor, tenant, pk, removed=removed)


def _state(request: PanelRequest, tenant: Tenant, user: ServiceUser) -> answers.Context:
    """What changes by itself while the worker is at it."""
    account = getattr(user, "account", None)
    jobs = _jobs(request, account.pk) if account else []
    newest = jobs[0] if jobs else None
    moved = bool(account and account.ox_name and account.ox_name != user.login)
    failed = newest if newest and newest.state in NEEDS_A_PERSON else None
    account = account if account and account.presence != Presence.LEAVING else None
    return {
        "tenant": tenant,
        "user": user,
        "account": account,
        **(_of_account(tenant, account) if account else {}),
        "present": user.presence == Presence.PRESENT,
        "removed": user.presence == Presence.REMOVED,
        "leaving": user.presence == Presence.LEAVING,
        "jobs": jobs,
        "failed": failed if user.status == UserStatus.ERROR else None,
        "name_in_ox": readable(account.ox_name) if account and moved else "",
        "names_stay": why_not(tenant.brand, Ability.RENAME_LOGIN),
        "no_forwarders": why_not(tenant.brand, Ability.FORWARDERS),
        "waiting": newest if newest and newest.is_open else None,
        "what_to_do": story.what_to_do(failed) if failed else "",
        "busy": user.status == UserStatus.IN_PROGRESS,
        "put_off": newest if newest and newest.is_put_off else None,
    }


def _of_account(tenant: Tenant, account: OxAccount) -> answers.Context:
    profile = account.profile
    classes = classes_of(profile.class_of_service, profile.access_combination)
    return {
        **gauges(tenant, account),
        "classes": ", ".join(classes) if can(tenant.brand, Ability.CLASS_OF_SERVICE) else "",
    }


def _app_passwords(request: PanelRequest, user: ServiceUser, account: OxAccount | None) -> answers.Context:
    """Without OX there is nothing to add, but there may be some from before; none where we do not carry the mail."""
    rows = app_passwords.of_user(request.actor, user)
    return {"app_passwords": rows, "has_app_passwords": bool(rows or (account and user.tenant.brand.carries_mail))}


def _jobs(request: PanelRequest, account_id: int) -> list[Any]:
    jobs = provisioning.for_actor(request.actor).filter(subject_kind=SubjectKind.ACCOUNT, subject_id=account_id)
    return list(jobs.order_by("-id")[:MOST_JOBS])
