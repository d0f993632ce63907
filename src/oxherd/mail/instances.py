"""A Postfix and a Dovecot of our own, in a folder of ours, on high ports of loopback: for demonstration and for tests.

Both are the stock servers with the configuration of `oxherd mail config`. What they send to the outside reaches
Postfix's test server, which keeps it in files, and nobody else. Facts: mail stack, section 10.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oxherd.errors import OxherdError
from oxherd.mail.configuration import dovecot_files, installed_version, postfix_files, write
from oxherd.mail.site import DatabasePlace, MailSite

PACKAGES = "postfix postfix-pgsql dovecot-core dovecot-imapd dovecot-lmtpd dovecot-pgsql dovecot-sieve"
PROGRAMS_OF_PACKAGES = (
    "/usr/sbin/postfix",
    "/usr/lib/postfix/postfix-pgsql.so",
    "/usr/sbin/dovecot",
    "/usr/lib/dovecot/imap",
    "/usr/lib/dovecot/lmtp",
    "/usr/lib/dovecot/modules/auth/libdriver_pgsql.so",
)
MAIL_USER = "mail"  # there on every Debian
SIEVE = Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")
ENDS_WITH_US = ("/usr/bin/setpriv", "--pdeathsig", "KILL")
START_SECONDS = 30
STOP_SECONDS = 10
HOSTNAME = "mail.localhost"


class MailServersUnavailable(OxherdError):
    """Postfix and Dovecot cannot be run here; the sentence says what is to be done."""

    code = "mail_servers_unavailable"


def why_not_here() -> str:
    """What keeps this machine from running the servers; empty for nothing."""
    if missing := [program for program in PROGRAMS_OF_PACKAGES if not Path(program).exists()]:
        return (
            f"Postfix and Dovecot are not installed here ({missing[0]} is missing). As root: apt-get install {PACKAGES}"
        )
    if os.geteuid() != 0:
        return "Postfix is started by root only. Run the same command with sudo."
    return ""


class MailServers:
    """Postfix and Dovecot in one folder, which others may pass through.

    ports: a free one for each name in PORTS. defers: mail to a full mailbox is put off, not refused. milter: who signs.
    """

    PORTS = ("smtp", "submission", "imap", "imaps", "injection", "quota", "policy", "outside")

    def __init__(
        self, folder: Path, database: DatabasePlace, ports: dict[str, int], *, defers: bool = False, milter: str = ""
    ) -> None:
        self.folder = folder
        self.outside = folder / "outside"  # a file for each message that left
        self.ports = ports
        self._sink: subprocess.Popen[bytes] | None = None
        self.site = MailSite(
            hostname=HOSTNAME,
            postfix=folder / "postfix",
            dovecot=folder / "dovecot",
            certificate=folder / "certificate.pem",
            certificate_key=folder / "certificate.key",
            database=database,
            mail_folder=folder / "mailboxes",
            mail_user=MAIL_USER,
            mail_group=MAIL_USER,
            smtp_address=f"127.0.0.1:{ports['smtp']}",
            submission_address=f"127.0.0.1:{ports['submission']}",
            imap_port=ports["imap"],
            imaps_port=ports["imaps"],
            injection_port=ports["injection"],
            quota_port=ports["quota"],
            policy_port=ports["policy"],
            folder=folder,
            listen="127.0.0.1",
            outside_port=ports["outside"],
            defers_over_quota=defers,
            milter=milter,
            has_sieve=SIEVE.exists(),
        )

    def start(self) -> None:
        """Start both, and return when they answer. Raises MailServersUnavailable, with the end of their logs."""
        if sentence := why_not_here():
            raise MailServersUnavailable(sentence)
        self.stop()
        self._prepare()
        self._start_outside()
        self._run("postfix", "-c", str(self.site.postfix), "start")
        self._run("dovecot", "-c", str(self.site.dovecot / "dovecot.conf"))
        for name in ("smtp", "submission", "imap"):
            self._wait(partial(_greets, self.ports[name]), f"no answer on port {self.ports[name]}")

    def stop(self) -> None:
        """Stop both, if they run, also when another process has started them."""
        for pid_file in (self.folder / "dovecot-run" / "master.pid", self.folder / "queue" / "pid" / "master.pid"):
            pid = _running(pid_file, self.folder)
            if pid is None:
                continue
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                if _until(partial(_is_gone, pid_file, self.folder), STOP_SECONDS):
                    break
        if self._sink is not None:
            self._sink.kill()
            self._sink.wait()
            self._sink = None

    def reload(self) -> None:
        """Let Postfix forget what it remembers of domains."""
        self._run("postfix", "-c", str(self.site.postfix), "reload")

    def flush(self) -> None:
        """Try everything that was put off now."""
        self._run("postqueue", "-c", str(self.site.postfix), "-f")

    def end_of_log(self, lines: int = 15) -> str:
        """What both told last."""
        logs = [self.folder / "log" / name for name in ("postfix.log", "dovecot.log")]
        return "\n".join("\n".join(log.read_text().splitlines()[-lines:]) for log in logs if log.exists())

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        status = self.folder.lstat()
        if status.st_uid != 0 or self.folder.is_symlink():
            raise MailServersUnavailable(f"{self.folder} is not ours. Remove it, or choose another folder.")
        self.folder.chmod(0o711)
        (self.folder / "log").mkdir(exist_ok=True)
        (self.folder / "log").chmod(0o711)
        queue = self.site.queue
        queue.mkdir(exist_ok=True)
        queue.chmod(0o755)
        (self.folder / "postfix-data").mkdir(exist_ok=True)
        shutil.chown(self.folder / "postfix-data", "postfix", "postfix")
        self.site.mail_folder.mkdir(exist_ok=True)
        self.site.mail_folder.chmod(0o700)
        shutil.chown(self.site.mail_folder, MAIL_USER, MAIL_USER)
        make_certificate(self.site.certificate, self.site.certificate_key, HOSTNAME)
        version = installed_version("dovecot", "--version")
        for file in [*postfix_files(self.site), *dovecot_files(self.site, version)]:
            write(file, force=True)
            file.path.parent.chmod(0o755)

    def _start_outside(self) -> None:
        self.outside.mkdir(exist_ok=True)
        shutil.chown(self.outside, "postfix", "postfix")
        self.outside.chmod(0o700)
        place = f"127.0.0.1:{self.ports['outside']}"
        with (self.folder / "log" / "outside.log").open("ab") as log:
            self._sink = subprocess.Popen(
                [*ENDS_WITH_US, "/usr/sbin/smtp-sink", "-u", "postfix", "-d", "message.", place, "50"],
                cwd=self.outside, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _run(self, *command: str) -> None:
        """Its output goes to a file: the servers that it leaves behind would keep a pipe open for ever."""
        path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        with (self.folder / "log" / "commands.log").open("ab") as log:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
                env={**os.environ, "PATH": path}, umask=0o022, start_new_session=True,
            )  # fmt: skip
        if done.returncode:
            said = (self.folder / "log" / "commands.log").read_text(errors="replace").splitlines()[-8:]
            raise MailServersUnavailable("\n".join([f"{command[0]} does not start:", *said, self.end_of_log()]))

    def _wait(self, is_true: Callable[[], bool], trouble: str) -> None:
        if not _until(is_true, START_SECONDS):
            raise MailServersUnavailable(f"The mail servers do not start: {trouble}.\n{self.end_of_log()}")


def make_certificate(certificate: Path, key: Path, hostname: str) -> None:
    """A certificate that this server signs itself, for a year; one that is there stays while it is valid."""
    if certificate.exists() and key.exists():
        present = x509.load_pem_x509_certificate(certificate.read_bytes())
        if present.not_valid_after_utc > datetime.now(UTC) + timedelta(days=30):
            return
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(hostname), x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(pem)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.chmod(0o644)


def _running(pid_file: Path, folder: Path) -> int | None:
    """The number of a server that was started on this folder and still runs."""
    with suppress(OSError, ValueError):
        pid = int(pid_file.read_text().strip())
        told = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        if os.fsencode(folder) in told:  # and not somebody else who has got the number since
            return pid
    return None


def _is_gone(pid_file: Path, folder: Path) -> bool:
    return _running(pid_file, folder) is None


def _greets(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        return bool(connection.recv(1))
    return False


def _until(is_true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
