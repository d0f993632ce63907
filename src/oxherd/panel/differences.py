"""OX Service > Differences: what the last comparison with the platform has found, and the way to a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.accounts.actor import Actor
from oxherd.brands.abilities import Ability, kind_can
from oxherd.drift import queries, wording
from oxherd.drift.commands import request_comparison
from oxherd.drift.models import Comparison, Difference
from oxherd.drift.states import ComparisonState, DifferenceKind, ObjectKind, Way
from oxherd.drift.wording import Change
from oxherd.panel import answers, paging
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import chosen
from oxherd.panel.lists import Listing
from oxherd.panel.looks import Look, look
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, JobState, SubjectKind
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

OBJECTS = [("", "All objects"), *((kind.value, f"{kind.label}s") for kind in ObjectKind)]
NEEDS = {ObjectKind.FORWARDER: Ability.FORWARDERS, ObjectKind.CATCH_ALL: Ability.CATCH_ALL_ON_PLATFORM}
KINDS = [("", "All kinds"), *DifferenceKind.choices]
LIST = Listing("ox_differences", {"name": "sort_name"}, {"object": OBJECTS, "kind": KINDS})
PAGES = {
    ObjectKind.USER: "user",
    ObjectKind.GROUP: "group",
    ObjectKind.RESOURCE: "resource",
    ObjectKind.FORWARDER: "forwarder",
    ObjectKind.CATCH_ALL: "domain",
}
ICONS = {
    ObjectKind.CONTEXT: "building",
    ObjectKind.USER: "user",
    ObjectKind.GROUP: "users-group",
    ObjectKind.RESOURCE: "calendar",
    ObjectKind.FORWARDER: "mail-forward",
    ObjectKind.CATCH_ALL: "inbox",
}
LOOKS = {
    DifferenceKind.DIFFERENT: Look("Different", "switch-horizontal", "amber"),
    DifferenceKind.MISSING: Look("Not in OX", "circle-off", "red"),
    DifferenceKind.STRANGER: Look("Only in OX", "user-plus", "blue"),
    DifferenceKind.GONE: Look("Context gone", "alert-circle", "red"),
}
ORDERED = Look("Is being repaired", "loader-2", "blue")
TAKEN = Look("Taken from OX", "circle-check", "green")
SENT = Look("In OX", "circle-check", "green")


@dataclass(frozen=True, slots=True)
class Row:
    """A difference as the list shows one. job: what brings its repair to the platform. url: of the object's page."""

    difference: Difference
    icon: str
    look: Look
    changes: Sequence[Change]
    url: str
    job: SyncJob | None

    @property
    def repair(self) -> Look | None:
        """How its repair stands; None where it is not repaired."""
        if not self.difference.repair:
            return ORDERED if self.difference.order_id else None
        if self.job is None or self.job.state == JobState.DONE:
            return TAKEN if self.difference.repair == Way.FROM_OX else SENT
        return look(self.job)

    @property
    def failed(self) -> bool:
        return bool(self.difference.repair) and self.job is not None and self.job.state in NEEDS_A_PERSON

    @property
    def busy(self) -> bool:
        if not self.difference.repair:
            return self.difference.order_id is not None
        return self.job is not None and self.job.is_open


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filters and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = LIST.wish(request)
    shown = queries.shown(request.actor, tenant)
    found = Difference.objects.none()
    if shown:
        shown.tenant = tenant
        found = queries.found(request.actor, shown, text=wish["q"], object_kind=wish["object"], kind=wish["kind"])
    context = LIST.context(request, tenant, found, wish)
    rows = rows_of(request.actor, tenant, context["page"].rows)
    context |= {
        "rows": rows,
        "in_progress": in_progress(rows),
        "objects": _objects(tenant),
        "kinds": KINDS,
        **state_of(request.actor, tenant, shown),
    }
    address = LIST.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/differences/list.html", "panel/differences/rows.html", context, address=address)


@require_POST
def compare(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Compare now. A second click finds it on its way."""
    tenant = tenants.one(request.actor, tenant_id)
    request_comparison(actor=request.actor, tenant=tenant, is_deep=bool(request.POST.get("deep")))
    if not request.htmx:
        return answers.done(request, reverse("ox_differences", args=[tenant.pk]))
    return _state(request, tenant)


@require_GET
def state(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """How the comparison stands; when it has ended, the page shows what it has found."""
    tenant = tenants.one(request.actor, tenant_id)
    newest = queries.newest(request.actor, tenant)
    if newest is None or not newest.is_open:
        return answers.back(request, tenant, reverse("ox_differences", args=[tenant.pk]))
    return _state(request, tenant)


@require_GET
def progress(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The rows whose repair was on its way, as they are now."""
    tenant = tenants.one(request.actor, tenant_id)
    asked = chosen(request.GET.get("ids", "").split(",")[: paging.SIZE])
    rows = rows_of(request.actor, tenant, queries.some(request.actor, tenant, asked))
    context = {"tenant": tenant, "rows": rows, "in_progress": in_progress(rows)}
    return render(request, "panel/differences/progress.html", context)


def rows_of(actor: Actor, tenant: Tenant, differences: Sequence[Difference]) -> list[Row]:
    """Queries for all rows together: the names of users, and one for each kind of job there is."""
    wanted = wording.users_named(differences)
    names = queries.names_in_ox(tenant, wanted) if wanted else {}
    jobs = _jobs(actor, differences)
    return [
        Row(
            difference,
            ICONS[ObjectKind(difference.object_kind)],
            LOOKS[DifferenceKind(difference.kind)],
            wording.changes(difference, names),
            _url(tenant, difference),
            jobs.get((difference.job_kind, difference.job_subject)),
        )
        for difference in differences
    ]


def in_progress(rows: Sequence[Row]) -> str:
    """The ids whose states the page asks for again, separated by commas."""
    return ",".join(str(row.difference.pk) for row in rows if row.busy)


def state_of(actor: Actor, tenant: Tenant, shown: Comparison | None) -> dict[str, Any]:
    """What the head of the page says: of the comparison that is shown, and of a newer one."""
    newest = queries.newest(actor, tenant)
    return {
        "shown": shown,
        "running": newest if newest and newest.is_open else None,
        "failed": newest if newest and newest.state == ComparisonState.FAILED else None,
    }


def _objects(tenant: Tenant) -> list[tuple[str, str]]:
    """The filter's choices, without what the tenant's platform does not have."""
    absent = {kind for kind, ability in NEEDS.items() if not kind_can(tenant.brand.platform, ability)}
    return [(value, label) for value, label in OBJECTS if value not in absent]


def _state(request: PanelRequest, tenant: Tenant) -> HttpResponse:
    shown = queries.shown(request.actor, tenant)
    context = {"tenant": tenant, **state_of(request.actor, tenant, shown)}
    return render(request, "panel/differences/state.html", context)


def _jobs(actor: Actor, differences: Sequence[Difference]) -> dict[tuple[str, int | None], SyncJob]:
    subjects: dict[str, set[int]] = {}
    for difference in differences:
        if difference.job_subject is not None:
            subjects.setdefault(difference.job_kind, set()).add(difference.job_subject)
    jobs: dict[tuple[str, int | None], SyncJob] = {}
    for kind, pks in subjects.items():
        newest = provisioning.latest(actor, SubjectKind(kind), pks)
        jobs |= {(kind, pk): job for pk, job in newest.items()}
    return jobs


def _url(tenant: Tenant, difference: Difference) -> str:
    page = PAGES.get(ObjectKind(difference.object_kind))
    return reverse(page, args=[tenant.pk, difference.subject_id]) if page and difference.subject_id else ""
