"""What a user had at a point in time, who set it, and what differs between two of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from oxherd.audit import queries as audit
from oxherd.audit.models import AuditEntry
from oxherd.history.folding import Moment
from oxherd.history.queries import user_at
from oxherd.panel import story
from oxherd.panel.actor import PanelRequest
from oxherd.panel.audit import day
from oxherd.panel.user import found

MOST_ENTRIES = 100
FIELDS = {
    "presence": "State",
    "display_name": "Display name",
    "given_name": "Given name",
    "surname": "Surname",
    "login": "Login",
    "domain": "Domain",
    "language": "Language",
    "time_zone": "Time zone",
    "photo": "Photo",
    "password": "Password",
    "ox": "OX",
    "profile": "Profile",
    "primary_address": "Primary address",
    "aliases": "Aliases",
    "suspended": "Customer suspended",
}

# What there are several of, by the beginning of the fact's name; the rest is how each is called.
SEVERAL = ("app_password:", "group:")


@dataclass(frozen=True, slots=True)
class Line:
    """One field at one moment, and at the other if two are compared."""

    label: str
    value: str
    by: AuditEntry | None
    other: str = ""
    differs: bool = False


@require_GET
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """`on` and `with` are days, of which the end counts, or points in time. Without, it is now."""
    tenant, user = found(request, tenant_id, pk, removed=True)
    at, other_at = point(request.GET.get("on", "")) or timezone.now(), point(request.GET.get("with", ""))
    moment = user_at(request.actor, user, at)
    other = user_at(request.actor, user, other_at) if other_at else None
    entries = audit.about(request.actor, "serviceuser", user.pk)[: MOST_ENTRIES + 1]
    context = {
        "tenant": tenant,
        "user": user,
        "at": at,
        "other_at": other_at,
        "moment": moment,
        "is_partly_known": bool(moment.since and moment.existed and at < moment.since),
        "lines": lines(moment, other),
        "timeline": [(story.told(entry), entry.at.isoformat()) for entry in islice(entries, MOST_ENTRIES)],
        "more": len(entries) > MOST_ENTRIES,
        "on_text": request.GET.get("on", "") if point(request.GET.get("on", "")) else "",
    }
    return render(request, "panel/user/as_it_was.html", context)


def point(text: str) -> datetime | None:
    """The end of a day (UTC), or a point in time with its zone; None for anything else."""
    if whole := day(text):
        return datetime.combine(whole, time.max, UTC)
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else None


def lines(moment: Moment, other: Moment | None) -> list[Line]:
    """Field by field, then application passwords and groups; what there was not is left out."""
    names = {name for each in (moment, other) if each for name in each.facts if name.startswith(SEVERAL)}
    labels = FIELDS | {name: _label(name) for name in sorted(names)}
    made = []
    for name, label in labels.items():
        value, before = told(name, moment), told(name, other) if other else ""
        if value or before:
            by = moment.facts[name].by if name in moment.facts else None
            made.append(Line(label, value, by, before, differs=bool(other) and value != before))
    return made


def told(name: str, moment: Moment) -> str:
    """A value in words; empty for none."""
    fact = moment.facts.get(name) if moment.existed else None
    if fact is None:
        return ""
    if name.startswith("app_password:"):
        return name.removeprefix("app_password:")
    return "Member" if name.startswith("group:") else story.worded(name, fact.value)


def _label(name: str) -> str:
    """Names of programs are long, and stand as the value."""
    return f"Group {name.removeprefix('group:')}" if name.startswith("group:") else "Application password"
