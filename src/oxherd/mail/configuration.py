"""The configuration of Postfix and Dovecot: made from templates, written without destroying what somebody changed.

Each file begins with a line that tells its digest as we wrote it; a file whose content has another digest by now was
changed by a person, and stays unless we are told to replace it. Facts: mail stack, sections 4 to 6.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from django.template import Context, Engine

from oxherd.errors import Refused
from oxherd.mail.site import MailSite

TEMPLATES = files("oxherd.mail").joinpath("files")
ENGINE = Engine(autoescape=False)
MARK = "# Written by `oxherd mail config`; it replaces this file only while it is unchanged. sha256:"
KNOWN_DOVECOTS = ("2.3", "2.4")


@dataclass(frozen=True, slots=True)
class LookUp:
    """A map of Postfix. The key is taken where it is a whole address, or as it comes."""

    name: str
    purpose: str
    query: str


LOOK_UPS = (
    LookUp("domains", "Which domains are ours.", "mail.domain('%s')"),
    LookUp("routes", "Who gets the mail of an address; @domain: of all that nobody else has.", "mail.route('%s')"),
    LookUp("mailboxes", "Which addresses are mailboxes.", "mail.mailbox('%u@%d')"),
    LookUp("transports", "Which mailboxes are on hold.", "mail.transport('%u@%d')"),
    LookUp("access", "Which addresses are refused, and why.", "mail.restriction('%u@%d')"),
    LookUp("senders", "Who may send as an address.", "mail.sender('%u@%d')"),
)


class Outcome(Enum):
    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REPLACED = "replaced; the old one is kept as {name}.old"
    KEPT = "kept, since somebody changed it; --force replaces it"


@dataclass(frozen=True, slots=True)
class File:
    """secret: it holds a password. group: whose members read it nevertheless."""

    path: Path
    text: str
    secret: bool = False
    group: str = ""


def postfix_files(site: MailSite) -> list[File]:
    """All of Postfix's configuration."""
    maps = [
        File(
            site.postfix / f"oxherd-{look_up.name}.cf",
            _render("postfix/map.cf", site=site, map=look_up),
            secret=True,
            group="postfix",
        )
        for look_up in LOOK_UPS
    ]
    return [
        *(File(site.postfix / name, _render(f"postfix/{name}", site=site)) for name in ("main.cf", "master.cf")),
        *maps,
    ]


def dovecot_files(site: MailSite, version: str) -> list[File]:
    """All of Dovecot's configuration. version: such as "2.3"; raises Refused for one that is not known."""
    if version == "2.4":
        return [
            File(
                site.dovecot / "dovecot.conf",
                _render("dovecot24/dovecot.conf", site=site),
                secret=True,
                group="dovecot",
            )
        ]
    if version != "2.3":
        known = " and ".join(KNOWN_DOVECOTS)
        raise Refused(f"Dovecot {version} is not known here. Known are {known}: name one with --dovecot-version.")
    looked_up = [
        File(site.dovecot / name, _render(f"dovecot23/{name}", site=site), secret=True, group="dovecot")
        for name in ("oxherd-users.conf.ext", "oxherd-app-passwords.conf.ext", "oxherd-used.conf.ext")
    ]
    return [File(site.dovecot / "dovecot.conf", _render("dovecot23/dovecot.conf", site=site)), *looked_up]


def write(file: File, *, force: bool = False) -> Outcome:
    """Write one file as a whole or not at all, unless somebody has changed it since, or made it."""
    marked = f"{MARK}{_digest(file.text)}\n{file.text}"
    outcome = Outcome.WRITTEN
    if file.path.exists():
        present = file.path.read_text(errors="replace")
        if present == marked:
            _own(file.path, file)
            return Outcome.UNCHANGED
        if not _is_ours(present):
            if not force:
                return Outcome.KEPT
            shutil.copy2(file.path, file.path.with_name(f"{file.path.name}.old"))
            outcome = Outcome.REPLACED
    file.path.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.path.with_name(f"{file.path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(marked)
    _own(fresh, file)
    fresh.rename(file.path)
    return outcome


def installed_version(program: str, *arguments: str) -> str:
    """The version of an installed server, such as "2.3"; empty where it is not installed."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")
    if not found:
        return ""
    printed = subprocess.run([found, *arguments], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+\.\d+", printed)
    return number.group() if number else ""


def postfix_complaints(site: MailSite) -> list[str] | None:
    """What Postfix's own checker says of the configuration; None where Postfix is not installed."""
    if not installed_version("postconf", "-h", "-d", "mail_version"):
        return None
    # Of all settings, as a program of Postfix reads them: unknown and unused names are told on standard error.
    return _complaints(["postconf", "-c", str(site.postfix), "-n"], ["postconf", "-c", str(site.postfix), "-M"])


def dovecot_complaints(site: MailSite) -> list[str] | None:
    """What Dovecot's own checker says of the configuration; None where Dovecot is not installed."""
    if not installed_version("dovecot", "--version"):
        return None
    return _complaints(["doveconf", "-n", "-c", str(site.dovecot / "dovecot.conf")])


def _complaints(*commands: list[str]) -> list[str]:
    said = []
    for command in commands:
        program = (
            shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/usr/local/sbin:/sbin") or command[0]
        )
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
        said += [line for line in done.stderr.splitlines() if line.strip()]
        if done.returncode and not done.stderr.strip():
            said.append(f"{' '.join(command)} ended with {done.returncode}.")
    return said


def _render(name: str, **context: object) -> str:
    template = ENGINE.from_string(TEMPLATES.joinpath(name).read_text())
    return str(template.render(Context(context, autoescape=False)))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _is_ours(present: str) -> bool:
    first, _, rest = present.partition("\n")
    return first == f"{MARK}{_digest(rest)}"


def _own(path: Path, file: File) -> None:
    """Secrets for root and the server alone; the rest for everybody."""
    path.chmod(0o640 if file.secret and file.group else 0o600 if file.secret else 0o644)
    if file.group and os.geteuid() == 0:
        try:
            shutil.chown(path, group=file.group)
        except LookupError:  # the server is not installed on this machine
            path.chmod(0o600)
