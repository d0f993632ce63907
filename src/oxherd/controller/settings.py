"""How this controller is set up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """hurry: all waits between two calls are divided by it, for tests. verify: the certificates of
    endpoints; a path: by those in this file.

    tls: listen with it, so that instances can sign in by their certificates.
    """

    name: str = "Example Hosting"
    hurry: float = 1.0
    rpc_login: str = "admin"
    rpc_password: str = "secret"  # noqa: S105 - a stand-in that anyone may look into
    build: str = "oa-8.3-1234"
    verify: bool | str = True
    tls: bool = False
    timeout_seconds: float = 60.0
