"""The pages of identity providers, which are the same on three levels."""

from functools import partial
from typing import Any

from django.urls import reverse
from tests.cast import Cast

from oxherd.accounts.states import Role
from oxherd.single_sign_on.commands import add_provider
from oxherd.single_sign_on.states import OFFERED, Kind

LEVELS = ("", "brand_", "tenant_")
WITH_ONE = ("identity_provider", "identity_provider_edit", "identity_provider_remove")


def elsewhere(prefix: str, name: str, things: Any) -> list[str]:
    """A page about identity providers, of one level."""
    owner = {"brand_": {"brand_id": things.brands[0]}, "tenant_": {"tenant_id": things.tenant}}.get(prefix, {})
    if name.endswith("_add"):
        return [reverse(f"{prefix}{name}", kwargs={**owner, "kind": kind.value}) for kind in OFFERED]
    one = {"pk": things.identity_providers[prefix][1]} if name in WITH_ONE else {}
    return [reverse(f"{prefix}{name}", kwargs={**owner, **one})]


def set_up(cast: Cast) -> dict[str, tuple[str, int]]:
    shared = {"kind": Kind.OIDC, "issuer": "https://login.contoso.test", "client_id": "oxherd", "is_enabled": True}
    made = {
        prefix: add_provider(
            actor=cast.system,
            owner=owner,
            name="Contoso",
            mail_domains=[f"{prefix}acme.test".replace("tenant_", "").replace("_", "-")],
            group_roles=[("staff", Role.READ_ONLY)],
            **shared,
        )
        for prefix, owner in (("", None), ("brand_", cast.brand), ("tenant_", cast.acme))
    }
    return {prefix: (row.key, row.pk) for prefix, row in made.items()}


PAGES = {
    "single_sign_on": lambda things: [f"/sign-in/with/{key}/" for key, _ in things.identity_providers.values()],
    **{
        f"{prefix}{name}": partial(elsewhere, prefix, name)
        for prefix in LEVELS
        for name in ("identity_providers", "identity_provider_add", *WITH_ONE)
    },
}
NO_PAGES = {
    "single_sign_on_callback",
    "single_sign_on_where",
    "saml_metadata",
    "saml_answer",
    "saml_arrive",
} | frozenset(
    f"{prefix}{name}"
    for prefix in LEVELS
    for name in ("identity_provider_switch", "identity_provider_test", "identity_forget")
)
