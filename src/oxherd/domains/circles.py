"""Mail that would go round in a circle, over all that this installation passes on.

Forwarders and groups with outside addresses pass mail on, of whatever customer; users keep it, and so do catch-alls,
whose targets are users. Brands of OX Cloud are left out: their platform passes mail on.
"""

from collections.abc import Collection

from django.db import connection

from oxherd.brands.states import PlatformKind
from oxherd.domains.models import readable
from oxherd.errors import Refused
from oxherd.tenants.models import Tenant
from oxherd.walls.crossing import leads_back

ROUTES = 0x6F78_6D61  # an advisory lock of the whole installation


def are_ours(tenant: Tenant) -> bool:
    """Whether mail to a tenant's addresses is passed on here, or would be once its brand's mail is carried."""
    return tenant.brand.platform == PlatformKind.APP_SUITE


def hold_routes() -> None:
    """Let no two build a circle together, each with half of it: the second waits for the first one's commit.

    To be called before the register of addresses is written, which has locks of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTES])


def leads_not_back(own: str, onward: Collection[str], field: str, *, along: Collection[str] = ()) -> None:
    """Refuse that mail to `own` is passed on to `onward` (stored addresses) where one of these passes it back.

    along: addresses that will pass mail on to `own` from now on. Raises Refused at `field`. Of what lies between, which
    may be another customer's, nothing is told.
    """
    back = leads_back(onward, {own, *along}) if onward else []
    if not back:
        return
    first, *more = (readable(address) for address in back)
    who = f"{first} passes" if not more else f"{', '.join([first, *more[:-1]])} and {more[-1]} pass"
    raise Refused(
        f"{who} mail back to {readable(own)}, so it would go round in a circle. "
        f"Remove {'it' if not more else 'them'} here.",
        field=field,
    )
