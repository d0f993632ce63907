"""Kill -9 of every part at random moments, while users are added, changed and removed; then compare all there is.

Runs `oxherd run` in a folder of its own. What a command has acknowledged must be there in the end, once.
Exit status 0 only if nothing is lost, doubled, different or stuck.
"""

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from compare import differences
from objects import ObjectDriver
from stage import (
    DIALECTS,
    PROGRAM,
    add_users,
    ask,
    customer,
    forget_surroundings,
    found_brand,
    hash_cheaply,
    until,
)

PARTS = {
    "worker": "oxherd.cli.main worker",
    "web": "oxherd.cli.main web",
    "sandbox": "oxherd.cli.main sandbox",
    "postgres": "bin/postgres",
}


class Instance:
    """A running `oxherd run` and its processes."""

    def __init__(self, folder: Path, *more: str) -> None:
        """more: arguments of `oxherd run`."""
        self.folder = folder
        self.more = more
        self.port, self.sandbox_port = free_port(), free_port()
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.output = folder / "output.log"
        self.kills: Counter[str] = Counter()

    def start(self) -> None:
        command = ["run", "--data", str(self.folder / "var"), "--port", str(self.port), "--no-demo", "--workers", "2"]
        command += self.more
        environment = {**os.environ, "OXHERD_PLATFORM_TIMEOUT_SECONDS": "10"}
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [*PROGRAM, *command, "--sandbox-port", str(self.sandbox_port)],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        until(lambda: b"oxherd is ready" in self.output.read_bytes(), seconds=90)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def processes(self) -> list[tuple[str, int]]:
        """(part, process id) of all that runs in this folder, the supervisor left out."""
        mark = f"OXHERD_PART_OF={self.folder / 'var'}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == self.process.pid:
                continue
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                inside = mark in (entry / "environ").read_bytes() or str(self.folder) in words
            except OSError:
                continue
            part = next((name for name, sign in PARTS.items() if sign in words or name in words.split(":")[0]), None)
            if inside and part:
                found.append((part, int(entry.name)))
        return found

    def kill_one(self, chance: random.Random) -> None:
        """Each part is as likely as the others, however many processes it has."""
        processes = self.processes()
        if not processes:
            return
        part = chance.choice(sorted({name for name, _ in processes}))
        victim = chance.choice([number for name, number in processes if name == part])
        try:
            os.kill(victim, signal.SIGKILL)
            self.kills[part] += 1
        except ProcessLookupError:
            pass


class Driver(threading.Thread):
    """Somebody who works on users of one customer, one command after another, and keeps what was acknowledged."""

    def __init__(self, who: tuple[Any, Any, Any], other_profile: Any, domain: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.actor, self.tenant, self.profile = who
        self.other_profile = other_profile
        self.domain = domain
        self.chance = random.Random(seed)
        self.stop_now = threading.Event()
        self.number = 0
        self.names: dict[str, str | None] = {}  # login -> display name acknowledged last; None: deleted for good
        self.removed: set[str] = set()  # logins that can be restored
        self.passwords: dict[str, str] = {}
        self.unsure: set[str] = set()  # logins whose last command was cut off
        self.done: Counter[str] = Counter()

    def run(self) -> None:
        from django.db import Error, connection
        from oxherd.errors import Refused

        while not self.stop_now.is_set():
            login = self._somebody()
            act = (
                self._add
                if login is None
                else self._restore
                if login in self.removed
                else self.chance.choice([self._change] * 3 + [self._password, self._switch, self._remove, self._remove])
            )
            login = login or self._new_login()
            try:
                act(login)
                self.unsure.discard(login)
                self.done[act.__name__] += 1
            except Refused:  # such as one who manages a resource and shall go: nothing was changed
                self.unsure.discard(login)
            except Error:  # cut off before the answer: it may or may not have been saved
                self.unsure.add(login)
                connection.close()
                self.stop_now.wait(0.05)
        connection.close()

    def _somebody(self) -> str | None:
        known = [login for login, name in self.names.items() if name is not None]
        return self.chance.choice(known) if known and self.chance.random() < 0.6 else None

    def _new_login(self) -> str:
        self.number += 1
        return f"{self.domain.partition('.')[0]}{self.number:05}"

    def _user(self, login: str) -> Any:
        from oxherd.people.models import ServiceUser

        return ServiceUser.objects.select_related("tenant").filter(login=f"{login}@{self.domain}").first()

    def _add(self, login: str) -> None:
        number = self.number
        stem = login.removesuffix(f"{number:05}")
        add_users(self.actor, self.tenant, self.profile, self.domain, range(number, number + 1), stem)
        self.names[login] = f"{stem.title()} {number:05}"
        self.passwords[login] = "correct horse battery"

    def _change(self, login: str) -> None:
        from oxherd.errors import Refused
        from oxherd.people.commands import change_user
        from oxherd.people.ox_commands import change_aliases, change_profile

        user = self._user(login)
        if user is None or user.presence != "present":
            return
        kind = self.chance.randrange(3)
        try:
            if kind == 0:
                name = f"{login} {self.chance.randrange(10**6)}"
                self.unsure.add(login)
                change_user(actor=self.actor, user=user, display_name=name)
                self.names[login] = name
            elif kind == 1:
                change_profile(
                    actor=self.actor, users=[user], profile=self.chance.choice([self.profile, self.other_profile])
                )
            else:
                aliases = tuple(f"{login}.a{index}@{self.domain}" for index in range(self.chance.randrange(4)))
                change_aliases(actor=self.actor, user=user, aliases=aliases)
        except Refused:
            pass  # OX is disabled for this one just now

    def _password(self, login: str) -> None:
        from oxherd.people.commands import change_password

        user = self._user(login)
        if user is None or user.presence != "present":
            return
        password = f"new horse {self.chance.randrange(10**9)}"
        self.passwords.pop(login, None)  # unknown until it is acknowledged
        change_password(actor=self.actor, user=user, password=password)
        self.passwords[login] = password

    def _switch(self, login: str) -> None:
        from oxherd.people.models import OxAccount
        from oxherd.people.ox_commands import disable_ox, enable_ox
        from oxherd.people.records import OxWish

        user = self._user(login)
        if user is None or user.presence != "present":
            return
        self.passwords.pop(login, None)
        if OxAccount.objects.filter(user=user, presence="present").exists():
            disable_ox(actor=self.actor, user=user)
        else:
            enable_ox(actor=self.actor, user=user, wish=OxWish(self.profile), password="again horse battery")
            self.passwords[login] = "again horse battery"

    def _remove(self, login: str) -> None:
        from oxherd.people.removal_commands import delete_user, remove_user

        user = self._user(login)
        if user is None or user.presence != "present":
            return
        self.unsure.add(login)
        if self.chance.random() < 0.5:
            remove_user(actor=self.actor, user=user)
            self.removed.add(login)
        else:
            delete_user(actor=self.actor, user=user)
            self.names[login] = None

    def _restore(self, login: str) -> None:
        from oxherd.people.removal_commands import delete_user, restore_user

        user = self._user(login)
        if user is None or user.presence != "removed":
            return
        self.unsure.add(login)
        if self.chance.random() < 0.7:
            restore_user(actor=self.actor, user=user)
        else:
            delete_user(actor=self.actor, user=user)
            self.names[login] = None
        self.removed.discard(login)


def acknowledged(drivers: list[Driver], sandbox_url: str) -> list[str]:
    """What was acknowledged and is not so in the end."""
    wrong = []
    for driver in drivers:
        driver.tenant.refresh_from_db()  # OX Cloud has told its number meanwhile
        for login, name in driver.names.items():
            user = driver._user(login)
            if login not in driver.unsure and (user.display_name if user else None) != name:
                wrong.append(f"{login} should be {name!r} and is {user}")
            if login not in driver.unsure and user and (user.presence == "removed") != (login in driver.removed):
                wrong.append(f"{login} is {user.presence}")
        wrong += [
            f"{login} cannot sign in to OX" for login in driver.passwords if not signs_in(driver, login, sandbox_url)
        ]
    return wrong


def signs_in(driver: Driver, login: str, sandbox_url: str) -> bool:
    """Whether OX takes the password acknowledged last; True where there is no OX user to ask."""
    user = driver._user(login)
    if user is None or user.status != "enabled" or login in driver.unsure:
        return True
    question = {"context_id": driver.tenant.context_id, "name": user.login, "password": driver.passwords[login]}
    return ask("POST", f"{sandbox_url}/sandbox/api/sign-in", question)["allowed"]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def prepare(instance: Instance, dialect: str) -> list[Driver]:
    """Django on the instance's database, three customers, and somebody to work on each."""
    from oxherd.embedded.postgres import EmbeddedPostgres

    keys = instance.folder / "var" / "keys"
    os.environ.update(
        DATABASE_URL=EmbeddedPostgres(instance.folder / "var").url,
        DJANGO_SETTINGS_MODULE="oxherd.project.settings",
        OXHERD_SECRET_KEY_FILE=str(keys / "secret-key"),
        OXHERD_ENCRYPTION_KEY_FILE=str(keys / "encryption-key"),
        OXHERD_LOG_LEVEL="WARNING",
        OXHERD_UNDO_SECONDS="1",
    )
    import django

    django.setup()
    hash_cheaply()
    from oxherd.profiles.commands import add_profile
    from oxherd.tenants.commands import change_tenant

    if dialect != "app_suite":
        found_brand(instance.folder / "var" / "sandbox.sqlite")
    drivers = []
    other = None
    for seed, domain in enumerate(("ant.example", "bee.example", "cat.example")):
        actor, tenant, profile = customer(instance, domain, domain, dialect)
        other = other or add_profile(
            actor=actor, brand=tenant.brand, name="Mail", access_combination=DIALECTS[dialect][1][1], drive_quota_mb=100
        )
        change_tenant(actor=actor, tenant=tenant, seats={other: None})
        drivers.append(Driver((actor, tenant, profile), other, domain, seed))
    return drivers


def on_objects(drivers: list[Driver]) -> list[ObjectDriver]:
    """For each customer somebody who works on its groups and resources."""
    return [ObjectDriver(driver.actor, driver.tenant, driver.domain, number) for number, driver in enumerate(drivers)]


def torture(instance: Instance, drivers: list[Any], kills: int, seed: int) -> None:
    chance = random.Random(seed)
    for driver in drivers:
        driver.start()
    while instance.kills.total() < kills:
        time.sleep(chance.uniform(0.05, 1.2))
        instance.kill_one(chance)
    for driver in drivers:
        driver.stop_now.set()
    for driver in drivers:
        driver.join(60)


def settled() -> bool:
    from django.db import Error, connection
    from oxherd.provisioning.models import SyncJob

    try:
        return not SyncJob.objects.filter(state__in=["waiting", "parked", "running"]).exists()
    except Error:
        connection.close()
        return False


def wished() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--dialect", choices=[*DIALECTS], default="app_suite", help="by what the brand goes")
    return parser.parse_args()


def main() -> int:
    wishes = wished()
    forget_surroundings()
    folder = Path(tempfile.mkdtemp(prefix="oxherd-torture-"))
    folder.chmod(0o711)
    instance = Instance(folder)
    instance.start()
    try:
        drivers = prepare(instance, wishes.dialect)
        began = time.monotonic()
        others = on_objects(drivers)
        torture(instance, [*drivers, *others], wishes.kills, wishes.seed)
        work = sum((driver.done for driver in [*drivers, *others]), Counter())
        print(f"seed {wishes.seed}: {sum(instance.kills.values())} kills {dict(instance.kills)}")
        print(f"{work.total()} commands acknowledged in {time.monotonic() - began:.0f} s: {dict(work)}", flush=True)
        until(settled, seconds=180, pause=0.5)
        print(f"all at rest {time.monotonic() - began:.0f} s after the start")
        found = {**differences(instance.sandbox_url), "broken promises": acknowledged(drivers, instance.sandbox_url)}
        found["broken promises"] += [promise for driver in others for promise in driver.broken_promises()]
    except BaseException:
        print(instance.output.read_text()[-6000:])
        raise
    finally:
        status = instance.stop()
        left = instance.processes()
    print(
        ", ".join(f"{len(rows)} {kind}" for kind, rows in found.items()), f"; exit {status}, {len(left)} left running"
    )
    for kind, rows in found.items():
        for row in rows[:20]:
            print(f"  {kind}: {row}")
    good = not any(found.values()) and not left
    if good:
        shutil.rmtree(folder)
    else:
        print(f"kept for a look: {folder}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
