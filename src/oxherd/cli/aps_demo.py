"""`oxherd aps demo`: a stand-in for a controller beside an instance that runs, with our package and a customer."""

import os
import signal
import tempfile
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click
from django.conf import settings
from django.db import connection

from oxherd import sealing
from oxherd.aps.models import ApsConsumer
from oxherd.aps.package import build
from oxherd.aps.trust_commands import Pair, add_consumer
from oxherd.cli.brands import operator
from oxherd.cli.folder import DEFAULT_FOLDER
from oxherd.controller.seed import Demo, SeedFailed, plant
from oxherd.controller.server import ControllerServer

CONSUMER = "Stand-in for Odin"
PORT = 8200
PAUSE_SECONDS = 2
TRIES = 60
PROFILES: tuple[dict[str, Any], ...] = (
    {"name": "Mail", "accessCombination": "webmail", "mailQuota": 5120, "rank": 1, "counter": "OX_PROFILE_1"},
    {
        "name": "Groupware",
        "accessCombination": "groupware_premium",
        "mailQuota": 25600,
        "driveQuota": 10240,
        "rank": 2,
        "counter": "OX_PROFILE_2",
    },
)
USERS = (
    {"login": "uma.olsen@initech.example", "displayName": "Uma Olsen", "password": "Kranich-47-ueber-Elbe"},
    {"login": "pavel.dvorak@initech.example", "displayName": "Pavel Dvorak", "password": "Kranich-48-ueber-Elbe"},
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
def demo(*, port: int) -> None:
    """Run a stand-in for a controller that has imported our package, and sells it to a customer.

    The panel, a worker and the stand-in for Open-Xchange must be running too, as `oxherd run --aps` starts them.
    """
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    data = Path(os.environ.get("OXHERD_DATA", DEFAULT_FOLDER)) / "controller.sqlite"
    pair = _pair()
    connection.close()
    try:
        server = ControllerServer(data, port, name=CONSUMER)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on 127.0.0.1:{port}: {error.strerror or error}") from error
    with server:
        Thread(target=_fill, args=(server.url, pair, ended), daemon=True).start()
        ended.wait()


def _fill(url: str, pair: Pair, ended: Event) -> None:
    """The endpoint may not be up yet; what is there already stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        wish = _demo(url, pair, build(Path(folder)))
        trouble = ""
        for _ in range(TRIES):
            try:
                plant(url, wish)
            except SeedFailed as failed:
                trouble = str(failed)
                if ended.wait(PAUSE_SECONDS):
                    return
            else:
                break
        else:
            click.echo(f"The stand-in could not be filled. {trouble}", err=True)
            return
    # By the name that the panel has too: browsers keep the frame's cookies for one site only.
    click.echo(f"The control panel of {CONSUMER} is at {_by_name(url)}/ : sign-in is not needed there.")
    click.echo("Choose Customer's panel, then the customer Initech, add a service user, and tick Open-Xchange.")


def _by_name(url: str) -> str:
    return url.replace("127.0.0.1", "localhost")


def _pair() -> Pair:
    """Of the last start, or a new one."""
    consumer = ApsConsumer.objects.filter(name=CONSUMER, revoked_at=None).first()
    if consumer is None:
        return add_consumer(actor=operator(), name=CONSUMER)
    return Pair(consumer.key, sealing.unseal(consumer.sealed_secret))


def _demo(url: str, pair: Pair, package: Path) -> Demo:
    platform = os.environ.get("OXHERD_SANDBOX_URL", "http://127.0.0.1:8100")
    return Demo(
        package=package,
        endpoint=f"{settings.BASE_URL}/aps",
        key=pair.key,
        secret=pair.secret,
        settings={"panelHosts": [_by_name(url)]},
        brand={
            "name": "Odin's OX",
            "apiUrl": platform,
            "username": "oxadminmaster",
            "password": os.environ.get("OXHERD_SANDBOX_MASTER_PASSWORD", "secret"),
            "appSuiteUrl": f"{platform}/appsuite/",
        },
        profiles=PROFILES,
        account="Initech",
        domains=("initech.example",),
        limits={"USERS": 20, "OX_PROFILE_1": 10, "OX_PROFILE_2": 10, "DOMAINS": 5, "GROUPS": 20, "RESOURCES": 20},
        users=USERS,
    )
