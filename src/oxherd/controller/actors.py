"""Who calls, and what somebody may see and do."""

import sqlite3
from dataclasses import dataclass

from oxherd.controller import records
from oxherd.controller.catalogue import Catalogue
from oxherd.controller.core_types import Schema
from oxherd.controller.hub import provider
from oxherd.controller.records import Row
from oxherd.controller.refusals import Refusal

CHANGING = {"admin": True, "owner": True, "referrer": False}
SEEING = {"admin": True, "owner": True, "referrer": True}


@dataclass(frozen=True)
class Actor:
    """`account`: whose things are one's own; empty for the staff of the provider, who own everything.

    `instance`: the application that calls, which sees its own resources in all accounts. An application that
    impersonates one of its resources has the account of that too.
    """

    account: str = ""
    instance: str = ""
    user: str = ""

    @property
    def is_staff(self) -> bool:
        return not self.account and not self.instance

    @property
    def is_customer(self) -> bool:
        return bool(self.account) and not self.instance

    def role(self, db: sqlite3.Connection, row: Row) -> str | None:
        """admin, owner or referrer; None: it is not to be seen. An application may do all with what is its own."""
        if self.is_staff or (self.instance and row["instance"] == self.instance):
            return "admin"
        if self.account and row["owner"] == self.account:
            return "owner"
        if (self.instance and self._knows_through_links(db, row)) or (self.account and self._is_offered(db, row)):
            return "referrer"
        return None

    def _knows_through_links(self, db: sqlite3.Connection, row: Row) -> bool:
        query = (
            "SELECT 1 FROM links JOIN resources ON resources.id = links.source"
            " WHERE links.target = ? AND resources.instance = ? LIMIT 1"
        )
        return db.execute(query, (row["id"], self.instance)).fetchone() is not None

    def _is_offered(self, db: sqlite3.Connection, row: Row) -> bool:
        query = (
            "SELECT 1 FROM offers JOIN resources ON resources.id = offers.subscription"
            " WHERE offers.resource = ? AND resources.owner = ? LIMIT 1"
        )
        return db.execute(query, (row["id"], self.account)).fetchone() is not None

    def find(self, db: sqlite3.Connection, resource_id: str) -> tuple[Row, str]:
        """The resource and one's role there. Raises Refusal: what may not be seen is not there."""
        row = records.find(db, resource_id)
        role = self.role(db, row) if row is not None else None
        if row is None or role is None:
            raise Refusal(404, f"There is no resource {resource_id}.")
        return row, role

    def owner_of_new(self, db: sqlite3.Connection) -> str:
        return self.account or provider(db)

    def sees_secrets(self, row: Row) -> bool:
        """An application those of its own resources, and of the platform's that it sees: a user's password."""
        return bool(self.instance) and row["instance"] in {self.instance, ""} and not self.account


def may(catalogue: Catalogue, row: Row, role: str, usual: dict[str, bool], operation: Schema | None = None) -> None:
    """Whether the role may, by what the type says, or the operation, which says more. Raises Refusal 403."""
    of_type = catalogue.access(row["type"])
    allowed = usual | ({name: of_type[name] for name in of_type if name in usual} if operation is None else {})
    if usual is CHANGING and of_type.get("referrer"):
        allowed["referrer"] = False  # to see it is not to change it
    allowed |= (operation or {}).get("access", {})
    if role != "admin" and not allowed.get(role):
        raise Refusal(403, f"As {role} of this {row['service'] or 'resource'} you may not do this.")
