"""OpenDKIM of Debian, as it signs and as a receiver of mail would judge."""

import re
import shutil
import subprocess
from pathlib import Path

from click.testing import CliRunner
from tests.little_dns import LittleDns

from oxherd.cli.mail import mail
from oxherd.dkim.models import DkimKey
from oxherd.domains.records import Record

OPENDKIM = shutil.which("opendkim", path="/usr/sbin:/usr/bin")
# Everybody may write to the folder above those of the tests, which OpenDKIM takes for unsafe.
COMMON = "Syslog no\nRequireSafeKeys no\n"
SIGN = "Mode s\nKeyTable file:{folder}/KeyTable\nSigningTable refile:{folder}/SigningTable\n"
VERIFY = "Mode v\nTestDNSData file:{folder}/dns\nAuthservID test\nAlwaysAddARHeader yes\n"
INSERTED = re.compile(r"INSHEADER: idx=\d+ hname='(.*?)' hvalue='(.*?)'\n", re.DOTALL)


def publish(dns: LittleDns, key: DkimKey) -> None:
    """Set the record of a key in the DNS, as a customer does."""
    text = f"v=DKIM1; k=rsa; p={key.public_key}"
    strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
    dns.has(f"{key.selector}._domainkey.{key.domain.name}", "TXT", strings)


def written(folder: Path) -> None:
    """What signs now, written by `oxherd mail dkim`."""
    outcome = CliRunner().invoke(mail, ["dkim", str(folder)])
    assert outcome.exit_code == 0, outcome.output


def configured(folder: Path, settings: str, socket: str = "inet:9@127.0.0.1") -> list[str]:
    """The command that runs OpenDKIM with these settings."""
    configuration = folder / "opendkim.conf"
    configuration.write_text(f"{COMMON}Socket {socket}\n{settings.format(folder=folder)}")
    return [str(OPENDKIM), "-x", str(configuration)]


def opendkim(folder: Path, settings: str, message: bytes) -> tuple[dict[str, str], str]:
    """The headers that OpenDKIM would add to a message, and what it has said."""
    file = folder / "message"
    file.write_bytes(message)
    command = [*configured(folder, settings), "-t", str(file), "-v", "-v"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return dict(INSERTED.findall(done.stdout)), done.stdout + done.stderr


def judged(folder: Path, message: bytes, *records: Record) -> str:
    """What a receiver says, whose DNS holds these records."""
    lines = [f"{record.name} {record.expected[0]}\n" for record in records]
    (folder / "dns").write_text("".join(lines))
    return opendkim(folder, VERIFY, message)[0]["Authentication-Results"]
