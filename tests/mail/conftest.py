import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from tests.cast import Cast

from oxherd.domains.commands import add_domain, change_domain, register
from oxherd.domains.models import AddressKind, Domain
from oxherd.forwarders.models import Forwarder, Recipient
from oxherd.groups.models import OutsideMember
from oxherd.mail.instances import MailServers, MailServersUnavailable, why_not_here
from oxherd.mail.policy import PolicyServer
from oxherd.mail.roles import let_in
from oxherd.mail.site import DatabasePlace
from oxherd.people.models import ServiceUser

TRIES = 3


@dataclass(frozen=True, slots=True)
class Town:
    """Acme and Globex, whose mail we carry, and all kinds of addresses in them."""

    cast: Cast
    anna: ServiceUser  # anna.becker@acme.test, with an alias in the subdomain; gets what nobody else gets in acme.test
    ben: ServiceUser
    dan: ServiceUser  # decides on the bookings of the red room
    carla: ServiceUser  # without OX
    gus: ServiceUser  # of Globex
    subdomain: Domain


def make_town(cast: Cast) -> Town:
    type(cast.brand).objects.filter(pk=cast.brand.pk).update(carries_mail=True)
    cast.brand.refresh_from_db()
    for tenant in (cast.acme, cast.globex):
        tenant.refresh_from_db()
    actor = cast.system
    subdomain = add_domain(actor=actor, tenant=cast.acme, name="shop.acme.test")
    add_domain(actor=actor, tenant=cast.acme, name="grüße.test")
    Domain.objects.update(next_check_at=None)
    anna = cast.user("Anna Becker", ox=True, aliases=("sales@acme.test", "anna@shop.acme.test"))
    ben = cast.user("Ben Ode", ox=True, aliases=("ben@grüße.test",))
    carla = cast.user("Carla Vo")
    dan = cast.user("Dan Fox", ox=True)
    gus = cast.user("Gus Grey", tenant=cast.globex, ox=True)
    team = cast.group("Team", anna, ben, carla, address="team@acme.test")
    OutsideMember.objects.create(group=team, address="press@agency.test")
    cast.group("Alone", carla, address="alone@acme.test")
    cast.resource("Blue room")
    cast.resource("Red room", manager=dan)
    _forwarder(cast, "info@acme.test", ["press@agency.test", "team@acme.test"], anna)
    _forwarder(cast, "void@acme.test", [], carla)
    change_domain(actor=actor, domain=Domain.objects.get(name="acme.test"), catch_all="anna.becker@acme.test")
    return Town(cast, anna, ben, dan, carla, gus, subdomain)


def _forwarder(cast: Cast, address: str, others: list[str], *users: ServiceUser) -> None:
    forwarder = Forwarder.objects.create(tenant=cast.acme, address=address, sort_name=address, search_text="")
    domain = Domain.objects.get(name=address.rpartition("@")[2])
    register({address: (domain, AddressKind.FORWARDER)}, fields={}, forwarder_id=forwarder.pk)
    for other in others:
        Recipient.objects.create(forwarder=forwarder, address=other)
    for user in users:
        Recipient.objects.create(forwarder=forwarder, user=user)


@pytest.fixture
def town(cast: Cast) -> Town:
    return make_town(cast)


def ask(function: str, *keys: str) -> list[Any]:
    """What a look-up of a mail server answers, sorted."""
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM mail.{function}({marks})", list(keys))
        return sorted(row[0] if len(row) == 1 else row for row in cursor.fetchall())


@pytest.fixture(scope="session")
def place(django_db_setup: None, django_db_blocker: Any) -> DatabasePlace:
    """This test run's database, as mail servers reach it."""
    if sentence := why_not_here():
        pytest.skip(sentence)
    with django_db_blocker.unblock():
        let_in()
        place = replace(DatabasePlace.of_settings(), name=connection.settings_dict["NAME"])
        connection.close()
    return place


@pytest.fixture(scope="session")
def servers(place: DatabasePlace) -> Iterator[MailServers]:
    """A real Postfix and a real Dovecot that read this test run's database."""
    made = started(place)
    with PolicyServer(made.ports["policy"]) as policy:
        Thread(target=policy.serve_forever, daemon=True).start()
        yield made
        made.stop()
        policy.shutdown()
    shutil.rmtree(made.folder, ignore_errors=True)


def started(place: DatabasePlace, **choices: Any) -> MailServers:
    """On ports that are free; somebody else may take one before they are up, and then on others."""
    for left in reversed(range(TRIES)):
        made = MailServers(Path(tempfile.mkdtemp(prefix="oxherd-mail-")), place, free_ports(), **choices)
        try:
            made.start()
        except MailServersUnavailable:
            made.stop()
            if not left:
                raise
        else:
            return made
    raise AssertionError


def free_ports() -> dict[str, int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in MailServers.PORTS]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return {name: each.getsockname()[1] for name, each in zip(MailServers.PORTS, sockets, strict=True)}
