from django.conf import settings

from oxherd import sealing
from oxherd.brands.models import Brand
from oxherd.ox.interface import Connection, ContextAccess, Platform, platform_for
from oxherd.sync.lanes import SLOW_LANE


def platform_of(brand: Brand) -> Platform:
    return platform(brand.platform, brand.api_url, brand.username, brand.sealed_password, brand.api)


def platform(kind: str, api_url: str, username: str, sealed_password: str, api: str) -> Platform:
    """The connector for a brand's account; one per process and set of credentials."""
    return platform_for(
        Connection(
            kind=kind,
            api=api,
            api_url=api_url,
            login=username,
            password=sealing.unseal(sealed_password),
            read_timeout=settings.PLATFORM_TIMEOUT_SECONDS,
            pool_size=settings.WORKER_CONCURRENCY + SLOW_LANE,
        )
    )


def access(context_id: int | None, context_admin: str, sealed_password: str) -> ContextAccess:
    """The context administrator's credentials: App Suite lets nobody else handle users.

    A context whose number is not known yet is not ready, so nobody goes there with the 0 that stands for it.
    """
    return ContextAccess(context_id or 0, context_admin, sealing.unseal(sealed_password))
