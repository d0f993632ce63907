"""A mail program of few words: what tests say to the servers, and hear."""

import imaplib
import smtplib
import ssl
import time
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

from tests.cast import PASSWORD

from oxherd.mail.instances import MailServers

PATIENCE_SECONDS = 20


class Talking:
    """number: how many messages were sent, so that each has a subject of its own."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.number = 0

    def offered(self, *recipients: str, sender: str = "sender@outside.test") -> list[str]:
        """What another server is told of each recipient: code and text; nothing is sent."""
        with smtplib.SMTP("127.0.0.1", self.servers.ports["smtp"]) as client:
            client.ehlo("sender.test")
            client.mail(sender)
            return [_said(client.rcpt(recipient)) for recipient in recipients]

    def send(self, *recipients: str, size: int = 100) -> str:
        """Send a message of so many bytes as another server does; returns its subject."""
        subject = self._subject()
        with smtplib.SMTP("127.0.0.1", self.servers.ports["smtp"]) as client:
            client.sendmail("sender@outside.test", recipients, _message(subject, size))
        return subject

    def signed_in(self, login: str, password: str = PASSWORD) -> smtplib.SMTP:
        """A connection of a mail program. Raises SMTPAuthenticationError."""
        client = smtplib.SMTP("127.0.0.1", self.servers.ports["submission"])
        try:
            client.starttls(context=_trusting())
            client.login(login, password)
        except smtplib.SMTPException:
            client.close()
            raise
        return client

    def asked(self, login: str, sender: str, recipient: str = "press@agency.test") -> str:
        """What somebody who has signed in is told of a sender and a recipient."""
        with self.signed_in(login) as client:
            client.mail(sender)
            return _said(client.rcpt(recipient))

    def submit(self, login: str, *recipients: str) -> str:
        """Send a message as somebody who signs in; returns its subject."""
        subject = self._subject()
        with self.signed_in(login) as client:
            client.sendmail(login, recipients, _message(subject))
        return subject

    def opens(self, login: str, password: str = PASSWORD) -> bool:
        """Whether the mailbox is opened with this password."""
        try:
            self._box(login, password).logout()
        except imaplib.IMAP4.error:
            return False
        return True

    def subjects(self, login: str, password: str = PASSWORD) -> list[str]:
        """What is in the inbox, sorted."""
        box = self._box(login, password)
        try:
            box.select("INBOX", readonly=True)
            _, found = box.search(None, "ALL")
            numbers = found[0].decode().split()
            parts = box.fetch(",".join(numbers), "(BODY[HEADER.FIELDS (SUBJECT)])")[1] if numbers else []
            headers = [message_from_bytes(part[1]) for part in parts if isinstance(part, tuple)]
            return sorted(str(header["Subject"]) for header in headers)
        finally:
            box.logout()

    def outside(self) -> str:
        """All that has left, as one text."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.servers.outside.iterdir()))

    def until(self, is_true: Callable[[], Any], what: str) -> None:
        """Wait for what the servers do in their own time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_true():
            assert time.monotonic() < deadline, f"{what}\n{self.servers.end_of_log(40)}"
            time.sleep(0.05)

    def arrived(self, subject: str, login: str) -> None:
        self.until(lambda: subject in self.subjects(login), f"{subject} did not reach {login}")

    def _subject(self) -> str:
        self.number += 1
        return f"message {self.number} of {time.time_ns()}"

    def _box(self, login: str, password: str) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self.servers.ports["imap"])
        try:
            box.starttls(_trusting())
            box.login(login, password)
        except imaplib.IMAP4.error:
            box.shutdown()
            raise
        return box


def _said(answer: tuple[int, bytes]) -> str:
    return f"{answer[0]} {answer[1].decode()}"


def _message(subject: str, size: int = 100) -> bytes:
    return f"From: sender@outside.test\r\nSubject: {subject}\r\n\r\n{'x' * size}\r\n".encode()


def _trusting() -> ssl.SSLContext:
    """The servers' certificate is of their own making."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
