"""`oxherd keys`: exchange the key that seals secrets, without a moment in which one of them could not be opened."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from cryptography.fernet import Fernet
from django.conf import settings

from oxherd import sealing
from oxherd.cli.folder import DataFolder
from oxherd.sealing import SealBroken

STEP = 500  # rows at a time
# Secrets that the sign-in package keeps inside a JSON column, sealed by our adapter: of apps, and of recovery codes.
OF_FACTORS = ("secret", "seed")


@dataclass(slots=True)
class Outcome:
    """resealed, current: how many secrets. broken: where one stands that no key opens, such as Brand 7."""

    resealed: int = 0
    current: int = 0
    broken: list[str] = field(default_factory=list)


@click.group()
def keys() -> None:
    """Exchange the key that seals secrets: `add`, start all parts anew, `reseal`, then `retire`."""


@keys.command("add")
def add() -> None:
    """Put a new key before the others in the file that OXHERD_ENCRYPTION_KEY_FILE names.

    Workers and web processes know it once they are started anew; until then they use the old one.
    """
    file = _file()
    _replace(file, [Fernet.generate_key().decode(), *_lines(file)])
    click.echo(f"{file} begins with a new key. Start all web processes and workers anew, then: oxherd keys reseal")


@keys.command("reseal")
def reseal() -> None:
    """Seal every stored secret with the first key. May run while all is at work, and again. Exit status 1 if one is
    broken."""
    outcome = reseal_all()
    click.echo(f"Sealed anew: {outcome.resealed}. Sealed with the first key already: {outcome.current}.")
    for place in outcome.broken:
        click.echo(f"No key opens the secret of {place}. Enter it anew.")
    if outcome.broken:
        raise SystemExit(1)


@keys.command("retire")
def retire() -> None:
    """Take all keys but the first out of the file, if no stored secret needs them any more.

    Offers that are open in somebody's webmail are sealed too, for four hours at most.
    """
    outcome = reseal_all(only_look=True)
    if outcome.resealed:
        raise click.ClickException(f"{outcome.resealed} secrets need an older key still. First: oxherd keys reseal")
    file = _file()
    first, *older = _lines(file)
    _replace(file, [first])
    click.echo(f"{len(older)} older keys are out of {file}. Start all web processes and workers anew.")


def reseal_all(*, only_look: bool = False) -> Outcome:
    """Seal what is stored with the first key, in constant memory. only_look: count it, and change nothing."""
    outcome = Outcome()
    for model, column in sealed_columns():
        for pk, token in _stored(model, column):
            _one(outcome, f"{model.__name__.lower()} {pk}", token, _swap(model, pk, column, token), only_look=only_look)
    _factors(outcome, only_look=only_look)
    return outcome


def sealed_columns() -> Iterator[tuple[Any, str]]:
    """Every column of every table of ours that holds what `seal` has made: their names say so."""
    from django.apps import apps
    from django.db.models import TextField

    for model in apps.get_app_config("oxherd").get_models():
        for column in model._meta.concrete_fields:  # noqa: SLF001 - as above
            if column.name.startswith("sealed_") and isinstance(column, TextField):
                yield model, column.name


def _stored(model: Any, column: str) -> Iterator[tuple[Any, str]]:
    last: Any = None
    while True:
        rows = model.objects.exclude(**{column: ""}).order_by("pk")
        page = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", column)[:STEP])
        yield from page
        if len(page) < STEP:
            return
        last = page[-1][0]


def _swap(model: Any, pk: Any, column: str, before: str) -> Callable[[str], bool]:
    """Only what is as it was read: whoever has stored another secret meanwhile has sealed it with the first key."""
    return lambda token: bool(model.objects.filter(pk=pk, **{column: before}).update(**{column: token}))


def _one(outcome: Outcome, place: str, token: str, swap: Callable[[str], bool], *, only_look: bool) -> None:
    try:
        fresh = sealing.resealed(token)
    except SealBroken:
        outcome.broken.append(place)
        return
    if fresh is None:
        outcome.current += 1
    elif only_look or swap(fresh):
        outcome.resealed += 1


def _factors(outcome: Outcome, *, only_look: bool) -> None:
    """Each row is locked, since a code that is used up meanwhile changes the same column."""
    from allauth.mfa.models import Authenticator
    from django.db import transaction

    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True).iterator(STEP):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            for name in OF_FACTORS if row else ():
                if isinstance(token := row.data.get(name), str):
                    _one(outcome, f"second factor {pk}", token, _put(row, name), only_look=only_look)


def _put(row: Any, name: str) -> Callable[[str], bool]:
    def put(token: str) -> bool:
        row.data[name] = token
        row.save(update_fields=["data"])
        return True

    return put


def _file() -> Path:
    """The file of keys. Raises ClickException where the keys are in the environment, or not in a file of ours."""
    named = os.environ.get("OXHERD_ENCRYPTION_KEY_FILE", "")
    if os.environ.get("OXHERD_ENCRYPTION_KEY") or not named:
        raise click.ClickException(
            "The keys are in the variable OXHERD_ENCRYPTION_KEY. Change them where it is set: the new key as a first "
            f"line, such as {Fernet.generate_key().decode()}, and the old ones below; at the end the first line alone."
        )
    return Path(named)


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text().splitlines() if line.strip()]


def _replace(file: Path, lines: list[str]) -> None:
    DataFolder.write_secret(file, "\n".join(lines) + "\n")
    settings.OXHERD_ENCRYPTION_KEYS = lines
