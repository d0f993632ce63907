"""`oxherd mail demo`: a Postfix and a Dovecot of our own, for trying things out on one machine."""

import json
import os
import signal
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click
from django.db import connection

from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.brands.commands import change_brand
from oxherd.brands.models import Brand
from oxherd.brands.states import PlatformKind
from oxherd.cli.folder import DEFAULT_FOLDER
from oxherd.cli.ports import first_free_port
from oxherd.errors import OxherdError
from oxherd.mail.instances import MailServers, why_not_here
from oxherd.mail.policy import PolicyServer
from oxherd.mail.roles import let_in
from oxherd.mail.site import DatabasePlace

HOST = "127.0.0.1"
FIRST_PORTS = {
    "smtp": 2525,
    "submission": 2587,
    "imap": 2143,
    "imaps": 2993,
    "injection": 2526,
    "quota": 2340,
    "policy": 2040,
    "outside": 2600,
}


@click.command()
@click.option("--carry", is_flag=True, help="Let the brands on the stand-in for OX App Suite have their mail carried.")
def demo(*, carry: bool) -> None:
    """Run a private Postfix and Dovecot on high ports of this machine, with the mailboxes of all customers.

    Needs root and Debian's packages. What they send to the outside stays in a folder. Ctrl-C stops both.
    """
    if sentence := why_not_here():
        raise click.ClickException(sentence)
    if carry:
        _carry()
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        _run(MailServers(_folder(), DatabasePlace.of_settings(), _ports()), ended)
    except OxherdError as error:
        raise click.ClickException(str(error)) from error


def _run(servers: MailServers, ended: Event) -> None:
    let_in()
    with PolicyServer(servers.ports["policy"]) as policy:
        Thread(target=policy.serve_forever, daemon=True).start()
        try:
            servers.start()
            for line in _told(servers):
                click.echo(line)
            ended.wait()
        finally:
            servers.stop()
            policy.shutdown()


def _told(servers: MailServers) -> list[str]:
    ports, address = servers.ports, _somebody()
    receiver = address or "SOMEBODY@YOUR-DOMAIN"
    server = f"smtp://{HOST}:{ports['smtp']}"
    lines = [
        f"Postfix takes mail on {HOST}:{ports['smtp']}, and of who signs in on {HOST}:{ports['submission']}.",
        f"Dovecot gives it out on {HOST}:{ports['imap']} (STARTTLS) and {HOST}:{ports['imaps']} (TLS).",
        "Send a message:",
        f"    echo 'Subject: Hello' | curl {server} --mail-from you@outside.test --mail-rcpt {receiver} -T -",
        "Read it, with the password that you give the user in the panel:",
        f"    curl -k --ssl-reqd 'imap://{HOST}:{ports['imap']}/INBOX;MAILINDEX=*' -u {receiver}:PASSWORD",
        f"What they send to the outside is kept in {servers.outside}.",
    ]
    if not address:
        lines.append(
            "Nobody has a mailbox yet: switch on that a brand's mail is carried here, and enable OX for a user."
        )
    return lines


def _somebody() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT login FROM mail.people ORDER BY user_id LIMIT 1")
        found = cursor.fetchone()
    connection.close()
    return str(found[0]) if found else ""


def _carry() -> None:
    on_the_stand_in = Brand.objects.filter(
        api_url__startswith=os.environ.get("OXHERD_SANDBOX_URL", "http://127.0.0.1:8100"),
        platform=PlatformKind.APP_SUITE,
        carries_mail=False,
    )
    for brand in on_the_stand_in:
        change_brand(actor=system("oxherd mail demo", Door.CLI), brand=brand, carries_mail=True)


def _data() -> Path:
    return Path(os.environ.get("OXHERD_DATA", DEFAULT_FOLDER)).resolve()


def _folder() -> Path:
    """Beside the data, as the servers' own users must be able to pass through, and nobody passes through that."""
    return Path("/var/tmp") / f"oxherd-mail-{sha256(os.fsencode(_data())).hexdigest()[:16]}"  # noqa: S108 - owner is checked


def _ports() -> dict[str, int]:
    """The ports of last time where they are free, so that mail programs find them again."""
    file = _data() / "mail-ports.json"
    remembered: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    ports: dict[str, int] = {}
    for name, first in FIRST_PORTS.items():
        wished = [
            port for port in (remembered.get(name), first) if isinstance(port, int) and port not in ports.values()
        ]
        ports[name] = first_free_port(HOST, wished)
    if file.parent.is_dir():
        file.write_text(json.dumps(ports) + "\n")
    return ports
