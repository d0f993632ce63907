"""Counters of a subscription: how many seats of which profile, and how much of everything is in use."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q

from oxherd.aps.models import ApsInstance, ApsResource
from oxherd.aps.service import actor_for
from oxherd.aps.states import ResourceState
from oxherd.people.models import ServiceUser
from oxherd.profiles.models import Profile
from oxherd.provisioning.states import Presence
from oxherd.subscriptions.queries import in_use, stored
from oxherd.tenants.commands import change_tenant
from oxherd.tenants.models import Seats, Tenant


def counters(instance: ApsInstance, brand_id: int) -> dict[Profile, str]:
    """The profiles that a controller has of a brand, each with the counter that limits it; empty for none."""
    rows = ApsResource.objects.filter(instance=instance, service="profile", state=ResourceState.DONE)
    named: dict[int, str] = {
        pk: wanted.get("counter") or "" for pk, wanted in rows.values_list("object_id", "wanted") if pk is not None
    }
    profiles = Profile.objects.filter(brand=brand_id, pk__in=list(named)).select_related("brand")
    return {profile: named[profile.pk] for profile in profiles}


def wanted(instance: ApsInstance, brand_id: int, wishes: Mapping[str, Any]) -> dict[Profile, int | None]:
    """The seats that a subscription has: as its counters say, without limit where a profile has none.

    What is not sold has no counter in the subscription, and no seats.
    """
    named = counters(instance, brand_id)
    return {profile: wishes.get(name) for profile, name in named.items() if not name or name in wishes}


def make_room(instance: ApsInstance, customer: Tenant, profile: Profile) -> None:
    """Let a subscription use a profile that its controller has added after it, as far as its counters say so."""
    if Seats.objects.filter(tenant=customer, profile=profile).exists():
        return
    above = ApsResource.objects.filter(instance=instance, service="tenant", object_id=customer.pk).first()
    sold = wanted(instance, customer.brand_id, above.wanted) if above else {}
    if profile in sold:
        change_tenant(actor=actor_for(instance, customer), tenant=customer, seats={profile: sold[profile]})


def usage(row: ApsResource, tenant: Tenant) -> dict[str, dict[str, int]]:
    """How much of each counter is in use; five queries, however many users there are."""
    present = Count("pk", filter=~Q(presence=Presence.REMOVED))
    users = ServiceUser.objects.filter(tenant=tenant).aggregate(number=present)["number"]
    things = in_use(tenant)
    found: dict[str, int] = {
        "USERS": users,
        "DOMAINS": things["domain_limit"],
        "SUBDOMAINS": things["subdomain_limit"],
        "SHARED_DOMAINS": 0,  # every domain is one customer's own here
        "GROUPS": things["group_limit"],
        "RESOURCES": things["resource_limit"],
        "STORAGE": stored(tenant).drive,
    }
    used = dict(Seats.objects.filter(tenant=tenant).values_list("profile_id", "used"))
    for profile, name in counters(row.instance, tenant.brand_id).items():
        if name:
            found[name] = found.get(name, 0) + used.get(profile.pk, 0)
    return {name: {"usage": number} for name, number in found.items()}
