"""`oxherd run`: everything on one machine, in one terminal."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import click

import oxherd
from oxherd.cli.folder import DEFAULT_FOLDER, DataFolder
from oxherd.cli.parts import LONGEST_PAUSE, SHORTEST_PAUSE, Part, say
from oxherd.cli.ports import demanded_port, first_free_port
from oxherd.embedded.postgres import EmbeddedPostgres, PostgresError
from oxherd.embedded.processes import end_processes, processes_started_with
from oxherd.mail.instances import why_not_here
from oxherd.purchases.addresses import wizard

WEB_PORT = 8000
SANDBOX_PORT = 8100
CONTROLLER_PORT = 8200
SANDBOX_HOST = "127.0.0.1"
DATABASE_HOST = "127.0.0.1"
DATABASE_PORT = 5433
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
LOOPBACK = {"127.0.0.1", "::1"}
# Tells the processes of this instance from all others, should we be killed together with what stops them.
MARK = "OXHERD_PART_OF"
# The stand-in's account of the demo's brand of OX Cloud.
DEMO_BRANDS = Path(__file__).with_name("demo_brands.yaml")
LOOK_SECONDS = 0.1
OPERATOR = "operator@localhost"
PATIENCE_SECONDS = 3


class Wishes(NamedTuple):
    host: str
    port: int | None
    sandbox_port: int | None
    controller_port: int | None
    workers: int
    demo: bool
    operator: str
    mail: bool
    aps: bool


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help=f"Folder for all data.  [default: ./{DEFAULT_FOLDER}]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the panel listens on.")
@click.option("--port", type=int, help=f"Port of the panel.  [default: {WEB_PORT}, or the next free]")
@click.option("--sandbox-port", type=int, help=f"Port of the stand-in.  [default: {SANDBOX_PORT}, or the next free]")
@click.option(
    "--controller-port",
    type=int,
    help=f"With --aps: port of the stand-in for a controller.  [default: {CONTROLLER_PORT}, or the next free]",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Number of worker processes.")
@click.option("--demo/--no-demo", default=True, help="Make demo data on the first start.  [default: yes]")
@click.option("--mail", is_flag=True, help="A private Postfix and Dovecot too, on high ports; needs root.")
@click.option("--aps", is_flag=True, help="A stand-in for an APS controller too, with our package in it.")
@click.option("--operator", default=OPERATOR, show_default=True, help="Without demo: who gets the first link.")
def run(data: Path | None, *, sandbox_port: int | None, **wishes: Any) -> None:
    """Run everything on this machine: database, stand-in, worker, web; with demo data on the first start.

    With DATABASE_URL set, that PostgreSQL is used instead of an own one. Ctrl-C stops all of it.
    """
    if wishes["mail"] and (sentence := why_not_here()):
        raise click.ClickException(sentence)
    folder = DataFolder(data or Path(os.environ.get("OXHERD_DATA", DEFAULT_FOLDER)))
    with folder.locked():
        os.umask(0o077)
        try:
            asyncio.run(until_signalled(Instance(folder, Wishes(sandbox_port=sandbox_port, **wishes)).serve()))
        except PostgresError as error:
            raise click.ClickException(str(error)) from error


async def until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Do the work, and cancel it on Ctrl-C, `kill`, or when the terminal closes."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


class Instance:
    """All parts of one data folder."""

    def __init__(self, folder: DataFolder, wishes: Wishes) -> None:
        self.folder = folder
        self.wishes = wishes
        self.new_sign_ins: list[str] = []
        self.first_link = ""
        self.reachable_host = EVERY_ADDRESS.get(wishes.host, wishes.host)
        # Mail servers come to the database by TCP; nobody else does.
        self.database_port = self._database_port() if wishes.mail else None
        own = not os.environ.get("DATABASE_URL")
        self.database = EmbeddedPostgres(folder.path, port=self.database_port) if own else None
        self._choose_ports()

    def _database_port(self) -> int:
        return first_free_port(DATABASE_HOST, [self.folder.remembered_port("database"), DATABASE_PORT])

    def _controller_port(self) -> int:
        if self.wishes.controller_port:
            return demanded_port(SANDBOX_HOST, self.wishes.controller_port, "--controller-port")
        # The panel lets the controller's pages show ours, by their port: it stays as it was.
        wanted = [self.folder.remembered_port("controller"), CONTROLLER_PORT]
        return first_free_port(SANDBOX_HOST, wanted, besides=self.port)

    def _choose_ports(self) -> None:
        host, wishes = self.wishes.host, self.wishes
        if wishes.port:
            self.port = demanded_port(host, wishes.port, "--port")
        else:
            self.port = first_free_port(host, [WEB_PORT])
        if wishes.sandbox_port:
            self.sandbox_port = demanded_port(SANDBOX_HOST, wishes.sandbox_port, "--sandbox-port")
        else:
            # The demo brand names the stand-in by its port, so the port stays as it was.
            remembered = self.folder.remembered_port("sandbox")
            self.sandbox_port = first_free_port(SANDBOX_HOST, [remembered, SANDBOX_PORT], besides=self.port)
        self._tell_ports(remembered_sandbox=self.folder.remembered_port("sandbox"))
        self.controller_port = self._controller_port() if wishes.aps else None
        self.folder.remember_ports(
            web=self.port,
            sandbox=self.sandbox_port,
            database=self.database_port,
            controller=self.controller_port,
        )

    def _tell_ports(self, *, remembered_sandbox: int | None) -> None:
        if not self.wishes.port and self.port != WEB_PORT:
            say("oxherd", f"Port {WEB_PORT} is taken, so the panel gets {self.port}.")
        if remembered_sandbox and remembered_sandbox != self.sandbox_port:
            say("oxherd", f"The stand-in was on port {remembered_sandbox} and now is on {self.sandbox_port}:")
            say("oxherd", "change the API URL of the brands that use it.")

    @property
    def url(self) -> str:
        """By its name where this machine alone reaches it: browsers keep no passkeys for an IP address."""
        host = f"[{self.reachable_host}]" if ":" in self.reachable_host else self.reachable_host
        return f"http://{'localhost' if self.reachable_host in LOOPBACK else host}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{SANDBOX_HOST}:{self.sandbox_port}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the parts: ours, plus what the settings read (docs/operator.md)."""
        database = {"DATABASE_URL": self.database.url} if self.database else {}
        defaults = {"OXHERD_BASE_URL": self.url, "OXHERD_STATIC_ROOT": str(self.folder.static)}
        ours = {
            "OXHERD_DATA": str(self.folder.path),
            "OXHERD_SANDBOX_URL": self.sandbox_url,
            "OXHERD_DEMO_UPSELL_KEY": self.folder.demo_upsell_key,
            "PYTHONUNBUFFERED": "1",
            MARK: str(self.folder.path),
        }
        return defaults | dict(os.environ) | self.folder.key_variables() | database | ours

    def part(self, name: str, *arguments: str) -> Part:
        return Part(name, arguments or (name,), self.environment(), self.folder.logs)

    def lasting_parts(self) -> list[Part]:
        sandbox = ["--port", str(self.sandbox_port), "--data", str(self.folder.path / "sandbox.sqlite")]
        if self.folder.sign_ins.exists():  # there is a demo brand, whose offer the stand-in's users can open
            sandbox += ["--seed", str(DEMO_BRANDS)]
            sandbox += ["--upsell-url", wizard(self.url, self.folder.demo_upsell_key, session=True)]
        names = ["worker", *(f"worker {number}" for number in range(2, self.wishes.workers + 1))]
        return [
            self.part("sandbox", "sandbox", *sandbox),
            self._web(),
            *(self.part(name, "worker") for name in names),
            *([self.part("mail", "mail", "demo", "--carry")] if self.wishes.mail else []),
            *([self.part("aps", "aps", "demo", "--port", str(self.controller_port))] if self.wishes.aps else []),
        ]

    def _web(self) -> Part:
        """The panel signs in to the database as a role that cannot pass the walls."""
        part = self.part("web", "web", "--host", self.wishes.host, "--port", str(self.port))
        if self.database:
            part.environment = {**part.environment, "DATABASE_URL": self.database.panel_url}
        return part

    async def serve(self) -> None:
        """Start everything in order, and keep it running until we are cancelled; then stop it, the database last."""
        marked = f"{MARK}={self.folder.path}"
        end_processes(lambda: processes_started_with(marked), (signal.SIGTERM, signal.SIGKILL), PATIENCE_SECONDS)
        try:
            if self.database:
                self.database.start()
            await self._prepare()
            async with asyncio.TaskGroup() as tasks:
                if self.database:
                    tasks.create_task(keep_database(self.database))
                for part in self.lasting_parts():
                    tasks.create_task(part.keep())
                await self._announce()
        finally:
            if self.database:
                self.database.stop()
            say("oxherd", "stopped")

    async def _prepare(self) -> None:
        """Bring tables, static files and, on the first start, demo data into place."""
        await self.part("migrate").result()
        await self._collect_static_files()
        if self.wishes.demo and not self.folder.sign_ins.exists():
            printed = await self.part("demo").result()
            fresh = self.folder.sign_ins.with_suffix(".new")
            fresh.write_text(printed)
            fresh.rename(self.folder.sign_ins)
            self.new_sign_ins = printed.splitlines()
        if not self.wishes.demo:
            # A new one at every start, until somebody has used it.
            self.first_link = (
                await self.part("administrator", "administrator", "first", self.wishes.operator).result()
            ).strip()

    async def _collect_static_files(self) -> None:
        """Compress and name the panel's files anew if one of them has changed."""
        stamp, now = self.folder.path / "static-files.txt", fingerprint_of_static_files()
        if not stamp.exists() or stamp.read_text() != now:
            await self.part("static", "manage", "collectstatic", "--no-input", "--clear", "--verbosity", "0").result()
            stamp.write_text(now)

    async def _announce(self) -> None:
        await until_answered(SANDBOX_HOST, self.sandbox_port, "/sandbox/api/health", SANDBOX_HOST)
        allowed_hosts = os.environ.get("OXHERD_ALLOWED_HOSTS", self.reachable_host).split(",")
        await until_answered(self.reachable_host, self.port, "/healthz", allowed_hosts[0].strip())
        say("oxherd", f"the stand-in for Open-Xchange is at {self.sandbox_url}/")
        if self.folder.sign_ins.exists():
            say("oxherd", f"the sign-ins of the demo are in {self.folder.sign_ins}")
        if self.new_sign_ins:
            # Last, where nothing scrolls them away.
            say("", "\nSign in with one of these:\n")
            for line in self.new_sign_ins:
                say("", f"    {line}")
            say("", "")
        if self.first_link:
            say("", f"\nNobody can sign in yet. Open this link to become the operator, {self.wishes.operator}:\n")
            say("", f"    {self.first_link}\n")
        # By itself on its line, so that people and programs find it.
        say("", f"oxherd is ready at {self.url}/")


def fingerprint_of_static_files() -> str:
    """Return a text that changes with the panel's files and with what is installed."""
    import django_htmx

    folders = [Path(oxherd.__file__).parent / "panel" / "static", Path(django_htmx.__file__).parent / "static"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    lines = (f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in paths)
    return sha256("\n".join(lines).encode()).hexdigest()


async def keep_database(database: EmbeddedPostgres) -> None:
    """Start the database again whenever it ends."""
    pause = SHORTEST_PAUSE
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if database.is_running():
            continue
        say("database", "ended and is started again")
        try:
            database.launch()
            while not database.is_ready():  # noqa: ASYNC110 - a process tells us nothing; we have to look
                await asyncio.sleep(LOOK_SECONDS)
            pause = SHORTEST_PAUSE
        except (PostgresError, OSError) as error:
            say("database", str(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


async def until_answered(host: str, port: int, path: str, name: str) -> None:
    """Wait until a web server there is well; ask ever more seldom, as each question may fill a log."""
    pause = LOOK_SECONDS
    while not await is_well(host, port, path, name):
        await asyncio.sleep(pause)
        pause = min(1.2 * pause, 1.0)


async def is_well(host: str, port: int, path: str, name: str) -> bool:
    """Return whether GET `path` there is answered with 200."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            await writer.drain()
            return b" 200 " in await reader.readline()
        finally:
            writer.close()
    except OSError:
        return False
