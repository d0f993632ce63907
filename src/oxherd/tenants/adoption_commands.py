"""The verbs by which a context that was there before us becomes a tenant. The platform hears nothing of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import record
from oxherd.audit.states import Action
from oxherd.brands.models import Brand
from oxherd.errors import Refused
from oxherd.inputs import one_line
from oxherd.profiles.models import Profile
from oxherd.tenants.commands import describe, held, index
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.rules import CONTEXT_NAME, profile_is_of_the_brand


@dataclass(frozen=True, slots=True)
class Context:
    """A context as the platform holds it, and the way into it."""

    context_id: int
    name: str
    quota_mb: int | None
    marker: str | None
    administrator: str
    sealed_password: str = field(repr=False)


@transaction.atomic
def adopt_tenant(*, actor: Actor, brand: Brand, context: Context, name: str = "") -> Tenant:
    """A customer of the brand for a context of its platform.

    name: of the customer; the context's if empty. Raises Refused for a context that a customer has already.
    """
    actor.require(Permission.MANAGE_TENANTS, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    _is_free(brand, context)
    tenant = Tenant(
        brand=brand,
        name=one_line(name or context.name, "name", missing="Give the customer a name."),
        quota_mb=context.quota_mb,
        context_id=context.context_id,
        context_name=context.name,
        context_admin=context.administrator,
        sealed_context_password=context.sealed_password,
        is_adopted=True,
        is_provisioned=True,
    )
    if marker := _free_marker(context.marker):
        tenant.marker = marker
    index(tenant)
    tenant.save(force_insert=True)
    record(actor, Action.TENANT_ADOPT, tenant, place=tenant, after=describe(tenant))
    return tenant


@transaction.atomic
def note_context(
    *, actor: Actor, tenant: Tenant, mappings: Mapping[str, list[str]], applied: Mapping[str, Any]
) -> None:
    """Write down what an adopted context maps beside its domains, and what it holds in the worker's words."""
    actor.require(Permission.MANAGE_TENANTS, tenant)
    fresh = held(tenant)
    fresh.mappings, fresh.applied = dict(mappings), dict(applied)
    fresh.save(update_fields=["mappings", "applied"])
    tenant.mappings, tenant.applied = fresh.mappings, fresh.applied


def offer(tenant: Tenant, profile: Profile) -> None:
    """Let an adopted customer have a profile, without a limit if it had none yet."""
    profile_is_of_the_brand(tenant.brand_id, profile)
    Seats.objects.get_or_create(tenant=tenant, profile=profile)


def _is_free(brand: Brand, context: Context) -> None:
    """On App Suite another brand may be an account of the same platform."""
    if not CONTEXT_NAME.fullmatch(context.name):
        sentence = f"The context's name “{context.name[:100]}” holds characters that a name here cannot have."
        raise Refused(f"{sentence} Rename it in OX first.", field="context_name")
    same_place = Tenant.objects.filter(brand__api_url=brand.api_url, brand__platform=brand.platform)
    holder = same_place.filter(context_id=context.context_id).select_related("brand").first()
    if holder is not None:
        of = "" if holder.brand_id == brand.pk else f" of {holder.brand}"
        raise Refused(f"The context {context.name} is {holder}{of} already.", field="context_name")
    if Tenant.objects.filter(brand=brand, context_name__iexact=context.name).exists():
        raise Refused(f"{brand} has a customer with the context name {context.name} already.", field="context_name")


def _free_marker(text: str | None) -> UUID | None:
    """The mark that the context carries from another time, if a customer of ours can carry it."""
    try:
        marker = UUID(text or "")
    except ValueError:
        return None
    return None if Tenant.objects.filter(marker=marker).exists() else marker
