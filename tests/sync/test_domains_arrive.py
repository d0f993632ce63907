"""Which domains the platform hears of, and that looks at the DNS hold up nothing else."""

import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.little_dns import LittleDns
from tests.sync.conftest import Stage, status
from tests.worker import drain

from oxherd.domains.commands import add_domain, remove_domain
from oxherd.domains.models import Domain
from oxherd.domains.ownership_commands import approve_domain, request_check


def mappings(stage: Stage) -> list[str]:
    return [word for word in stage.context()["loginMappings"] if "." in word]


def test_only_verified_domains_are_login_mappings(stage: Stage) -> None:
    cast = stage.cast
    new = add_domain(actor=cast.actor(cast.bob), tenant=cast.acme, name="new.test")
    drain()
    assert (stage.calls(), mappings(stage)) == ([], ["acme.test"])
    approve_domain(actor=cast.system, domain=new)
    drain()
    assert mappings(stage) == ["acme.test", "new.test"]
    remove_domain(actor=cast.actor(cast.bob), domain=new)
    drain()
    assert mappings(stage) == ["acme.test"]


def test_name_servers_that_say_nothing_do_not_hold_up_users(stage: Stage) -> None:
    cast = stage.cast
    claims = [add_domain(actor=cast.system, tenant=cast.acme, name=f"n{n}.test", approved=False) for n in range(6)]
    drain()
    with LittleDns() as silent, worker(OXHERD_DNS_RESOLVERS="{}:{}".format(*silent.address)) as process:
        silent.silent.add("*")
        for claim in claims:
            request_check(actor=cast.system, domain=claim)
        until(lambda: len(silent.asked) > 0)
        anna = cast.user(ox=True)
        until(lambda: status(anna) == "enabled")
        looking = ProcrastinateJob.objects.filter(queue_name="dns")
        assert sorted(looking.values_list("status", flat=True)) == ["doing"] * 4 + ["todo"] * 2
        process.kill()
    assert Domain.objects.filter(checking_since__isnull=False).count() == 6


def worker(**more: str) -> "subprocess.Popen[bytes]":
    """A real worker, with these settings."""
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}@/{connection.settings_dict['NAME']}?host={database['HOST']}&port={database['PORT']}"
    command = [sys.executable, "-c", "from oxherd.cli.main import main; main()", "worker"]
    return subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url} | more)


def until(true: Any) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
