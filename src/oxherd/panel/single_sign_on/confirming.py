"""Proving at the identity provider, once more, who is signed in: what dangerous acts ask for."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect

from oxherd.accounts.models import Administrator
from oxherd.panel.actor import PanelRequest
from oxherd.panel.single_sign_on.entrance import failed, turned_away, way_there
from oxherd.panel.single_sign_on.sessions import provider_of
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.entry import enter
from oxherd.single_sign_on.faults import NotBelieved
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.walls.sight import EVERYTHING, seeing


def asked_again_at(request: PanelRequest) -> IdentityProvider | None:
    """Where the session was begun; None for one that was begun here."""
    pk = provider_of(request)
    with seeing(EVERYTHING):  # it may be the brand's or the provider's, of which the person sees nothing
        return queries.in_use(pk) if pk is not None else None


def leave_to_confirm(request: PanelRequest, row: IdentityProvider, *, after: str) -> HttpResponse:
    """To the service, which asks even whoever is signed in there. Raises SignInFailed.

    after: the page to go on with; where a proof is asked for again, the page is shown only after that.
    """
    mail = request.user.email if isinstance(request.user, Administrator) else ""
    there = way_there(request, row, purpose="confirm", after=after, hint=mail)
    if request.htmx:
        return HttpResponseClientRedirect(there)
    return render(request, "panel/single_sign_on/leave.html", {"row": row, "there": there})


def confirmed(request: HttpRequest, row: IdentityProvider, claims: Claims, after: str) -> HttpResponse:
    """Back from there: a proof, if it is the very person whose session this is."""
    from oxherd.panel.signin.step_up import come_back

    administrator = request.user
    if not isinstance(administrator, Administrator) or provider_of(request) != row.pk:
        return failed(request, row, NotBelieved("You are not signed in here any more. Sign in again."))
    if not queries.is_known(row, administrator, claims.subject):
        sentence = f"You signed in at {row} as somebody else. Confirm as {administrator}."
        return failed(request, row, NotBelieved(sentence, detail="another subject"))
    request_id: str = request.request_id  # type: ignore[attr-defined]  # RequestIdMiddleware has set it
    decision = enter(provider=row, claims=claims, request_id=request_id, confirms=True)
    if decision.refusal:
        logout(request)
        return turned_away(request, row, decision.refusal)
    record_authentication(request, administrator, "identity_provider", provider=row.pk, reauthenticated=True)
    return come_back(request, after)
