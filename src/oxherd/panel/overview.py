"""The subscription's page: what a customer has bought, what is used of it, and how it stands."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from oxherd.accounts.actor import Actor
from oxherd.accounts.models import Membership
from oxherd.administrators.queries import invitations
from oxherd.audit import queries as audit
from oxherd.audit.states import Action
from oxherd.brands.abilities import Ability, why_not
from oxherd.domains.queries import present
from oxherd.errors import NotYours
from oxherd.panel import answers, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.banners import told_gone
from oxherd.panel.forms.subscription import LABELS
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, SubjectKind
from oxherd.subscriptions import queries
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

MOST_DOMAINS = 5
MOST_ENTRIES = 10
# Of what was bought, in per cent.
NEARLY_USED_UP = 90


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of something is used. limit: None for unlimited."""

    label: str
    used: int
    limit: int | None
    detail: str = ""

    @property
    def percent(self) -> int | None:
        return min(100 * self.used // self.limit, 100) if self.limit else None

    @property
    def tone(self) -> str:
        """Of the bar and its word: empty, `amber` where little is left, `red` where nothing is."""
        if not self.limit or self.percent is None or self.percent < NEARLY_USED_UP:
            return ""
        return "red" if self.used >= self.limit else "amber"


@require_GET
def show(request: PanelRequest, tenant_id: int) -> HttpResponse:
    job = _newest_job(request.actor, tenant_id)
    try:
        tenant = tenants.one(request.actor, tenant_id)
    except NotYours:
        if not _was_deleted(request.actor, tenant_id):
            raise
        return answers.done(request, told_gone(request))  # quicker than the way back from the dialog
    domains = list(present(tenant).order_by("sort_name", "pk")[: MOST_DOMAINS + 1])
    used = queries.in_use(tenant)
    context = {
        **_state(request.actor, tenant, job),
        "seats": [_seats_meter(row) for row in tenants.seats_of(tenant)],
        "limits": [Meter(label, used[limit], getattr(tenant, limit)) for limit, label in LABELS.items()],
        "domains": domains[:MOST_DOMAINS],
        "own_page": settings.BASE_URL + reverse("me"),
        "more_domains": len(domains) > MOST_DOMAINS,
        "history": [story.told(each) for each in audit.about(request.actor, "tenant", tenant.pk)[:MOST_ENTRIES]],
    }
    return render(request, "panel/overview/page.html", context)


@require_GET
def state(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """How it stands; asks again while a worker is at it. Once it is gone, the way leads to the customers."""
    job = _newest_job(request.actor, tenant_id)
    try:
        tenant = tenants.one(request.actor, tenant_id)
    except NotYours:
        if not request.htmx:
            raise
        return answers.done(request, told_gone(request))
    return render(request, "panel/overview/state.html", _state(request.actor, tenant, job))


@require_GET
def stored(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """What mail and Drive of all users take; fetched by itself, since it looks at every account."""
    tenant = tenants.one(request.actor, tenant_id)
    context = {
        "tenant": tenant,
        "stored": queries.stored(tenant),
        "no_mail": why_not(tenant.brand, Ability.MAIL_USAGE),
    }
    return answers.dialog(request, "panel/overview/stored.html", context)


def _was_deleted(actor: Actor, tenant_id: int) -> bool:
    """Whether there was such a customer, as far as the actor saw it."""
    return audit.about(actor, "tenant", tenant_id).filter(action=Action.TENANT_DELETE).exists()


def _seats_meter(row: Any) -> Meter:
    return Meter(str(row.profile), row.used, row.number, row.profile.price_label)


def _newest_job(actor: Actor, tenant_id: int) -> SyncJob | None:
    """Read before the customer: a job that is over by then has left its mark there, and nobody has to ask again."""
    return provisioning.latest(actor, SubjectKind.TENANT, [tenant_id]).get(tenant_id)


def _state(actor: Actor, tenant: Tenant, job: SyncJob | None) -> answers.Context:
    """What changes by itself while a worker is at it."""
    failed = job if job and job.state in NEEDS_A_PERSON else None
    return {
        "tenant": tenant,
        "administrators": Membership.objects.filter(tenant=tenant).values("administrator").distinct().count(),
        "invited": invitations(actor, tenant).count(),
        "job": job,
        "failed": failed,
        "what_to_do": story.what_to_do(failed) if failed else "",
        "busy": bool(job and job.is_open),
        "gone_at": tenant.removed_at and tenant.removed_at + timedelta(days=settings.KEEP_REMOVED_DAYS),
    }
