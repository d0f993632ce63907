"""One module for each service of the package: what its calls mean here."""

from collections.abc import Mapping

from oxherd.aps.service import Service
from oxherd.aps.services import app, brand, domain, group, profile, purchase_request, resource, tenant, user

SERVICES: Mapping[str, Service] = {
    each.one.service: each
    for each in (
        *(app.SERVICE, brand.SERVICE, profile.SERVICE, tenant.SERVICE, user.SERVICE),
        *(group.SERVICE, resource.SERVICE, domain.SERVICE, purchase_request.SERVICE),
    )
}
