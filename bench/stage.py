"""A stage for measurements: a database, a stand-in and customers of their own, in a folder that goes afterwards."""

import base64
import json
import os
import re
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "oxherd.cli.main"]


def forget_surroundings() -> None:
    """Drop what the environment says of other databases and keys: a measurement brings its own."""
    for name in [name for name in os.environ if name == "DATABASE_URL" or name.startswith("OXHERD_")]:
        del os.environ[name]


class Stage:
    """What was started, and where it can be reached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox_url = ""
        self.started: list[subprocess.Popen[bytes]] = []
        self.database: Any = None

    def start(self, *arguments: str, log: str) -> subprocess.Popen[bytes]:
        """Start `oxherd <arguments>` with its output in a file of the stage."""
        with (self.folder / f"{log}.log").open("ab") as out:
            process = subprocess.Popen([*PROGRAM, *arguments], stdout=out, stderr=subprocess.STDOUT)
        self.started.append(process)
        return process

    def start_sandbox(self, seed: Path | None = None) -> None:
        """seed: fills it before it listens."""
        more = ["--seed", str(seed)] if seed else []
        self.start("sandbox", "--port", "0", "--data", str(self.folder / "sandbox.sqlite"), *more, log="sandbox")
        self.sandbox_url = until(self._announced, seconds=900 if seed else 60)
        os.environ["OXHERD_SANDBOX_URL"] = self.sandbox_url

    def _announced(self) -> str:
        found = re.search(r"http://[0-9.]+:[0-9]+", (self.folder / "sandbox.log").read_text())
        return found.group() if found else ""

    def start_workers(self, number: int, concurrency: int) -> list[subprocess.Popen[bytes]]:
        """Start workers with `concurrency` objects at once in all."""
        each = str(max(1, concurrency // number))
        return [self.start("worker", "--concurrency", each, log=f"worker-{index}") for index in range(number)]

    def processor_seconds(self) -> dict[str, float]:
        """What database, stand-in and the workers that have ended took of the processors so far."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        cluster = self.database.pid
        members = [pid for pid in all_processes() if parent_of(pid) == cluster]
        return {
            "workers": ended.ru_utime + ended.ru_stime,
            "database": spent(cluster, with_ended=True) + sum(spent(pid) for pid in members),
            "stand-in": spent(self.started[0].pid),
        }

    def mischief(self, **settings: Any) -> None:
        """Set the stand-in's latency and faults; all that is not named goes back to none."""
        ask("PUT", f"{self.sandbox_url}/sandbox/api/mischief", settings)

    def stop(self, *processes: subprocess.Popen[bytes]) -> None:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)
            self.started.remove(process)


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def parent_of(pid: int) -> int | None:
    fields = stat_of(pid)
    return int(fields[1]) if fields else None


def spent(pid: int, *, with_ended: bool = False) -> float:
    """Processor seconds of a process; with_ended: and of its children that have ended."""
    fields = stat_of(pid)[11 : 15 if with_ended else 13]
    return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")


def ask(method: str, url: str, body: Any = None) -> Any:
    """One request to the stand-in's own interface; JSON in, JSON out."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=30) as answer:
        return json.load(answer)


def until(look: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> Any:
    """Look again and again until there is something to see. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(pause)
    raise TimeoutError(f"nothing came of {look} in {seconds} s")


@contextmanager
def stage(seed: Callable[[Stage], Path] | None = None, port: int | None = None) -> Iterator[Stage]:
    """Database, tables and stand-in, with Django set up in this process; everything is gone afterwards.

    seed: writes the file with which the stand-in is filled. port: by which mail servers reach the database.
    """
    from oxherd.embedded.postgres import EmbeddedPostgres

    forget_surroundings()
    folder = Path(tempfile.mkdtemp(prefix="oxherd-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, port=port)
    here = Stage(folder)
    here.database = server
    os.environ.update(
        DATABASE_URL=server.start(),
        DJANGO_SETTINGS_MODULE="oxherd.project.settings",
        OXHERD_SECRET_KEY=secrets.token_urlsafe(50),
        OXHERD_ENCRYPTION_KEY=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        OXHERD_LOG_LEVEL="WARNING",
        # For measurements that ask the panel: its manifest exists only after collectstatic.
        OXHERD_STATICFILES="django.contrib.staticfiles.storage.StaticFilesStorage",
    )
    try:
        subprocess.run([*PROGRAM, "migrate"], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        here.start_sandbox(seed(here) if seed else None)
        yield here
    finally:
        for process in here.started:
            process.kill()
            process.wait()
        server.stop()
        shutil.rmtree(folder)


# By what a brand goes: the platform's account, and what a larger and a smaller profile give.
DIALECTS: dict[str, tuple[dict[str, str], tuple[str, str]]] = {
    "app_suite": ({"username": "oxadminmaster", "password": "secret"}, ("groupware_standard", "webmail")),
    "ox_cloud": ({"username": "north", "password": "north-secret"}, ("cloud_productivity", "cloud_pim")),
}
DIALECTS["cloud_api"] = DIALECTS["ox_cloud"]


def found_brand(data: Path) -> None:
    """Let the stand-in that works on this file have the brand north, also while it runs."""
    from oxherd.sandbox.seed import plant
    from oxherd.sandbox.testing import SandboxServer

    seed = data.with_suffix(".yaml")
    seed.write_text("brands:\n  - {name: north, password: north-secret}\n")
    with SandboxServer(data) as beside:
        plant(beside.platform, seed)
    seed.unlink()


def brand_of(here: Stage, actor: Any, dialect: str) -> Any:
    from oxherd.brands.commands import add_brand, note_api
    from oxherd.brands.models import Brand
    from oxherd.brands.states import Api, PlatformKind

    if found := Brand.objects.first():
        return found
    kind = PlatformKind.APP_SUITE if dialect == "app_suite" else PlatformKind.OX_CLOUD
    brand = add_brand(actor=actor, name="Bench", api_url=here.sandbox_url, platform=kind, **DIALECTS[dialect][0])
    if dialect == Api.CLOUD_API:
        note_api(actor=actor, brand=brand, api=Api.CLOUD_API)
    return brand


def customer(here: Stage, name: str, domain: str, dialect: str = "app_suite") -> tuple[Any, Any, Any]:
    """A brand on the stand-in, a profile and a tenant without limits; (actor, tenant, profile).

    For a brand of OX Cloud, `found_brand` comes first.
    """
    from oxherd.accounts.actor import system
    from oxherd.accounts.states import Door
    from oxherd.domains.commands import add_domain
    from oxherd.profiles.commands import add_profile
    from oxherd.profiles.models import Profile
    from oxherd.tenants.commands import add_tenant

    actor = system("Bench", Door.CLI)
    brand, combination = brand_of(here, actor, dialect), DIALECTS[dialect][1][0]
    quotas = {"drive_quota_mb": 1000} if dialect == "app_suite" else {"drive_quota_mb": 1000, "mail_quota_mb": 1000}
    profile = Profile.objects.first() or add_profile(
        actor=actor, brand=brand, name="Business", access_combination=combination, **quotas
    )
    tenant = add_tenant(actor=actor, brand=brand, name=name, seats={profile: None})
    add_domain(actor=actor, tenant=tenant, name=domain)
    return actor, tenant, profile


def hash_cheaply() -> None:
    """Hashing passwords costs 28 ms a user on purpose, and is no part of what is measured here."""
    from argon2 import PasswordHasher

    from oxherd.people import passwords

    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.strength = lambda *_, **__: 4


def add_users(actor: Any, tenant: Any, profile: Any, domain: str, numbers: range, stem: str = "user") -> None:
    """Users with OX and one alias each, through the command that every door calls."""
    from oxherd.people.commands import NewUser, add_user
    from oxherd.people.records import OxWish

    for number in numbers:
        login = f"{stem}{number:05}"
        wish = OxWish(profile, (f"{login}.alias@{domain}",))
        new = NewUser(f"{stem.title()} {number:05}", login, domain, "correct horse battery", ox=wish)
        add_user(actor=actor, tenant=tenant, new=new)


def add_many(actor: Any, tenant: Any, profile: Any, domain: str, stems: list[str]) -> None:
    """As `add_users`, in a few statements: where only the way to the platform is measured."""
    from django.db import transaction
    from oxherd import sealing
    from oxherd.people.adoption_commands import Newcomer, adopt_users
    from oxherd.people.models import OxAccount, ServiceUser
    from oxherd.people.repair_commands import Stranger
    from oxherd.people.states import UserStatus
    from oxherd.provisioning.commands import request_sync_of_all
    from oxherd.provisioning.states import SubjectKind

    for start in range(0, len(stems), 200):
        some = stems[start : start + 200]
        newcomers = [Newcomer(Stranger(number + 1, as_held(stem, domain)), profile) for number, stem in enumerate(some)]
        with transaction.atomic():
            refused = [
                sentence for _, sentence in adopt_users(actor=actor, tenant=tenant, newcomers=newcomers) if sentence
            ]
            assert not refused, refused[0]
            logins = [f"{stem}@{domain}" for stem in some]
            accounts = OxAccount.objects.filter(tenant=tenant, user__login__in=logins)
            pks = list(accounts.order_by("pk").values_list("pk", flat=True))
            sealed = sealing.seal("correct horse battery")
            OxAccount.objects.filter(pk__in=pks).update(ox_id=None, ox_name="", applied={}, sealed_password=sealed)
            ServiceUser.objects.filter(account__in=pks).update(status=UserStatus.IN_PROGRESS)
            request_sync_of_all(actor, SubjectKind.ACCOUNT, pks, place=tenant)


def as_held(stem: str, domain: str) -> dict[str, Any]:
    """A user in the worker's words."""
    address = f"{stem}@{domain}"
    return {
        "mail_enabled": True,
        "name": address,
        "display_name": stem.title(),
        "given_name": "Bench",
        "surname": stem.title(),
        "primary_address": address,
        "aliases": [address, f"{stem}.alias@{domain}"],
        "language": "en_US",
        "timezone": "Europe/Berlin",
    }
