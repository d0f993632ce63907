"""How quick the stand-in's lists are when a brand has very many users, all in one context, and many contexts."""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from oxherd.sandbox import passwords
from oxherd.sandbox.testing import SandboxServer

BRAND = ("north", "north-secret")
SOAP = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<r:{operation} xmlns:r="http://soap.reseller.admin.openexchange.com"
 xmlns:d="http://dataobjects.soap.admin.openexchange.com/xsd" xmlns:m="http://dataobjects.rmi.admin.openexchange.com/xsd">
{before}<r:auth><m:login>north</m:login><m:password>north-secret</m:password></r:auth></r:{operation}>
</soap:Body></soap:Envelope>"""
CONTEXT = "<r:ctx><d:id>1</d:id></r:ctx>"


def fill(sandbox: SandboxServer, users: int, contexts: int) -> None:
    """A brand with `contexts` contexts, the first of which has all the users, each with two aliases and a mailbox."""
    with sandbox.platform.store.writing() as db:
        brand = (passwords.hashed(BRAND[1]),)
        db.execute(
            "INSERT INTO reseller (id, name, display_name, password, mechanism) VALUES (1, 'north', 'North', ?, '')",
            brand,
        )
        names = [(number, f"north_c{number}", f"north_c{number}") for number in range(1, contexts + 1)]
        db.executemany(
            "INSERT INTO context (id, name, folded_name, max_quota, filestore_id, database_id, next_id) "
            f"VALUES (?, ?, ?, -1, 1, 1, {users + 3})",
            names,
        )
        logins = [(name, name, number) for number, name, _ in names]
        db.executemany("INSERT INTO login_mapping (folded, login, context_id) VALUES (?, ?, ?)", logins)
        db.executemany("INSERT INTO ownership (context_id, reseller_id) VALUES (?, 1)", [(each[0],) for each in names])
        db.execute("INSERT INTO groups (context_id, id, name, display_name) VALUES (1, 1, 'users', 'Standard group')")
        fill_users(db, range(2, users + 2))


def fill_users(db: sqlite3.Connection, numbers: range) -> None:
    names = {"display_name": "Bench User", "given_name": "Bench", "sur_name": "User", "primaryEmail": "u@acme.test"}
    fields = json.dumps({**names, "language": "en_US", "timezone": "Europe/Berlin"})
    password = passwords.hashed("secret")
    addresses = ((n, f"u{n}@acme.test") for n in numbers)
    db.executemany(
        "INSERT INTO user (context_id, id, name, folded_name, display_name, folded_display_name, primary_email, "
        "folded_primary_email, access, password, mechanism, fields) VALUES (1, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', ?)",
        [(n, mail, mail, f"User {n}", f"user {n}", mail, mail, password, fields) for n, mail in addresses],
    )
    rows = [(n, at, f"{stem}{n}@acme.test") for n in numbers for at, stem in ((0, "u"), (1, "alias"))]
    db.executemany(
        "INSERT INTO alias (context_id, user_id, position, address, folded, domain) "
        "VALUES (1, ?, ?, ?, ?, 'acme.test')",
        [(n, at, address, address) for n, at, address in rows],
    )
    db.executemany("INSERT INTO member (context_id, group_id, user_id) VALUES (1, 1, ?)", [(n,) for n in numbers])
    db.executemany("INSERT INTO mailbox (context_id, user_id, quota) VALUES (1, ?, 2048)", [(n,) for n in numbers])


def measured(url: str, users: int) -> dict[str, Callable[[], requests.Response]]:
    session = requests.Session()

    def soap(service: str, operation: str, before: str = CONTEXT) -> requests.Response:
        body = SOAP.format(operation=operation, before=before).encode()
        return session.post(f"{url}/webservices/{service}", body, headers={"Content-Type": "text/xml"}, timeout=600)

    def rest(method: str, path: str, body: object = None) -> requests.Response:
        return session.request(method, f"{url}/cloudapi/v2{path}", json=body, auth=BRAND, timeout=600)

    some = "".join(f"<r:users><d:id>{number}</d:id></r:users>" for number in range(3, min(203, users)))
    made = iter(range(1_000_000))
    pattern = "<r:search_pattern>u9*</r:search_pattern>"
    person = {"password": "x", "givenName": "New", "surName": "User"}
    return {
        "SOAP listAll, all users": lambda: soap("OXResellerUserService", "listAll"),
        "SOAP list u9*": lambda: soap("OXResellerUserService", "list", CONTEXT + pattern),
        "SOAP getMultipleData, 200": lambda: soap("OXResellerUserService", "getMultipleData", CONTEXT + some),
        "SOAP listAll, all contexts": lambda: soap("OXResellerContextService", "listAll", ""),
        "SOAP listAll, group of all": lambda: soap("OXResellerGroupService", "listAll"),
        "REST users, all": lambda: rest("GET", "/users?id=1"),
        "REST users, pattern u9*": lambda: rest("GET", "/users?id=1&pattern=u9*"),
        "REST count": lambda: rest("GET", "/users/count?id=1"),
        "REST one user": lambda: rest("GET", f"/users/u{users // 2}@acme.test?id=1"),
        "REST alias exists": lambda: rest("HEAD", f"/mail/alias/alias{users // 2}@acme.test/exists"),
        "REST create user": lambda: rest(
            "POST",
            "/users?id=1",
            {**person, "name": f"n{(n := next(made))}", "mail": f"n{n}@acme.test", "displayName": f"N {n}"},
        ),
        "REST contexts, all": lambda: rest("GET", "/contexts"),
        "page of users": lambda: session.get(f"{url}/contexts/1", timeout=600),
        "page of brands": lambda: session.get(f"{url}/brands", timeout=600),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--contexts", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, SandboxServer(Path(folder) / "bench.sqlite3") as sandbox:
        fill(sandbox, arguments.users, arguments.contexts)
        print(f"{arguments.users:,} users in one context, {arguments.contexts:,} contexts, one brand")
        for name, ask in measured(sandbox.url, arguments.users).items():
            seconds = []
            for _ in range(3):
                began = time.perf_counter()
                answer = ask()
                seconds.append(time.perf_counter() - began)
                assert answer.status_code == 200, answer.text[:500]
            print(f"{name:28} {statistics.median(seconds) * 1000:9.1f} ms {len(answer.content) / 1024:10,.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
