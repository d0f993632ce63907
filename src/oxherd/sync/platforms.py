from django.conf import settings

from oxherd import sealing
from oxherd.brands.models import Brand
from oxherd.ox.interface import Connection, ContextAccess, Platform, platform_for
from oxherd.sync.lanes import SLOW_LANE
from oxherd.tenants.models import Tenant


def platform_of(brand: Brand) -> Platform:
    """The connector for a brand; one per process and set of credentials."""
    return platform_for(
        Connection(
            kind=brand.platform,
            api_url=brand.api_url,
            login=brand.username,
            password=sealing.unseal(brand.sealed_password),
            read_timeout=settings.PLATFORM_TIMEOUT_SECONDS,
            pool_size=settings.WORKER_CONCURRENCY + SLOW_LANE,
        )
    )


def access_to(tenant: Tenant) -> ContextAccess:
    """The context administrator's credentials: App Suite lets nobody else handle users."""
    return ContextAccess(tenant.context_id, tenant.context_admin, sealing.unseal(tenant.sealed_context_password))
