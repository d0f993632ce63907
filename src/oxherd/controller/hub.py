"""Everything that the controller is, apart from HTTP."""

import json
import secrets
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from oxherd.controller import certificates, records
from oxherd.controller.catalogue import Catalogue
from oxherd.controller.core_types import ACCOUNT, CONNECT, HUB, TYPES
from oxherd.controller.faults import Faults
from oxherd.controller.journal import Journal
from oxherd.controller.settings import Settings
from oxherd.sandbox.store import Store

DEVELOPMENT = "APS_DEVEL_MODE"


class Hub:
    """`url` is where it listens, and is told by the server. Its certificate lies beside its data."""

    def __init__(self, data: Path, settings: Settings | None = None) -> None:
        script = files(__package__).joinpath("tables.sql").read_text(encoding="utf-8")
        _keep_private(data)
        self.store = Store(data, script)
        self.settings = settings or Settings()
        self.certificate_file = data.with_suffix(".pem")
        self.certificate = certificates.kept(self.certificate_file)
        self.tls: ssl.SSLContext | None = None
        self.journal = Journal()
        self.faults = Faults()
        self.url = ""
        self.woken = threading.Event()
        self.drafts: dict[str, dict[str, Any]] = {}  # of wizards, which a restart forgets
        self._transactions: set[str] = set()
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        with self.store.writing() as db:
            _prepare(db, self.settings)

    @property
    def catalogue(self) -> Catalogue:
        found = self._catalogue
        if found is None:
            with self.store.reading() as db:
                found = catalogue_of(db)
            self._catalogue = found
        return found

    def forget_types(self) -> None:
        """After an import."""
        self._catalogue = None

    @contextmanager
    def transaction(self) -> Iterator[str]:
        """For one call to an endpoint, which may call back in it until it has answered."""
        transaction = secrets.token_hex(16)
        if not self.faults.stale_transactions:
            with self._lock:
                self._transactions.add(transaction)
        try:
            yield transaction
        finally:
            with self._lock:
                self._transactions.discard(transaction)

    def is_open(self, transaction: str) -> bool:
        return transaction in self._transactions

    def trust(self, certificate: str) -> None:
        """Let this instance sign in by its certificate, where we listen with TLS."""
        if self.tls is not None and certificate:
            self.tls.load_verify_locations(cadata=certificates.public(certificate))

    def listen_with_tls(self) -> ssl.SSLContext:
        self.tls = certificates.server_context(self.certificate_file)
        with self.store.reading() as db:
            known = db.execute("SELECT own_pem FROM instances WHERE own_pem != ''").fetchall()
        for row in known:
            self.trust(row["own_pem"])
        return self.tls

    def wake(self) -> None:
        """There is something for the background to do."""
        self.woken.set()


def _keep_private(data: Path) -> None:
    """Secrets stand in the file as they are. What SQLite lays beside it has the mode of the file itself."""
    data.parent.mkdir(parents=True, exist_ok=True)
    data.touch(mode=0o600)
    for place in (data, *(data.with_name(f"{data.name}-{tail}") for tail in ("wal", "shm"))):
        if place.exists():
            place.chmod(0o600)


def catalogue_of(db: sqlite3.Connection) -> Catalogue:
    rows = db.execute("SELECT * FROM types WHERE application != ''").fetchall()
    schemas = {row["id"]: json.loads(row["schema"]) for row in rows}
    return Catalogue(schemas, {row["id"]: (row["application"], row["service"]) for row in rows})


def fact(db: sqlite3.Connection, name: str, default: str = "") -> str:
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row["value"] if row else default


def set_fact(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def next_number(db: sqlite3.Connection, name: str) -> int:
    """1000001, 1000002 and so on, as the operations side numbers accounts, users and subscriptions."""
    number = int(fact(db, f"last {name}", "1000000")) + 1
    set_fact(db, f"last {name}", str(number))
    return number


def token_for(db: sqlite3.Connection, kind: str, subject: str) -> str:
    """The one token of a subject; made when asked for the first time."""
    row = db.execute("SELECT token FROM tokens WHERE kind = ? AND subject = ?", (kind, subject)).fetchone()
    token = row["token"] if row else secrets.token_urlsafe(32)
    db.execute("INSERT OR IGNORE INTO tokens VALUES (?, ?, ?)", (token, kind, subject))
    return str(token)


def provider(db: sqlite3.Connection) -> str:
    """The account of the provider itself."""
    return fact(db, "provider")


def _prepare(db: sqlite3.Connection, settings: Settings) -> None:
    """What is there from the first start: the types, the hub, its owner; what a kill has interrupted is due again."""
    for schema in TYPES.values():
        db.execute("INSERT OR IGNORE INTO types (id, schema) VALUES (?, ?)", (schema["id"], json.dumps(schema)))
    for table in ("tasks", "deliveries"):
        db.execute(f"UPDATE {table} SET state = 'waiting' WHERE state = 'running'")  # noqa: S608 - our names
    if provider(db):
        return
    names = {"companyName": settings.name, "addressPostal": {}, "id": 1, "type": "ADMIN"}
    account = records.add(db, type=ACCOUNT, properties=names)
    db.execute("UPDATE resources SET owner = id WHERE id = ?", (account["id"],))
    for type_id in (HUB, CONNECT):
        records.add(db, type=type_id, owner=account["id"])
    set_fact(db, "provider", account["id"])
    set_fact(db, DEVELOPMENT, "true")
