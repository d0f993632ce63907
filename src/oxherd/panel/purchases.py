"""OX Service > Purchase requests: the list, and what is decided about one or many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.brands.queries import takes_requests
from oxherd.errors import Refused
from oxherd.panel import answers, paging, photos
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import Outcome, act, chosen, has_ox, named
from oxherd.panel.forms.purchases import RejectForm
from oxherd.panel.lists import Listing
from oxherd.people.comparing import Comparison, compare
from oxherd.people.models import ServiceUser
from oxherd.profiles.models import Profile
from oxherd.profiles.modules import Module, gained, lost
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.purchases import commands, queries
from oxherd.purchases.models import PurchaseRequest
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Seats, Tenant

STATES = [("", "Open"), ("approved", "Approved"), ("rejected", "Rejected"), ("all", "All")]
ORDERS = {"newest": "-last_asked_at", "oldest": "last_asked_at"}
LIST = Listing("ox_purchases", ORDERS, {"state": STATES}, frozenset(ORDERS))
TICK_FIRST = "Tick the requests for this first."
REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the list shows one. seats: of the profile that is asked for; None where it is not subscribed."""

    request: PurchaseRequest
    photo: str
    seats: Seats | None
    job: SyncJob | None
    present: Profile | None

    @property
    def gained(self) -> list[Module]:
        """The main modules that the requester gets; nothing where a profile is gone or not known."""
        return [module for module in self._changed(gained) if module.main]

    @property
    def lost(self) -> tuple[Module, ...]:
        return self._changed(lost)

    @property
    def no_seat(self) -> bool:
        return self.seats is None or self.seats.free == 0

    def _changed(self, difference: Callable[[str, str], tuple[Module, ...]]) -> tuple[Module, ...]:
        before, after = self.present, self.request.to_profile
        return difference(before.package, after.package) if before and after else ()


@require_GET
def listed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """The list. Search, filter, order and place are in the address; without a filter it is what waits for somebody."""
    tenant = tenants.one(request.actor, tenant_id)
    wish = LIST.wish(request)
    found = queries.found(request.actor, tenant, text=wish["q"], state=wish["state"] or "open")
    context = LIST.context(request, tenant, queries.shown(found), wish)
    rows = rows_of(request.actor, tenant, context["page"].rows)
    context |= {"rows": rows, "states": STATES, "is_offered": bool(rows) or takes_requests(tenant.brand)}
    address = LIST.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, "panel/purchases/list.html", "panel/purchases/rows.html", context, address=address)


@require_http_methods(["GET", "POST"])
def proceed(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Give the requesters what they asked for, after the effect was shown; each on its own."""
    tenant, ticked = _ticked(request, tenant_id)
    outcome = Outcome()
    if request.method == "POST":
        outcome = act(ticked, lambda each: commands.proceed(actor=request.actor, request=each))
        _tell(request, outcome, "The profile is being changed")
        if not outcome.refused:
            return _back(request, tenant)
        ticked = [each for each, _ in outcome.refused]
    comparison = _comparison(tenant, ticked) if len(ticked) == 1 else None
    return _dialog(request, tenant, ticked, "proceed", {"outcome": outcome, "comparison": comparison})


@require_http_methods(["GET", "POST"])
def reject(request: PanelRequest, tenant_id: int) -> HttpResponse:
    """Decline, with a reason that the requesters read."""
    tenant, ticked = _ticked(request, tenant_id)
    form = RejectForm(request.POST if request.method == "POST" else None)
    outcome = Outcome()
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        outcome = act(ticked, lambda each: commands.reject(actor=request.actor, request=each, reason=reason))
        _tell(request, outcome, "The request was rejected")
        if not outcome.refused:
            return _back(request, tenant)
        ticked = [each for each, _ in outcome.refused]
    return _dialog(request, tenant, ticked, "reject", {"outcome": outcome, "form": form})


def rows_of(actor: Actor, tenant: Tenant, requests: Sequence[PurchaseRequest]) -> list[Row]:
    """Three queries for all rows together: seats, jobs and pictures."""
    seats = queries.seats_by_profile(tenant)
    ids = [each.job_id for each in requests if each.job_id]
    jobs = provisioning.for_actor(actor).in_bulk(ids) if ids else {}
    pictures = photos.addresses([each.user for each in requests if each.user])
    return [
        Row(
            request=each,
            photo=pictures.get(each.user_id or 0, ""),
            seats=seats.get(each.to_profile_id or 0),
            job=jobs.get(each.job_id or 0),
            present=_present_profile(each),
        )
        for each in requests
    ]


def _present_profile(request: PurchaseRequest) -> Profile | None:
    """What the requester has now; for a decided request, what it was before."""
    if request.is_open and request.user and has_ox(request.user):
        return request.user.account.profile
    return request.from_profile


def _comparison(tenant: Tenant, requests: Sequence[PurchaseRequest]) -> Comparison | None:
    """All that the one request changes."""
    (request,) = requests
    if request.user is None or request.to_profile is None or not has_ox(request.user):
        return None
    users = ServiceUser.objects.filter(pk=request.user.pk)
    return compare(users, list(tenants.seats_of(tenant)), request.to_profile)


def _ticked(request: PanelRequest, tenant_id: int) -> tuple[Tenant, list[PurchaseRequest]]:
    """The tenant and the ticked requests of it. Raises Refused where there are none."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.DECIDE_PURCHASES, tenant)
    source = request.POST if request.method == "POST" else request.GET
    ticked = queries.some(request.actor, tenant, chosen(source.getlist("request"))[: paging.SIZE])
    if not ticked:
        raise Refused(TICK_FIRST)
    return tenant, ticked


def _tell(request: PanelRequest, outcome: Outcome, done: str) -> None:
    """What was refused stands in the dialog, which comes back."""
    if outcome.done:
        messages.success(request, f"{done} for {named(outcome.done, REQUESTS)}.")


def _back(request: PanelRequest, tenant: Tenant) -> HttpResponse:
    return answers.back(request, tenant, reverse("ox_purchases", args=[tenant.pk]))


def _dialog(
    request: PanelRequest, tenant: Tenant, requests: Sequence[PurchaseRequest], name: str, context: dict[str, Any]
) -> HttpResponse:
    """What was refused, by the outcome of the try before, stands at its request."""
    form, outcome = context.get("form"), context["outcome"]
    wrong = bool(outcome.refused) or (form is not None and form.is_bound and bool(form.errors))
    context |= {
        "tenant": tenant,
        "rows": rows_of(request.actor, tenant, requests),
        "refused": {each.pk: sentence for each, sentence in outcome.refused},
        "changed": bool(outcome.done),
        "back": reverse("ox_purchases", args=[tenant.pk]),
        "page_title": f"{name.capitalize()} · {tenant} · oxherd",
    }
    return answers.dialog(request, f"panel/purchases/{name}.html", context, status=422 if wrong else 200)
