"""What it costs to adopt 10,000 users in 100 contexts, against the first tenth of them in the same run.

The stand-in is filled before it listens, as a brand of OX Cloud. Then `oxherd adopt` takes over a tenth of the
contexts, and in another process the rest. What counts are two ratios: of the memory at its peak, which should hardly
grow, and of the seconds for each 1,000 users. The stand-in's own log must not know of one writing call, and nothing may
differ afterwards.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from stage import PROGRAM, Stage, ask, stage

BRAND, PASSWORD = "north", "north-secret"
MOST_MEMORY = 1.25


def seed_of(here: Stage, sizes: dict[str, int]) -> Path:
    """What fills the stand-in: contexts by name, each with so many users."""
    contexts = [context(name, users) for name, users in sizes.items()]
    path = here.folder / "seed.yaml"
    path.write_text(yaml.safe_dump({"brands": [{"name": BRAND, "password": PASSWORD}], "contexts": contexts}))
    return path


def context(name: str, users: int) -> dict[str, Any]:
    domain = f"{name}.example"
    people = [
        {
            "name": f"user{number}@{domain}",
            "password": "user-secret",
            "given_name": "User",
            "sur_name": f"Number {number}",
            "aliases": [f"user{number}@{domain}", f"u{number}@{domain}"],
            "class_of_service": ["cloud_pim"],
            "quota": 1000,
            "mail_quota": 5000,
        }
        for number in range(users)
    ]
    members = [each["name"] for each in people[:20]]
    return {
        "name": name,
        "brand": BRAND,
        "login_mappings": [domain],
        "admin": {"name": "boss", "password": "boss-secret"},
        "users": people,
        "groups": [{"name": "team", "members": members}, {"name": "all", "members": [each["name"] for each in people]}],
        "resources": [{"name": "blue", "address": f"blue@{domain}"}],
        "catchalls": {domain: members[0]},
        "forwards": {f"sales@{domain}": members[:3]},
    }


def add_the_brand(here: Stage) -> None:
    from oxherd.accounts.actor import system
    from oxherd.accounts.states import Door
    from oxherd.brands.commands import add_brand
    from oxherd.brands.states import PlatformKind

    add_brand(
        actor=system("Bench", Door.CLI), name="North", api_url=here.sandbox_url, username=BRAND,
        password=PASSWORD, platform=PlatformKind.OX_CLOUD,
    )  # fmt: skip


def run(*arguments: str) -> tuple[float, float, list[dict[str, Any]]]:
    """`oxherd` with these arguments: seconds, megabytes at its peak, and the lines that it said."""
    began = time.monotonic()
    with subprocess.Popen([*PROGRAM, *arguments, "--json"], stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"oxherd {arguments[0]} ended with {process.returncode}: {output[-2000:]}")
    return time.monotonic() - began, spent.ru_maxrss / 1024, [json.loads(line) for line in output.splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contexts", type=int, default=100)
    parser.add_argument("--users", type=int, default=100, help="in each context")
    wishes = parser.parse_args()
    names = [f"c{number}" for number in range(wishes.contexts)]
    with stage(seed=lambda here: seed_of(here, dict.fromkeys(names, wishes.users))) as here:
        add_the_brand(here)
        ask("DELETE", f"{here.sandbox_url}/sandbox/api/log")
        tenth = max(len(names) // 10, 1)
        memory = []
        for part in (names[:tenth], names[tenth:]):
            seconds, peak, lines = run("adopt", "North", *part, "--make-profiles")
            memory.append(peak)
            users = sum(line["taken_over"]["user"] for line in lines)
            print(f"{users:6} users in {len(part):3} contexts: {seconds:.1f} s, "
                  f"{seconds * 1000 / users:.2f} s per 1,000, {peak:.0f} MB", flush=True)  # fmt: skip
        log = ask("GET", f"{here.sandbox_url}/sandbox/api/log")
        writes = log["writing_calls"]
        print(f"calls by the stand-in's log: {log['total']}, of which writing: {writes}")
        seconds, peak, lines = run("drift", "--brand", "North", "--deep")
        differences = sum("object" in line for line in lines)
        print(f"drift, deep: {differences} differences, {seconds:.1f} s, {peak:.0f} MB")
        ratio = memory[1] / memory[0]
        print(f"ratio of memory {ratio:.2f} (bound {MOST_MEMORY})")
    return 0 if ratio <= MOST_MEMORY and not writes and not differences else 1


if __name__ == "__main__":
    sys.exit(main())
