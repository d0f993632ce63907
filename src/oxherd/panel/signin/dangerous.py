"""What asks for a fresh proof of who somebody is, by the names of the pages: one list to look over."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from oxherd.accounts.models import Administrator
from oxherd.errors import Refused
from oxherd.panel.actor import PanelRequest
from oxherd.panel.faults import refusal
from oxherd.panel.frame.sessions import Framed, framed_of
from oxherd.panel.signin import proofs
from oxherd.panel.signin.step_up import DOWNLOADS, question

OWN = frozenset(
    {
        *("own_address", "own_passkey_options", "own_passkey_add", "own_passkey_remove"),
        *("own_app", "own_app_remove", "own_codes"),
    }
)
BRANDS = frozenset({"brand_add", "brand_edit", "brand_remove"})  # also for their platforms' passwords
CUSTOMERS = frozenset({"overview_remove", "overview_delete"})
FOR_GOOD = frozenset({"removed_delete"})
ADMINISTRATORS = frozenset(
    f"{level}{name}"
    for level in ("", "tenant_")
    for name in (
        *("administrators_invite", "invitation_again", "administrator_deactivate", "administrator_reactivate"),
        *("administrator_role_change", "administrator_take", "administrator_role_add", "administrator_role"),
        *("administrator_role_remove", "administrator_rules", "administrator_second_factor"),
    )
) | {"tenant_administrator_act"}
IDENTITY_PROVIDERS = frozenset(
    f"{level}{page}"
    for level in ("", "brand_", "tenant_")
    for page in (
        *("identity_provider_add", "identity_provider_edit", "identity_provider_switch", "identity_provider_remove"),
        "identity_forget",
    )
)
DANGEROUS = OWN | ADMINISTRATORS | IDENTITY_PROVIDERS | BRANDS | CUSTOMERS | FOR_GOOD | DOWNLOADS
# Pages that are also there to be looked at.
ON_SAVING = frozenset({"administrator_rules", "tenant_administrator_rules"})


class ProofMiddleware:
    """Stands between the sign-in and the views, so that no view has to think of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: PanelRequest, *_: Any) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name not in DANGEROUS or not isinstance(request.user, Administrator):
            return None
        if name in ON_SAVING and request.method == "GET":
            return None
        if framed := framed_of(request):
            return None if proofs.is_fresh(request) else _enter_anew(request, framed)
        return question(request)


def _enter_anew(request: PanelRequest, framed: Framed) -> HttpResponse:
    """Who is in the frame has nothing to prove it with but the way in."""
    minutes = settings.PROOF_SECONDS // 60
    return refusal(
        request,
        Refused(
            f"This asks for a fresh sign-in: open the page from {framed.instance} again, and repeat it within "
            f"{minutes} minutes."
        ),
    )
