"""The way to a service of SAML and back.

An answer comes as a form that the service's page sends. Browsers add no cookie of ours to that (SameSite=Lax), so it
cannot be known yet whose browser it is. It is judged, spent, and kept; the browser is sent on to `arrive` by a GET, to
which the cookie does belong. There the request that is answered must be one that this very session has begun: whoever
is made to post somebody else's answer (login CSRF) has not, and is not signed in. The pass in the address is no secret
that would help anybody else, and holds for two minutes, once.
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from oxherd.errors import NotYours
from oxherd.panel.single_sign_on.oidc import Way
from oxherd.single_sign_on import queries, saml, spent
from oxherd.single_sign_on.assertions import CLOCKS_DIFFER, believe
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.faults import NotBelieved, SignInFailed
from oxherd.single_sign_on.models import IdentityProvider, SpentAssertion

BEGUN = "saml_begun"
MOST_BEGUN = 5
BEGUN_SECONDS = 15 * 60
PASS_SECONDS = 120
PASS = "oxherd.saml"  # noqa: S105 - what the signature is for


def ours(row: IdentityProvider) -> saml.Ours:
    """As we are known from outside: not by what a proxy makes of a request."""
    return saml.Ours(_outside("saml_metadata", row), _outside("saml_answer", row))


def begin(request: HttpRequest, row: IdentityProvider, *, purpose: str, after: str, hint: str = "") -> str:  # noqa: ARG001 - as OpenID Connect has it
    """The address at the service."""
    request_id, there = saml.ask(row, ours(row), again=purpose == "confirm")
    begun = {**_begun(request), request_id: [row.key, purpose, after, time.time()]}
    request.session[BEGUN] = dict(list(begun.items())[-MOST_BEGUN:])
    return there


def come_back(request: HttpRequest, row: IdentityProvider) -> tuple[Way, Claims]:
    """What the service says of the person, and what had been begun. Raises SignInFailed."""
    try:
        pk, relayed = signing.loads(request.GET.get("pass", ""), salt=PASS, max_age=PASS_SECONDS)
    except signing.BadSignature:
        raise NotBelieved("This answer came too long ago. Begin again.", detail="no valid pass") from None
    kept, claims = spent.take(provider=row, pk=pk)
    way = _unasked(row, relayed) if not kept.in_response_to else _asked(request, row, kept)
    if way.asks_again:
        _is_fresh(row, way, kept)
    return way, claims


@login_not_required
@never_cache
@require_GET
def metadata(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001 - a view
    """For the service: who we are."""
    answer = HttpResponse(saml.metadata_of(ours(_saml(key))), content_type="application/samlmetadata+xml")
    answer["Content-Disposition"] = 'attachment; filename="oxherd-metadata.xml"'
    return answer


@csrf_exempt  # the service's page posts it: see above for what holds instead
@login_not_required
@never_cache
@require_POST
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """From the service (the Assertion Consumer Service). Reads no cookie, and begins no session."""
    from oxherd.panel.single_sign_on.entrance import failed, safe

    row = _saml(key)
    try:
        said = believe(row, ours(row), request.POST.get("SAMLResponse", ""))
        if not said.in_response_to and not row.allows_unasked:
            raise NotBelieved(f"Sign-ins through {row} begin here, not there.", detail="unasked")
        kept = spent.spend(provider=row, said=said)
    except SignInFailed as fault:
        return failed(request, row, fault)
    relayed = safe(request.POST.get("RelayState", "")[:500])
    stamp = signing.dumps([kept.pk, relayed], salt=PASS)
    onward = redirect(f"{reverse('saml_arrive', args=[row.key])}?{urlencode({'pass': stamp})}")
    onward.status_code = 303  # a GET from here on
    return onward


@login_not_required
@never_cache
@require_GET
def arrive(request: HttpRequest, key: str) -> HttpResponse:
    """The browser that has brought an answer, now with its cookie."""
    from oxherd.panel.single_sign_on import entrance

    row = _saml(key)
    try:
        way, claims = come_back(request, row)
    except SignInFailed as fault:
        return entrance.failed(request, row, fault)
    return entrance.arrive(request, row, way, claims)


def _asked(request: HttpRequest, row: IdentityProvider, kept: SpentAssertion) -> Way:
    begun = _begun(request)
    key, purpose, after, began_at = begun.pop(kept.in_response_to, ("", "", "", 0.0))
    request.session[BEGUN] = begun
    if key != row.key:
        raise NotBelieved(
            "This sign-in was not begun in this browser, or too long ago. Begin again.", detail="unknown InResponseTo"
        )
    return Way(purpose, after, began_at)


def _is_fresh(row: IdentityProvider, way: Way, kept: SpentAssertion) -> None:
    shown_at = kept.authenticated_at.timestamp() if kept.authenticated_at else 0
    if shown_at < way.began_at - CLOCKS_DIFFER.total_seconds():
        raise NotBelieved(f"{row} did not ask who you are again.", detail=f"AuthnInstant {kept.authenticated_at}")


def _unasked(row: IdentityProvider, relayed: str) -> Way:
    if not row.allows_unasked:
        raise NotBelieved(f"Sign-ins through {row} begin here, not there.", detail="unasked")
    return Way("sign_in", relayed, time.time())


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What this session has begun and may still come back to, by the ids of its requests, the oldest first."""
    oldest = time.time() - BEGUN_SECONDS
    return {request_id: begun for request_id, begun in request.session.get(BEGUN, {}).items() if begun[3] > oldest}


def _saml(key: str) -> IdentityProvider:
    row = queries.by_key(key)
    if row.is_oidc:
        raise NotYours("There is no such way to sign in. Ask your administrator for the right address.")
    return row


def _outside(name: str, row: IdentityProvider) -> str:
    return settings.BASE_URL + reverse(name, args=[row.key])
