"""How fast the mail servers' look-ups are among 1,000,000 mailboxes, and how soon a new user's mail is taken.

Baseline: the same keys asked of a plain table (address, destination) with one index, by the same connection as Postfix
does it: a text without parameters, parsed and planned each time. Both take turns, so that the machine's moods meet
both. Prints ratios; 1.0 is as fast as the plain table.
"""

import argparse
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
GRANT SELECT ON plain TO oxherd_postfix;
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
BIG = {"oxherd_serviceuser", "oxherd_oxaccount", "oxherd_address"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--saves", type=int, default=30, help="users who are added while Postfix is asked")
    wishes = parser.parse_args()
    with stage(port=free_port()) as here:
        fill(here, wishes.users)
        before = whole_reads()
        print_ratios(here, wishes)
        print_reads(before)
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
    """Addresses as they come: four of five to a mailbox, the rest to aliases, to nobody and for catch-alls."""
    made = []
    for _ in range(count):
        n = random.randint(1, number)
        made.append(
            random.choices([f"user{n}@bench.test", f"alias.user{n}@bench.test", f"nobody{n}@bench.test"], [80, 15, 5])[
                0
            ]
        )
    return made


def as_postfix(here: Any) -> Any:
    """A connection as Postfix has it: by loopback, as its role."""
    import psycopg
    from django.conf import settings

    from oxherd.mail.roles import let_in, password_of

    let_in()
    role = settings.OXHERD_POSTFIX_ROLE
    return psycopg.connect(
        host="127.0.0.1", port=here.database.port, dbname="oxherd", user=role, password=password_of(role)
    ).pgconn


def print_ratios(here: Any, wishes: Any) -> None:
    raw = as_postfix(here)
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


def whole_reads() -> dict[str, int]:
    """How often each of the big tables was read as a whole so far, as PostgreSQL counts it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY (%s)", [sorted(BIG)])
        return dict(cursor.fetchall())


def print_reads(before: dict[str, int]) -> None:
    """Ends with status 1 where a look-up has read a big table as a whole."""
    time.sleep(2)  # until the servers' processes have told what they counted
    read = sorted(table for table, number in whole_reads().items() if number > before[table])
    print(f"Read as a whole by a look-up: {', '.join(read) or 'none of ' + ', '.join(sorted(BIG))}")
    if read:
        sys.exit(1)


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
