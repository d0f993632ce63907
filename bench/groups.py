"""A group of 5,000 among 100,000 users: opened, 300 pasted in, 2 taken out, saved, and brought to the platform.

The panel's views are asked through Django's client. The same is done to a group of 10 among 100 users in the same run:
what counts is the ratio, and that each step stays within its bound. Afterwards the platform has to hold what the panel
shows.
"""

import argparse
import re
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage, add_users, ask, customer, hash_cheaply, stage, until

ROUNDS = 5
OPEN_SECONDS, SAVE_SECONDS = 1.0, 2.0
EVERY = 16  # one user of so many has OX; the others are the crowd
PAGE = 5_000


@dataclass
class Case:
    """One customer. users in all, members in the group, pasted ones to be added; removed are two."""

    name: str
    users: int
    members: int
    pasted: int
    every: int = 1
    tenant: Any = None
    group: Any = None
    with_ox: list[Any] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return f"{self.name}.example"


def fill(here: Stage, case: Case) -> None:
    """Users, accounts and addresses in bulk, on both sides; the commands would take an hour."""
    from oxherd.domains.models import Address, AddressKind, Domain
    from oxherd.people.models import OxAccount, ServiceUser

    domain = Domain.objects.get(tenant=case.tenant)
    like = OxAccount.objects.select_related("user").get(tenant=case.tenant)
    case.with_ox = [like.user]
    for start in range(1, case.users, PAGE):
        numbers = range(start, min(start + PAGE, case.users))
        users = ServiceUser.objects.bulk_create([_user(case, domain, number) for number in numbers])
        having = [user for number, user in zip(numbers, users, strict=True) if number % case.every == 0]
        Address.objects.bulk_create(
            Address(address=user.login, domain=domain, user=user, kind=AddressKind.PRIMARY) for user in users
        )
        OxAccount.objects.bulk_create(
            OxAccount(
                user=user,
                tenant=case.tenant,
                profile_id=like.profile_id,
                primary_address=user.login,
                ox_id=like.ox_id + user.pk,
                claimed_name=user.sort_name,
            )
            for user in having
        )
        case.with_ox += having
    fill_stand_in(here, case, like.ox_id)


def _user(case: Case, domain: Any, number: int) -> Any:
    from oxherd.people.models import ServiceUser

    login = f"person{number:06}@{case.domain}"
    name = f"Person {number:06}"
    words = f"tenant{case.tenant.pk} {login.replace('@', ' ').replace('.', ' ')} {name.lower()}"
    enabled = number % case.every == 0
    return ServiceUser(
        tenant=case.tenant,
        display_name=name,
        sort_name=name.lower(),
        given_name="Person",
        surname=f"{number:06}",
        login=login,
        domain=domain,
        search_text=words,
        status="enabled" if enabled else "disabled",
    )


def fill_stand_in(here: Stage, case: Case, first: int) -> None:
    """The same users in the stand-in's file, as copies of the one that came there by the worker."""
    db = sqlite3.connect(here.folder / "sandbox.sqlite", timeout=60)
    db.row_factory = sqlite3.Row
    context = case.tenant.context_id
    like = dict(db.execute("SELECT * FROM user WHERE context_id = ? AND id = ?", (context, first)).fetchone())
    rows = []
    for user in case.with_ox[1:]:
        names = {"name": user.login, "display_name": user.display_name, "primary_email": user.login}
        folded = {f"folded_{key}": value.casefold() for key, value in names.items()}
        rows.append({**like, **names, **folded, "id": first + user.pk})
    columns = list(like)
    marks = ", ".join(f":{column}" for column in columns)
    with db:
        db.executemany(f"INSERT INTO user ({', '.join(columns)}) VALUES ({marks})", rows)
        db.executemany("INSERT INTO member VALUES (?, 1, ?)", [(context, row["id"]) for row in rows])
        most = max(row["id"] for row in rows) + 1
        db.execute("UPDATE context SET next_id = ? WHERE id = ?", (most, context))
    db.close()


def timed(case: Case, step: str, work: Callable[[], Any], rounds: int = 1) -> Any:
    """Note the median seconds of a step; returns the last answer."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - began)
        assert answer.status_code in {200, 302}, (step, answer.status_code, answer.content[:500])
    case.seconds[step] = statistics.median(taken)
    return answer


def use(case: Case, client: Any) -> None:
    """What an administrator does to the group."""
    url = f"/t/{case.tenant.pk}/ox/groups/{case.group.pk}/"
    htmx = {"HX-Request": "true"}
    for path in ("", "paste/", "members/"):  # templates are read once in the life of a process
        client.get(url + path, headers=htmx if path else {})
    page = timed(case, "open", lambda: client.get(url), ROUNDS)
    found = f"{url}members/?side=outside&outside_q=person+00"
    timed(case, "search", lambda: client.get(found, headers=htmx), ROUNDS)
    pasted = "\n".join(
        f"{user.display_name} <{user.login.upper()}>" for user in case.with_ox[case.members :][: case.pasted]
    )
    timed(case, "paste", lambda: client.post(f"{url}paste/", {"pasted": pasted}, headers=htmx))
    two = [user.pk for user in case.with_ox[:2]]
    fields = {"display_name": str(case.group), "name": case.group.name, "domain": case.domain}
    fields["seen"] = re.search(rb'name="seen" value="([^"]*)"', page.content)[1].decode()
    timed(case, "remove two", lambda: client.post(url, fields | {"do": "out", "inside": two}, headers=htmx))
    timed(case, "save", lambda: client.post(url, fields | {"do": "save"}))
    case.seconds["paste, remove, save"] = sum(case.seconds[step] for step in ("paste", "remove two", "save"))


def push(here: Stage, case: Case, step: str) -> None:
    """Let a worker bring the group to the platform."""
    from django.db import connection

    from oxherd.groups.models import Group

    connection.close()
    began = time.perf_counter()
    workers = here.start_workers(1, 4)
    until(lambda: Group.objects.get(pk=case.group.pk).status == "in_ox", seconds=300, pause=0.05)
    case.seconds[step] = time.perf_counter() - began
    here.stop(*workers)


def compare(here: Stage, case: Case) -> int:
    """How many members both sides have; fails where they differ."""
    from oxherd.groups.models import Group
    from oxherd.groups.queries import members_of

    group = Group.objects.get(pk=case.group.pk)
    held = ask("GET", f"{here.sandbox_url}/sandbox/api/contexts/{case.tenant.context_id}/groups/{group.ox_id}")
    ours = set(members_of(group).values_list("account__ox_id", flat=True))
    assert set(held["members"]) == ours, f"{case.name}: the platform differs from the panel"
    assert len(ours) == case.members + case.pasted - 2
    return len(ours)


def measure(here: Stage, cases: list[Case]) -> None:
    from django.test import Client

    from oxherd.accounts.commands import add_administrator, grant
    from oxherd.accounts.states import Role
    from oxherd.groups.commands import add_group

    actor = None
    for case in cases:
        actor, case.tenant, profile = customer(here, case.name, case.domain)
        add_users(actor, case.tenant, profile, case.domain, range(1), case.name)
    workers = here.start_workers(1, 4)
    until(lambda: all(_is_there(case.tenant) for case in cases), seconds=60)
    here.stop(*workers)
    administrator = add_administrator(email="bench@example.com", name="Bench", password="correct horse battery")
    grant(administrator, Role.OPERATOR)
    client = Client(headers={"Host": "localhost"}, raise_request_exception=False)
    client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
    for case in cases:
        fill(here, case)
        members = [user.pk for user in case.with_ox[: case.members]]
        case.group = add_group(actor=actor, tenant=case.tenant, display_name="Big group", members=members)
        push(here, case, "first push, with the worker's start")
        analyze()
        use(case, client)
        push(here, case, "second push, with the worker's start")
        print(f"{case.name}: {compare(here, case):,} members, the same on the platform", flush=True)


def _is_there(tenant: Any) -> bool:
    from oxherd.people.models import OxAccount

    return OxAccount.objects.filter(tenant=tenant, ox_id__isnull=False, user__status="enabled").exists()


def analyze() -> None:
    """As the server does by itself, a minute after so many rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=5_000)
    parser.add_argument("--pasted", type=int, default=300)
    wishes = parser.parse_args()
    few = Case("few", 100, 10, 30)
    many = Case("many", wishes.users, wishes.members, wishes.pasted, EVERY)
    with stage() as here:
        hash_cheaply()
        measure(here, [few, many])
    print(f"{'':40}{few.members} of {few.users:,}   {many.members:,} of {many.users:,}   ratio")
    for step, seconds in many.seconds.items():
        print(f"{step:40}{few.seconds[step]:7.3f} s {seconds:12.3f} s {seconds / few.seconds[step]:9.1f}")
    kept = many.seconds["open"] <= OPEN_SECONDS and many.seconds["paste, remove, save"] <= SAVE_SECONDS
    print(f"bounds: open {OPEN_SECONDS} s; paste, remove, save {SAVE_SECONDS} s: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
