"""App Suite on a provider's own hosts: contexts as its master administrator, the rest as the context's own."""

from dataclasses import replace
from itertools import islice
from typing import Any

from oxherd.errors import PlatformError
from oxherd.ox import checks
from oxherd.ox.calls import Ask, as_admin
from oxherd.ox.contexts import Contexts
from oxherd.ox.dialect import Services
from oxherd.ox.groups import Groups
from oxherd.ox.interface import ContextAccess, PlatformReport
from oxherd.ox.releases import Releases

_MOST_LOOKED_AT = 12


class AppSuite(Contexts, Releases, Groups):
    """See `oxherd.ox.interface.Platform`."""

    mail = None
    services = Services("OXContextService", "OXUserService", "OXGroupService", "OXResourceService")

    def check(self) -> PlatformReport:
        probe = self._about_contexts("exists", ctx={"name": "oxherd-asks-whether-it-may-sign-in"})
        report = checks.report(self._caller, self.services, probe)
        return replace(report, combinations=self._combinations_in_use()) if report.ok else report

    def _combinations_in_use(self) -> tuple[str, ...]:
        """Of the first few contexts. The platform has no call that tells which combinations there are."""
        try:
            first = [context.context_id for context in islice(self.list_contexts(), _MOST_LOOKED_AT)]
            names = [self._caller.one(self._combination_of(context_id), checks.text) for context_id in first]
        except PlatformError:
            return ()
        return tuple(sorted({name for name in names if name}))

    def _combination_of(self, context_id: int) -> Ask:
        return self._about_contexts("getAccessCombinationName", ctx={"id": context_id})

    def _inside(self, access: ContextAccess, service: str, operation: str, secret: Any = None, **arguments: Any) -> Ask:
        return as_admin(access, service, operation, secret, **arguments)
