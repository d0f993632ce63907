"""The folder from which OpenDKIM and rspamd sign: a file for each key that signs, and the tables that name them.

Each file is replaced at once, so that a signer never reads half of one. A key is there before a table names it, and is
removed after the signer has taken up the new tables.
"""

import grp
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from oxherd.dkim.queries import Signing
from oxherd.sealing import SealBroken, unseal

SUFFIX = ".private"
FRESH = ".new"


@dataclass(slots=True)
class Outcome:
    """changed: what was written, in words. stale: keys that sign no more. broken: domains whose key no one can open."""

    changed: list[str] = field(default_factory=list)
    stale: list[Path] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SigningFolder:
    """path: absolute. group: whose processes may read it, beside the owner; None for nobody."""

    path: Path
    group: str | None = None

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def _mark(self) -> Path:
        return self.path / ".signers-do-not-know-yet"

    @property
    def is_news(self) -> bool:
        """Whether something was changed since the signers were last told, also by a run that was killed."""
        return self._mark.exists()

    def told(self) -> None:
        self._mark.unlink(missing_ok=True)

    def write(self, signing: Iterator[Signing]) -> Outcome:
        """Write what is not there as it should be, and leave the rest alone. Raises OSError."""
        self._make_folders()
        outcome = Outcome()
        names: list[tuple[str, str]] = []
        for each in signing:
            file = self._key_file(each.domain, each.selector)
            try:
                self._replace(file, unseal(each.sealed_private_key), outcome, f"The key {_name(each)}")
            except SealBroken:
                outcome.broken.append(each.domain)
                if not file.exists():
                    continue  # a table must not name what is not there
            names.append((each.domain, each.selector))
        for name, text in self._tables(names):
            self._replace(self.path / name, text, outcome, name)
        wanted = {self._key_file(*name) for name in names}
        outcome.stale = [file for file in sorted(self.keys.iterdir()) if file.suffix == SUFFIX and file not in wanted]
        if outcome.stale:
            self._mark.touch()
        return outcome

    def _make_folders(self) -> None:
        for folder in (self.path, self.keys):
            if not folder.is_dir():
                folder.mkdir(parents=True, mode=0o700)
                self._give(folder, 0o750)
            elif not folder.stat().st_mode & 0o001:  # one that all may enter was there before us
                self._give(folder, 0o750)
        for left in [*self.path.glob(f"*{FRESH}"), *self.keys.glob(f"*{FRESH}")]:
            left.unlink()  # by a run that was killed

    def _key_file(self, domain: str, selector: str) -> Path:
        return self.keys / f"{domain}.{selector}{SUFFIX}"

    def _tables(self, names: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        rows = [(f"{selector}._domainkey.{domain}", domain, selector) for domain, selector in names]
        yield (
            "KeyTable",
            _lines(f"{key} {domain}:{selector}:{self._key_file(domain, selector)}" for key, domain, selector in rows),
        )
        yield "SigningTable", _lines(f"*@{domain} {key}" for key, domain, _ in rows)
        yield "dkim_selectors.map", _lines(f"{domain} {selector}" for _, domain, selector in rows)
        yield "dkim_signing.conf", RSPAMD.format(folder=self.path)

    def _replace(self, file: Path, text: str, outcome: Outcome, told: str) -> None:
        """Nothing where the file is as it should be."""
        mode = 0o640 if self.group else 0o600
        is_there = file.exists()
        if is_there and file.read_text() == text:
            self._give(file, mode)
            return
        self._mark.touch()
        fresh = file.with_name(file.name + FRESH)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        self._give(fresh, mode)
        fresh.rename(file)
        outcome.changed.append(f"{told} was {'written anew' if is_there else 'written'}.")

    def _give(self, place: Path, mode: int) -> None:
        """To the group, before it may read. Raises PermissionError where we are not in it, KeyError where it is not."""
        now = place.stat()
        if self.group and now.st_gid != (wanted := grp.getgrnam(self.group).gr_gid):
            os.chown(place, -1, wanted)
        if now.st_mode & 0o777 != mode:
            place.chmod(mode)


def _name(signing: Signing) -> str:
    return f"{signing.selector} of {signing.domain}"


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


RSPAMD = """\
# Written by `oxherd mail dkim`, which replaces it. In /etc/rspamd/local.d/dkim_signing.conf:
#   .include "{folder}/dkim_signing.conf"
selector_map = "{folder}/dkim_selectors.map";
path = "{folder}/keys/$domain.$selector.private";
# Only domains of the map are signed, each with a key of its own.
try_fallback = false;
use_esld = false;
use_domain = "header";
sign_authenticated = true;
# Postfix lets who has signed in send from their own addresses only, in any of their domains ...
allow_username_mismatch = true;
# ... and what the header says must fit: nobody gets a signature for the domain of somebody else.
allow_hdrfrom_mismatch = false;
"""
