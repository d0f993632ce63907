import re
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from oxherd import sealing
from oxherd.accounts.actor import Actor
from oxherd.accounts.states import Permission
from oxherd.audit.commands import changes, record
from oxherd.audit.states import Action
from oxherd.brands.abilities import Ability, can
from oxherd.brands.models import Brand
from oxherd.errors import NotYours, Refused
from oxherd.folding import all_parts
from oxherd.inputs import one_line, whole_number
from oxherd.profiles.models import Profile
from oxherd.provisioning.commands import request_sync, retry
from oxherd.provisioning.states import SubjectKind
from oxherd.tenants import rules
from oxherd.tenants.models import Seats, Tenant
from oxherd.tenants.states import Mastered, TenantState

LIMITS = ("domain_limit", "subdomain_limit", "group_limit", "resource_limit")
CHANGEABLE = ("name", "quota_mb", *LIMITS)


@transaction.atomic
def add_tenant(
    *,
    actor: Actor,
    brand: Brand,
    name: str,
    context_name: str = "",
    quota_mb: int | None = None,
    seats: Mapping[Profile, int | None] | None = None,
    **limits: int | None,
) -> Tenant:
    """Add a customer and ask for its context on the platform.

    context_name: made from the name when empty. quota_mb: of the whole context, None for unlimited.
    seats: profiles the customer may use with the number of seats each, None for unlimited. limits: any of LIMITS,
    None for none. Raises Refused with the field to mend.
    """
    actor.require(Permission.MANAGE_TENANTS, brand)
    brand = Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    tenant = Tenant(brand=brand, sealed_context_password=sealing.seal(secrets.token_urlsafe(24)))
    _assign(tenant, {"name": name, "quota_mb": quota_mb, **limits})
    next_id = take_context_id(brand)
    tenant.context_name = context_name or f"{_ascii(tenant.name)}-{next_id}"
    rules.context_name_is_allowed(brand, tenant.context_name)
    tenant.context_id = next_id if can(brand, Ability.CHOOSE_CONTEXT_ID) else None
    index(tenant)
    tenant.save(force_insert=True)
    for profile, number in (seats or {}).items():
        _write_seats(tenant, profile, number)
    record(actor, Action.TENANT_ADD, tenant, place=tenant, after=describe(tenant))
    ask(actor, tenant)
    return tenant


@transaction.atomic
def change_tenant(
    *,
    actor: Actor,
    tenant: Tenant,
    seats: Mapping[Profile, int | None] | None = None,
    without: Collection[Profile] = (),
    **settings: Any,
) -> Tenant:
    """Change what is given: name, quota_mb, LIMITS (None: no limit), and the seats of profiles.

    without: profiles that the customer may not use any more. Raises Refused at `seats` where seats would fall below
    those in use, or a profile in use be taken away. What is beyond a lower limit stays; no more can be added.
    """
    tenant = managed(actor, tenant)
    rules.takes_changes(tenant)
    before = describe(tenant)
    _assign(tenant, settings)
    tenant.save(update_fields=[*CHANGEABLE, "search_text"])
    hold_seats({tenant.pk})
    for profile, number in (seats or {}).items():
        _write_seats(tenant, profile, number)
    for profile in without:
        _take_away(tenant, profile)
    old, new = changes(before, describe(tenant))
    if old or new:
        record(actor, Action.TENANT_CHANGE, tenant, place=tenant, before=old, after=new)
    ask(actor, tenant)
    return tenant


def suspend_tenant(*, actor: Actor, tenant: Tenant, reason: str = "") -> Tenant:
    """Disable the context: nobody of the customer can sign in to OX; nothing is lost. reason: kept in the audit."""
    return _move(actor, tenant, TenantState.SUSPENDED, Action.TENANT_SUSPEND, reason)


def resume_tenant(*, actor: Actor, tenant: Tenant) -> Tenant:
    """Enable the context of a suspended customer again."""
    return _move(actor, tenant, TenantState.ACTIVE, Action.TENANT_RESUME)


@transaction.atomic
def switch_self_service(*, actor: Actor, tenant: Tenant, on: bool) -> Tenant:
    """Let service users sign in to the page of their own, or not (any more): who is there is signed out at once."""
    actor.require(Permission.MANAGE_ADMINISTRATORS, tenant)
    tenant = held(tenant)
    rules.takes_changes(tenant)
    if tenant.self_service == on:
        return tenant
    tenant.self_service = on
    tenant.save(update_fields=["self_service"])
    before, after = {"self_service": not on}, {"self_service": on}
    record(actor, Action.TENANT_SELF_SERVICE, tenant, place=tenant, before=before, after=after)
    return tenant


@transaction.atomic
def retry_tenant(*, actor: Actor, tenant: Tenant) -> None:
    """Try a refused or stuck context again."""
    actor.require(Permission.RETRY, tenant)
    held(tenant)
    record(actor, Action.TENANT_RETRY, tenant, place=tenant)
    retry(actor, SubjectKind.TENANT, tenant.pk, place=tenant)


def held(tenant: Tenant) -> Tenant:
    """The tenant as it is now, locked against other commands. Raises NotYours for one that is gone."""
    # Without the key: rows changed twice in a transaction ask for it at the commit, holding what we may wait for.
    fresh = Tenant.objects.select_for_update(no_key=True).filter(pk=tenant.pk).first()
    if fresh is None:
        raise NotYours("There is no such customer.")
    return fresh


@transaction.atomic
def renumber_context(tenant: Tenant) -> int:
    """Give the tenant another context id, because the platform has a stranger's context under the old one."""
    brand = Brand.objects.select_for_update(no_key=True).get(pk=tenant.brand_id)
    context_id = take_context_id(brand)
    note_context_id(tenant, context_id)
    return context_id


def note_context_id(tenant: Tenant, context_id: int | None) -> None:
    """Write down which number the platform has given to the context; None where there is none any more."""
    tenant.context_id = context_id
    tenant.save(update_fields=["context_id"])


def note_master(tenant: Tenant, controller: str) -> None:
    """Write down which controller, such as Odin, is the customer's master, in the transaction that adds it."""
    tenant.managed_by = controller
    tenant.save(update_fields=["managed_by"])


def note_differences(tenant_id: int, number: int, *, compared_at: datetime) -> None:
    """Tell how many differences from the platform were found just now."""
    Tenant.objects.filter(pk=tenant_id).update(differences=number, compared_at=compared_at)


def note_repaired(tenant_id: int) -> None:
    """Tell that there is one difference less."""
    Tenant.objects.filter(pk=tenant_id, differences__gt=0).update(differences=F("differences") - 1)


def take_seat(tenant_id: int, profile: Profile, count: int = 1) -> None:
    """Count one more user of a profile; one conditional update, so that two at once cannot share the last seat.

    count: how many more, all or none. Raises Refused at `profile` where the tenant may not use it or has too few left.
    """
    free = Q(number__isnull=True) | Q(used__lte=F("number") - count)
    if Seats.objects.filter(free, tenant_id=tenant_id, profile=profile).update(used=F("used") + count):
        return
    seats = Seats.objects.filter(tenant_id=tenant_id, profile=profile).first()
    if seats is None:
        raise Refused(f"The profile {profile} is not part of this subscription.", field="profile")
    if seats.free:
        raise Refused(
            f"{count} seats of the profile {profile} are needed, and {seats.free} of {seats.number} are free. "
            "Choose fewer users or order more seats.",
            field="profile",
        )
    raise Refused(
        f"{rules.all_taken(seats.number, profile)} Choose another profile or order more seats.",
        field="profile",
    )


def hold_seats(tenant_ids: set[int]) -> None:
    """Lock all seats of tenants, always in the same order, before several of them are moved."""
    list(Seats.objects.select_for_update().filter(tenant_id__in=tenant_ids).order_by("pk"))


def leave_seat(tenant_id: int, profile_id: int, count: int = 1) -> None:
    seats = Seats.objects.filter(tenant_id=tenant_id, profile_id=profile_id, used__gte=count)
    seats.update(used=F("used") - count)


def take_context_id(brand: Brand) -> int:
    """The next context id of a brand whose row the caller has locked, beyond those of adopted customers in its way."""
    context_id = brand.next_context_id
    held = Tenant.objects.filter(brand=brand, context_id__gte=context_id).order_by("context_id")
    for number in held.values_list("context_id", flat=True).iterator(chunk_size=200):
        if number != context_id:
            break
        context_id += 1
    brand.next_context_id = context_id + 1
    brand.save(update_fields=["next_context_id"])
    return context_id


def index(tenant: Tenant) -> None:
    """Keep the parts of its names by which it is found; call it before it is saved with another name."""
    tenant.search_text = all_parts(f"{tenant.name} {tenant.context_name}")


def describe(tenant: Tenant) -> dict[str, Any]:
    seats = Seats.objects.filter(tenant=tenant).select_related("profile")
    return {
        "name": tenant.name,
        "state": tenant.state,
        "quota_mb": tenant.quota_mb,
        **{limit: getattr(tenant, limit) for limit in LIMITS},
        "seats": {str(row.profile): row.number for row in seats},
    }


@transaction.atomic
def _move(actor: Actor, tenant: Tenant, state: TenantState, action: Action, reason: str = "") -> Tenant:
    tenant = managed(actor, tenant)
    rules.takes_changes(tenant)
    if tenant.state == state:
        return tenant
    before, tenant.state = tenant.state, state
    tenant.save(update_fields=["state"])
    told = {"reason": one_line(reason, "reason", most=500)} if reason else {}
    record(actor, action, tenant, place=tenant, before={"state": before}, after={"state": state, **told})
    ask(actor, tenant)
    return tenant


def managed(actor: Actor, tenant: Tenant) -> Tenant:
    """As `held`, for who may manage it. Raises Refused where that is its controller alone."""
    actor.require(Permission.MANAGE_TENANTS, tenant)
    fresh = held(tenant)
    rules.is_ours(fresh, actor, Mastered.CUSTOMER)
    return fresh


def ask(actor: Actor, tenant: Tenant) -> None:
    request_sync(actor, SubjectKind.TENANT, tenant.pk, place=tenant)


def _assign(tenant: Tenant, settings: dict[str, Any]) -> None:
    if unknown := set(settings) - set(CHANGEABLE):
        raise TypeError(f"a customer has no {', '.join(sorted(unknown))} to change")
    for field, value in settings.items():
        setattr(tenant, field, value)
    tenant.name = one_line(tenant.name, "name", missing="Give the customer a name.")
    for field in ("quota_mb", *LIMITS):
        whole_number(getattr(tenant, field), field)
    index(tenant)


def _write_seats(tenant: Tenant, profile: Profile, number: int | None) -> None:
    rules.profile_is_of_the_brand(tenant.brand_id, profile)
    whole_number(number, "seats")
    seats = Seats.objects.select_for_update().filter(tenant=tenant, profile=profile).first()
    rules.seats_cover_use(profile, number, seats.used if seats else 0)
    Seats.objects.update_or_create(tenant=tenant, profile=profile, defaults={"number": number})


def _take_away(tenant: Tenant, profile: Profile) -> None:
    seats = Seats.objects.filter(tenant=tenant, profile=profile).first()
    if seats is not None:
        rules.profile_is_unused(profile, seats.used)
        seats.delete()


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "context"
