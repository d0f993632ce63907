"""Asks a brand's platform how it is, and notes what that decides."""

from oxherd.accounts.actor import Actor
from oxherd.brands.commands import note_api
from oxherd.brands.models import Brand
from oxherd.brands.states import Api
from oxherd.ox.interface import PlatformReport
from oxherd.sync.platforms import platform_of


def inquire(*, actor: Actor, brand: Brand) -> PlatformReport:
    """What the platform answers; from then on its users go by the Cloud API where it has that, else by SOAP.

    Raises PlatformMisconfigured for an address that is none.
    """
    report = platform_of(brand).check()
    if report.has_cloud_api is not None:
        note_api(actor=actor, brand=brand, api=Api.CLOUD_API if report.has_cloud_api else Api.SOAP)
    return report
