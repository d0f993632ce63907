"""What the operations do. A module enters its functions into `HANDLERS` under service and operation."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from oxherd.sandbox.contract import service, service_names
from oxherd.sandbox.settings import Settings

MODULES = (
    *("catchalls", "mail_permissions", "mail_quota"),
    *("resellers_read", "resellers_write", "restriction_names"),
    *("contexts_create", "contexts_read", "contexts_state", "contexts_write"),
    *("group_members", "groups_read", "groups_write", "resources_read", "resources_write"),
    *("jobs", "secondary_accounts", "user_copy", "util_places", "util_stores"),
    *("users_change", "users_create", "users_delete", "users_move", "users_read"),
)

FOR_RESELLERS = ("OXReseller", "OXaaS", "cloudapi", "oxaas")


@dataclass
class Call:
    """One request on its way: its transaction, what was sent, and who sends it once that is known."""

    db: sqlite3.Connection
    settings: Settings
    service: str
    arguments: dict[str, Any]
    context_id: int = field(default=0)
    reseller: sqlite3.Row | None = field(default=None)

    @property
    def for_resellers(self) -> bool:
        """Whether it came by one of the services or REST interfaces that resellers may use."""
        return self.service.startswith(FOR_RESELLERS)

    def argument(self, name: str) -> Any:
        return self.arguments.get(name)


Work = Callable[[Call], Any]


@dataclass(frozen=True)
class Handler:
    """`authenticate` runs first and raises InvalidCredentials; `writes` decides about the kind of transaction."""

    work: Work
    authenticate: Callable[[Call], None]
    writes: bool


HANDLERS: dict[tuple[str, str], Handler] = {}


@dataclass(frozen=True)
class Operations:
    """Enters functions for the operations of a service and of its twin: each that has the operation gets them."""

    services: tuple[str, ...]
    authenticate: Callable[[Call], None]

    def reads(self, operation: str, authenticate: Callable[[Call], None] | None = None) -> Callable[[Work], Work]:
        return self._enter(operation, authenticate, writes=False)

    def writes(self, operation: str, authenticate: Callable[[Call], None] | None = None) -> Callable[[Work], Work]:
        return self._enter(operation, authenticate, writes=True)

    def _enter(
        self, operation: str, authenticate: Callable[[Call], None] | None, *, writes: bool
    ) -> Callable[[Work], Work]:
        def enter(work: Work) -> Work:
            for name in self.services:
                if operation in service(name).operations:
                    HANDLERS[name, operation] = Handler(work, authenticate or self.authenticate, writes)
            return work

        return enter


def every_operation() -> None:
    """Loads the modules that fill `HANDLERS`. Raises RuntimeError if the contract names an operation nobody answers."""
    for module in MODULES:
        import_module(f"{__name__}.{module}")
    wanted = {(name, operation) for name in service_names() for operation in service(name).operations}
    if missing := wanted - HANDLERS.keys():
        raise RuntimeError(f"Nobody answers {sorted(missing)}")
