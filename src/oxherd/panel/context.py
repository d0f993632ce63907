from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from oxherd.administrators.queries import manages_some
from oxherd.brands.queries import manages_any
from oxherd.panel.frame.prefix import is_in_frame
from oxherd.panel.frame.sessions import framed_of

# What the beginning of a page's URL name says of its place in the menu.
SECTIONS = (
    *(("tenant_identity_", "sign_in"), ("identity_", "sign_in_settings"), ("brand_identity_", "brands")),
    ("brand", "brands"),
    *(("customers", "customers"), ("adoption", "customers"), ("ox_", "ox"), ("group", "ox"), ("resource", "ox")),
    *(("forwarder", "ox"), ("domain", "ox")),
    ("user", "users"),
    ("removed", "removed"),
    *(("administrator", "administrators"), ("invitation_", "administrators")),
    *(("tenant_administrator", "tenant_administrators"), ("tenant_invitation", "tenant_administrators")),
    *(("customer_", "customers"), ("overview", "overview")),
    *(("audit", "audit"), ("tenant_audit", "tenant_audit")),
)

# The tabs in a control panel's frame, in the same way.
TABS = (
    *(("ox_purchases", "purchases"), ("ox_", "users"), ("user", "users")),
    *(("group", "groups"), ("resource", "resources"), ("forwarder", "forwarders"), ("domain", "domains")),
)


def panel(request: HttpRequest) -> dict[str, Any]:
    """For every page of somebody signed in: who it is, whether there is a choice of customers, and where we are."""
    actor = getattr(request, "actor", None)  # errors before the sign-in is known have none
    where = {"in_frame": is_in_frame(request)}
    if actor is None:
        return where
    return where | {
        "actor": actor,
        "framed": framed_of(request),
        "acting": getattr(request, "acting", None),
        "sees_many": sees_many(actor),
        "section": _section(request, SECTIONS),
        "frame_tab": _section(request, TABS),
        "tenant": None,
        "manages_brands": manages_any(actor),
        "manages_administrators": manages_some(actor),
    }


def sees_many(actor: Any) -> bool:
    """Whether the roles reach over more than one tenant."""
    tenants = {grant.tenant_id for grant in actor.grants}
    return len(tenants) > 1 or None in tenants


def _section(request: HttpRequest, sections: Sequence[tuple[str, str]]) -> str:
    name = (request.resolver_match.url_name or "") if request.resolver_match else ""
    return next((section for beginning, section in sections if name.startswith(beginning)), "")
