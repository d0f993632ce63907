"""Carries adoptions out that the panel has asked for."""

import logging
import time
from typing import Any

from django.db import InterfaceError, OperationalError

from oxherd import sealing
from oxherd.accounts.actor import system
from oxherd.accounts.states import Door
from oxherd.adoption import ledger
from oxherd.adoption.models import Adoption
from oxherd.errors import PlatformError, Refused
from oxherd.sync.adoption import Report, Wish, adopt, preview

logger = logging.getLogger(__name__)
MOST_TOLD = 500
TELLS_EVERY = 1.0


def run(pk: int) -> None:
    """Carry an adoption or its rehearsal out. Ends quietly where another run has taken it over."""
    adoption = ledger.claim(pk)
    if adoption is None:
        return
    try:
        _carry_out(adoption)
    except ledger.Overtaken:
        logger.info("adoption %s goes on elsewhere, or is not wanted any more", pk)


def as_told(report: Report) -> dict[str, Any]:
    """In plain JSON values, with the first of those that were refused."""
    return {
        "taken": dict(report.taken),
        "known": report.known,
        "profiles": list(report.profiles),
        "refused": [list(each) for each in report.refused[:MOST_TOLD]],
        "more": max(len(report.refused) - MOST_TOLD, 0),
    }


def _carry_out(adoption: Adoption) -> None:
    wish = Wish(
        context=adoption.context,
        name=adoption.name,
        administrator=adoption.administrator,
        password=sealing.unseal(adoption.sealed_password),
        make_profiles=adoption.make_profiles,
    )
    actor = system(adoption.requested_by, Door.PANEL)
    # A rehearsal's own transaction is taken back, and what it told with it: nobody would see that before the end.
    tell = _Telling(adoption) if not adoption.is_rehearsal else _Silence()
    try:
        report = (preview if adoption.is_rehearsal else adopt)(actor=actor, brand=adoption.brand, wish=wish, tell=tell)
    except Refused as refused:
        ledger.failed(adoption, refused.sentence, refused.field or "")
    except PlatformError as error:
        logger.info("adoption %s failed: %s", adoption.pk, error.detail or error.sentence)
        ledger.failed(adoption, error.sentence)
    except (OperationalError, InterfaceError, ledger.Overtaken):  # our own database; housekeeping begins it anew
        raise
    except Exception:
        logger.exception("adoption %s failed", adoption.pk)
        ledger.failed(adoption, f"An error in oxherd stopped this. Tell your provider the number {adoption.pk}.")
    else:
        ledger.done(adoption, as_told(report), report.tenant)


class _Telling:
    """Writes down now and then how far it has come."""

    def __init__(self, adoption: Adoption) -> None:
        self._adoption, self._told = adoption, time.monotonic()

    def __call__(self, report: Report) -> None:
        if time.monotonic() - self._told >= TELLS_EVERY:
            self._told = time.monotonic()
            ledger.tell(self._adoption, as_told(report))


class _Silence:
    def __call__(self, _: Report) -> None:
        return
