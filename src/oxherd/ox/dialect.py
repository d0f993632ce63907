"""What the SOAP dialects have in common: the same operations, under other services' names and other credentials."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from oxherd.ox.calls import Ask, Caller, secrets_of
from oxherd.ox.data import Connection, ContextAccess
from oxherd.ox.transport import Transport


@dataclass(frozen=True, slots=True)
class Services:
    """The names of a dialect's services."""

    contexts: str
    users: str
    groups: str
    resources: str


class Dialect(ABC):
    """One platform by SOAP. The connection's account handles contexts; who handles what is in them, `_inside` says."""

    services: ClassVar[Services]

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._caller = Caller(Transport(connection))

    @property
    def _own_credentials(self) -> dict[str, str]:
        return {"login": self._connection.login, "password": self._connection.password}

    def _about_contexts(self, operation: str, **arguments: Any) -> Ask:
        """What the account of the connection asks of the service of contexts."""
        arguments["auth"] = self._own_credentials
        return Ask(self.services.contexts, operation, arguments, secrets=secrets_of(self._connection.password))

    @abstractmethod
    def _inside(self, access: ContextAccess, service: str, operation: str, secret: Any = None, **arguments: Any) -> Ask:
        """What is asked about users, groups and resources of a context; `secret`: a password among the arguments."""
