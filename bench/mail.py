"""How fast the mail servers' look-ups are among 1,000,000 mailboxes, and how soon a new user's mail is taken.

Baseline: the same keys asked of a plain table (address, destination) with one index, by the same connection as Postfix
does it: a text without parameters, parsed and planned each time. Both take turns, so that the machine's moods meet
both. Prints ratios; 1.0 is as fast as the plain table.
"""

import argparse
import json
import random
import socket
import statistics
import sys
import time
from typing import Any

from stage import customer, stage

BLOCK = 2000  # look-ups of one kind before the other kind's turn
ALIASES = 5  # one user in so many has an alias

FILL = """
INSERT INTO oxherd_serviceuser (tenant_id, display_name, sort_name, given_name, surname, login, domain_id, language,
    time_zone, password_hash, presence, removed_by, status, search_text, created_at, changed_at)
SELECT {tenant}, 'User ' || n, 'user ' || n, 'User', n::text, 'user' || n || '@bench.test', {domain}, 'en_US', 'UTC',
    '{{ARGON2ID}}x', 'present', '', 'enabled', '', now(), now() FROM generate_series(1, {number}) n;
INSERT INTO oxherd_oxaccount (user_id, tenant_id, profile_id, primary_address, presence, sealed_password, kept_aliases,
    marker, applied, ox_name, former_names, attempts, enabled_at)
SELECT id, {tenant}, {profile}, login, 'present', '', '[]', gen_random_uuid(), '{{}}', '', '[]', '[]', now()
  FROM oxherd_serviceuser WHERE domain_id = {domain} ORDER BY id;
INSERT INTO oxherd_address (address, domain_id, user_id, kind)
SELECT login, domain_id, id, 'primary' FROM oxherd_serviceuser WHERE domain_id = {domain} ORDER BY id;
INSERT INTO oxherd_address (address, domain_id, user_id, kind)
SELECT 'alias.' || login, domain_id, id, 'alias' FROM oxherd_serviceuser
 WHERE domain_id = {domain} AND id % {aliases} = 0 ORDER BY id;
CREATE TABLE plain (address varchar(320) NOT NULL, destination varchar(320) NOT NULL);
INSERT INTO plain
SELECT address.address, account.primary_address
  FROM oxherd_address address JOIN oxherd_oxaccount account ON account.user_id = address.user_id;
CREATE UNIQUE INDEX plain_by_address ON plain (address);
"""
# Of each look-up: what Postfix asks of us, and of a plain table.
PLAIN = "SELECT destination FROM plain WHERE address = '{key}'"
KINDS = {
    "route": "SELECT * FROM mail.route('{key}')",
    "mailbox": "SELECT * FROM mail.mailbox('{key}')",
    "transport": "SELECT * FROM mail.transport('{key}')",
    "restriction": "SELECT * FROM mail.restriction('{key}')",
    "sender": "SELECT * FROM mail.sender('{key}')",
}
VIEWS = {
    "recipients": "SELECT destination FROM mail.recipients WHERE address = '{key}'",
    "mailboxes": "SELECT login FROM mail.mailboxes WHERE address = '{key}'",
    "access": "SELECT action FROM mail.access WHERE address = '{key}'",
    "transports": "SELECT transport FROM mail.transports WHERE address = '{key}'",
    "senders": "SELECT login FROM mail.senders WHERE sender = '{key}'",
}
BIG = {"oxherd_serviceuser", "oxherd_oxaccount", "oxherd_address"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--saves", type=int, default=30, help="users who are added while Postfix is asked")
    wishes = parser.parse_args()
    with stage(port=free_port()) as here:
        fill(here, wishes.users)
        print_ratios(wishes)
        print_plans(wishes)
        print_saves(here, wishes.saves)


def fill(here: Any, number: int) -> None:
    from django.db import connection

    from oxherd.brands.models import Brand
    from oxherd.domains.commands import add_domain

    actor, tenant, profile = customer(here, "Bench", "small.test")
    here.actor, here.tenant, here.profile = actor, tenant, profile
    Brand.objects.update(carries_mail=True)
    domain = add_domain(actor=actor, tenant=tenant, name="bench.test")
    began = time.monotonic()
    named = {"tenant": tenant.pk, "domain": domain.pk, "profile": profile.pk, "number": number, "aliases": ALIASES}
    with connection.cursor() as cursor:
        for statement in FILL.format(**named).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
    print(f"{number:,} mailboxes, {number // ALIASES:,} aliases; filled in {time.monotonic() - began:.0f} s")


def keys(number: int, count: int) -> list[str]:
    """Addresses as they come: four of five to a mailbox, the rest to aliases and to nobody."""
    made = []
    for _ in range(count):
        n = random.randint(1, number)
        made.append(
            random.choices([f"user{n}@bench.test", f"alias.user{n}@bench.test", f"nobody{n}@bench.test"], [80, 15, 5])[
                0
            ]
        )
    return made


def print_ratios(wishes: Any) -> None:
    from django.db import connection

    raw = connection.connection.pgconn
    for name, query in KINDS.items():
        ratios, rates = [], []
        for _ in range(wishes.rounds):
            block = keys(wishes.users, BLOCK)
            plain, ours = timed(raw, PLAIN, block), timed(raw, query, block)
            ratios.append(plain / ours)
            rates.append(BLOCK / ours)
        ratios.sort()
        print(
            f"{name:12} {statistics.median(rates):7,.0f} look-ups/s, "
            f"{statistics.median(ratios):.2f} of the plain table's rate ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


def timed(raw: Any, query: str, block: list[str]) -> float:
    """Seconds for all keys, one after the other, by the simple protocol."""
    began = time.perf_counter()
    for key in block:
        raw.exec_(query.format(key=key).encode())
    return time.perf_counter() - began


def print_plans(wishes: Any) -> None:
    from django.db import connection

    for name, view in VIEWS.items():
        scans = set()
        for key in keys(wishes.users, 3):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {view.format(key=key)}")
                found = cursor.fetchone()[0]
            scans |= {
                scan for scan in scanned(found if isinstance(found, list) else json.loads(found)) if scan[1] in BIG
            }
        whole = sorted(table for kind, table in scans if kind == "Seq Scan")
        print(f"{name:12} {'reads whole tables: ' + ', '.join(whole) if whole else 'by indexes only'}")
        if whole:
            sys.exit(1)


def scanned(plan: Any) -> set[tuple[str, str]]:
    """How each table is read, in all of a plan."""
    if isinstance(plan, list):
        return set().union(*(scanned(part) for part in plan))
    if not isinstance(plan, dict):
        return set()
    here = {(plan["Node Type"], plan["Relation Name"])} if "Relation Name" in plan else set()
    return here.union(*(scanned(value) for value in plan.values()))


def print_saves(here: Any, number: int) -> None:
    """From the commit of a new user until a real Postfix takes mail for that address."""
    from oxherd.mail.instances import MailServers, why_not_here
    from oxherd.mail.roles import let_in
    from oxherd.mail.site import DatabasePlace
    from oxherd.people.commands import NewUser, add_user
    from oxherd.people.records import OxWish

    if sentence := why_not_here():
        print(sentence)
        return
    let_in()
    servers = MailServers(here.folder / "mail", DatabasePlace("127.0.0.1", here.database.port, "oxherd"), free_ports())
    try:
        servers.start()
        waits = []
        for n in range(number):
            address = f"fresh{n}@bench.test"
            assert not accepted(servers.ports["smtp"], address)
            new = NewUser(
                display_name=f"Fresh {n}", login=f"fresh{n}", domain="bench.test",
                password="correct horse battery staple", ox=OxWish(here.profile),
            )  # fmt: skip
            add_user(actor=here.actor, tenant=here.tenant, new=new)
            committed = time.perf_counter()
            while not accepted(servers.ports["smtp"], address):
                pass
            waits.append(time.perf_counter() - committed)
        waits.sort()
        print(
            f"from commit to accepted, {number} users, with the whole SMTP dialogue: median "
            f"{1000 * statistics.median(waits):.0f} ms, longest {1000 * waits[-1]:.0f} ms"
        )
    finally:
        servers.stop()


def accepted(port: int, address: str) -> bool:
    with socket.create_connection(("127.0.0.1", port)) as link, link.makefile("rwb") as stream:
        stream.readline()
        for line in ("HELO bench.test", "MAIL FROM:<bench@outside.test>", f"RCPT TO:<{address}>"):
            stream.write(f"{line}\r\n".encode())
            stream.flush()
            answer = stream.readline()
        return answer.startswith(b"250")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def free_ports() -> dict[str, int]:
    from oxherd.mail.instances import MailServers

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in MailServers.PORTS]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return dict(zip(MailServers.PORTS, ports, strict=True))


if __name__ == "__main__":
    main()
