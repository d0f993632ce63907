from oxherd.accounts.actor import Actor, Grant
from oxherd.accounts.models import Administrator, Membership
from oxherd.accounts.states import Door, Role


def actor_of(administrator: Administrator, *, door: Door, request_id: str) -> Actor:
    """The administrator with all roles that hold now; one query."""
    memberships = Membership.objects.filter(administrator=administrator).values_list("role", "brand_id", "tenant_id")
    return Actor(
        name=str(administrator),
        door=door,
        administrator_id=administrator.pk,
        grants=tuple(Grant(Role(role), brand_id, tenant_id) for role, brand_id, tenant_id in memberships),
        request_id=request_id,
    )
