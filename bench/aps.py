"""Users come from a controller by APS, while the platform is slow and fails, and parts are killed at random moments.

Runs `oxherd run --aps` in a folder of its own. The controller must find each of its resources ready, or in error with
a cause; each user must be on the platform once, as must each call that the controller made twice. Exit status 0 if so.
"""

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).parent))

from stage import ask, forget_surroundings, until
from torture import PARTS, Instance

TYPES = "http://oxherd.example/aps"
DOMAIN = "initech.example"
# Refused for good by the platform: these must end in error, with its sentence.
REFUSED = {"match": {"name": "bad*"}, "action": "refuse", "text": "Not this one", "times": None}
EVERY_FOURTH = 4
MANY = 10_000


class Customer:
    """What an administrator of a customer does in the controller's panel."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.account = next(one["id"] for one in self.get("/controller/api/accounts") if one["name"] == "Initech")
        self.session.headers["APS-Token"] = self.get(f"/controller/api/token?account={self.account}")["token"]
        subscription = self.get("/controller/api/subscriptions")[0]
        self.subscription = self.session.headers["APS-Subscription-ID"] = subscription["id"]
        self.tenant = subscription["tenants"][0]["id"]

    def get(self, path: str) -> Any:
        answer = self.session.get(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.session.post(self.url + path, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def add_domain(self) -> None:
        zone = self.get("/aps/2/resources?implementing(http://parallels.com/aps/types/pa/dns/zone/1.0)")[0]
        kind = {"aps": {"type": f"{TYPES}/domain/1.0"}}
        body = {**kind, "name": zone["name"], "zone": {"aps": {"id": zone["aps"]["id"]}}}
        self.post(f"/aps/2/resources/{self.tenant}/domains", body)

    def add_user(self, name: str, profile: str) -> bool:
        """False where an error was answered, or nothing (the controller was killed): the outcome is unknown."""
        try:
            person = {"login": f"{name}@{DOMAIN}", "displayName": name.title(), "password": "Kranich-47-ueber-Elbe"}
            made = self.post(f"/controller/api/accounts/{self.account}/users", person)["id"]
            links = {"user": {"aps": {"id": made}}, "profile": {"aps": {"id": profile}}}
            body = {"aps": {"type": f"{TYPES}/user/1.0"}, "aliases": [f"{name}.too@{DOMAIN}"], **links}
            self.post(f"/aps/2/resources/{self.tenant}/users", body)
        except requests.RequestException:
            return False
        return True

    def tasks(self) -> list[dict[str, Any]]:
        return list(self.get("/controller/api/tasks"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    wishes = parser.parse_args()
    forget_surroundings()
    folder = Path(tempfile.mkdtemp(prefix="oxherd-aps-"))
    folder.chmod(0o711)
    instance = Instance(folder, "--aps")
    instance.start()
    try:
        customer = ready(instance)
        refused = torture(instance, customer, wishes)
        seen = judged(instance, customer, refused)
    except BaseException:
        print(instance.output.read_text()[-6000:])
        raise
    finally:
        status = instance.stop()
        left = instance.processes()
    print(f"exit {status}, {len(left)} left running")
    for sentence in seen:
        print(f"  {sentence}")
    if not seen and not left:
        shutil.rmtree(folder)
        return 0
    print(f"kept for a look: {folder}")
    return 1


def ready(instance: Instance) -> Customer:
    """With the subscription in the controller, and its domain."""
    until(lambda: b"tick Open-Xchange" in instance.output.read_bytes(), seconds=120)
    url = next(word for word in instance.output.read_text().split("is at ")[-1].split() if word.startswith("http"))
    customer = Customer(url.rstrip("/"))
    until(lambda: not waiting(customer), seconds=120, pause=1)
    limits = {"USERS": MANY, "OX_PROFILE_1": MANY}  # the subscription of the demo is a small one
    ask("PUT", f"{customer.url}/controller/api/subscriptions/{customer.subscription}/limits", limits)
    customer.add_domain()
    until(lambda: not waiting(customer), seconds=120, pause=1)
    return customer


def torture(instance: Instance, customer: Customer, wishes: argparse.Namespace) -> set[str]:
    """Add users and kill parts by turns; returns the names that could not be added at all."""
    chance = random.Random(wishes.seed)
    profile = customer.get(f"/aps/2/resources?implementing({TYPES}/profile/1.0)")[0]["aps"]["id"]
    mischief(instance, error_rate=0.1)
    ask("PUT", f"{customer.url}/controller/api/faults", {"repeat": True})  # until the controller is killed
    began, not_added = time.monotonic(), set()
    for number in range(wishes.users):
        name = f"{'bad' if number % EVERY_FOURTH == 3 else 'good'}{number:04}"
        if not customer.add_user(name, profile):
            not_added.add(name)
        if number * wishes.kills // wishes.users != (number + 1) * wishes.kills // wishes.users:
            instance.kill_one(chance)
            mischief(instance, error_rate=0.1)  # a stand-in that was killed has forgotten it
            until(lambda: is_up(instance, customer), seconds=60, pause=0.2)
        time.sleep(chance.random() / 4)
    mischief(instance, error_rate=0)
    print(f"seed {wishes.seed}: {wishes.users} users, {sum(instance.kills.values())} kills {dict(instance.kills)}")
    print(f"{len(not_added)} were answered with an error at once", flush=True)
    until(lambda: at_rest(customer), seconds=600, pause=2)
    print(f"all at rest {time.monotonic() - began:.0f} s after the start")
    again = [task for task in customer.tasks() if task["state"] == "failed"]
    for task in again:
        customer.post(f"/controller/api/tasks/{task['number']}/again", {})
    until(lambda: at_rest(customer), seconds=600, pause=2)
    left = sum(task["state"] == "failed" for task in customer.tasks())
    print(f"{len(again)} tasks had failed and were run again; {left} failed again")
    return not_added


def is_up(instance: Instance, customer: Customer) -> bool:
    """Whether panel, database and controller answer: who is told at once that nothing works is no test of the rest."""
    try:
        well = requests.get(f"http://127.0.0.1:{instance.port}/healthz", headers={"Host": "localhost"}, timeout=5)
        return well.ok and customer.session.get(f"{customer.url}/controller/api/health", timeout=5).ok
    except requests.RequestException:
        return False


def mischief(instance: Instance, *, error_rate: float) -> None:
    wish = {"latency_ms": 150, "error_rate": error_rate, "error_action": "storage_exception", "rules": [REFUSED]}
    until(lambda: _told(instance, wish), seconds=60, pause=0.2)


def _told(instance: Instance, wish: dict[str, Any]) -> bool:
    try:
        ask("PUT", f"{instance.sandbox_url}/sandbox/api/mischief", wish)
    except OSError:
        return False
    return True


def waiting(customer: Customer) -> list[dict[str, Any]]:
    return [task for task in customer.tasks() if task["state"] not in {"done", "failed"}]


def at_rest(customer: Customer) -> bool:
    try:
        return not waiting(customer)
    except requests.RequestException:  # it was killed a moment ago
        return False


def judged(instance: Instance, customer: Customer, not_added: set[str]) -> list[str]:
    """What is not as it has to be, a sentence each."""
    failed = {task["resource"]: task["message"] for task in customer.tasks() if task["state"] == "failed"}
    users = customer.get(f"/aps/2/resources/{customer.tenant}/users")
    states = Counter(user["aps"]["status"] for user in users)
    print(f"{len(users)} in the controller: {dict(states)}; {len(failed)} tasks failed")
    seen = []
    for user in users:
        ready, cause = user["aps"]["status"] == "aps:ready", failed.get(user["aps"]["id"], "")
        if not ready and not cause:
            seen.append(f"{user['aps']['id']} is {user['aps']['status']} without a cause")
        if not ready and "Not this one" not in cause:
            seen.append(f"{user['aps']['id']} is not ready, though nothing refuses it: {cause}")
        if user.get("login", "").startswith("bad") and ready:
            seen.append(f"{user['login']} is ready, though the platform refuses it")
    logins = Counter(on_the_platform(instance))
    seen += [f"{login} is on the platform {number} times" for login, number in logins.items() if number > 1]
    there = {user["login"] for user in users if user["aps"]["status"] == "aps:ready"}
    seen += [f"{login} is ready in the controller, and not on the platform" for login in there - set(logins)]
    # Of a call that was cut off nobody knows the outcome; the controller has dropped its resource.
    nobodys = set(logins) - there - {f"{name}@{DOMAIN}" for name in not_added}
    return [*seen, *(f"{login} is on the platform, and nobody's" for login in nobodys)]


def on_the_platform(instance: Instance) -> list[str]:
    """The names of all users that the stand-in holds in the customer's context."""
    with sqlite3.connect(instance.folder / "var" / "sandbox.sqlite") as db:
        return [str(row[0]) for row in db.execute("SELECT name FROM user WHERE name LIKE ?", [f"%@{DOMAIN}"])]


if __name__ == "__main__":
    PARTS["aps"] = "oxherd.cli.main aps demo"
    sys.exit(main())
