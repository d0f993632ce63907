"""As whom PostgreSQL runs: it refuses to run as root, so root hands it to an account without rights.

`setpriv` (util-linux, present on every Debian) starts it: it changes the account and, after that, asks the kernel to
stop the server when we die. The order matters, because changing the account forgets the wish.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = 0
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Servant:
    """The account that owns the data and runs the server; `passes_folders` lets it in where only root may enter."""

    uid: int
    gid: int
    passes_folders: bool = False

    def command(self) -> list[str]:
        """Return the beginning of a command line that starts a program as this account."""
        base = ["setpriv", "--pdeathsig", "INT"]
        if self.uid == os.geteuid():
            return base
        account = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        if not self.passes_folders:
            return [*base, *account, "--bounding-set=-all"]
        # The data or the program lies below a folder such as /root, which we do not open for others: the server
        # gets the one right to pass through, and no other. Without the securebit it would not hold for access(2),
        # by which PostgreSQL looks for its programs.
        right = ["--bounding-set=-all,+dac_override", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return [*base, *account, *right, "--securebits=+no_setuid_fixup"]

    def make_folder(self, folder: Path) -> None:
        """Make the folder, mode 0700, if it is not there."""
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            os.chown(folder, self.uid, self.gid)

    @staticmethod
    def remove_folder(folder: Path) -> None:
        if folder.exists():
            shutil.rmtree(folder)


def servant_for(data: Path, folder: Path, programs: Path) -> Servant:
    """Return ourselves, or the account that serves root on this machine.

    The owner of existing data stays its owner, also when a better account has come up since.
    """
    if os.geteuid() != ROOT:
        return Servant(os.geteuid(), os.getegid())
    uid, gid = _account(folder)
    reachable = all(_lets_pass(place, uid, gid) for place in (data, programs))
    return Servant(uid, gid, passes_folders=not reachable)


def _account(folder: Path) -> tuple[int, int]:
    if folder.exists() and folder.stat().st_uid != ROOT:
        return folder.stat().st_uid, folder.stat().st_gid
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(names[name] for name in ACCOUNTS if name in names)
    return entry.pw_uid, entry.pw_gid


def _lets_pass(place: Path, uid: int, gid: int) -> bool:
    return all(_enters(folder, uid, gid) for folder in (place, *place.parents))


def _enters(folder: Path, uid: int, gid: int) -> bool:
    status = folder.stat()
    shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
    return bool(status.st_mode >> shift & 0o1)
