"""What a comparison of 20,000 users with their context costs, against one of 2,000 in the same run.

The stand-in is filled before it listens, and `oxherd adopt` makes customers of its contexts. Then `oxherd drift`
compares each in a process of its own. What counts are two ratios: of the memory at its peak, which should hardly grow,
and of the seconds for each 1,000 users. In the end a few users are changed in OX, and exactly those must be told.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from adopt import add_the_brand, run, seed_of
from stage import PROGRAM, stage

CHANGED = 20
MOST_MEMORY = 1.25


@dataclass
class Case:
    """One customer."""

    name: str
    users: int
    tenant: Any = None


@dataclass
class Outcome:
    """Of one comparison; memory in MB, at its peak."""

    seconds: float
    memory: float
    lines: list[dict[str, Any]]


def compare(case: Case) -> Outcome:
    began = time.monotonic()
    command = [*PROGRAM, "drift", "--tenant", case.name, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"oxherd drift ended with {process.returncode}: {output[-2000:]}")
    lines = [json.loads(line) for line in output.splitlines()]
    return Outcome(time.monotonic() - began, spent.ru_maxrss / 1024, lines)


def change_in_ox(case: Case) -> set[int]:
    """Change users as somebody would with OX's own tools; their ids there."""
    from oxherd.ox.interface import UserChange
    from oxherd.people.models import OxAccount
    from oxherd.sync.platforms import access, platform_of

    tenant = type(case.tenant).objects.select_related("brand").get(pk=case.tenant.pk)
    context = access(tenant.context_id, tenant.context_admin, tenant.sealed_context_password)
    accounts = OxAccount.objects.filter(tenant=tenant).order_by("pk")
    chosen = list(accounts[:: max(case.users // CHANGED, 1)][:CHANGED])
    for account in chosen:
        platform_of(tenant.brand).change_user(context, account.ox_id, UserChange(display_name=f"Changed {account.pk}"))
    return {account.ox_id for account in chosen}


def told(outcome: Outcome) -> list[dict[str, Any]]:
    return [line for line in outcome.lines if "object" in line]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--baseline", type=int, default=2_000)
    wishes = parser.parse_args()
    cases = [Case("small", wishes.baseline), Case("large", wishes.users)]
    sizes = {case.name: case.users for case in cases}
    with stage(seed=lambda here: seed_of(here, sizes)) as here:
        from oxherd.tenants.models import Tenant

        add_the_brand(here)
        seconds, _, _ = run("adopt", "North", *sizes, "--make-profiles")
        print(f"{sum(sizes.values())} users adopted in {seconds:.0f} s", flush=True)
        for case in cases:
            case.tenant = Tenant.objects.get(name=case.name)
        outcomes = []
        for case in cases:
            outcome = compare(case)
            outcomes.append(outcome)
            each = outcome.seconds * 1000 / case.users
            print(f"{case.users:6} users: {outcome.seconds:.1f} s, {each:.2f} s per 1,000, {outcome.memory:.0f} MB")
            print(f"       differences: {len(told(outcome))}", flush=True)
        changed = change_in_ox(cases[1])
        found = {line["ox_id"] for line in told(compare(cases[1]))}
        small, large = outcomes
        memory = large.memory / small.memory
        print(f"ratio of memory {memory:.2f} (bound {MOST_MEMORY}); {len(changed)} changed in OX, {len(found)} told")
        good = memory <= MOST_MEMORY and found == changed and not any(told(each) for each in outcomes)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
