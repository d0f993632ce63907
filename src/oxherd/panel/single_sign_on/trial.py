"""Test an identity provider: what it says of itself, and what a sign-in would tell and do."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from oxherd.accounts.models import Administrator
from oxherd.errors import NotYours, Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.single_sign_on.entrance import leave
from oxherd.panel.single_sign_on.pages import found, page_context
from oxherd.panel.single_sign_on.places import spot_of_row
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.checks import Finding, check
from oxherd.single_sign_on.claims import Claims
from oxherd.single_sign_on.entry import decide
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.single_sign_on.refreshing import refresh

LONGEST_VALUE = 500


@require_POST
def ask(request: PanelRequest, pk: int, tenant_id: int | None = None, brand_id: int | None = None) -> HttpResponse:
    """Ask the service; or, with `sign_in`, go there as somebody who signs in would."""
    spot, row = found(request, pk, tenant_id, brand_id)
    if "sign_in" in request.POST:
        return leave(request, row, purpose="test")
    findings = []
    if row.metadata_url:
        try:
            row = refresh(actor=request.actor, provider=row)
        except Refused as refused:
            findings = [Finding("red", "Metadata", refused.sentence)]
    context = page_context(request, spot, row) | {"findings": [*findings, *check(row)]}
    return render(request, "panel/single_sign_on/page.html", context)


def tried(request: HttpRequest, row: IdentityProvider, claims: Claims) -> HttpResponse:
    """Back from a test sign-in: nothing is changed, and nobody is signed in. Raises NotYours, NotAllowed."""
    if not isinstance(request.user, Administrator):
        raise NotYours("There is no such page.")
    actor = request.actor  # type: ignore[attr-defined]  # ActorMiddleware has set it
    queries.one(actor, row.owner, row.pk)
    spot = spot_of_row(row)
    context = {
        **spot.context,
        "row": row,
        "back": spot.url("identity_provider", row.pk),
        "test_url": spot.url("identity_provider_test", row.pk),
        "claims": claims,
        "told": [(name, _shown(value)) for name, value in sorted(claims.everything.items())],
        "decision": decide(row, claims),
    }
    return render(request, "panel/single_sign_on/tried.html", context)


def _shown(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…"
