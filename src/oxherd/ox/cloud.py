"""OX Cloud by SOAP: the services for resellers and OXaaSService, all as the brand.

Users are made in steps, since no call does all: create with modules, class of service and drive quota; lift the drive
quota where there is none (only a limit gives a user a file store); set the mail quota. Whatever breaks off between two
of them leaves a user with our mark, and all steps of a change after that may be carried out again.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from oxherd.errors import PlatformError, PlatformMisconfigured, PlatformNotFound
from oxherd.ox import checks, oxaas
from oxherd.ox.calls import Ask, secrets_of
from oxherd.ox.contexts import Contexts
from oxherd.ox.dialect import Services
from oxherd.ox.groups import Groups
from oxherd.ox.interface import (
    UNSET,
    BrandAccount,
    ContextAccess,
    ContextAdmin,
    ContextChange,
    ContextData,
    Finding,
    FoundContext,
    Mailboxes,
    PlatformReport,
    UserChange,
    UserData,
)
from oxherd.ox.plugins import Plugins
from oxherd.ox.releases import Releases
from oxherd.ox.reseller import Reseller
from oxherd.ox.rest import Rest

# With `weblogin`, which is what the core calls mailenabled: all that a user can do.
OF_MAILBOX = ("send", "receive", "maillogin")
_NOBODY = "oxherd-asks-whether-it-may-sign-in"


class OxCloud(Contexts, Releases, Groups, oxaas.Oxaas, Plugins, Reseller):
    """See `oxherd.ox.interface.Platform`."""

    services = Services(
        "OXResellerContextService", "OXResellerUserService", "OXResellerGroupService", "OXResellerResourceService"
    )

    @property
    def mail(self) -> Mailboxes:
        return self

    @cached_property
    def _api(self) -> Rest:
        """The Cloud API v2: at the very address of SOAP, if it is there."""
        transport = self._caller.transport
        return Rest(f"{transport.base}/cloudapi/v2", transport, self._connection)

    def check(self) -> PlatformReport:
        found, has_cloud_api = checks.cloud_api(self._api, self._full(_NOBODY))
        more = {oxaas.OXAAS: oxaas.NEEDED}
        report = checks.report(self._caller, self.services, self._probe(), more, also=[found])
        report = replace(report, has_cloud_api=has_cloud_api)
        return self._with_limits(report) if report.ok else report

    def _with_limits(self, report: PlatformReport) -> PlatformReport:
        try:
            account = self.own_account()
        except PlatformError:  # nothing else needs OXResellerService
            limits = Finding("limits", ok=True, sentence="The platform does not tell the limits of this brand.")
            return replace(report, findings=(*report.findings, limits))
        findings = (*report.findings, self._limits(account))
        return replace(report, findings=findings, combinations=account.combinations)

    @staticmethod
    def _limits(account: BrandAccount) -> Finding:
        contexts, users = (
            f"{most:,} {what}" if most is not None else f"any number of {what}"
            for most, what in ((account.most_contexts, "customers"), (account.most_users, "users"))
        )
        return Finding("limits", ok=True, sentence=f"The platform lets this brand have {contexts} and {users}.")

    def _probe(self) -> Ask:
        return self._about_contexts("exists", ctx={"name": self._full(_NOBODY)})

    # Contexts: on the platform their names begin with the brand's login.

    def create_context(
        self, _context_id: int | None, data: ContextData, admin: ContextAdmin, access_combination: str
    ) -> FoundContext:
        """The platform gives the id, whatever is asked for."""
        data = replace(data, name=self._full(data.name))
        return self._short(super().create_context(None, data, admin, access_combination))

    def find_context(self, *, context_id: int | None = None, name: str | None = None) -> FoundContext | None:
        try:
            with self._told_apart():
                found = super().find_context(context_id=context_id, name=None if name is None else self._full(name))
        except PlatformNotFound:
            return None
        return None if found is None else self._short(found)

    def change_context(self, context_id: int, change: ContextChange) -> None:
        named = change if change.name is UNSET else replace(change, name=self._full(change.name))
        with self._told_apart():
            super().change_context(context_id, named)

    def enable_context(self, context_id: int) -> None:
        with self._told_apart():
            super().enable_context(context_id)

    def disable_context(self, context_id: int) -> None:
        with self._told_apart():
            super().disable_context(context_id)

    def remove_context(self, context_id: int) -> None:
        with suppress(PlatformNotFound), self._told_apart():
            super().remove_context(context_id)

    def list_contexts(self, pattern: str = "*") -> Iterator[FoundContext]:
        """The brand's own, and those of the brands below it."""
        pattern = pattern if pattern.startswith("*") else self._full(pattern)
        return map(self._short, super().list_contexts(pattern))

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """To a brand a context that is not there is as a stranger's: "Authentication failed", as for a wrong password.

        So after that another question, which names no context, tells which of the two it is. Raises PlatformNotFound.
        """
        try:
            yield
        except PlatformMisconfigured as error:
            self._caller.all(self._probe(), checks.anything)
            raise PlatformNotFound("The platform does not know this context.", detail=error.detail) from None

    @property
    def _prefix(self) -> str:
        return f"{self._connection.login}_"

    def _full(self, name: str) -> str:
        return f"{self._prefix}{self._without(name)}"

    def _without(self, name: str) -> str:
        return name[len(self._prefix) :] if name.lower().startswith(self._prefix.lower()) else name

    def _short(self, context: FoundContext) -> FoundContext:
        mappings = tuple(self._without(mapping) for mapping in context.login_mappings)
        return replace(context, name=self._without(context.name), login_mappings=mappings)

    # Users: steps that the core does not know.

    def create_user(self, access: ContextAccess, user: UserData) -> int:
        ox_id = super().create_user(access, user)
        if user.mail_quota_mb is not UNSET:
            self.set_mail_quota(access, ox_id, user.mail_quota_mb)
        return ox_id

    def change_user(self, access: ContextAccess, ox_id: int, change: UserChange) -> None:
        """Who is locked neither sends nor receives, and reads mail from nowhere."""
        super().change_user(access, ox_id, change)
        if change.mail_quota_mb is not UNSET:
            self.set_mail_quota(access, ox_id, change.mail_quota_mb)
        if change.mail_enabled is not UNSET:
            names = {"on" if change.mail_enabled else "off": OF_MAILBOX}
            self.set_permissions(access, ox_id, **names)
        if change.mail_enabled is False:
            self._sign_out(access, ox_id)

    def _sign_out(self, access: ContextAccess, ox_id: int) -> None:
        """Who is locked out must not stay signed in. Sessions go by the user's name."""
        user = self.find_user(access, ox_id=ox_id)
        if user is not None:
            self.end_sessions(access, user.name)

    def _inside(self, access: ContextAccess, service: str, operation: str, secret: Any = None, **arguments: Any) -> Ask:
        """The brand may handle whatever is in its contexts; nobody needs the context's administrator."""
        arguments |= {"ctx": {"id": access.context_id}, "auth": self._own_credentials}
        secrets = secrets_of(self._connection.password, secret)
        return Ask(service, operation, arguments, access.context_id, secrets, by_brand=True)
