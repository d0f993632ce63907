"""An identity provider that others wrote (Django OAuth Toolkit), as a process of its own, over real HTTP."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the accounts"
PASSWORD = "a password of the accounts"


class Accounts:
    """`issuer` is what it calls itself. folder: where its database is put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with (self.folder / "accounts.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.identity_provider.accounts"],
                cwd=ROOT,
                env=keep | {"ACCOUNTS_DATABASE": str(self.folder / "accounts.sqlite")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = self._answer()
        self.issuer = f"{self.url}/o"
        return self

    def __exit__(self, *args: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()

    def register(self, redirect_url: str, *, client_id: str = "oxherd") -> None:
        """An application, whose secret is SECRET."""
        self._order("register", client_id=client_id, client_secret=SECRET, redirect_url=redirect_url)

    def put(self, username: str, *groups: str) -> None:
        """Somebody at acme.test, with exactly these groups. Their password is PASSWORD."""
        mail, name = f"{username}@acme.test", f"{username.title()} Novak"
        self._order("put", username=username, password=PASSWORD, email=mail, name=name, groups=groups)

    def _order(self, order: str, **what: Any) -> None:
        self.process.stdin.write(json.dumps([order, what]) + "\n")
        self.process.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        line = self.process.stdout.readline()
        assert line, (self.folder / "accounts.log").read_text()
        return json.loads(line)
