"""Choosing the ports of an instance."""

import socket
from collections.abc import Iterable
from itertools import chain

import click

TRIES = 100


def is_free(host: str, port: int) -> bool:
    """Return whether nobody listens on the port. Raises ClickException if the host is no address of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise click.ClickException(f"Port {port} is only for root; choose one above 1023.") from error
        except OverflowError as error:
            raise click.ClickException(f"{port} is no port.") from error
        except socket.gaierror as error:
            raise click.ClickException(f"{host} is no address of this machine.") from error
        except OSError:
            return False
        return True


def demanded_port(host: str, port: int, option: str) -> int:
    """Return the port. Raises ClickException if another program has it."""
    if not is_free(host, port):
        raise click.ClickException(f"Port {port} on {host} is taken. Choose another: {option} PORT.")
    return port


def first_free_port(host: str, wished: Iterable[int | None], *, besides: int | None = None) -> int:
    """Return the first free port of those wished for, or else the first one after the last of them."""
    ports: list[int] = [port for port in wished if port is not None]
    for port in chain(ports, range(ports[-1] + 1, ports[-1] + TRIES)):
        if port != besides and is_free(host, port):
            return port
    raise click.ClickException(f"No port from {ports[-1]} to {ports[-1] + TRIES} is free on {host}.")
