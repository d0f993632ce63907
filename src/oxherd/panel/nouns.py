"""OX Service > Groups and Resources: what the lists of both share, and what is done to the ticked ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.errors import NotYours, Refused
from oxherd.panel import answers, paging, story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.bulk import act, chosen, tell, tell_deleted
from oxherd.panel.lists import Listing
from oxherd.provisioning import queries as provisioning
from oxherd.provisioning.models import SyncJob
from oxherd.provisioning.states import NEEDS_A_PERSON, Presence, SubjectKind, SyncStatus
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

STATUSES = [("", "All"), *SyncStatus.choices]
ORDERS = {"name": "sort_name", "newest": "-created_at"}
MOST_JOBS = 8


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of object that OX has too.

    word: in the singular, for addresses, templates and sentences. found, some, one: the room's queries. remove, retry:
    its commands, which take the object by the word. facts: what a list shows beside the rows. effects: what the dialog
    of Delete says beside the names. in_place: the word for what is as wanted, where that is not being in OX.
    """

    word: str
    kind: SubjectKind
    found: Callable[..., QuerySet[Any]]
    some: Callable[[Actor, Tenant, Sequence[int]], list[Any]]
    one: Callable[[Actor, Tenant, int], Any]
    remove: Callable[..., None]
    retry: Callable[..., None]
    facts: Callable[[Sequence[Any]], Mapping[str, Any]] = lambda _: {}
    effects: Callable[[Tenant, Sequence[Any]], Mapping[str, Any]] = lambda _tenant, _ticked: {}
    in_place: Callable[[Tenant], str] = lambda _: ""

    @property
    def words(self) -> str:
        return f"{self.word}s"

    @property
    def listing(self) -> Listing:
        return Listing(self.words, ORDERS, {"status": STATUSES}, frozenset({"newest"}))

    def statuses(self, tenant: Tenant) -> list[tuple[str, str]]:
        """The filter's choices."""
        word = self.in_place(tenant)
        return [(value, word if word and value == SyncStatus.IN_OX else label) for value, label in STATUSES]

    def template(self, name: str) -> str:
        return f"panel/{self.words}/{name}.html"


@dataclass(frozen=True, slots=True)
class Row:
    """failed: the job that says why OX is not as wanted."""

    of: Any
    failed: SyncJob | None


@require_GET
def listed(request: PanelRequest, tenant_id: int, noun: Noun) -> HttpResponse:
    """The list. Search, filter, order and place are in the address."""
    tenant = tenants.one(request.actor, tenant_id)
    listing = noun.listing
    wish = listing.wish(request)
    found = noun.found(request.actor, tenant, text=wish["q"], status=wish["status"])
    context = listing.context(request, tenant, found, wish)
    shown = context["page"].rows
    context |= {
        **_urls(tenant, noun),
        **noun.facts(shown),
        **_rows(request.actor, noun, shown),
        "statuses": noun.statuses(tenant),
    }
    address = listing.address(tenant, wish | paging.kept(request.GET))
    return answers.page(request, noun.template("list"), noun.template("rows"), context, address=address)


@require_GET
def progress(request: PanelRequest, tenant_id: int, noun: Noun) -> HttpResponse:
    """The states of the rows that were in progress; what is gone is taken off the page."""
    tenant = tenants.one(request.actor, tenant_id)
    asked = chosen(request.GET.get("ids", "").split(",")[: paging.SIZE])
    present = noun.some(request.actor, tenant, asked)
    gone = sorted(set(asked) - {of.pk for of in present})
    context = {**_urls(tenant, noun), **_rows(request.actor, noun, present), "gone": gone}
    return render(request, "panel/nouns/progress.html", context)


@require_http_methods(["GET", "POST"])
def remove(request: PanelRequest, tenant_id: int, noun: Noun) -> HttpResponse:
    """Remove the ticked ones, or one, after the effects were named."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.MANAGE_GROUPS, tenant)
    ticked = _ticked(request, tenant, noun)
    if request.method == "POST":
        outcome = act(ticked, lambda of: noun.remove(actor=request.actor, **{noun.word: of}))
        tell_deleted(request, outcome, noun.words)
        return answers.done(request, reverse(noun.words, args=[tenant.pk]))
    days = max(settings.KEEP_REMOVED_DAYS, 0)
    context = {**_urls(tenant, noun), "ticked": ticked, "days": days, "page_title": f"Delete {noun.words}"}
    context |= noun.effects(tenant, ticked)
    return answers.dialog(request, noun.template("remove"), context)


@require_POST
def retry(request: PanelRequest, tenant_id: int, noun: Noun) -> HttpResponse:
    """Try again for one or many; what has nothing to try again is named."""
    tenant = tenants.one(request.actor, tenant_id)
    request.actor.require(Permission.RETRY, tenant)
    ticked = _ticked(request, tenant, noun)
    outcome = act(ticked, lambda of: noun.retry(actor=request.actor, **{noun.word: of}))
    tell(request, outcome, "OX is being tried again", noun.words)
    return answers.back(request, tenant, reverse(noun.words, args=[tenant.pk]))


@require_GET
def status(request: PanelRequest, tenant_id: int, pk: int, noun: Noun) -> HttpResponse:
    """State and delivery of one as they are now; asks again while something is in progress."""
    tenant = tenants.one(request.actor, tenant_id)
    try:
        of = noun.one(request.actor, tenant, pk)
    except NotYours:
        if not request.htmx:
            raise
        return answers.done(request, reverse(noun.words, args=[tenant.pk]))  # gone while somebody looked on
    return render(request, "panel/nouns/live.html", state(request.actor, tenant, noun, of))


def state(actor: Actor, tenant: Tenant, noun: Noun, of: Any) -> answers.Context:
    """What changes by itself on the page of one object while the worker is at it."""
    jobs = provisioning.for_actor(actor).filter(subject_kind=noun.kind, subject_id=of.pk)
    shown = list(jobs.order_by("-id")[:MOST_JOBS])
    newest = shown[0] if shown else None
    failed = newest if newest and newest.state in NEEDS_A_PERSON and of.status == SyncStatus.ERROR else None
    return {
        **_urls(tenant, noun),
        "of": of,
        "jobs": [] if noun.in_place(tenant) else shown,  # where it is in place without OX, nothing is delivered there
        "failed": failed,
        "waiting": newest if newest and newest.is_open else None,
        "what_to_do": story.what_to_do(failed) if failed else "",
        "busy": of.status == SyncStatus.IN_PROGRESS,
        "leaving": of.presence == Presence.LEAVING,
        "status_url": reverse(f"{noun.word}_status", args=[tenant.pk, of.pk]),
    }


def present_one(request: PanelRequest, tenant_id: int, pk: int, noun: Noun) -> tuple[Tenant, Any]:
    """Raises NotYours for a tenant or an object out of sight, and for one that was removed."""
    tenant = tenants.one(request.actor, tenant_id)
    of = noun.one(request.actor, tenant, pk)
    if of.presence == Presence.REMOVED:
        raise NotYours(f"The {noun.word} {of} has been removed.")
    return tenant, of


def _rows(actor: Actor, noun: Noun, shown: Sequence[Any]) -> answers.Context:
    """One query, and only where there are errors: their causes."""
    troubled = [of.pk for of in shown if of.status == SyncStatus.ERROR]
    jobs = provisioning.latest(actor, noun.kind, troubled) if troubled else {}
    busy = [str(of.pk) for of in shown if of.status == SyncStatus.IN_PROGRESS]
    return {"rows": [Row(of, jobs.get(of.pk)) for of in shown], "in_progress": ",".join(busy)}


def _ticked(request: PanelRequest, tenant: Tenant, noun: Noun) -> list[Any]:
    source = request.POST if request.method == "POST" else request.GET
    ticked = noun.some(request.actor, tenant, chosen(source.getlist(noun.word))[: paging.SIZE])
    if not ticked:
        raise Refused(f"Tick the {noun.words} for this first.")
    return ticked


def _urls(tenant: Tenant, noun: Noun) -> answers.Context:
    """What templates of both nouns say of the one they are used for."""
    names = ("progress", "remove", "retry")
    urls = {f"{name}_url": reverse(f"{noun.words}_{name}", args=[tenant.pk]) for name in names}
    return {"tenant": tenant, "word": noun.word, "list_url": reverse(noun.words, args=[tenant.pk]), **urls}
