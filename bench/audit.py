"""The audit with 1,000,000 entries: how quick its list is, and how many entries are sealed and verified in a second.

Baselines, in the same run: the same pages with 1,000 entries; and for seals, reading the same entries out of the
database once. Prints ratios to them.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from stage import stage

FEW = 1_000
PAGES = {
    "newest first": "",
    "oldest first": "?sort=oldest",
    "by action": "?action=user:password",
    "by actor": "?actor=Rare+Person",
    "by word": "?q=zebra",
}
FILL = """
INSERT INTO oxherd_auditentry (at, action, actor, door, request_id, brand_id, tenant_id, subject_kind, subject_id,
    subject_name, before, after, token, search_text)
SELECT now() - n * interval '1 second', CASE WHEN n %% 50 = 0 THEN 'user:password' ELSE 'user:change' END,
    CASE WHEN n %% 100000 = 7 THEN 'Rare Person' ELSE 'Bench' END, 'panel', 'request' || n, %s, %s, 'serviceuser', n,
    'User ' || n, '{"display_name": "Before"}', '{"display_name": "After"}', '',
    CASE WHEN n %% 5000 = 3 THEN 'zebra user' ELSE 'user bench' END
  FROM generate_series(%s, %s) n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--sealed", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    wishes = parser.parse_args()
    with stage():
        client, place = signed_in()
        fill(place, 1, FEW)
        few = times(client, wishes.rounds)
        fill(place, FEW + 1, wishes.sealed)
        print_seals()
        fill(place, wishes.sealed + 1, wishes.entries)
        many = times(client, wishes.rounds)
    for name, seconds in many.items():
        middle, slow = statistics.median(seconds), sorted(seconds)[int(0.95 * len(seconds))]
        ratio = middle / statistics.median(few[name])
        print(
            f"{name:14} median {1000 * middle:6.1f} ms, p95 {1000 * slow:6.1f} ms with {wishes.entries:,} entries; "
            f"{ratio:.2f} of the time with {FEW:,}"
        )


def signed_in() -> tuple[Any, Any]:
    """An operator's browser, and a customer to whom entries belong."""
    from django.conf import settings
    from django.test import Client

    from oxherd.accounts.actor import system
    from oxherd.accounts.commands import add_administrator, grant
    from oxherd.accounts.states import Door, Role
    from oxherd.brands.commands import add_brand
    from oxherd.tenants.commands import add_tenant

    actor = system("Bench", Door.CLI)
    brand = add_brand(actor=actor, name="Bench", api_url="http://127.0.0.1:9", username="x", password="y")
    tenant = add_tenant(actor=actor, brand=brand, name="Bench", seats={})
    operator = add_administrator(email="bench@panel.test", name="Olga", password="correct horse battery staple")
    grant(operator, Role.OPERATOR)
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    now = time.time()
    session["account_authentication_methods"] = [{"method": "password", "at": now}]
    session["seen_at"] = now
    session["began_at"] = session["active_at"] = int(now)
    session.save()
    return client, tenant


def fill(tenant: Any, first: int, last: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FILL, [tenant.brand_id, tenant.pk, first, last])
        cursor.execute("VACUUM ANALYZE oxherd_auditentry")


def times(client: Any, rounds: int) -> dict[str, list[float]]:
    return {
        name: [timed(lambda query=query: page(client, query)) for _ in range(rounds)] for name, query in PAGES.items()
    }


def page(client: Any, query: str) -> None:
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == 200, answer.status_code


def timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def print_seals() -> None:
    from oxherd.audit.chain import canonical
    from oxherd.audit.chain_commands import BATCH, seal_waiting
    from oxherd.audit.models import AuditEntry
    from oxherd.audit.verifying import Verification

    ids = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    read = timed(lambda: [canonical(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH)])
    sealed = timed(lambda: seal_waiting(len(ids)))
    findings: list[Any] = []
    verified = timed(lambda: findings.extend(Verification().findings()))
    assert findings == [], findings[:3]
    for name, seconds in (("read", read), ("sealed", sealed), ("verified", verified)):
        print(f"{name:14} {len(ids) / seconds:9,.0f} entries/s, {seconds / read:.2f} of the time for reading them")


if __name__ == "__main__":
    main()
