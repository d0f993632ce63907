"""The data folder of an instance: what lies where in it, and who uses it."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from oxherd.embedded.postgres import EmbeddedPostgres

DEFAULT_FOLDER = "var"


class DataFolder:
    """Database, keys, logs, the stand-in's state, the chosen ports. Everything in it is for its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self.keys = self.path / "keys"
        self.static = self.path / "static"
        self.sign_ins = self.path / "sign-ins.txt"
        self._ports = self.path / "ports.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder and hold it. Raises ClickException if another instance holds it, or it cannot be made."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise click.ClickException(f"The data folder {self.path} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = f"Another `oxherd run` already uses the data folder {self.path}."
            raise click.ClickException(f"{sentence} Stop it, or choose another folder with --data.") from None
        else:
            self._make_inside()
            yield
        finally:
            os.close(lock)

    def _make_inside(self) -> None:
        for folder in (self.logs, self.keys):
            folder.mkdir(mode=0o700, exist_ok=True)
        self._make_key("secret-key", secrets.token_urlsafe(50))
        self._make_key("demo-upsell-key", secrets.token_urlsafe(16))
        self._make_key("encryption-key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())

    def _make_key(self, name: str, content: str) -> None:
        """Write the key beside its place and move it there: it exists as a whole or not at all, and never changes."""
        if not (self.keys / name).exists():
            self.write_secret(self.keys / name, content + "\n")

    @staticmethod
    def write_secret(place: Path, content: str) -> None:
        """Replace the file by one that only its owner reads, all at once; it outlives a power cut."""
        fresh = place.with_name(f"{place.name}.new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(place)

    def key_variables(self) -> dict[str, str]:
        """Return the variables by which the settings find the keys, except those that the environment sets itself."""
        found = {"OXHERD_SECRET_KEY": self.keys / "secret-key", "OXHERD_ENCRYPTION_KEY": self.keys / "encryption-key"}
        return {
            f"{name}_FILE": str(path)
            for name, path in found.items()
            if not {name, f"{name}_FILE"} & os.environ.keys()
        }  # fmt: skip

    @property
    def demo_upsell_key(self) -> str:
        """The public name of the demo brand's offer: known before the brand is, so that the stand-in can open it."""
        return (self.keys / "demo-upsell-key").read_text().strip()

    def remembered_port(self, part: str) -> int | None:
        """Return the port that `part` had last time; a damaged file counts as no memory."""
        try:
            return int(json.loads(self._ports.read_text())[part])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember_ports(self, **ports: int | None) -> None:
        fresh = self.path / "ports.json.new"
        fresh.write_text(json.dumps({part: port for part, port in ports.items() if port}) + "\n")
        fresh.rename(self._ports)


def adopt_running_instance() -> None:
    """Where no DATABASE_URL is set, work on the instance of OXHERD_DATA (default ./var), if it has a database."""
    folder = DataFolder(Path(os.environ.get("OXHERD_DATA", DEFAULT_FOLDER)))
    if "DATABASE_URL" not in os.environ and (folder.path / "postgres").is_dir():
        database = EmbeddedPostgres(folder.path, port=folder.remembered_port("database"))
        os.environ.update(folder.key_variables(), DATABASE_URL=database.url)
        os.environ.setdefault("OXHERD_STATIC_ROOT", str(folder.static))
        if port := folder.remembered_port("web"):
            os.environ.setdefault("OXHERD_BASE_URL", f"http://localhost:{port}")
