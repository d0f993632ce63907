"""One mail server as its configuration describes it: names, places, ports."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from oxherd.mail.roles import password_of


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """Where Postfix and Dovecot find the database: they run as others, so never by the socket of its owner."""

    host: str
    port: int
    name: str

    @classmethod
    def of_settings(cls) -> "DatabasePlace":
        database = settings.DATABASES["default"]
        host = str(database.get("HOST") or "")
        by_socket = not host or host.startswith("/")
        return cls("127.0.0.1" if by_socket else host, int(database.get("PORT") or 5432), str(database["NAME"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSite:
    """postfix, dovecot: the folders of their configuration. certificate, certificate_key: PEM files.

    folder: of a private instance, which holds all of it; None for the machine's own servers. Ports are of TCP.
    """

    hostname: str
    postfix: Path
    dovecot: Path
    certificate: Path
    certificate_key: Path
    database: DatabasePlace
    mail_folder: Path = Path("/var/vmail")
    mail_user: str = "vmail"
    mail_group: str = "vmail"
    defers_over_quota: bool = False
    largest_message: int = 50 * 1024 * 1024  # bytes
    milter: str = ""  # of a signer, such as inet:127.0.0.1:8891
    has_sieve: bool = True
    smtp_address: str = "smtp"  # as master.cf has it: [address:]port
    submission_address: str = "submission"
    imap_port: int = 143
    imaps_port: int = 993
    injection_port: int = 10025
    quota_port: int = 12340
    policy_port: int = 10040
    folder: Path | None = None
    listen: str = ""  # the one address to listen on; empty: all
    outside_port: int = 0  # of a private instance: who gets what it sends to the outside

    @property
    def queue(self) -> Path:
        return self.folder / "queue" if self.folder else Path("/var/spool/postfix")

    @property
    def instance(self) -> str:
        """A name that tells this Dovecot from others on the machine."""
        return f"oxherd-{self.folder.name}" if self.folder else "dovecot"

    @property
    def over_quota_answer(self) -> str:
        if self.defers_over_quota:
            return "452 4.2.2 This mailbox is full"
        return "552 5.2.2 This mailbox is full"

    @property
    def postfix_role(self) -> str:
        return str(settings.OXHERD_POSTFIX_ROLE)

    @property
    def dovecot_role(self) -> str:
        return str(settings.OXHERD_DOVECOT_ROLE)

    @property
    def postfix_password(self) -> str:
        return password_of(self.postfix_role)

    @property
    def dovecot_password(self) -> str:
        return password_of(self.dovecot_role)
