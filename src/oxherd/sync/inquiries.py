"""Asks platforms how they are, and notes what that decides."""

import logging

from django.db import InterfaceError, OperationalError

from oxherd.accounts.actor import Actor, system
from oxherd.accounts.states import Door
from oxherd.brands import inquiries
from oxherd.brands.commands import note_api
from oxherd.brands.inquiries import Outcome
from oxherd.brands.models import Brand, Inquiry
from oxherd.brands.states import Api
from oxherd.errors import PlatformError
from oxherd.ox.interface import PlatformReport
from oxherd.sync.lanes import lanes
from oxherd.sync.platforms import platform, platform_of

logger = logging.getLogger(__name__)


def inquire(*, actor: Actor, brand: Brand) -> PlatformReport:
    """What the platform answers; from then on its users go by the Cloud API where it has that, else by SOAP.

    Raises PlatformMisconfigured for an address that is none. Either is kept, for the brand's page.
    """
    try:
        report = _asked(actor, brand)
    except PlatformError as error:
        inquiries.note(actor=actor, brand=brand, outcome=_failed(error.sentence))
        raise
    inquiries.note(actor=actor, brand=brand, outcome=_outcome(report))
    return report


def run(pk: int) -> None:
    """Carry out an inquiry that the panel has asked for. Ends quietly where another run has taken it over."""
    inquiry = inquiries.claim(pk)
    if inquiry is None:
        return
    with lanes.place():
        outcome = _found(inquiry)
    if not inquiries.finish(inquiry, outcome):
        logger.info("inquiry %s goes on elsewhere, or is not wanted any more", pk)


def _found(inquiry: Inquiry) -> Outcome:
    try:
        if inquiry.is_trial or inquiry.brand is None:
            return _outcome(_tried(inquiry))
        return _outcome(_asked(system(inquiry.requested_by, Door.PANEL), inquiry.brand))
    except PlatformError as error:
        logger.info("inquiry %s failed: %s", inquiry.pk, error.detail or error.sentence)
        return _failed(error.sentence)
    except (OperationalError, InterfaceError):  # our own database; housekeeping begins it anew
        raise
    except Exception:
        logger.exception("inquiry %s failed", inquiry.pk)
        return _failed(f"An error in oxherd stopped this. The log tells more at inquiry {inquiry.pk}.")


def _asked(actor: Actor, brand: Brand) -> PlatformReport:
    report = platform_of(brand).check()
    if report.has_cloud_api is not None:
        note_api(actor=actor, brand=brand, api=Api.CLOUD_API if report.has_cloud_api else Api.SOAP)
    return report


def _tried(trial: Inquiry) -> PlatformReport:
    return platform(trial.platform, trial.api_url, trial.username, trial.sealed_password, Api.SOAP).check()


def _outcome(report: PlatformReport) -> Outcome:
    findings = tuple((finding.ok, finding.sentence) for finding in report.findings)
    return Outcome(findings, report.combinations)


def _failed(sentence: str) -> Outcome:
    return Outcome(((False, sentence),))
