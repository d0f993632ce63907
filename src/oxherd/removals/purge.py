"""What was removed goes for good when its days are over."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from oxherd.accounts.actor import Actor
from oxherd.errors import NotYours, OxherdError
from oxherd.provisioning.states import Presence
from oxherd.removals.kinds import KINDS, Kind

logger = logging.getLogger(__name__)


def purge(*, actor: Actor, most: int) -> list[Any]:
    """Delete for good what was removed longer ago than is kept: of each kind the oldest first, and so many at most.

    Each on its own, so that one that cannot go keeps no other; returns what went.
    """
    before = timezone.now() - timedelta(days=settings.KEEP_REMOVED_DAYS)
    due = [(kind, row) for kind in KINDS.values() for row in _due(kind, before)[:most]]
    return [row for kind, row in due if _goes(actor, kind, row)]


def _due(kind: Kind, before: Any) -> Any:
    rows = kind.model.objects.filter(presence=Presence.REMOVED, removed_at__lt=before)
    return kind.may_go(rows).order_by("removed_at", "id")


def _goes(actor: Actor, kind: Kind, row: Any) -> bool:
    try:
        with transaction.atomic():
            if kind.hold(row).presence != Presence.REMOVED:  # restored at this moment
                return False
            kind.delete(actor, row)
    except NotYours:  # gone with another
        return False
    except OxherdError as error:
        logger.warning("%s %s is not deleted for good: %s", kind.word, row.pk, error.sentence)
        return False
    return True
