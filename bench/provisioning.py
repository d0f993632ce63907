"""How fast users reach the platform: against the floor N x L / C, and against bare posts of ready-made envelopes.

Both run in turn against the same stand-in on the same machine, so that only their ratio counts. Time is taken from the
ledger: the last job's end minus the first job's start.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage, add_users, customer, hash_cheaply, stage, until

ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<s:createByModuleAccessName xmlns:s="http://soap.admin.openexchange.com"
 xmlns:d="http://dataobjects.soap.admin.openexchange.com/xsd" xmlns:m="http://dataobjects.rmi.admin.openexchange.com/xsd">
<s:ctx><d:id>{context}</d:id></s:ctx><s:usrdata>
<d:aliases>{login}@{domain}</d:aliases><d:aliases>{login}.alias@{domain}</d:aliases>
<d:display_name>{name}</d:display_name><d:email1>{login}@{domain}</d:email1><d:given_name>Raw</d:given_name>
<d:language>en_US</d:language><d:mailenabled>true</d:mailenabled><d:maxQuota>1000</d:maxQuota>
<d:name>{login}@{domain}</d:name><d:password>correct horse battery</d:password>
<d:primaryEmail>{login}@{domain}</d:primaryEmail><d:sur_name>User</d:sur_name><d:timezone>Europe/Berlin</d:timezone>
<d:userAttributes><d:entries><d:key>oxherd</d:key><d:value><d:entries><d:key>account</d:key><d:value>{login}</d:value>
</d:entries></d:value></d:entries></d:userAttributes>
</s:usrdata><s:access_combination_name>groupware_standard</s:access_combination_name>
<s:auth><m:login>{admin}</m:login><m:password>{password}</m:password></s:auth>
</s:createByModuleAccessName></soap:Body></soap:Envelope>"""


def raw(here: Stage, tenant: object, *, domain: str, stem: str, number: int, concurrency: int) -> float:
    """Seconds that `number` bare creates take, over pooled connections."""
    import requests

    from oxherd import sealing

    envelopes = [
        ENVELOPE.format(
            context=tenant.context_id,
            login=f"{stem}{index}",
            name=f"{stem} {index}",
            domain=domain,
            admin=tenant.context_admin,
            password=sealing.unseal(tenant.sealed_context_password),
        ).encode()
        for index in range(number)
    ]
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=concurrency))
    url = f"{here.sandbox_url}/webservices/OXUserService"

    def post(envelope: bytes) -> None:
        answer = session.post(url, envelope, headers={"Content-Type": "text/xml; charset=utf-8"}, timeout=60)
        assert answer.status_code == 200, answer.text[:500]

    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(post, envelopes[:concurrency]))
        began = time.perf_counter()
        list(pool.map(post, envelopes[concurrency:]))
    return (time.perf_counter() - began) * number / (number - concurrency)


def ours(
    here: Stage, who: tuple[object, ...], *, domain: str, stem: str, number: int, workers: int, at_once: int
) -> tuple[float, dict[str, float]]:
    """Seconds that the workers take for `number` users that wait in the queue, and who spent processor seconds."""
    from django.db import connection
    from django.db.models import Max, Min

    from oxherd.provisioning.models import SyncJob

    add_users(*who, domain, range(number), stem)
    newest = SyncJob.objects.aggregate(most=Max("id"))["most"]
    jobs = SyncJob.objects.filter(id__gt=newest - number)
    connection.close()
    before = here.processor_seconds()
    processes = here.start_workers(workers, at_once)
    until(lambda: jobs.filter(state="done").count() == number, seconds=600, pause=0.3)
    here.stop(*processes)
    after = here.processor_seconds()
    span = jobs.aggregate(began=Min("started_at"), ended=Max("finished_at"))
    return (span["ended"] - span["began"]).total_seconds(), {part: after[part] - before[part] for part in after}


def idle(here: Stage, workers: int, at_once: int) -> dict[str, float]:
    """Processor seconds of workers that start, find nothing to do and stop."""
    before = here.processor_seconds()
    processes = here.start_workers(workers, at_once)
    time.sleep(5)
    here.stop(*processes)
    after = here.processor_seconds()
    return {part: after[part] - before[part] for part in after}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=800)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2, help="processes that share the concurrency")
    parser.add_argument("--latencies", default="50,0", help="milliseconds, in turn")
    wishes = parser.parse_args()
    with stage() as here:
        hash_cheaply()
        who = customer(here, "Ours", "ours.example")
        _, other, _ = customer(here, "Raw", "raw.example")
        first = here.start_workers(1, 2)
        until(lambda: type(other).objects.filter(is_provisioned=True).count() == 2)
        here.stop(*first)
        other.refresh_from_db()
        nothing = idle(here, wishes.workers, wishes.concurrency)
        for latency in map(int, wishes.latencies.split(",")):
            here.mischief(latency_ms=latency)
            number, at_once = wishes.users, wishes.concurrency
            bare = raw(here, other, domain="raw.example", stem=f"raw{latency}x", number=number, concurrency=at_once)
            engine, spent = ours(
                here,
                who,
                domain="ours.example",
                stem=f"l{latency}x",
                number=number,
                workers=wishes.workers,
                at_once=at_once,
            )
            floor = number * latency / 1000 / at_once
            print(f"N={number} L={latency} ms C={at_once} workers={wishes.workers}")
            print(f"  floor N x L / C    {floor:8.2f} s")
            print(f"  bare posts         {bare:8.2f} s   {number / bare:7.1f}/s")
            print(f"  oxherd             {engine:8.2f} s   {number / engine:7.1f}/s")
            print(f"  oxherd / floor     {engine / floor:8.2f}" if latency else "  (no floor without latency)")
            print(f"  oxherd rate / bare {bare / engine:8.2f}")
            each = {part: 1000 * (spent[part] - nothing[part]) / number for part in spent}
            print("  processor ms a user: " + ", ".join(f"{part} {ms:.2f}" for part, ms in each.items()), flush=True)


if __name__ == "__main__":
    main()
