"""How full mailbox and Drive of a user are: shown as last told, and asked for anew when that is long ago."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from oxherd.brands.abilities import Ability, kind_can, why_not
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.people import queries
from oxherd.people import usage as known
from oxherd.people.models import OxAccount
from oxherd.provisioning.states import Presence
from oxherd.tenants import queries as tenants
from oxherd.tenants.models import Tenant

# Of a quota, in per cent.
NEARLY_FULL = 90
# So often the page asks for what a worker is finding out; after that it shows what is known.
MOST_QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Gauge:
    """One store, in megabytes. quota None is unlimited; used None is not known, and `why` says why."""

    label: str
    quota: int | None
    used: int | None
    why: str = ""

    @property
    def percent(self) -> int | None:
        return None if self.used is None or not self.quota else min(100 * self.used // self.quota, 100)

    @property
    def is_nearly_full(self) -> bool:
        return (self.percent or 0) >= NEARLY_FULL


@require_GET
def show(request: PanelRequest, tenant_id: int, pk: int) -> HttpResponse:
    """The gauges by themselves. `asked`: how often the page has asked already while a worker looks."""
    tenant = tenants.one(request.actor, tenant_id)
    account = getattr(queries.one(request.actor, tenant, pk, removed=True), "account", None)
    return answer(request, account) if isinstance(account, OxAccount) else HttpResponse(status=204)


def answer(request: HttpRequest, account: OxAccount, *, url: str = "") -> HttpResponse:
    """url: where the gauges of this account are asked for, if not at the user's page."""
    tenant = account.user.tenant
    asked = request.GET.get("asked", "0")
    asked_before = min(int(asked), MOST_QUESTIONS) if asked.isdecimal() and asked.isascii() else 0
    if not asked_before and _is_worth_asking(account):
        known.ask_for_use(account)
    waits = asked_before < MOST_QUESTIONS and known.is_being_looked_at(account)
    context = {**gauges(tenant, account, url=url), "ask": False, "account": account}
    return render(request, "panel/user/usage.html", {**context, "next": asked_before + 1 if waits else 0})


def gauges(tenant: Tenant, account: OxAccount, *, url: str = "") -> answers.Context:
    """What the card shows of an account before it asks: `gauges`, `as_of`, and whether to `ask`."""
    return {
        "gauges": _gauges(tenant, account),
        "as_of": account.drive_used_at,
        "ask": _is_worth_asking(account),
        "own": bool(url),  # what the platform cannot tell is no affair of the user's
        "usage_url": url or reverse("user_usage", args=[tenant.pk, account.user_id]),
    }


def _is_worth_asking(account: OxAccount) -> bool:
    return account.ox_id is not None and account.presence == Presence.PRESENT and not known.is_fresh(account)


def _gauges(tenant: Tenant, account: OxAccount) -> list[Gauge]:
    profile, drive, mail = account.profile, account.drive_used_mb, account.mail_used_mb
    is_known = account.mail_used_at is not None
    # Where the platform itself keeps both, equal quotas are one.
    shares = (
        kind_can(tenant.brand.platform, Ability.MAIL_QUOTA)
        and profile.mail_quota_mb == profile.drive_quota_mb is not None
    )
    if shares:
        used = drive + (mail or 0) if drive is not None and is_known else None
        return [Gauge("Mail and Drive together", profile.drive_quota_mb, used)]
    why = why_not(tenant.brand, Ability.MAIL_USAGE) or ("The mailbox was never opened." if is_known else "")
    return [
        Gauge("Mail", profile.mail_quota_mb, mail, why),
        Gauge("Drive", profile.drive_quota_mb, drive),
    ]
