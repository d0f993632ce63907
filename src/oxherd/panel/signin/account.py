"""Your account: what one sees and changes of oneself."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oxherd.accounts.models import Administrator, Membership
from oxherd.audit.models import AuditEntry
from oxherd.audit.states import Action
from oxherd.panel import answers
from oxherd.panel.actor import PanelRequest
from oxherd.panel.signin.adapter import why_no_passkeys
from oxherd.panel.signin.person import administrator_of
from oxherd.signin import commands, rules
from oxherd.signin.devices import device
from oxherd.signin.queries import factors_of, recent_sign_ins, sessions_of
from oxherd.signin.states import Proof
from oxherd.walls.sight import EVERYTHING, seeing


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the recent sign-ins."""

    at: Any
    failed: bool
    ways: str
    device: str
    ip: str


@require_GET
def show(request: PanelRequest) -> HttpResponse:
    administrator = administrator_of(request)
    context = {
        "administrator": administrator,
        "factors": factors_of(administrator),
        "required": rules.asks_for_second_factor(request.policy),
        "no_passkeys": why_no_passkeys(request),
        "sessions": [
            (session, device(session.user_agent), session.session_key == request.session.session_key)
            for session in sessions_of(administrator)
        ],
        "roles": _roles(administrator),
        "sign_ins": _sign_ins(administrator),
    }
    return render(request, "panel/signin/account.html", context)


@require_POST
def end_session(request: PanelRequest, pk: int) -> HttpResponse:
    commands.end_session(actor=request.actor, administrator=administrator_of(request), pk=pk)
    messages.success(request, "The session was ended.")
    return answers.done(request, reverse("own_account"))


@require_POST
def end_sessions(request: PanelRequest) -> HttpResponse:
    key = request.session.session_key or ""
    number = commands.end_other_sessions(actor=request.actor, administrator=administrator_of(request), session_key=key)
    messages.success(request, f"Sessions ended: {number}." if number else "There was no other session.")
    return answers.done(request, reverse("own_account"))


def _roles(administrator: Administrator) -> list[tuple[str, str]]:
    """Pairs of role and where it holds."""
    memberships = Membership.objects.filter(administrator=administrator).order_by("pk")
    rows = memberships.select_related("brand", "tenant", "custom_role")
    return [(row.role_name, str(row.tenant or row.brand or "The whole provider")) for row in rows]


def _sign_ins(administrator: Administrator) -> list[SignIn]:
    """Wherever they are written down: somebody with roles at several places has no view of all of these."""
    with seeing(EVERYTHING):
        return [_line(entry) for entry in recent_sign_ins(administrator)]


def _line(entry: AuditEntry) -> SignIn:
    ways = ", then ".join(str(Proof(word).label) for word in entry.after.get("with", ()))
    return SignIn(
        at=entry.at,
        failed=entry.action == Action.SIGN_IN_FAILED,
        ways=ways,
        device=str(entry.after.get("device", "")),
        ip=entry.ip_address or "",
    )
