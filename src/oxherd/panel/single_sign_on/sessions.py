"""A session that was begun elsewhere: what it remembers, and when it ends."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from oxherd.accounts.models import Administrator
from oxherd.single_sign_on import queries
from oxherd.single_sign_on.models import IdentityProvider
from oxherd.walls.sight import EVERYTHING, seeing

KEPT = "identity_provider"


def remember(request: HttpRequest, row: IdentityProvider, administrator: Administrator, *, second_factor: bool) -> None:
    """Before the sign-in itself, which may still ask for a second factor."""
    request.session[KEPT] = {"pk": row.pk, "administrator": administrator.pk, "second_factor": second_factor}
    request.identity_provider = row  # type: ignore[attr-defined]  # until this request ends
    request.second_factor_elsewhere = second_factor  # type: ignore[attr-defined]


def provider_of(request: HttpRequest) -> int | None:
    """The id of the identity provider through which the session was begun."""
    kept = _kept(request)
    return int(kept["pk"]) if kept else None


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the session's person has shown a second factor at the identity provider."""
    kept = _kept(request)
    return bool(kept and kept["second_factor"])


def _kept(request: HttpRequest) -> dict[str, Any] | None:
    """What is remembered of this very person; somebody else may have signed in by password since."""
    kept = request.session.get(KEPT)
    return kept if isinstance(kept, dict) and kept["administrator"] == request.user.pk else None


class IdentityProviderMiddleware:
    """Ends a session whose identity provider was switched off, or has no say over the person any more.

    Whoever gets a role elsewhere while signed in through a customer's service must not carry it in that session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        pk = provider_of(request)
        if pk is not None and isinstance(request.user, Administrator):
            with seeing(EVERYTHING):
                holds = queries.still_holds(pk, request.user)
            if not holds:
                logout(request)
        return self.get_response(request)
