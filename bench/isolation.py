"""What bad objects cost the good ones: users of whom 1% are poisoned, against the same number without poison.

Time is taken from the ledger: from the first job's start to the last good job's end. Each kind of poison has its turn.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage, add_many, customer, hash_cheaply, stage, until

POISONS = ("refuse", "storage_exception", "reset", "answer_lost", "time_out")


def run(here: Stage, who: tuple[object, ...], stem: str, wishes: argparse.Namespace, poison: str) -> float:
    """Seconds until all good users are there."""
    from django.db import connection
    from django.db.models import Max, Min
    from oxherd.provisioning.models import SyncJob

    here.mischief(latency_ms=wishes.latency, rules=[rule(poison)] if poison else [])
    every = 100 if poison else wishes.users + 1
    bad = {number for number in range(wishes.users) if number % every == every // 2}
    stems = [f"{'poison' if number in bad else 'good'}{stem}{number:05}" for number in range(wishes.users)]
    add_many(*who, "ours.example", stems)
    newest = SyncJob.objects.aggregate(most=Max("id"))["most"]
    jobs = SyncJob.objects.filter(id__gt=newest - wishes.users)
    good = jobs.filter(subject_id__in=good_accounts(stem))
    expected = good.count()
    connection.close()
    processes = here.start_workers(wishes.workers, wishes.concurrency)
    until(lambda: good.filter(state="done").count() == expected, seconds=600, pause=0.3)
    here.stop(*processes)
    span = good.aggregate(began=Min("started_at"), ended=Max("finished_at"))
    clean_up(jobs)
    return (span["ended"] - span["began"]).total_seconds()


def clean_up(jobs: object) -> None:
    """Leave nothing of one turn to the next: neither tries that are due later nor an open breaker."""
    from oxherd.provisioning import queue
    from oxherd.provisioning.models import PlatformHealth

    for job in jobs.exclude(state="done"):
        queue.withdraw(job.subject)
    jobs.exclude(state="done").update(state="superseded")
    PlatformHealth.objects.all().delete()


def rule(poison: str) -> dict[str, object]:
    return {"match": {"name": "poison*"}, "action": poison, "times": None, "seconds": 60}


def good_accounts(stem: str) -> list[int]:
    from oxherd.people.models import OxAccount

    return list(OxAccount.objects.filter(user__login__startswith=f"good{stem}").values_list("pk", flat=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--latency", type=int, default=20, help="milliseconds")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--poisons", default=",".join(POISONS))
    parser.add_argument("--rounds", type=int, default=1, help="each kind of poison has so many turns")
    wishes = parser.parse_args()
    with stage() as here:
        hash_cheaply()
        who = customer(here, "Ours", "ours.example")
        first = here.start_workers(1, 2)
        until(lambda: type(who[1]).objects.filter(is_provisioned=True).exists())
        here.stop(*first)
        turns = (f"{poison}{number}" for number in range(wishes.rounds) for poison in wishes.poisons.split(","))
        ratios: dict[str, list[float]] = {}
        before = run(here, who, "clean", wishes, "")
        print(f"clean{'':15}{before:8.2f} s", flush=True)
        for turn in turns:
            poison, stem = turn.rstrip("0123456789"), turn.replace("_", "")
            seconds = run(here, who, stem, wishes, poison)
            after = run(here, who, f"clean{stem}", wishes, "")
            clean = (before + after) / 2  # before and after: the machine changes its pace
            before = after
            ratios.setdefault(poison, []).append(seconds / clean)
            print(f"{poison:20}{seconds:8.2f} s   {seconds / clean:5.3f} of clean ({clean:.2f} s)", flush=True)
        for poison, found in ratios.items():
            print(f"{poison:20}median {statistics.median(found):5.3f} of clean, {min(found):.3f} to {max(found):.3f}")
        together = [ratio for found in ratios.values() for ratio in found]
        print(f"{'all':20}median {statistics.median(together):5.3f} of clean")


if __name__ == "__main__":
    main()
