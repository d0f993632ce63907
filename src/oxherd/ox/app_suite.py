"""App Suite on a provider's own hosts: contexts as its master administrator, the rest as the context's own."""

from typing import Any

from oxherd.ox import checks
from oxherd.ox.calls import Ask, as_admin
from oxherd.ox.contexts import Contexts
from oxherd.ox.dialect import Services
from oxherd.ox.groups import Groups
from oxherd.ox.interface import ContextAccess, PlatformReport
from oxherd.ox.releases import Releases


class AppSuite(Contexts, Releases, Groups):
    """See `oxherd.ox.interface.Platform`."""

    mail = None
    services = Services("OXContextService", "OXUserService", "OXGroupService", "OXResourceService")

    def check(self) -> PlatformReport:
        probe = self._about_contexts("exists", ctx={"name": "oxherd-asks-whether-it-may-sign-in"})
        return checks.report(self._caller, self.services, probe)

    def _inside(self, access: ContextAccess, service: str, operation: str, secret: Any = None, **arguments: Any) -> Ask:
        return as_admin(access, service, operation, secret, **arguments)
